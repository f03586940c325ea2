"""A volume as a real tree (the materialised PdA): what its index lists, from where it lies in the store.

Every file is compared with what the index promises on the way out: what leaves the archive is what came into it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from typing import BinaryIO

from archiver.digest import Sha256, sha256
from archiver.errors import Absent, Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.discard import reader as discard_reader
from archiver.package.discard.values import Discard
from archiver.package.index import reader as index_reader
from archiver.package.index.values import File, Index
from archiver.package.layout import Kind
from archiver.package.segment import reader as segment_reader
from archiver.package.segment.reader import Member
from archiver.ports import ObjectStore
from archiver.submission.rows import Kept


@dataclass(frozen=True, slots=True)
class Extracted:
    """One file: its path relative to the PdA's root, as the index writes it, and its bytes."""

    path: str
    octets: bytes
    sha256: Sha256 | None = None
    """Of the octets, where it was computed to compare them with the index."""


WHOLE = 24 << 20
"""Bytes: a ZIP of the store up to this size is read at once, a larger one (a giant message) entry by entry."""


Trouble = Callable[[str, str], None]
"""Hears the path of a file that cannot be had, and why; without one it is raised."""


Read = tuple[bytes, Index]
"""A sealed index, and what it says: whoever has read it hands it on, since a large one takes a second."""


def read_index(store: ObjectStore, holder: str, volume: str) -> tuple[bytes, Index]:
    """The sealed index of a volume, and what it says. Raises Absent, Malformed."""
    name = layout.index(holder, volume)
    octets = store.get(name)
    try:
        return octets, index_reader.read(open_signed(octets).content or b"")
    except Malformed as error:
        raise Malformed(f"{name}: {error}") from error


def whole(
    store: ObjectStore,
    holder: str,
    volume: str,
    *,
    rapporti: bool = True,
    trouble: Trouble | None = None,
    read: Read | None = None,
) -> Iterator[Extracted]:
    """Every file of the PdA: the index, the messages in the order of their segments, metadata, trust, pdv, evidence.

    `read` is the index, if it was read already. One message is held at a time. What was discarded is not there. Raises
    Absent or Malformed for a file that is not what the index promises, unless `trouble` hears it.
    """
    work = _Tree(store, holder, volume, trouble, read)
    yield work.index_file
    there: set[str] = set()
    for segment in work.index.volume.segments:
        if current := work.successor(segment.sha256):
            for file in work.entries(layout.segment(holder, current), current, "messages/", ".eml", work.messages):
                there.add(file.path)
                yield file
    work.lacking(
        (layout.message_path(digest), digest) for digest in work.messages if layout.message_path(digest) not in there
    )
    yield from work.documents(work.metadata)
    yield from work.rest(rapporti=rapporti)


def part(
    store: ObjectStore,
    holder: str,
    volume: str,
    rows: Sequence[Kept],
    *,
    rapporti: bool = False,
    trouble: Trouble | None = None,
    read: Read | None = None,
) -> Iterator[Extracted]:
    """The PdA with these messages only, and their metadata: index, trust and evidence are those of the whole.

    `rapporti`: with them and their records; they name folders. Raises as `whole`, and Absent for a message that the
    index does not list.
    """
    work = _Tree(store, holder, volume, trouble, read)
    yield work.index_file
    for segment, members in _by_segment(rows):
        yield from work.some(segment, members)
    wanted = {row.sha256 for row in rows}
    yield from work.documents({digest: path for digest, path in work.metadata.items() if digest in wanted})
    yield from work.rest(rapporti=rapporti)


