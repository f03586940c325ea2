"""What AgID Allegato 5 wants to be known of one message, taken from the message and from the configuration alone."""

from dataclasses import dataclass

from archiver.digest import Sha256
from archiver.package.agents import Retention
from archiver.package.metadata.values import (
    DOCUMENT_TYPES,
    PG,
    Aggregazione,
    Document,
    ModalitaDiFormazione,
    Party,
    Registration,
    TipoAggregazione,
    TipologiaDiFlusso,
    Verifica,
)
from archiver.pec.address import Address
from archiver.pec.kind import RECEIPTS, Kind
from archiver.pec.message import Message
from archiver.submission.box import Box
from archiver.verdict import Indication

NO_SUBJECT = "(senza oggetto)"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where and under which rule a message is kept."""

    sha256: Sha256
    retention: Retention
    year: int


def describe(
    message: Message, kept: Kept, box: Box, registration: Registration | None = None, note: str = ""
) -> Document:
    """The document about `message`; `registration` is the holder's own protocol, for administrations."""
    return Document(
        sha256=kept.sha256,
        identifier=f"urn:pec-archiver:message:{kept.sha256}",
        formation=ModalitaDiFormazione.CREAZIONE if message.kind is Kind.INVIATO else ModalitaDiFormazione.ACQUISIZIONE,
        document_type=DOCUMENT_TYPES[message.kind],
        flow=_flow(message, box),
        date=message.date,
        number=_number(message, kept.sha256),
        subject=message.subject or NO_SUBJECT,
        sender=_party(_sender(message), box),
        recipients=tuple(_party(address, box) for address in _recipients(message)),
        software=f"{box.software} {box.version}",
        check=Verifica(sealed=_intact(message)),
        years=kept.retention.years,
        keywords=("PEC" if message.daticert else "posta elettronica", message.kind.value),
        attachments=len(message.attachments),
        reserved=box.riservato,
        aggregations=(
            Aggregazione(TipoAggregazione.SERIE_DOCUMENTALE, f"urn:pec-archiver:mailbox:{box.mailbox}:{kept.year}"),
        ),
        note=note,
        registration=registration,
    )


def _intact(message: Message) -> bool:
    return message.signature is not None and message.signature.integrity.indication is Indication.PASSED


def _number(message: Message, sha256: Sha256) -> str:
    identificativo = message.daticert.identificativo if message.daticert else ""
    return identificativo or message.message_id or sha256


def _sender(message: Message) -> Address:
    """Of an envelope, whoever wrote what is in it: the provider only carries."""
    if message.kind is Kind.POSTA_CERTIFICATA and message.daticert and message.daticert.mittente:
        return Address("", message.daticert.mittente)
    return message.sender


def _recipients(message: Message) -> tuple[Address, ...]:
    return tuple(dict.fromkeys((*message.to, *message.cc)))


def _party(address: Address, box: Box) -> Party:
    if address.address.lower() in box.own:
        return box.party(address.address)
    name = address.name or address.address or "(sconosciuto)"
    return PG(name, addresses=(address.address,) if address.address else (), deduced=True)


def _flow(message: Message, box: Box) -> TipologiaDiFlusso:
    """E in, U out, I from own to own (a receipt comes in, whatever it is about)."""
    outgoing = message.kind is Kind.INVIATO
    if message.kind not in RECEIPTS:
        ours = _sender(message).address.lower() in box.own
        to_ours = any(address.address.lower() in box.own for address in _recipients(message))
        if ours and to_ours:
            return TipologiaDiFlusso.INTERNO
    return TipologiaDiFlusso.USCITA if outgoing else TipologiaDiFlusso.ENTRATA
