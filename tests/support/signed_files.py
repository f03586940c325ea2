"""Files that people sign and attach: CAdES around and beside them, PAdES in them; and messages that carry them."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from archiver.pec.message import Message, read
from archiver.pec.providers import Providers
from support.certificates import Pair

ROOM = 20_000
NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
_DATA = bytes.fromhex("06092a864886f70d010701")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")


def p7m(data: bytes, *signers: Pair) -> bytes:
    """A CMS around `data`."""
    return _builder(data, signers).sign(Encoding.DER, [PKCS7Options.Binary])


def p7s(data: bytes, *signers: Pair) -> bytes:
    """A CMS beside `data`."""
    return _builder(data, signers).sign(Encoding.DER, [PKCS7Options.Binary, PKCS7Options.DetachedSignature])


def split(data: bytes, size: int) -> bytes:
    """A CMS around `data` that nobody signed, in BER: `data` in pieces of `size` octets (X.690, 8.7)."""
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    content = b"".join(b"\x04\x82" + len(piece).to_bytes(2) + piece for piece in pieces)
    for heads in (b"\x24\x80", b"\xa0\x80", b"\x30\x80" + _DATA):
        content = heads + content + b"\0\0"
    content = b"\x30\x80\x02\x01\x01\x31\x00" + content + b"\x31\x00\0\0"
    return b"\x30\x80" + _SIGNED_DATA + b"\xa0\x80" + content + b"\0\0" * 2


def pdf(signer: Pair, text: bytes = b"contratto", *, before: bytes = b"%PDF-1.7\n") -> bytes:
    """A PDF that is signed, or `before` with one more signature after it: as much of one as a signature needs."""
    head = before + b"1 0 obj << /V (" + text + b") /Type /Sig /ByteRange [0 "
    tail = b" >> endobj\n%%EOF\n"
    first = len(head) + len(b"0000000000 0000000000 0000000000] /Contents ")
    start = first + 2 + 2 * ROOM
    head += b"%010d %010d %010d] /Contents " % (first, start, len(tail))
    signature = p7s(head + tail, signer)
    return head + b"<" + signature.hex().encode().ljust(2 * ROOM, b"0") + b">" + tail


def letter(*files: tuple[str, bytes], media: str = "application/octet-stream") -> bytes:
    """An ordinary message with these attachments, in base64."""
    parts = [
        f'--b\r\nContent-Type: {media}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'.encode()
        + base64.encodebytes(octets).replace(b"\n", b"\r\n")
        for name, octets in files
    ]
    head = (
        b"From: a@example.it\r\nTo: b@example.it\r\nSubject: allegati\r\nDate: Mon, 02 Feb 2026 10:00:00 +0100\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\ntesto\r\n'
    )
    return head + b"".join(parts) + b"--b--\r\n"


def wrapped(original: bytes) -> bytes:
    """A content that a provider signs: a text, and the original as postacert.eml."""
    return (
        b'Content-Type: multipart/mixed; boundary="inner"\r\n\r\n--inner\r\nContent-Type: text/plain\r\n\r\ntesto\r\n'
        b'--inner\r\nContent-Type: message/rfc822; name="postacert.eml"\r\nContent-Disposition: attachment;'
        b' filename="postacert.eml"\r\n\r\n' + original + b"\r\n--inner--\r\n"
    )


def reading(raw: bytes, providers: Providers | None = None) -> Message:
    """The reading of a message."""
    return read(raw, own=frozenset(), providers=providers or Providers(), proof=NOW)


def _builder(data: bytes, signers: Sequence[Pair]) -> PKCS7SignatureBuilder:
    builder = PKCS7SignatureBuilder().set_data(data)
    for signer in signers:
        builder = builder.add_signer(signer.certificate, signer.key, hashes.SHA256())  # type: ignore[arg-type]
    return builder
