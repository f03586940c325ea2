"""How a provider writes a notice: headers, signed part, signature (RFC 6109 3 and 4.3)."""

import hashlib
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape

from simulator import mime
from simulator.daticert import Facts, daticert
from simulator.mime import ROME, Entity, Leaf
from simulator.original import Original, received, reference, submitted
from simulator.variants import Variant
from simulator.world import Party, Provider, Style

PREAMBLE = "Messaggio firmato S/MIME dal gestore SIMULATO.\r\n"
CERTIFIED = "I dati di certificazione sono nell'allegato daticert.xml."
DESCRIBED = {"certificato": "posta certificata", "esterno": "posta ordinaria"}
LOGO = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that a provider writes: which kind, about which original, into whose mailbox, when, for whom.

    `identificativo` is that of the transport envelope, empty in an anomaly; `message_id` is the notice's own, and in an
    envelope the same. `esteso` is errore-esteso; `forwarding` what a client wrote before the subject's own prefix.
    """

    variant: Variant
    original: Original
    identificativo: str
    message_id: str
    holder: Party
    at: datetime
    style: Style
    recipient: Party | None = None
    esteso: str = ""
    forwarding: str = ""

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
    return _headers(notice) + signed(_entity(notice), notice.issuer, notice.style, at=notice.at, name=notice.message_id)


def signed(entity: bytes, gestore: Provider, style: Style, *, at: datetime, name: str) -> bytes:
    """A multipart/signed around `entity`, from its MIME-Version header on; boundaries follow from `name`."""
    signature = gestore.signer.sign(entity, at=at, digest=style.digest, indefinite=style.indefinite)
    p7s = mime.octets(Leaf(style.protocol, mime.base64_body(signature), "base64", "smime.p7s", "attachment"))
    content_type = f'multipart/signed; protocol="{style.protocol}"; micalg={style.micalg}'
    whole = mime.multipart(content_type, boundary(name, "signed"), (entity, p7s), preamble=PREAMBLE)
    return b"MIME-Version: 1.0\r\n" + whole


def boundary(name: str, layer: str) -> str:
    """The boundary of one layer of the message called `name`."""
    return "----" + hashlib.sha256(f"{layer} {name}".encode()).hexdigest()[:32].upper()


def _headers(notice: Notice) -> bytes:
    variant, original = notice.variant, notice.original
    subject = mime.header("Subject", notice.forwarding + variant.prefix + original.subject, original.coding)
    names = reference(original) if variant.tipo else b""
    own_name = f"Message-ID: <{notice.message_id}>\r\n" if notice.message_id else ""
    dated = f"Date: {mime.date(notice.at)}\r\n{own_name}".encode("ascii")
    own = _envelope_headers(notice) if variant.trasporto else _receipt_headers(notice)
    return _trace(notice) + subject + names + dated + own


def _trace(notice: Notice) -> bytes:
    envelope = bool(notice.variant.trasporto)
    path = notice.original.sender.address if envelope else notice.issuer.mailbox
    head = f"Return-Path: <{path}>\r\nDelivered-To: {notice.holder.address}\r\n".encode("ascii")
    inherited = submitted(notice.original) if envelope else b""  # an envelope keeps the Received that it found
    return head + received(f"smtp.{notice.issuer.domain}", f"mx.{notice.holder.gestore.domain}", notice.at) + inherited


def _receipt_headers(notice: Notice) -> bytes:
    variant, sender = notice.variant, notice.original.sender
    rows = (
        f"To: {sender.gestore.mailbox if variant.service else sender.address}",
        f"From: {notice.issuer.mailbox}",
        f"X-Ricevuta: {variant.tipo}",
        *(("X-VerificaSicurezza: errore",) if variant.errore == "virus" and not variant.service else ()),
        *((f"X-Mittente: {sender.address}",) if variant.tipo == "rilevazione-virus" else ()),
    )
    return "".join(f"{row}\r\n" for row in rows).encode("ascii")


def _envelope_headers(notice: Notice) -> bytes:
    variant, original = notice.variant, notice.original
    sender, ricevuta = original.sender.address, _ricevuta(notice)
    return b"".join(
        (
            f"Reply-To: {sender}\r\nX-Trasporto: {variant.trasporto}\r\n".encode("ascii"),
            mime.addresses("To", original.to),
            mime.addresses("Cc", original.cc),
            f'From: "Per conto di: {sender}"\r\n <{notice.issuer.mailbox}>\r\n'.encode("ascii"),
            f"{original.asking}: {ricevuta}\r\n".encode("ascii") if ricevuta else b"",
        )
    )


def _entity(notice: Notice) -> bytes:
    """The signed part: text, daticert.xml and, where it rides along, the original, in the order of the style."""
    parts = {"text": _text_part(notice), "logo": _LOGO}
    if notice.variant.tipo:
        parts["xml"] = Leaf("application/xml", mime.base64_body(_daticert(notice)), "base64", "daticert.xml")
    if notice.variant.carries:
        carried = notice.variant.carries(notice.original, notice.identificativo, notice.style.hashed)
        encoding = "7bit" if carried.isascii() else "8bit"
        parts["original"] = Leaf("message/rfc822", carried, encoding, "postacert.eml")
    written = (mime.octets(parts[name]) for name in notice.style.order if name in parts)
    return b"MIME-Version: 1.0\r\n" + mime.multipart("multipart/mixed", boundary(notice.message_id, "mixed"), written)


_LOGO = Leaf("image/png", mime.base64_body(LOGO), "base64", "logo.png")


def _daticert(notice: Notice) -> bytes:
    variant, recipient = notice.variant, notice.recipient
    of_one = recipient is not None and variant.tipo != "presa-in-carico"
    facts = Facts(
        tipo=variant.tipo,
        errore=variant.errore,
        gestore=notice.issuer.name,
        at=notice.at,
        identificativo=notice.identificativo,
        ricevuta=_ricevuta(notice),
        consegna=recipient.address if recipient and of_one else "",
        ricezione=(recipient.address,) if recipient and not of_one else (),
        esteso=notice.esteso,
    )
    return daticert(notice.original, facts)


def _ricevuta(notice: Notice) -> str:
    return notice.original.receipt if notice.variant.ricevuta == "asked" else notice.variant.ricevuta


def _text_part(notice: Notice) -> Entity:
    lines = tuple(_lines(notice))
    text = "\n".join((*lines, ""))
    plain = Leaf('text/plain; charset="iso-8859-1"', mime.quoted_printable(text, "iso-8859-1"), "quoted-printable")
    if not notice.style.html:
        return plain
    shown = "<br>\n".join(map(escape, lines))
    page = f"<html><body>\n{shown}\n</body></html>\n"
    rich = Leaf('text/html; charset="iso-8859-1"', mime.quoted_printable(page, "iso-8859-1"), "quoted-printable")
    return mime.Multi("multipart/alternative", boundary(notice.message_id, "alternative"), (plain, rich))


def _lines(notice: Notice) -> Iterable[str]:
    local, original = notice.at.astimezone(ROME), notice.original
    yield from (notice.variant.title, "")
    yield f"In data {local:%d/%m/%Y}, ore {local:%H:%M:%S} ({local:%z}), il messaggio con oggetto"
    yield f'"{original.subject}"'
    yield f'scritto da "{original.sender.address}" per'
    yield from _addressed(original)
    consegna = notice.recipient.address if notice.recipient else ""
    yield from (notice.variant.sentence.format(esteso=notice.esteso, consegna=consegna), "")
    if notice.variant.tipo:
        yield from (f"Identificativo: {notice.identificativo}", CERTIFIED)
    yield f"{notice.issuer.name}: messaggio SIMULATO, senza valore legale."


@lru_cache(maxsize=16)
def _addressed(original: Original) -> list[str]:
    return [f"  {each.address} ({DESCRIBED[each.tipo]})" for each in original.recipients]
