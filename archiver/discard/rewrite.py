"""Segments and metadata.zip without some entries: written anew, and compared with the old ones entry by entry."""

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from archiver.digest import Sha256, digests, sha256
from archiver.errors import Malformed
from archiver.package.segment import reader, writer


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What becomes of one ZIP: its new octets (None: nothing is left), and the entries that are gone, by digest in
    their names.
    """

    octets: bytes | None
    gone: dict[Sha256, bytes]

    @property
    def sha256(self) -> Sha256 | None:
        """The digest of what is left."""
        return None if self.octets is None else sha256(self.octets)


def without(
    file: BinaryIO, gone: Collection[Sha256], *, expected: Sha256, name: str, prefix: str, suffix: str
) -> Rewriting:
    """The ZIP without the entries of these digests. Raises Malformed unless the old one has its digest, and what was
    written has all other entries, each with the same octets.
    """
    octets = file.read()
    if sha256(octets) != expected:
        raise Malformed(f"{name}: expected SHA-256 {expected}, found {sha256(octets)}: archiver sweep --repair")
    old = {member.sha256: member for member in reader.members(BytesIO(octets), prefix=prefix, suffix=suffix)}
    left = {digest: member for digest, member in old.items() if digest not in gone}
    taken = {digest: member.read() for digest, member in old.items() if digest in gone}
    if not left:
        return Rewriting(None, taken)
    sink = BytesIO()
    label = reader.labelled(BytesIO(octets))
    writer.write(((member.name, member.read()) for member in left.values()), sink, label=label)
    _compare(sink, left, name, prefix, suffix)
    return Rewriting(sink.getvalue(), taken)


def offsets(octets: bytes) -> dict[Sha256, tuple[int, int]]:
    """Where each message of a segment lies: offset and length."""
    found = reader.members(BytesIO(octets), prefix="messages/", suffix=".eml")
    return {member.sha256: (member.offset, member.length) for member in found}


def _compare(written: BinaryIO, left: dict[Sha256, reader.Member], name: str, prefix: str, suffix: str) -> None:
    there = {member.sha256: member for member in reader.members(written, prefix=prefix, suffix=suffix)}
    if there.keys() != left.keys():
        raise Malformed(f"{name}: expected {len(left)} entries after rewriting, found {len(there)}")
    for digest, member in there.items():
        one, other = digests(member.read()), digests(left[digest].read())
        if one != other:
            raise Malformed(f"{name}: {member.name}: expected SHA-512 {other.sha512}, found {one.sha512}")
