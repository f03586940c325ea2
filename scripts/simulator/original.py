"""The message as its author's client wrote it, and where it is met again: sent copy, postacert.eml, ordinary mail."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from simulator import breve, mime
from simulator.mime import Entity
from simulator.world import Party

ASKING = ("X-TipoRicevuta", "X-Tiporicevuta")
"""How the header that asks for a kind of delivery receipt is spelled."""


@dataclass(frozen=True, eq=False)  # one original is itself: what is made of it can be kept
class Original:
    """One message from one author; `msgid` is the client's Message-ID without angle brackets, empty when it gave none.

    `coding` is that of its subject, one of `mime.CODINGS`. `asks` is the delivery receipt that it asks for, empty when
    it does not say, which means completa; `asking` the header's name.
    """

    sender: Party
    to: tuple[Party, ...]
    cc: tuple[Party, ...]
    subject: str
    msgid: str
    at: datetime
    content: Entity
    coding: str = mime.CODINGS[0]
    asks: str = ""
    asking: str = ASKING[0]

    @property
    def recipients(self) -> tuple[Party, ...]:
        """To, then Cc, in the order of the headers."""
        return self.to + self.cc

    @property
    def receipt(self) -> str:
        """The kind of delivery receipt that its To recipients give: completa, breve or sintetica."""
        return self.asks or "completa"

    @cached_property
    def body(self) -> bytes:
        """From the Content-Type header to the end: the same octets wherever the message appears."""
        return mime.octets(self.content)


def sent_copy(original: Original) -> bytes:
    """As the client keeps it among the sent: its own Message-ID, no signature, no trace of the transport."""
    return _written(original, _client_name(original), original.body)


def postacert(original: Original, identificativo: str, _hashed: str = "") -> bytes:
    """As the provider carries it: under the PEC msgid, the client's in a header of its own (RFC 6109 2.2.1)."""
    return submitted(original) + _written(original, _pec_name(original, identificativo), original.body)


def hashes(original: Original, identificativo: str, hashed: str) -> bytes:
    """As a brief receipt carries it; `hashed` is a key of `breve.HASHED`."""
    return _brief(original, identificativo, breve.reduced(original.content, hashed))


def forged_hashes(original: Original, identificativo: str, hashed: str) -> bytes:
    """As a brief receipt would carry it if another file had been delivered."""
    return _brief(original, identificativo, breve.reduced(original.content, hashed, forged=True))


def ordinary(original: Original, holder: Party) -> bytes:
    """As an ordinary mail server delivers it: no provider vouches for anything."""
    envelope = f"Return-Path: <{original.sender.address}>\r\nDelivered-To: {holder.address}\r\n".encode("ascii")
    return envelope + as_received(original)


def as_received(original: Original, _identificativo: str = "", _hashed: str = "") -> bytes:
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


def _brief(original: Original, identificativo: str, content: Entity) -> bytes:
    return submitted(original) + _written(original, _pec_name(original, identificativo), mime.octets(content))


def _client_name(original: Original) -> bytes:
    return mime.header("Message-ID", f"<{original.msgid}>") if original.msgid else b""


def _pec_name(original: Original, identificativo: str) -> bytes:
    return mime.header("Message-ID", f"<{identificativo}>") + reference(original)


def _written(original: Original, names: bytes, body: bytes) -> bytes:
    asks = f"{original.asking}: {original.asks}\r\n".encode("ascii") if original.asks else b""
    return b"".join(
        (
            f"Date: {mime.date(original.at)}\r\n".encode("ascii"),
            mime.addresses("From", (original.sender,)),
            mime.addresses("To", original.to),
            mime.addresses("Cc", original.cc),
            mime.header("Subject", original.subject, original.coding),
            b"User-Agent: pecsim\r\n",
            asks,
            names,
            b"MIME-Version: 1.0\r\n",
            body,
        )
    )
