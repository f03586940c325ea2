"""An archive as far as trust is concerned, and collecting in it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from support.revoking import NOW, Answer, Told

from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.memory import MemoryStore
from archiver.collect import Collected, Collector, Need, When
from archiver.package import layout
from archiver.ports import RevocationSource

HOLDER = "studio"


class Archive:
    """A store in memory, a catalog at `path`, and a clock that stands where a test puts it."""

    def __init__(self, path: Path) -> None:
        self.store = MemoryStore()
        self.catalog = Catalog.open(f"sqlite:///{path}")
        self.now = NOW

    def collector(self, source: RevocationSource | None, *, when: When = When.NO_CRL) -> Collector:
        return Collector(source, self.store, self.catalog, self.clock, ocsp=when)

    def collect(self, says: Mapping[str, Answer] | Told | None, *needs: Need, when: When = When.NO_CRL) -> Collected:
        source = Told(says) if isinstance(says, Mapping) else says
        return self.collector(source, when=when).collect(needs)

    def clock(self) -> datetime:
        return self.now

    def kept(self, *extensions: str, holder: str = HOLDER) -> list[bytes]:
        """What lies in the store, of these kinds; and the catalog has a row for each."""
        found = [(item.name, layout.parse(item.name)) for item in self.store.list(f"{holder}/trust/")]
        names = [(name, parsed) for name, parsed in found if parsed and parsed.kind is layout.Kind.TRUST]
        rows = {layout.trust(row.holder, row.sha256, row.extension) for row in self.catalog.trust_of(holder)}
        assert rows == {name for name, _ in names}
        return [self.store.get(name) for name, parsed in names if parsed.extension in extensions]


def need(*path: bytes, holders: tuple[str, ...] = (HOLDER,), kind: str = "tsa", crls: tuple[bytes, ...] = ()) -> Need:
    return Need(path, holders, kind, crls)


def reasons(found: Collected) -> list[str]:
    return [item.text("en") for item in found.findings]


def codes(found: Collected) -> list[str]:
    return [item.code for item in found.findings]
