"""Time stamps that lie beside a foreign index, as Italian conservatori deliver them.

`.tsr` is an answer or a bare token (RFC 3161), `.tsd` a TimeStampedData (RFC 5544), which holds what was stamped too.
"""

from asn1crypto import cms, core, tsp

from archiver.errors import Malformed
from archiver.evidence.cms import UNREADABLE

SUFFIXES = frozenset((".tsr", ".tst", ".tsd", ".ts", ".token"))


def tokens(octets: bytes) -> tuple[bytes, ...]:
    """The tokens in one file, DER. Raises Malformed for a file without any."""
    for reading in (_answer, _bare, _data):
        try:
            if found := reading(octets):
                return found
        except UNREADABLE:
            continue
    raise Malformed("né una risposta, né una marca, né un TimeStampedData (no time stamp in it)")


def enclosed(octets: bytes) -> bytes | None:
    """What a TimeStampedData holds; None for all else."""
    try:
        data = _timestamped(octets)
        content = data["content"] if data is not None else None
        return None if content is None or isinstance(content, core.Void) else bytes(content.native)
    except UNREADABLE:
        return None


def attached(signature: bytes, content: bytes) -> bytes:
    """A detached signature with its content inside: what it signs is the same octets. Raises Malformed."""
    try:
        outer = cms.ContentInfo.load(signature, strict=True)
        if outer["content_type"].native != "signed_data":
            raise Malformed(f"expected SignedData, found {outer['content_type'].native}")
        outer["content"]["encap_content_info"]["content"] = content
        return bytes(outer.dump())
    except UNREADABLE as error:
        raise Malformed(f"not a CMS SignedData: {error}") from error


def signers(octets: bytes) -> int:
    """How many signed a CMS; 0 for what is none."""
    try:
        outer = cms.ContentInfo.load(octets, strict=True)
        return len(outer["content"]["signer_infos"]) if outer["content_type"].native == "signed_data" else 0
    except UNREADABLE:
        return 0


def content(octets: bytes) -> bytes:
    """What is inside a SignedData, whoever signed it; empty for a detached one. Raises Malformed."""
    try:
        outer = cms.ContentInfo.load(octets, strict=True)
        if outer["content_type"].native != "signed_data":
            raise Malformed(f"expected SignedData, found {outer['content_type'].native}")
        held = outer["content"]["encap_content_info"]["content"]
        return b"" if isinstance(held, core.Void) else bytes(held.native)
    except UNREADABLE as error:
        raise Malformed(f"not a CMS SignedData: {error}") from error


def _answer(octets: bytes) -> tuple[bytes, ...]:
    answer = tsp.TimeStampResp.load(octets, strict=True)
    token = answer["time_stamp_token"]
    return () if isinstance(token, core.Void) else (_token(token),)


def _bare(octets: bytes) -> tuple[bytes, ...]:
    return (_token(cms.ContentInfo.load(octets, strict=True)),)


def _data(octets: bytes) -> tuple[bytes, ...]:
    data = _timestamped(octets)
    if data is None or data["temporal_evidence"].name != "tst_evidence":
        return ()
    return tuple(item["time_stamp"].dump() for item in data["temporal_evidence"].chosen)


def _timestamped(octets: bytes) -> "tsp.TimeStampedData | None":
    outer = cms.ContentInfo.load(octets, strict=True)
    return outer["content"] if outer["content_type"].native == "timestamped_data" else None


def _token(info: cms.ContentInfo) -> bytes:
    if info["content_type"].native != "signed_data":
        raise ValueError("no SignedData")
    if info["content"]["encap_content_info"]["content_type"].native != "tst_info":
        raise ValueError("no TSTInfo")
    return bytes(info.dump())
