"""Reads the record of a destruction strictly, so that the judge may explain an absence by it."""

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import document, rules
from archiver.package.discard.values import (
    FORMAT,
    NAMESPACE,
    Authorization,
    Discard,
    Member,
    MetadataChange,
    MetadataDigests,
    NotRequired,
    SegmentChange,
)
from archiver.package.document import Node


def read(xml: bytes) -> Discard:
    """The destruction that these bytes record. Raises Malformed, naming what."""
    try:
        return _read(document.root(xml, "Scarto", namespace=NAMESPACE))
    except ValueError as error:
        raise Malformed(f"discard: {error}") from error


def _read(root: Node) -> Discard:
    root.fixed("formato", FORMAT)
    discard = Discard(
        id=root.take("Identificativo").text(),
        holder=_only(root.take("Titolare"), "id"),
        at=rules.instant(root.take("Istante").text()),
        reason=root.take("Motivo").text(),
        decided_by=_only(root.take("Decisione"), "ruolo"),
        authorization=_authorization(root),
        volumes=tuple(_only(node, "id") for node in root.each("Volume")),
        segments=tuple(_segment(node) for node in root.each("Segmento")),
        metadata=tuple(_metadata(node) for node in root.each("Metadati")),
        members=tuple(_member(node) for node in root.each("Membro")),
    )
    root.end()
    return discard


def _only(node: Node, attribute: str) -> str:
    """The one attribute of an element that has nothing else."""
    value = node.attribute(attribute)
    node.end()
    return value


def _authorization(root: Node) -> Authorization | NotRequired:
    if (reason := root.maybe("AutorizzazioneNonRichiesta")) is not None:
        return NotRequired(reason.text())
    node = root.take("Autorizzazione")
    day = rules.day(node.attribute("data"))
    authorization = Authorization(node.attribute("autorita"), node.attribute("protocollo"), day)
    node.end()
    return authorization


def _segment(node: Node) -> SegmentChange:
    change = SegmentChange(rules.sha256(node.attribute("da")), _new(node))
    node.end()
    return change


def _metadata(node: Node) -> MetadataChange:
    change = MetadataChange(node.attribute("volume"), rules.sha256(node.attribute("da")), _new(node))
    node.end()
    return change


def _new(node: Node) -> Sha256 | None:
    new = node.optional("a")
    return None if new is None else rules.sha256(new)


def _member(node: Node) -> Member:
    digests = rules.sha256(node.attribute("sha256")), rules.sha512(node.attribute("sha512"))
    member = Member(*digests, node.optional("volume"), _document(node.maybe("Metadato")))
    node.end()
    return member


def _document(node: Node | None) -> MetadataDigests | None:
    if node is None:
        return None
    digests = MetadataDigests(rules.sha256(node.attribute("sha256")), rules.sha512(node.attribute("sha512")))
    node.end()
    return digests
