"""The content put into a detached signature: octets are spliced, nothing that is signed is encoded again.

EncapsulatedContentInfo (RFC 5652, 5.2) is not signed itself: its digest is, in the signed attributes.
"""

from asn1crypto import parser

from archiver.errors import Malformed
from archiver.evidence.cms import UNREADABLE

UNIVERSAL, CONTEXT = 0, 2
OCTET_STRING, SEQUENCE = 4, 16
HEAD = 2  # version and digestAlgorithms stand before encapContentInfo


def attached(p7m: bytes, content: bytes) -> bytes:
    """The detached SignedData `p7m` (DER or BER) with `content` in it. Raises Malformed."""
    try:
        kind, wrapped = _elements(p7m)
        (data,) = _elements(wrapped)
        fields = _elements(data)
        (content_type,) = _elements(fields[HEAD])
    except UNREADABLE as error:
        raise Malformed(f"expected a detached SignedData: {error}") from error
    held = _emit(CONTEXT, 0, bytes(parser.emit(UNIVERSAL, 0, OCTET_STRING, content)))
    fields[HEAD] = _emit(UNIVERSAL, SEQUENCE, content_type + held)
    return _emit(UNIVERSAL, SEQUENCE, kind + _emit(CONTEXT, 0, _emit(UNIVERSAL, SEQUENCE, b"".join(fields))))


def _elements(octets: bytes) -> list[bytes]:
    """The values inside a constructed one, octets as they are."""
    left, found = parser.parse(octets, strict=True)[4], []
    while left:
        length = parser.peek(left)
        found.append(left[:length])
        left = left[length:]
    return found


def _emit(of: int, tag: int, contents: bytes) -> bytes:
    return bytes(parser.emit(of, 1, tag, contents))
