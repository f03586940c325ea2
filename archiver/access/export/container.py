"""A volume, or some of its messages, as an ASiC-E container (EN 319 162-1), with the newest record of each authority.

The newest record holds the whole history of its lineage (RFC 4998, 5.2), so the older ones are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from archiver.access import tree
from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.evidence.record import reader
from archiver.evidence.timestamp import read_token
from archiver.package import layout
from archiver.package.asice import writer
from archiver.package.asice.values import ALGORITHMS, Proof
from archiver.ports import ObjectStore
from archiver.submission.rows import Kept


@dataclass(slots=True)
class Contained:
    """What a container holds: its messages by digest, and their bytes in all."""

    messages: dict[Sha256, str] = field(default_factory=dict)
    octets: int = 0


def contain(
    store: ObjectStore,
    holder: str,
    volume: str,
    sink: BinaryIO,
    *,
    rows: Sequence[Kept] | None = None,
    full: bool = False,
    trouble: tree.Trouble | None = None,
) -> Contained:
    """Writes the container of a volume, of these `rows` only if they are given, to a seekable file.

    `full`: with the rapporti, which name folders (readings 29); a foreign validator then sees the record's whole group.
    Raises what `archiver.access.tree` raises, and Malformed for a record that cannot be read and for a volume that no
    ZIP file holds.
    """
    proofs = newest(store, holder, volume)
    read = tree.read_index(store, holder, volume)
    if rows is None:
        files = tree.whole(store, holder, volume, rapporti=full, trouble=trouble, read=read)
    else:
        files = tree.part(store, holder, volume, rows, rapporti=full, trouble=trouble, read=read)
    index = read[1]
    extra = {file.path for file in (*index.rdvs, *index.records)}
    found = Contained()
    try:
        writer.write(_covered(files, extra, found), proofs, sink)
    except ValueError as error:
        raise Malformed(f"{holder}/volumes/{volume}: {error}") from error
    return found


def newest(store: ObjectStore, holder: str, volume: str) -> list[Proof]:
    """The newest record of each authority. Raises Malformed, also when there is none."""
    folder = layout.index(holder, volume).removesuffix(layout.PINDEX)
    last: dict[str, str] = {}
    for item in store.list(f"{folder}evidence/"):
        parsed = layout.parse(item.name)
        if parsed and parsed.kind is layout.Kind.VOLUME_RECORD:
            last[parsed.tsa] = max(item.name, last.get(parsed.tsa, ""))
    if not last:
        raise Malformed(f"{folder}evidence/: expected an evidence record, found none: `archiver seal`")
    return [_proof(store, last[tsa]) for tsa in sorted(last)]


def _proof(store: ObjectStore, name: str) -> Proof:
    octets = store.get(name)
    try:
        first = reader.read(octets).chains[0][0]
        algorithm = first.algorithm or read_token(first.token).algorithm  # RFC 4998, 4.1: that of the imprint
        if algorithm not in ALGORITHMS:
            raise Malformed(f"its first time stamp uses {algorithm}, which no manifest can name")
        return Proof(octets, algorithm)
    except Malformed as error:
        raise Malformed(f"{name}: {error}") from error


def _covered(files: Iterator[tree.Extracted], extra: set[str], found: Contained) -> Iterator[tuple[str, bytes]]:
    """The files that the records cover: not the records themselves, nor what joined the rapporti after the sealing."""
    for file in files:
        if file.path.startswith("evidence/") or (file.path.startswith("pdv/") and file.path not in extra):
            continue
        if file.path.startswith(layout.MESSAGES):
            found.messages[Sha256(file.path.removeprefix(layout.MESSAGES).removesuffix(".eml"))] = file.path
            found.octets += len(file.octets)
        yield file.path, file.octets
