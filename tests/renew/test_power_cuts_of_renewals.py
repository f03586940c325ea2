"""A renewal cut at any moment leaves every volume with evidence that verifies, and the next run finishes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support import letters
from support.ages import Clock, authority, day
from support.embedded import Disk, Embedded
from support.power import Mains, PowerCut, Scout, wired
from support.quick_tsa import QuickTSA

from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.verdict import Indication

VOLUMES = 2
Errand = Callable[[Embedded], object]


@dataclass
class World:
    """A disk with volumes whose evidence is due, and how a process is started on a copy of it."""

    folder: Path
    ca: Path
    target: str
    clock: Clock

    def first(self) -> Disk:
        process = self.process(Disk.made(self.folder / "first"), None, "A", "2026-01-01", "2031-01-01")
        for number in range(VOLUMES):
            process.ingest(letters.HandedIn((letters.plain(number),)))
            process.seal()
        self.clock.now = day("2030-10-15")
        return process.disk

    def process(
        self, disk: Disk, mains: Mains | None, name: str = "B", start: str = "2030-01-01", end: str = "2036-01-01"
    ) -> Embedded:
        process = Embedded(disk, self.ca, Providers(), self.clock, mains)
        lines = []
        for lineage in ("prima", "seconda"):
            made = authority(lineage, QuickTSA(f"{lineage} {name}", day(start), day(end)), self.clock)
            lines.append((replace(made, port=wired(made.port, mains) if mains else made.port),))
        process.lines = tuple(lines)
        return process

    def wrecks(self, before: Disk) -> Iterator[tuple[str, Disk]]:
        """A disk for each moment at which a run can be cut, and after which call that was."""
        scout = Scout(before.copy(self.folder / "scout"))
        self.process(scout.disk, scout).renew(target=self.target)
        for moment in scout.changes:
            disk, mains = before.copy(self.folder / f"wreck-{moment}"), Mains(moment)
            with pytest.raises(PowerCut):
                self.process(disk, mains).renew(target=self.target)
            yield f"cut at moment {moment}, {mains.last or 'the beginning'}", disk


@pytest.mark.parametrize("target", ["", "sha3_512"], ids=["new timestamps", "new trees"])
def test_every_volume_verifies_after_the_cut_and_the_next_run_finishes(tmp_path: Path, ca: Path, target: str) -> None:
    world = World(tmp_path, ca, target, Clock(day("2026-11-22")))
    before = world.first()
    anchors = world.process(before, None, "A", "2026-01-01", "2031-01-01").lines or ()
    cuts = 0
    for where, disk in world.wrecks(before):
        cuts += 1
        process = world.process(disk, None)
        process.former = tuple(item for line in anchors for item in line)
        judged = process.verify()
        assert judged.indication is Indication.PASSED, (where, judged.verdict.findings)
        report = process.renew(target=target)
        assert (report.failures, report.fallen) == ([], []), where
        assert numbers(disk) == {(tsa, n) for tsa in ("prima", "seconda") for n in (1, 2)}, where
        assert process.renew(target=target).due == 0, where
        world.clock.now = day("2035-06-01")
        judged = process.verify()
        world.clock.now = day("2030-10-15")
        assert judged.indication is Indication.PASSED, (where, judged.verdict.findings)
        assert disk.rows()["reread"] == []
    assert cuts > 2 * VOLUMES


def numbers(disk: Disk) -> set[tuple[str, int]]:
    """Lineages and numbers of all records of volumes, where each volume has them."""
    found: dict[str, set[tuple[str, int]]] = {}
    for name in disk.objects():
        parsed = layout.parse(name)
        if parsed and parsed.kind is Kind.VOLUME_RECORD:
            found.setdefault(parsed.id, set()).add((parsed.tsa, parsed.number))
    assert len(found) == VOLUMES
    return set.intersection(*found.values())
