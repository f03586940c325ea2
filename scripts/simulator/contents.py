"""What authors put into their messages: a letter, attachments, another PEC, their own signature."""

import random
from collections.abc import Iterable
from datetime import datetime

from simulator import mime, pki
from simulator.breve import SIGNATURE
from simulator.mime import Entity, Leaf, Multi
from simulator.words import ATTACHMENTS

FILLER = "Riga SIMULATA di un allegato di testo, senza valore legale.\r\n".encode("ascii")
FORWARDED = "posta_certificata.eml"


def letter(sentences: tuple[str, ...], attachments: Iterable[Leaf], dice: random.Random) -> Entity:
    """A text, and what is attached to it."""
    body = mime.quoted_printable("\n".join(sentences) + "\n", "utf-8")
    text = Leaf('text/plain; charset="utf-8"', body, "quoted-printable")
    parts = (text, *attachments)
    if len(parts) == 1:
        return text
    return Multi("multipart/mixed", _boundary(dice), parts, tight=dice.randrange(2) == 0)


def files(count: int, *, size: int, dice: random.Random) -> list[Leaf]:
    """So many attachments, of about `size` octets together as they travel."""
    names = dice.sample(ATTACHMENTS, count)
    return [_file(name, size * 3 // 4 // count, dice) for name in names]


def document(name: str, octets: bytes, content_type: str = "application/xml") -> Leaf:
    """One attachment in base64."""
    return Leaf(content_type, mime.base64_body(octets), "base64", name, "attachment")


def forwarded(message: bytes) -> Leaf:
    """A whole message as an attachment, as a client forwards it."""
    encoding = "7bit" if message.isascii() else "8bit"
    return Leaf("message/rfc822", message, encoding, FORWARDED, "attachment")


def taken_apart(message: bytes) -> list[Leaf]:
    """The three files that a webmail shows of a PEC, attached one by one: they certify nothing here."""
    xml = b'<?xml version="1.0" encoding="UTF-8"?>\n<postacert tipo="avvenuta-consegna">altrui</postacert>\n'
    return [
        document("daticert.xml", xml),
        Leaf("message/rfc822", message, "7bit" if message.isascii() else "8bit", "postacert.eml", "attachment"),
        document(SIGNATURE, pki.person().certificate, "application/pkcs7-signature"),
    ]


def signed(content: Entity, *, at: datetime, dice: random.Random) -> Entity:
    """The content under its author's own S/MIME signature, as a client makes it: nothing of a provider's."""
    signature = pki.person().sign(mime.octets(content), at=at)
    p7s = Leaf("application/pkcs7-signature", mime.base64_body(signature), "base64", SIGNATURE, "attachment")
    kind = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256'
    return Multi(kind, _boundary(dice), (content, p7s))


def _file(name: str, size: int, dice: random.Random) -> Leaf:
    if name.endswith(".pdf"):
        return document(name, _pdf(size, dice), "application/pdf")
    return document(name, _text(size), "text/plain")


def _pdf(size: int, dice: random.Random) -> bytes:
    """Looks like a PDF to whoever asks for its first and last octets."""
    return b"%PDF-1.4\n% SIMULATO, senza valore legale\n" + dice.randbytes(size) + b"\n%%EOF\n"


def _text(size: int) -> bytes:
    return FILLER * max(1, size // len(FILLER))


def _boundary(dice: random.Random) -> str:
    return f"pecsim-{dice.getrandbits(64):016x}"