class _Tree:
    """One volume being read."""

    def __init__(
        self, store: ObjectStore, holder: str, volume: str, trouble: Trouble | None, read: Read | None
    ) -> None:
        self.store, self.holder, self.volume, self.trouble = store, holder, volume, trouble
        octets, self.index = read or read_index(store, holder, volume)
        self.index_file = Extracted(layout.PINDEX, octets)
        self.messages = {file.sha256: file.sha256 for file in self.index.messages}
        self.metadata = {file.sha256: file.message.metadata.sha256 for file in self.index.messages if file.message}
        self.discards = tuple(_discards(store, holder))
        self.told: set[str] = set()

    def successor(self, digest: Sha256) -> Sha256 | None:
        """What stands in the place of a segment or metadata.zip today; None for what was destroyed whole."""
        replaced = {old: new for record in self.discards for old, new in record.replaced.items()}
        replaced |= {Sha256(gone): None for record in self.discards for gone in record.volumes}
        current: Sha256 | None = digest
        while current is not None and current in replaced:
            current = replaced.pop(current)
        return current

    def some(self, segment: Sha256, rows: Sequence[Kept]) -> Iterator[Extracted]:
        """These messages of a segment; it is read whole where most of it is wanted, else message by message."""
        size = next((one.size for one in self.index.volume.segments if one.sha256 == segment), 0)
        unlisted = [row for row in rows if row.sha256 not in self.messages]
        if unlisted or not size or sum(row.size for row in rows) * 2 < size:
            for row in rows:
                yield from self.message(row)
            return
        wanted = {row.sha256: row.sha256 for row in rows}
        there: set[str] = set()
        for file in self.entries(layout.segment(self.holder, segment), segment, "messages/", ".eml", wanted):
            there.add(file.path)
            yield file
        for row in rows:  # what a damaged segment did not give up as a whole
            path = layout.message_path(row.sha256)
            if path not in there and path not in self.told:
                yield from self.message(row)

    def message(self, row: Kept) -> Iterator[Extracted]:
        path = layout.message_path(row.sha256)
        if row.sha256 not in self.messages:
            self.failed(path, f"the index of volume {self.volume} does not list it")
            return
        try:
            octets = self.store.read(layout.segment(self.holder, row.segment), row.offset, row.size)
        except Absent as error:
            self.failed(path, str(error))
            return
        yield from self.checked(path, octets, row.sha256)

    def documents(self, wanted: dict[Sha256, Sha256]) -> Iterator[Extracted]:
        """The metadata documents of these messages: `wanted` has each document's own digest."""
        if wanted and (current := self.successor(self.index.volume.metadata.sha256)):
            name = layout.metadata(self.holder, self.volume)
            there: set[str] = set()
            for document in self.entries(name, current, "metadata/", ".xml", wanted):
                there.add(document.path)
                yield document
            paths = ((layout.metadata_path(about), digest) for about, digest in wanted.items())
            self.lacking((path, digest) for path, digest in paths if path not in there)

    def entries(
        self, name: str, digest: Sha256, prefix: str, suffix: str, wanted: dict[Sha256, Sha256]
    ) -> Iterator[Extracted]:
        """The entries of a ZIP in the store whose names are in `wanted`, each with the digest there."""
        try:
            with self.store.open(name) as file:
                for member in segment_reader.members(_at_once(file), prefix=prefix, suffix=suffix):
                    if member.sha256 in wanted:
                        yield from self.member(member, wanted[member.sha256])
        except (Absent, Malformed) as error:
            self.failed(name, f"{error} (expected SHA-256 {digest})")

    def member(self, member: Member, expected: Sha256) -> Iterator[Extracted]:
        """One entry; a damaged one takes no other with it."""
        try:
            octets = member.read(compared=True)
        except Malformed as error:
            self.failed(member.name, str(error))
            return
        yield from self.checked(member.name, octets, expected)

    def lacking(self, files: Iterable[tuple[str, Sha256]]) -> None:
        """Complains about what was in no ZIP (path, digest), unless it was destroyed with leave."""
        gone = frozenset(one for record in self.discards for one in record.gone_sha256(self.volume))
        for path, digest in files:
            if digest not in gone and path not in self.told:
                self.failed(path, "listed in the index, found nowhere")

    def rest(self, *, rapporti: bool) -> Iterator[Extracted]:
        """Trust material, rapporti with all records they have by now, and the volume's records."""
        for file in self.index.trust:
            yield from self.listed(file, layout.trust(self.holder, file.sha256, file.extension))
        mailbox = self.index.volume.mailbox
        for file in self.index.rdvs if rapporti else ():
            name = layout.listed(self.holder, mailbox, file.path)
            yield from self.listed(file, name)
            for record in self.records(f"{name.removesuffix('.p7m').removesuffix('xml')}"):
                yield Extracted(f"pdv/{record.rpartition('/')[2]}", self.store.get(record))
        folder = layout.index(self.holder, self.volume).removesuffix(layout.PINDEX)
        for record in self.records(f"{folder}evidence/"):
            yield Extracted(record.removeprefix(folder), self.store.get(record))

    def records(self, prefix: str) -> list[str]:
        names = (item.name for item in self.store.list(prefix))
        return [name for name in names if (parsed := layout.parse(name)) and parsed.kind in layout.RECORDS]

    def listed(self, file: File, name: str) -> Iterator[Extracted]:
        try:
            octets = self.store.get(name)
        except Absent as error:
            self.failed(file.path, str(error))
            return
        yield from self.checked(file.path, octets, file.sha256)

    def checked(self, path: str, octets: bytes, expected: Sha256) -> Iterator[Extracted]:
        if (found := sha256(octets)) == expected:
            yield Extracted(path, octets, found)
        else:
            self.failed(path, f"expected SHA-256 {expected}, found {found}")

    def failed(self, path: str, reason: str) -> None:
        if self.trouble is None:
            raise Malformed(f"{self.holder}/volumes/{self.volume}: {path}: {reason}: `archiver sweep --repair`")
        self.told.add(path)
        self.trouble(path, reason)


def _at_once(file: BinaryIO) -> BinaryIO:
    """The same, read in one go where it is not too large."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    return BytesIO(file.read()) if size <= WHOLE else file


def _by_segment(rows: Sequence[Kept]) -> Iterable[tuple[Sha256, list[Kept]]]:
    """The rows of each segment, segments and rows in the order in which they come."""
    found: dict[Sha256, list[Kept]] = {}
    for row in rows:
        found.setdefault(row.segment, []).append(row)
    return found.items()


def _discards(store: ObjectStore, holder: str) -> Iterator[Discard]:
    """Every record of a destruction that can be read; the judge says what is to be thought of it."""
    for listed in store.list(f"{holder}/discards/"):
        parsed = layout.parse(listed.name)
        if parsed is None or parsed.kind is not Kind.DISCARD:
            continue
        octets = store.get(listed.name)
        try:
            yield discard_reader.read(open_signed(octets).content or b"" if parsed.extension != "xml" else octets)
        except Malformed:
            continue
