"""An evidence record is written: one data object group, its way up the tree, one archive timestamp.

RFC 4998, 3.1 and 4. DER by hand, because the token goes in as it came, octet for octet; the same input gives the same
record. `digestAlgorithm` is left out: it is that of the token's imprint, which must be SHA-512.
"""

from collections.abc import Sequence

VERSION = b"\x02\x01\x01"
SHA512 = bytes.fromhex("300b0609608648016503040203")  # parameters absent: RFC 5754, 2


def initial(group: Sequence[bytes], path: Sequence[Sequence[bytes]], token: bytes) -> bytes:
    """The record, DER, of a group whose leaf has this `path` in a tree, and the token over the tree's root.

    `group` are the SHA-512 digests of its members in any order, `path` is what `hashtree.Tree.path` gives. A lone
    member that was stamped itself has no hash tree (RFC 4998, 4.2). Raises ValueError for a digest not of 64 bytes.
    """
    lists = [sorted(group), *path]
    odd = next((digest for digests in lists for digest in digests if len(digest) != 64), None)
    if not group or odd is not None:
        raise ValueError(f"expected SHA-512 digests of 64 bytes, found {odd.hex() if odd is not None else 'none'}")
    tree = b"" if len(group) == 1 and not path else _tlv(0xA2, b"".join(map(_list, lists)))
    archive_timestamp = _tlv(0x30, tree + token)
    sequence = _tlv(0x30, _tlv(0x30, archive_timestamp))  # ArchiveTimeStampSequence of one ArchiveTimeStampChain
    return _tlv(0x30, VERSION + _tlv(0x30, SHA512) + sequence)


def _list(digests: Sequence[bytes]) -> bytes:
    """PartialHashtree."""
    return _tlv(0x30, b"".join(b"\x04\x40" + digest for digest in digests))


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content
