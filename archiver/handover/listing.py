"""What of a store goes where: its volumes as trees, what waits for one as single messages, all else as it is named."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from archiver.package import layout
from archiver.package.layout import Kind
from archiver.ports import Stored

_IN_VOLUMES = frozenset((Kind.INDEX, Kind.METADATA, Kind.VOLUME_RECORD))


@dataclass(slots=True)
class Shelf:
    """One holder's objects. `volumes`: by id, the names in its folder; `sealed`: those that have an index.

    `segments` by digest; `rapporti` by name; `rest` is all else, rapporti too; `strange` are names that nobody gives.
    """

    holder: str
    volumes: dict[str, list[str]] = field(default_factory=dict)
    sealed: set[str] = field(default_factory=set)
    segments: dict[str, str] = field(default_factory=dict)
    rapporti: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """One object more."""
        parsed = layout.parse(name)
        if parsed is None:
            self.strange.append(name)
        elif parsed.kind in _IN_VOLUMES:
            self.volumes.setdefault(parsed.id, []).append(name)
            if parsed.kind is Kind.INDEX:
                self.sealed.add(parsed.id)
        elif parsed.kind is Kind.SEGMENT:
            self.segments[parsed.id] = name
        else:
            self.rest.append(name)
            if parsed.kind is Kind.RDV:
                self.rapporti.append(name)


def shelves(objects: Iterable[Stored]) -> dict[str, Shelf]:
    """Every holder of which something is there, by id; what lies in no holder's folder is strange to all."""
    found: dict[str, Shelf] = {}
    for item in objects:
        holder = item.name.partition("/")[0]
        found.setdefault(holder, Shelf(holder)).add(item.name)
    return {holder: found[holder] for holder in sorted(found)}
