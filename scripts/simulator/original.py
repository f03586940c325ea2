"""The message as its author's client wrote it, and where it is met again: sent copy, postacert.eml, ordinary mail."""

import random
from dataclasses import dataclass
from datetime import datetime

from simulator import mime
from simulator.words import ATTACHMENTS
from simulator.world import Party

FILLER = "Riga SIMULATA di un allegato di testo, senza valore legale.\r\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class Original:
    """One message from one author; `msgid` is the client's Message-ID without angle brackets, empty when it gave none.

    `body` runs from the Content-Type header to the end and is the same octets wherever the message appears.
    """

    sender: Party
    to: tuple[Party, ...]
    cc: tuple[Party, ...]
    subject: str
    msgid: str
    at: datetime
    body: bytes

    @property
    def recipients(self) -> tuple[Party, ...]:
        """To, then Cc, in the order of the headers."""
        return self.to + self.cc


def sent_copy(original: Original) -> bytes:
    """As the client keeps it among the sent: its own Message-ID, no signature, no trace of the transport."""
    return _written(original, mime.header("Message-ID", f"<{original.msgid}>") if original.msgid else b"")


def postacert(original: Original, identificativo: str) -> bytes:
    """As the provider carries it: under the PEC msgid, the client's in a header of its own (RFC 6109 2.2.1)."""
    names = mime.header("Message-ID", f"<{identificativo}>") + reference(original)
    return submitted(original) + _written(original, names)


def ordinary(original: Original, holder: Party) -> bytes:
    """As an ordinary mail server delivers it: no provider vouches for anything."""
    envelope = f"Return-Path: <{original.sender.address}>\r\nDelivered-To: {holder.address}\r\n".encode("ascii")
    return envelope + as_received(original)


def as_received(original: Original, _identificativo: str = "") -> bytes:
    """As it reaches the holder's provider from outside the PEC: nobody has touched its names."""
    return submitted(original) + sent_copy(original)


def reference(original: Original) -> bytes:
    """The header that names the client's Message-ID; nothing when the client gave none."""
    return mime.header("X-Riferimento-Message-ID", f"<{original.msgid}>") if original.msgid else b""


def submitted(original: Original) -> bytes:
    """The trace of the author's client handing the message to his provider."""
    by = original.sender.provider.domain if original.sender.provider else "posta-ordinaria.example"
    return received("[198.51.100.7]", f"smtps.{by}", original.at)


def received(source: str, server: str, at: datetime) -> bytes:
    """One trace header."""
    return f"Received: from {source}\r\n\tby {server} (pecsim) with ESMTPSA;\r\n\t{mime.date(at)}\r\n".encode("ascii")


def body(sentences: tuple[str, ...], *, size: int, dice: random.Random) -> bytes:
    """A text and 0 to 2 attachments of about `size` octets together as they travel, from the Content-Type header on."""
    text = mime.quoted_printable("\n".join(sentences) + "\n", "utf-8")
    letter = mime.part('text/plain; charset="utf-8"', text, encoding="quoted-printable")
    count = dice.choices((0, 1, 2), (1, 4, 2))[0]
    if not count:
        return letter
    names = dice.sample(ATTACHMENTS, count)
    attachments = [_attachment(name, size * 3 // 4 // count, dice) for name in names]
    return mime.multipart("multipart/mixed", f"pecsim-{dice.getrandbits(64):016x}", [letter, *attachments])


def _attachment(name: str, size: int, dice: random.Random) -> bytes:
    kind, content = ("application/pdf", _pdf(size, dice)) if name.endswith(".pdf") else ("text/plain", _text(size))
    quoted = f'attachment; filename="{name}"'
    return mime.part(f'{kind}; name="{name}"', mime.base64_body(content), encoding="base64", disposition=quoted)


def _pdf(size: int, dice: random.Random) -> bytes:
    """Looks like a PDF to whoever asks for its first and last octets."""
    return b"%PDF-1.4\n% SIMULATO, senza valore legale\n" + dice.randbytes(size) + b"\n%%EOF\n"


def _text(size: int) -> bytes:
    return FILLER * max(1, size // len(FILLER))


def _written(original: Original, names: bytes) -> bytes:
    asks = b"X-TipoRicevuta: completa\r\n" if original.sender.provider else b""
    return b"".join(
        (
            f"Date: {mime.date(original.at)}\r\n".encode("ascii"),
            mime.addresses("From", (original.sender,)),
            mime.addresses("To", original.to),
            mime.addresses("Cc", original.cc),
            mime.header("Subject", original.subject),
            b"User-Agent: pecsim\r\n",
            asks,
            names,
            b"MIME-Version: 1.0\r\n",
            original.body,
        )
    )
