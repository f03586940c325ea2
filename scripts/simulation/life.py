"""One seed from its first night to its last: weather, errands, power cuts; and after each night the comparison."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from archiver.submission.rows import DamageRow
from archiver.sweep import Report
from simulation import catalogs, harm, judging, people, weather
from simulation.disk import kernel
from simulation.fate import Fate, Wrong
from simulation.house import World, joined, made
from simulation.memo import remembering
from simulation.night import Night
from simulation.reference import GRAVE, Reference
from simulation.settings import configured

DAY = timedelta(days=1)

_QUIET = ("UNFINISHED", "BEHIND")
"""What a sweep says of work that the next run takes up, and of what a replica was not given yet."""


@dataclass
class Told:
    """What became of one seed."""

    seed: int
    years: float
    nights: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    messages: int = 0
    volumes: int = 0
    objects: int = 0
    verdicts: int = 0
    repaired: int = 0
    digest: str = ""
    wrong: str = ""
    last: tuple[str, ...] = ()


def live(seed: int, *, years: float, change: Callable[[World], None] = lambda world: None) -> Told:
    """Lives one seed to its end, or to the first thing that is wrong. `change` may spoil the world on purpose."""
    told = Told(seed, years)
    parent = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="simulated-", dir=parent if parent.is_dir() else None) as folder:
        fate = Fate(seed)
        world = made(fate, Path(folder), configured(fate, Path(folder)))
        change(world)
        life = _Life(world, told)
        with kernel(world.disks), joined(world), remembering():
            try:
                life.live(world.now + years * 365 * DAY)
            except Wrong as error:
                told.wrong = f"night {told.nights}, {world.now:%Y-%m-%d %H:%M}: {error}"
                told.last = tuple(fate.last)
            finally:
                world.catalog().close()
    told.faults, told.digest, told.objects = dict(fate.faults), fate.digest, len(world.truth)
    told.messages, told.volumes, told.repaired = (
        len(life.reference.mail),
        len(life.reference.volumes),
        life.night.repaired,
    )
    return told


class _Life:
    def __init__(self, world: World, told: Told) -> None:
        self.world, self.told, self.fate = world, told, world.fate
        self.reference = Reference(world)
        self.night = Night(world)
        people.appear(world)

    def live(self, end: object) -> None:
        """Every eventful night."""
        dice = self.fate.dice("nights")
        while self.world.now < end:  # type: ignore[operator]
            self.world.now += timedelta(days=dice.choice((2, 16, 30, 45, 60)), minutes=dice.randrange(300))
            self.told.nights += 1
            self.fate.tell(f"night {self.told.nights} {self.world.now:%Y-%m-%d %H:%M}")
            self._one()

    def _one(self) -> None:
        """What happens before, the runs, and the comparison."""
        people.pass_on(self.world)
        catalogs.trouble(self.world)
        weather.evening(self.world, self.reference)
        self.reference.came()
        while self.fate.chance("interrupted", 0.4):
            self._interrupted()
        weather.calm(self.world)
        self.reference.came()
        self.reference.mend()
        if self.reference.harmed or self.reference.strangers:
            self._put_right()
        failures = self.night.calm()
        if failures:
            raise Wrong(f"a calm night fails: {failures}")
        self.reference.polled()
        self._compare(self.night.replicated)
        if self.fate.chance("judge", 0.1) and self.world.truth:
            self._judge()

    def _interrupted(self) -> None:
        harmed = bool(self.reference.harmed)
        self.night.interrupted()
        if self.world.stale:
            raise Wrong(f"the catalog was asked under a lost lease: {self.world.stale[:3]}")
        if self.night.conflicts and not harmed:
            raise Wrong(f"a conflict that nobody caused: {self.night.conflicts[0]}")
        self.night.conflicts.clear()
        self.reference.came()
        self.reference.mend()
        self._compare()
        self.world.now += timedelta(minutes=self.fate.dice("nights").randrange(1, 50))

    def _put_right(self) -> None:
        """A full sweep finds all harm, and repairs what it can; the operator puts the rest back by hand."""
        if self.fate.chance("judge", 0.3) and self.world.truth:
            self._judge_harm()
        before, harmed = self.reference.curable(), dict(self.reference.harmed)
        report, _ = self.night.sweep_all()
        if report is None:
            raise Wrong("a sweep on a calm night does not end")
        self._check_sweep(report, before)
        for (store, name), done in harmed.items():
            place = self.world.places[store]
            mended = (store, name) not in self.reference.harmed
            if mended and done.octets is not None and not harm.aside(place, name, done.octets):
                raise Wrong(f"a repair has overwritten what was there: {name} in {store}")
        for store, name in sorted(self.reference.strangers):
            harm.remove(self.world.places[store], name)
        self.reference.strangers.clear()
        for store, name in sorted(self.reference.harmed):
            harm.restore(self.world.places[store], name, self.world.truth[name])
            self.fate.tell(f"  restored {store} {name}")
        self.reference.harmed.clear()
        self.night.conflicts.clear()
        report, failures = self.night.sweep_all()
        found = [str(row) for row in _loud(report)] if report else []
        if failures or found:
            raise Wrong(f"what was put right is still found wrong: {failures} {found[:3]}")

    def _check_sweep(self, report: Report, curable: set[tuple[str, str]]) -> None:
        """Every harm was found; what could be repaired was, what could not is open; and nothing else is."""
        open_ = {(row.store, row.name): row.code for row in _loud(report) if row.code != "MEMBERS"}
        # of a volume that is not closed yet, and of a record that was not noted, nothing is promised in any store: its
        # errand takes it up, and the next sweep repairs
        begun = {(row.store, row.name) for row in report.open if row.code == "UNFINISHED"}
        unpromised = {name for _, name in begun}
        self.reference.mend()
        for (store, name), done in sorted(self.reference.harmed.items(), key=lambda item: item[0]):
            kind = done.kind
            if kind in GRAVE and (store, name) in curable and name not in unpromised:
                raise Wrong(f"repair possible and not made: {name} in {store}, {kind}")
            if kind in ("hidden", "unlocked") and (store, name) not in open_:
                if not harm.lifted(self.world.places[store], name, self.world.now):
                    raise Wrong(f"not found, or not put right: {name} in {store}, {kind}")
                continue
            if (store, name) not in open_ and (store, name) not in begun:
                raise Wrong(f"not found by a full sweep: {name} in {store}, {kind}")
        known = {*self.reference.harmed, *self.reference.strangers}
        for store, name in sorted(open_.keys() - known):
            raise Wrong(f"a false alarm of a sweep, {open_[store, name]}: {name} in {store}")
        for store, name in sorted(self.reference.strangers - open_.keys()):
            raise Wrong(f"a stranger not found by a full sweep: {name} in {store}")

    def _compare(self, everywhere: frozenset[str] = frozenset()) -> None:
        self.reference.settle()
        for difference in self.reference.differences(everywhere=everywhere):
            raise Wrong(difference)

    def _judge(self) -> None:
        self.told.verdicts += 1
        wrong = judging.sound(self.world)
        if wrong:
            raise Wrong(wrong)

    def _judge_harm(self) -> None:
        self.told.verdicts += 1
        wrong = judging.harmed(self.world, self.reference)
        if wrong:
            raise Wrong(wrong)


def _loud(report: Report) -> list[DamageRow]:
    """What a sweep left open, but for what it only mentions."""
    return [row for row in report.open if row.code not in _QUIET]
