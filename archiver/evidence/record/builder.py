"""An evidence record is written: one data object group, its way up the tree, one archive timestamp.

RFC 4998, 3.1 and 4. DER by hand, because the token goes in as it came, octet for octet; the same input gives the same
record. An ArchiveTimeStamp's `digestAlgorithm` is left out: it is that of the token's imprint, and must be the tree's.
"""

from collections.abc import Sequence

from archiver.evidence.der import OCTET_STRING, SEQUENCE
from archiver.evidence.hashtree import hash_with

VERSION = b"\x02\x01\x01"
_REDUCED_HASHTREE = 0xA2
# parameters absent: RFC 5754, 2; RFC 8702, 3.1
_IDENTIFIERS = {
    "sha256": bytes.fromhex("300b0609608648016503040201"),
    "sha384": bytes.fromhex("300b0609608648016503040202"),
    "sha512": bytes.fromhex("300b0609608648016503040203"),
    "sha3_256": bytes.fromhex("300b0609608648016503040208"),
    "sha3_384": bytes.fromhex("300b0609608648016503040209"),
    "sha3_512": bytes.fromhex("300b060960864801650304020a"),
}


def initial(group: Sequence[bytes], path: Sequence[Sequence[bytes]], token: bytes, algorithm: str = "sha512") -> bytes:
    """The record, DER, of a group whose leaf has this `path` in a tree, and the token over the tree's root.

    `group` are the digests of its members in any order, `path` is what `hashtree.Tree.path` gives. A lone member that
    was stamped itself has no hash tree (RFC 4998, 4.2). Raises ValueError for a digest that is not as long as the
    algorithm's.
    """
    stamp = archive_timestamp(group, path, token, algorithm)
    sequence = tlv(SEQUENCE, tlv(SEQUENCE, stamp))  # ArchiveTimeStampSequence of one ArchiveTimeStampChain
    return tlv(SEQUENCE, VERSION + tlv(SEQUENCE, identifier(algorithm)) + sequence)


def archive_timestamp(first: Sequence[bytes], path: Sequence[Sequence[bytes]], token: bytes, algorithm: str) -> bytes:
    """ArchiveTimeStamp (RFC 4998, 4.1): the `first` list, sorted, the lists above it, and the token over their root.

    Raises ValueError as `initial` does.
    """
    size, lists = len(hash_with(algorithm, b"")), [sorted(first), *path]
    odd = next((digest for digests in lists for digest in digests if len(digest) != size), None)
    if not first or odd is not None:
        found = "none" if odd is None else f"{odd.hex()} of {len(odd)}"
        raise ValueError(f"expected {algorithm} digests of {size} bytes, found {found}")
    if len(first) == 1 and not path:
        return tlv(SEQUENCE, token)
    return tlv(SEQUENCE, tlv(_REDUCED_HASHTREE, b"".join(map(_partial, lists))) + token)


def identifier(algorithm: str) -> bytes:
    """AlgorithmIdentifier, DER. Raises ValueError for an algorithm that nothing new is built with."""
    hash_with(algorithm, b"")
    return _IDENTIFIERS[algorithm]


def tlv(tag: int, content: bytes) -> bytes:
    """One value in DER: tag, the shortest length, content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _partial(digests: Sequence[bytes]) -> bytes:
    """PartialHashtree; no digest is as long as 128 bytes."""
    return tlv(SEQUENCE, b"".join(bytes((OCTET_STRING, len(digest))) + digest for digest in digests))
