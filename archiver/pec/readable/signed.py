"""CMS and what goes with it: a file in a signature, a signature alone, a timestamp, an envelope, a certificate.

DER and BER, as they are or in base64 with or without PEM's lines.
"""

import binascii
import re

from archiver.errors import Malformed
from archiver.pec import ber, cms
from archiver.pec.ber import INTEGER, OID, SEQUENCE

ATTACHED = frozenset({"p7m"})
"""Formats that a file may lie in."""

_TAGGED = 0xA0
_NUMERIC = bytes.fromhex("2a864886f70d0107")
_SIGNED_DATA = _NUMERIC + b"\2"
_TIME_STAMPED_DATA = bytes.fromhex("2a864886f70d010910011f")  # RFC 5544
_ENVELOPES = {
    _NUMERIC + b"\3",
    _NUMERIC + b"\6",
    bytes.fromhex("2a864886f70d0109100117"),  # AuthEnvelopedData, RFC 5083
}
_TST = bytes.fromhex("2a864886f70d0109100104")
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_PEM_KINDS = {
    b"PKCS7": "",
    b"CMS": "",
    b"SIGNED MESSAGE": "",
    b"CERTIFICATE": "certificate",
    b"X509 CRL": "crl",
    b"CERTIFICATE REQUEST": "certificate-request",
}
_ARMOUR = re.compile(rb"-----[A-Z0-9 ]{1,40}-----")
_BASE64 = re.compile(rb"\s*MI[A-Za-z0-9+/\s]{60}")
_WHOLE_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]*")
_CONTENT_INFO = re.compile(rb"0(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x06[\x09\x0b](.{9}|.{11})\xa0", re.DOTALL)
_HEAD = 200
_SHAPE = 4
_TIMES = (0x17, 0x18)
# what the first values of a structure that is signed are (RFC 5280, 4.1 and 5.1; RFC 2986, 4.1)
_TO_BE_SIGNED = (
    ("certificate", [_TAGGED, INTEGER, SEQUENCE, SEQUENCE]),
    ("certificate", [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE]),
    ("certificate-request", [INTEGER, SEQUENCE, SEQUENCE, _TAGGED]),
    *(("crl", [INTEGER, SEQUENCE, SEQUENCE, time]) for time in _TIMES),
    *(("crl", [SEQUENCE, SEQUENCE, time]) for time in _TIMES),
)


def kind(octets: bytes) -> str:
    """`p7m`, `p7s`, `tst`, `tsr`, `tsd`, `ers`, `cms-enveloped`, `certificate`, `crl`, ...; empty when it is none."""
    armour = _PEM.match(octets)
    if armour and (named := _PEM_KINDS.get(armour[1])) is not None and named:
        return named
    octets = _binary(octets)
    if octets[:1] != b"0":
        return ""
    try:
        return _kind(octets)
    except Malformed:
        return _cut_short(octets)


def content(octets: bytes, *, room: int) -> bytes | None:
    """The file in a signature; None when it cannot be taken out. Of one that is in pieces, at most `room` octets."""
    octets = _binary(octets)
    try:
        found = cms.enclosed(octets)
    except Malformed:
        return None
    if found is None or found.content is None:
        return None
    taken = []
    for start, end in found.content:
        taken.append(octets[start : min(end, start + max(room, 0))])
        room -= len(taken[-1])
    return b"".join(taken)


def _kind(octets: bytes) -> str:
    walk = ber.Walk(octets)
    outer = walk.value(0, len(octets))
    first = walk.value(outer.body, outer.end)
    second = walk.value(first.next, outer.end)
    if first.tag == OID:
        return _info(walk, walk.content(first), second) if second.tag == _TAGGED else ""
    if first.tag == INTEGER:
        return _versioned(octets[first.body : first.end], octets, second)
    if first.tag != SEQUENCE:
        return ""
    tags = _tags(walk, first)
    if tags[:1] == [INTEGER] and second.tag == SEQUENCE and _TST in octets[second.start : second.start + _HEAD]:
        return "tsr"
    return next((name for name, shape in _TO_BE_SIGNED if tags[: len(shape)] == shape), "")


def _cut_short(octets: bytes) -> str:
    """What a ContentInfo says of itself whose end is not there."""
    opening = _CONTENT_INFO.match(octets)
    if opening is None:
        return ""
    return "p7m" if opening[1] == _SIGNED_DATA else "cms-enveloped" if opening[1] in _ENVELOPES else ""


def _tags(walk: ber.Walk, parent: ber.Value) -> list[int]:
    """The tags of the first values in `parent`."""
    tags: list[int] = []
    at = parent.body
    while at < parent.end and len(tags) < _SHAPE:
        item = walk.value(at, parent.end)
        tags.append(item.tag)
        at = item.next
    return tags


def _versioned(version: bytes, octets: bytes, second: ber.Value) -> str:
    """What begins with its version: EvidenceRecord (RFC 4998, 3), PFX (RFC 7292, 4)."""
    if second.tag != SEQUENCE:
        return ""
    if version == b"\1" and octets[second.body : second.body + 1] == b"0" and _TST in octets:
        return "ers"
    return "pkcs12" if version == b"\3" else ""


def _info(walk: ber.Walk, oid: bytes, wrapped: ber.Value) -> str:
    """A ContentInfo (RFC 5652, 3)."""
    if oid in _ENVELOPES:
        return "cms-enveloped"
    if oid == _TIME_STAMPED_DATA:
        return "tsd"
    if oid != _SIGNED_DATA:
        return ""
    fields = walk.value(wrapped.body, wrapped.end)
    version = walk.value(fields.body, fields.end)
    digests = walk.value(version.next, fields.end)
    content_info = walk.value(digests.next, fields.end)
    kind_of = walk.value(content_info.body, content_info.end)
    if walk.content(kind_of) == _TST:
        return "tst"
    return "p7m" if kind_of.next < content_info.end else "p7s"


def _binary(octets: bytes) -> bytes:
    """DER or BER that came as base64; anything else as it is."""
    if octets[:1] == b"0":
        return octets
    armour = _PEM.match(octets)
    if not (armour and armour[1] in _PEM_KINDS) and not _BASE64.match(octets):
        return octets
    body = _ARMOUR.sub(b"", octets) if armour else octets
    if not _WHOLE_BASE64.fullmatch(body):
        return octets
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        return octets
