"""How a provider writes a notice: headers, signed part, signature (RFC 6109 3 and 4.3)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from simulator import mime
from simulator.daticert import Facts, daticert
from simulator.mime import ROME
from simulator.original import Original, received, reference, submitted
from simulator.variants import Variant
from simulator.world import Party, Provider

PREAMBLE = "Messaggio firmato S/MIME dal gestore SIMULATO.\r\n"
CERTIFIED = "I dati di certificazione sono nell'allegato daticert.xml."
DESCRIBED = {"certificato": "posta certificata", "esterno": "posta ordinaria"}


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that a provider writes: which kind, about which original, into whose mailbox, when, for whom.

    `identificativo` is that of the transport envelope, empty in an anomaly; `message_id` is the notice's own, and in an
    envelope the same.
    """

    variant: Variant
    original: Original
    identificativo: str
    message_id: str
    holder: Party
    at: datetime
    recipient: Party | None = None

    @property
    def issuer(self) -> Provider:
        """Whose word it is."""
        return issuer(self.variant, self.original, self.recipient, self.holder)


def issuer(variant: Variant, original: Original, recipient: Party | None, holder: Party) -> Provider:
    """The provider who writes that variant; ValueError when the party in question has none."""
    parties = {"sender": original.sender, "recipient": recipient or holder, "holder": holder}
    return parties[variant.issuer].gestore


def write(notice: Notice) -> bytes:
    """The notice as it lies in the holder's mailbox, signed by its issuer, CRLF line ends (3.4, 4.3)."""
    gestore = notice.issuer
    entity = _entity(notice)
    signature = mime.base64_body(gestore.signer.sign(entity, at=notice.at))
    p7s = _named(gestore.protocol, "smime.p7s", signature, encoding="base64", shown="attachment")
    content_type = f'multipart/signed; protocol="{gestore.protocol}"; micalg={gestore.micalg}'
    signed = mime.multipart(content_type, _boundary(notice, "signed"), (entity, p7s), preamble=PREAMBLE)
    return _headers(notice) + b"MIME-Version: 1.0\r\n" + signed


def _headers(notice: Notice) -> bytes:
    variant = notice.variant
    subject = mime.header("Subject", variant.prefix + notice.original.subject)
    names = reference(notice.original) if variant.tipo else b""
    dated = f"Date: {mime.date(notice.at)}\r\nMessage-ID: <{notice.message_id}>\r\n".encode("ascii")
    own = _envelope_headers(notice) if variant.trasporto else _receipt_headers(notice)
    return _trace(notice) + subject + names + dated + own


def _trace(notice: Notice) -> bytes:
    envelope = bool(notice.variant.trasporto)
    path = notice.original.sender.address if envelope else notice.issuer.mailbox
    head = f"Return-Path: <{path}>\r\nDelivered-To: {notice.holder.address}\r\n".encode("ascii")
    inherited = submitted(notice.original) if envelope else b""  # an envelope keeps the Received that it found
    return head + received(f"smtp.{notice.issuer.domain}", f"mx.{notice.holder.gestore.domain}", notice.at) + inherited


def _receipt_headers(notice: Notice) -> bytes:
    rows = (
        f"To: {notice.original.sender.address}",
        f"From: {notice.issuer.mailbox}",
        f"X-Ricevuta: {notice.variant.tipo}",
    )
    return "".join(f"{row}\r\n" for row in rows).encode("ascii")


def _envelope_headers(notice: Notice) -> bytes:
    variant, original = notice.variant, notice.original
    sender = original.sender.address
    return b"".join(
        (
            f"Reply-To: {sender}\r\nX-Trasporto: {variant.trasporto}\r\n".encode("ascii"),
            mime.addresses("To", original.to),
            mime.addresses("Cc", original.cc),
            f'From: "Per conto di: {sender}"\r\n <{notice.issuer.mailbox}>\r\n'.encode("ascii"),
            f"X-TipoRicevuta: {variant.ricevuta}\r\n".encode("ascii") if variant.ricevuta else b"",
        )
    )


def _entity(notice: Notice) -> bytes:
    """The signed part: text, daticert.xml and, where it rides along, the original."""
    variant = notice.variant
    text = mime.quoted_printable(_text(notice), "iso-8859-1")
    parts = [mime.part('text/plain; charset="iso-8859-1"', text, encoding="quoted-printable")]
    if variant.tipo:
        parts.append(_daticert(notice))
    if variant.carries:
        carried = variant.carries(notice.original, notice.identificativo)
        parts.append(_named("message/rfc822", "postacert.eml", carried, encoding="7bit"))
    return b"MIME-Version: 1.0\r\n" + mime.multipart("multipart/mixed", _boundary(notice, "mixed"), parts)


def _daticert(notice: Notice) -> bytes:
    variant = notice.variant
    facts = Facts(
        tipo=variant.tipo,
        errore=variant.errore,
        gestore=notice.issuer.name,
        at=notice.at,
        identificativo=notice.identificativo,
        ricevuta=variant.ricevuta,
        consegna=notice.recipient.address if notice.recipient else "",
        esteso=variant.esteso.format(gestore=notice.issuer.name),
    )
    document = mime.base64_body(daticert(notice.original, facts))
    return _named("application/xml", "daticert.xml", document, encoding="base64")


def _named(content_type: str, name: str, body: bytes, *, encoding: str, shown: str = "inline") -> bytes:
    disposition = f'{shown}; filename="{name}"'
    return mime.part(f'{content_type}; name="{name}"', body, encoding=encoding, disposition=disposition)


def _text(notice: Notice) -> str:
    local, original = notice.at.astimezone(ROME), notice.original
    recipients = (f"  {each.address} ({DESCRIBED[each.tipo]})" for each in original.recipients)
    return "\n".join(
        (
            notice.variant.title,
            "",
            f"In data {local:%d/%m/%Y}, ore {local:%H:%M:%S} ({local:%z}), il messaggio con oggetto",
            f'"{original.subject}"',
            f'scritto da "{original.sender.address}" per',
            *recipients,
            _outcome(notice),
            "",
            *((f"Identificativo: {notice.identificativo}", CERTIFIED) if notice.variant.tipo else ()),
            f"{notice.issuer.name}: messaggio SIMULATO, senza valore legale.",
            "",
        )
    )


def _outcome(notice: Notice) -> str:
    esteso = notice.variant.esteso.format(gestore=notice.issuer.name)
    return notice.variant.sentence.format(esteso=esteso, consegna=notice.recipient.address if notice.recipient else "")


def _boundary(notice: Notice, layer: str) -> str:
    return "----" + hashlib.sha256(f"{layer} {notice.message_id}".encode()).hexdigest()[:32].upper()
