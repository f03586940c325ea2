"""One night's errands, as the program runs them: each in a process of its own, on one machine or on two at once."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from archiver import compose
from archiver.compose import sweeping
from archiver.errors import ArchiverError, Conflict
from archiver.sweep import Report
from simulation import weather
from simulation.fate import Wrong
from simulation.house import House, World, opened
from simulation.power import PowerCut

DAY = timedelta(days=1)
EVER = datetime(2000, 1, 1, tzinfo=UTC)
_EVERY = {"seal": 5 * DAY, "renew": 25 * DAY, "replicate": 10 * DAY, "sweep": 25 * DAY}


class Night:
    """Runs errands, and remembers what they said of themselves."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fate, self.power = world.fate, world.power
        self.volumes = self.messages = self.repaired = 0
        self.conflicts: list[str] = []
        self.swept: Report | None = None
        self.replicated: frozenset[str] = frozenset()
        self._length = 400
        self._ran: dict[str, datetime] = {}

    def interrupted(self) -> None:
        """A run that the power, the servers or another machine may come between. What it says is not believed."""
        self.power.cut = self._cut()
        self.power.noted = self._mishaps()
        errands = self._plan()
        try:
            if self.fate.chance("workers", 0.35):
                self._two(errands)
            else:
                for name, errand in errands:
                    self._one(name, errand)
        except PowerCut:
            pass
        if self.power.dead:
            weather.dark(self.world)
        self._end()

    def calm(self) -> list[str]:
        """A run that nothing comes between; what failed."""
        begun = self.power.moment
        # by then the register knows of an act that a power cut left behind
        plan, self.replicated = self._plan(looks=True), frozenset()
        failures = [text for name, errand in plan for text in self._one(name, errand)]
        self._ran.update({name: self.world.now for name, _ in plan})
        self._length = max(40, self.power.moment - begun)
        self._end()
        return failures

    def sweep_all(self) -> tuple[Report | None, list[str]]:
        """Every byte of every store, and all repairs that are possible; the report, and what failed."""
        self.swept = None
        failures = self._one("sweep", lambda house: self._sweep(house, everything=True))
        self._end()
        return self.swept, failures

    def _end(self) -> None:
        """The machine is up again, and has had time to write everything back."""
        self.power.dead, self.power.cut, self.power.noted = False, None, lambda what: None
        self.world.leases.clear()
        for disk in self.world.disks:
            disk.settle()

    def _cut(self) -> int | None:
        if not self.fate.chance("cuts", 0.75):
            return None
        return self.power.moment + self.fate.dice("cuts").randrange(1, self._length)

    def _mishaps(self) -> Callable[[str], None]:
        """Things that happen to the world while a run is under way."""
        if not self.fate.chance("mishaps", 0.4):
            return lambda what: None
        dice, world = self.fate.dice("mishaps"), self.world
        moment = self.power.moment + dice.randrange(1, self._length)
        kinds: list[Callable[[], None]] = [
            lambda: weather.users(world),
            lambda: weather.remake(world),
            lambda: world.server.come(world.now, 2),
            lambda: weather.leave(dice.choice(list(world.places.values())), world),
        ]
        chosen = dice.choice(kinds)

        def happen(what: str) -> None:  # noqa: ARG001
            if self.power.moment == moment:
                chosen()

        return happen

    def _two(self, errands: list[tuple[str, Callable[[House], list[str]]]]) -> None:
        """Two machines at the same work; a lease may be lost under way."""
        self.fate.fault("two workers")
        dice = self.fate.dice("workers")
        others = dice.sample(errands, len(errands))
        lost = self.power.moment + dice.randrange(1, self._length) if dice.random() < 0.7 else None
        before = self.power.noted

        def noted(what: str) -> None:
            before(what)
            held = sorted(self.world.leases)
            if lost is not None and self.power.moment >= lost and held and not self.world.lost:
                name = dice.choice(held)
                self.world.leases[name].lost = True
                self.world.lost.append(name)
                self.fate.fault("lease lost", name)

        def work(plan: list[tuple[str, Callable[[House], list[str]]]]) -> Callable[[], None]:
            def run() -> None:
                with suppress(PowerCut):
                    for name, errand in plan:
                        self._one(name, errand)

            return run

        self.power.noted = noted
        self.power.together({"a": work(errands), "b": work(others)})
        self.world.lost.clear()

    def _plan(self, *, looks: bool = False) -> list[tuple[str, Callable[[House], list[str]]]]:
        """What is run tonight: the mailbox always, the others when it was long ago, or as it happens."""
        errands = {"seal": self._seal, "renew": self._renew, "replicate": self._replicate, "sweep": self._sweep}
        due = [name for name in errands if self.world.now - self._ran.get(name, EVER) > _EVERY[name]]
        chosen = [name for name in errands if name in due or self.fate.chance("plan", 0.25)]
        search = [("search", self._search)] if looks or self.fate.chance("looks", 0.3) else []
        return [("ingest", self._ingest), *search, *((name, errands[name]) for name in chosen)]

    def _one(self, name: str, errand: Callable[[House], list[str]]) -> list[str]:
        """One process; what it complained about."""
        self.fate.tell(f"  {self.power.worker}{name}")
        house = opened(self.world)
        failures: list[str] = []
        try:
            failures = errand(house)
        except ArchiverError as error:
            failures = [f"{type(error).__name__}: {error}"]
            if isinstance(error, Conflict) and not self.world.lost:
                self.conflicts.append(f"{name}: {error}")
        except Exception as error:  # whatever it is, it is a finding of the simulation
            raise Wrong(f"{name} raises {type(error).__name__}: {error}") from error
        for failure in failures:
            self.fate.tell(f"  {name} says: {failure[:300]}")
        return [f"{name}: {failure}" for failure in failures]

    def _ingest(self, house: House) -> list[str]:
        done = compose.ingest(house, clock=self.world.clock)
        self.messages += done.new
        for _, error in done.broken:
            if isinstance(error, Conflict) and not self.world.lost:
                self.conflicts.append(f"ingest: {error}")
        said = [f"{type(error).__name__}: {error}" for _, error in done.broken]
        return said + [f"{where}: {why}" for where, why in (*done.folders, *done.refused)]

    def _search(self, house: House) -> list[str]:
        """Somebody looks for something: what is shown is in the register before."""
        compose.search(house, compose.Query(kind="posta-certificata"), mailbox=None, limit=3, after=None)
        return []

    def _seal(self, house: House) -> list[str]:
        done = compose.seal(
            house, everything=False, to_sign=None, signed=None, clock=self.world.clock, progress=_silent
        )
        self.volumes += done.volumes
        return [failure.text("en") for failure in done.failures]

    def _renew(self, house: House) -> list[str]:
        done = compose.renew(
            house, horizon=90 * DAY, target="", dry_run=False, clock=self.world.clock, progress=_silent
        )
        return [failure.text("en") for failure in done.failures]

    def _replicate(self, house: House) -> list[str]:
        done = sweeping.replicate(house, clock=self.world.clock, progress=_silent)
        self.replicated = frozenset(weather.promised(self.world))
        return [failure.text("en") for failure in done.failures]

    def _sweep(self, house: House, *, everything: bool = False) -> list[str]:
        done = sweeping.sweep(house, everything=everything, clock=self.world.clock)
        self.swept = done
        self.repaired += len(done.repairs)
        return [failure.text("en") for failure in done.failures]


def _silent(done: int, total: int | None) -> None:
    pass
