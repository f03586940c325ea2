"""What lies in the store, from one listing: the names of every holder, as a rebuild asks for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from archiver.digest import Sha256
from archiver.package import layout
from archiver.package.layout import Kind, Parsed
from archiver.ports import Stored
from archiver.submission import subjects
from archiver.submission.subjects import SUBJECTS

Lineage = tuple[str, str, str]
"""What records are about (the sort and the id that `subjects` gives it), and the authority of the first one."""


@dataclass(slots=True)
class Listing:
    """One holder's objects. `rapporti`: by mailbox, the names of each id, the unsealed one first.

    `records`: by lineage, the names by number. `volumes`: the ids of which anything at all is there. `size` is that of
    all segments, in bytes.
    """

    holder: str
    rapporti: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    proven: dict[str, set[str]] = field(default_factory=dict)
    volumes: set[str] = field(default_factory=set)
    indexes: set[str] = field(default_factory=set)
    metadata: set[str] = field(default_factory=set)
    records: dict[Lineage, dict[int, str]] = field(default_factory=dict)
    trust: list[tuple[Sha256, str]] = field(default_factory=list)
    batches: list[Sha256] = field(default_factory=list)
    segments: int = 0
    size: int = 0

    @property
    def mailboxes(self) -> list[str]:
        """All of which there is a rapporto, or evidence of one."""
        return sorted({*self.rapporti, *self.proven})

    def lineages(self, subject: str, subject_id: str) -> set[str]:
        """The authorities of which records about one thing are there."""
        return self._tsas.get((subject, subject_id), set())

    def evidence(self, subject: str, subject_id: str) -> list[str]:
        """The names of all records about one thing."""
        tsas = sorted(self.lineages(subject, subject_id))
        return [name for tsa in tsas for _, name in sorted(self.records[subject, subject_id, tsa].items())]

    _tsas: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, name: str, parsed: Parsed, size: int) -> None:
        """One object more."""
        if parsed.kind in SUBJECTS:
            subject, subject_id = SUBJECTS[parsed.kind], subjects.subject_id(parsed)
            self.records.setdefault((subject, subject_id, parsed.tsa), {})[parsed.number] = name
            self._tsas.setdefault((subject, subject_id), set()).add(parsed.tsa)
        match parsed.kind:
            case Kind.RDV:
                self.rapporti.setdefault(parsed.mailbox, {}).setdefault(parsed.id, []).append(name)
            case Kind.RDV_RECORD:
                self.proven.setdefault(parsed.mailbox, set()).add(parsed.id)
            case Kind.INDEX:
                self.indexes.add(parsed.id)
                self.volumes.add(parsed.id)
            case Kind.METADATA:
                self.metadata.add(parsed.id)
                self.volumes.add(parsed.id)
            case Kind.VOLUME_RECORD:
                self.volumes.add(parsed.id)
            case Kind.TRUST:
                self.trust.append((Sha256(parsed.id), parsed.extension))
            case Kind.BATCH:
                self.batches.append(Sha256(parsed.id))
            case Kind.SEGMENT:
                self.segments += 1
                self.size += size


def listed(objects: Iterable[Stored]) -> list[Listing]:
    """Every holder of which something is there, by id."""
    found: dict[str, Listing] = {}
    for item in objects:
        parsed = layout.parse(item.name)
        if parsed is not None:
            found.setdefault(parsed.holder, Listing(parsed.holder)).add(item.name, parsed, item.size)
    return [found[holder] for holder in sorted(found)]
