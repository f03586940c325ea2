"""A power cut at any moment of a collection or of its batch is healed by the next run: nothing lost, nothing twice.

Between two effects on store or catalog one moment is like the other to whoever comes after: a run that is let through
tells which moments matter, then one run is cut at each of them.
"""

from datetime import datetime
from pathlib import Path

import pytest
from collecting import HOLDER, Archive, need
from support.power import Mains, PowerCut, wired
from support.revoking import DAY, LISTS, NOW, RESPONDER, Ca, Held, Told

from archiver.collect import Collector, When, batches
from archiver.digest import Sha256, sha256
from archiver.package import layout
from archiver.package.batch import read

EFFECTS = ("put", "record_trust", "record_fetched", "cover")
CA = Ca()
LEAF = CA.give(lists=[LISTS], responders=[RESPONDER])


def a_night(archive: Archive, source: Told, mains: Mains, *, leaf: Held = LEAF) -> None:
    """Collects, makes the batch, covers it; all of it on these mains."""
    store, catalog = wired(archive.store, mains), wired(archive.catalog, mains)
    collector = Collector(wired(source, mains), store, catalog, archive.clock, ocsp=When.ALWAYS)
    collector.collect([need(leaf.der, CA.der)])
    for batch in batches(HOLDER, store, catalog, at=archive.now):
        record = layout.batch_record(HOLDER, batch.id, tsa="tsa", number=1)
        if not store.has(record):
            store.put(record, b"evidence of " + batch.id.encode())
        catalog.cover(HOLDER, batch.digests, batch.id, archive.now)


class Counting(Mains):
    """Remembers the moments after which something had changed."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = [0]

    def spend(self, what: str) -> None:
        super().spend(what)
        if what.startswith("after ") and what.rpartition(".")[2] in EFFECTS:
            self.changed.append(self.moment - 1)


def tonight() -> Told:
    return Told({LISTS: CA.crl(1), RESPONDER: CA.answer(LEAF)})


@pytest.mark.parametrize("later", [NOW, NOW + DAY], ids=["the same night", "the next night"])
def test_any_power_cut_is_healed_by_the_next_collection(empty_catalog: Path, tmp_path: Path, later: datetime) -> None:
    (tmp_path / "whole.db").write_bytes(empty_catalog.read_bytes())
    whole, mains = Archive(tmp_path / "whole.db"), Counting()
    a_night(whole, tonight(), mains)
    whole.catalog.close()
    assert len(mains.changed) >= 10
    for cut in mains.changed:
        path = tmp_path / f"{cut}.db"
        path.write_bytes(empty_catalog.read_bytes())
        archive = Archive(path)
        with pytest.raises(PowerCut):
            a_night(archive, tonight(), Mains(cut))
        archive.now = later
        since, until = later - DAY, later + DAY
        source = Told({LISTS: CA.crl(2, since=since), RESPONDER: CA.answer(LEAF, since=since, until=until)})
        a_night(archive, source, Mains())
        everything_is_covered_once(archive, cut)
        a_night(archive, source, Mains())
        everything_is_covered_once(archive, cut)
        archive.catalog.close()


def everything_is_covered_once(archive: Archive, cut: int) -> None:
    """Each object has a row (see `kept`), is in one batch, and each batch has its record."""
    digests = sorted(sha256(octets) for octets in archive.kept("cer", "crl", "ocsp"))
    found = [layout.parse(item.name) for item in archive.store.list(f"{HOLDER}/trust/batches/")]
    manifests = {parsed.id for parsed in found if parsed and parsed.kind is layout.Kind.BATCH}
    recorded = {parsed.id for parsed in found if parsed and parsed.kind is layout.Kind.BATCH_RECORD}
    assert manifests == recorded, cut
    names = [layout.batch(HOLDER, Sha256(id)) for id in manifests]
    listed = [digest for name in names for digest, _ in read(archive.store.get(name))]
    assert sorted(listed) == digests, cut
    assert archive.catalog.uncovered(HOLDER) == [], cut
