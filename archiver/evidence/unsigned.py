"""A timestamp added to a signature that is there: octets are spliced, nothing is encoded again (CAdES B-B to B-T).

asn1crypto would write a BER signature anew, which takes minutes, and may change what was signed.
"""

from asn1crypto import cms, parser

from archiver.errors import Malformed
from archiver.evidence.cms import UNREADABLE

CONTEXT, UNIVERSAL = 2, 0
SEQUENCE, SET = 16, 17
UNSIGNED = 1  # unsignedAttrs [1], RFC 5652, 5.3


def with_timestamp(p7m: bytes, token: bytes) -> bytes:
    """The SignedData `p7m` (DER or BER, one signer) with `token` as a signature timestamp (EN 319 122-1, 5.3).

    Raises Malformed.
    """
    try:
        kind, wrapped = _elements(p7m)
        (data,) = _elements(wrapped)
        *head, signers = _elements(data)
        (signer,) = _elements(signers)
        signed = _elements(signer)
        kind_of_last, _, tag, _, others, _ = parser.parse(signed[-1])
    except UNREADABLE as error:
        raise Malformed(f"expected a SignedData with one signer: {error}") from error
    if (kind_of_last, tag) == (CONTEXT, UNSIGNED):
        signed.pop()
    else:
        others = b""
    unsigned = _constructed(UNSIGNED, others + _attribute(token), of=CONTEXT)
    signers = _constructed(SET, _constructed(SEQUENCE, b"".join((*signed, unsigned))))
    data = _constructed(SEQUENCE, b"".join((*head, signers)))
    return _constructed(SEQUENCE, kind + _constructed(0, data, of=CONTEXT))


def _attribute(token: bytes) -> bytes:
    kind = cms.CMSAttributeType("signature_time_stamp_token").dump()
    return _constructed(SEQUENCE, kind + _constructed(SET, token))


def _elements(octets: bytes) -> list[bytes]:
    """The values inside a constructed one, octets as they are."""
    left, found = parser.parse(octets, strict=True)[4], []
    while left:
        length = parser.peek(left)
        found.append(left[:length])
        left = left[length:]
    return found


def _constructed(tag: int, contents: bytes, *, of: int = UNIVERSAL) -> bytes:
    return bytes(parser.emit(of, 1, tag, contents))
