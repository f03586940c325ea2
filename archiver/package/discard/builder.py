"""Writes the record of a destruction (AgID guidelines 4.11): `schemas/discard-1.xsd`."""

from archiver.package.discard.values import FORMAT, NAMESPACE, Authorization, Discard, Member, NotRequired
from archiver.package.markup import Markup, instant


def build(discard: Discard) -> bytes:
    """The record as UTF-8 XML; effects are sorted, so that the same destruction gives the same bytes."""
    xml = Markup()
    with xml.element("Scarto", {"xmlns": NAMESPACE, "formato": FORMAT}):
        xml.leaf("Identificativo", discard.id)
        xml.leaf("Titolare", "", {"id": discard.holder})
        xml.leaf("Istante", instant(discard.at))
        xml.leaf("Motivo", discard.reason)
        xml.leaf("Decisione", "", {"ruolo": discard.decided_by})
        _authorization(xml, discard.authorization)
        for volume in sorted(discard.volumes):
            xml.leaf("Volume", "", {"id": volume})
        for segment in sorted(discard.segments, key=lambda change: change.old):
            xml.leaf("Segmento", "", _given({"da": segment.old, "a": segment.new}))
        for metadata in sorted(discard.metadata, key=lambda change: change.old):
            xml.leaf("Metadati", "", _given({"volume": metadata.volume, "da": metadata.old, "a": metadata.new}))
        for member in sorted(discard.members, key=lambda member: (member.volume or "", member.sha256)):
            _member(xml, member)
    return xml.bytes()


def _authorization(xml: Markup, authorization: Authorization | NotRequired) -> None:
    match authorization:
        case Authorization(authority, protocol, date):
            facts = {"autorita": authority, "protocollo": protocol, "data": date.isoformat()}
            xml.leaf("Autorizzazione", "", facts)
        case NotRequired(reason):
            xml.leaf("AutorizzazioneNonRichiesta", reason)


def _member(xml: Markup, member: Member) -> None:
    with xml.element("Membro", _given({"volume": member.volume, "sha256": member.sha256, "sha512": member.sha512})):
        if member.metadata:
            xml.leaf("Metadato", "", {"sha256": member.metadata.sha256, "sha512": member.metadata.sha512})


def _given(attributes: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value is not None}
