"""The archive of the simulation: the program's own rooms and errands, on a world that does not outlive a seed.

What a power cut leaves is the `World`; every errand runs in a `Process` of its own, opened anew.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.chain import Material
from archiver.compose import stores
from archiver.compose.archive import Archive
from archiver.config import Config, TsaConfig
from archiver.errors import Busy, Unavailable
from archiver.evidence.policy import Policy
from archiver.ports import Signer
from archiver.seal import Authority
from archiver.sweep import content, listing
from simulation import post
from simulation.bucket import Bucket, BucketStore
from simulation.disk import Disk
from simulation.fate import Fate
from simulation.notary import Person, Revoked, Root, Sealer, Stamping
from simulation.power import Power, wired

START = datetime(2026, 11, 22, 19, tzinfo=UTC)
HOLDER, MAILBOX = "h-prova", "m-prova"
CODE = "01234567890"


@dataclass
class Place:
    """One store's ground: a disk or a bucket. `away`: nobody reaches it."""

    id: str
    disk: Disk | None = None
    bucket: Bucket | None = None
    away: bool = False


@dataclass(eq=False)
class Lease:
    """Who may do some work, until the lease is lost."""

    worker: str
    lost: bool = False


@dataclass
class World:
    """Everything outside of the process, and what outlives it."""

    fate: Fate
    folder: Path
    power: Power
    server: post.Server
    places: dict[str, Place]
    config: Config
    now: datetime = START
    stamping: dict[str, Person] = field(default_factory=dict)
    sealing: list[Person] = field(default_factory=list)
    former: list[Person] = field(default_factory=list)
    revoked: dict[str, dict[int, Revoked]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    leases: dict[str, Lease] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    truth: dict[str, bytes] = field(default_factory=dict)
    written: Callable[[str, str], None] = lambda store, name: None
    stale: list[str] = field(default_factory=list)
    unfenced: bool = False
    opened: Catalog | None = None
    backup: tuple[datetime, bytes] | None = None
    put_back: datetime | None = None
    around: Callable[[str, Any], Any] = lambda kind, port: port

    def clock(self) -> datetime:
        """The time of the simulation."""
        return self.now

    @property
    def disks(self) -> list[Disk]:
        """All disks, the catalog's not among them: its database keeps its own promises."""
        return [place.disk for place in self.places.values() if place.disk]

    @property
    def database(self) -> Path:
        """The catalog's file."""
        return self.folder / "catalog.db"

    def catalog(self) -> Catalog:
        """The catalog; opened once, for it remembers nothing but its connections."""
        if self.opened is None:
            self.opened = Catalog.open(f"sqlite:///{self.database}")
        return self.opened

    def crl(self, root: Root) -> bytes:
        """The root's newest list."""
        return root.crl(self.revoked.get(root.name, {}), self.now)

    @property
    def people(self) -> list[Person]:
        """Everybody who stamps, stamped, seals or sealed."""
        return [*self.stamping.values(), *self.sealing, *self.former]

    @property
    def roots(self) -> list[Root]:
        """All roots, each once."""
        return list(dict.fromkeys(person.root for person in self.people))


class Ground:
    """`compose.stores.Site` over a place."""

    vacant = False
    empty = False

    def __init__(self, place: Place, world: World) -> None:
        self._place, self._world = place, world

    def opened(self) -> Any:
        """The store. Raises Unavailable while it is away."""
        place, world = self._place, self._world
        if place.away:
            raise Unavailable(f"store {place.id}: does not answer (simulated)")
        made: Any
        if place.bucket is not None:
            made = BucketStore(place.bucket, world.power, world.now)
        else:
            assert place.disk is not None
            made = FilesystemStore(place.disk.root)
        made = Reached(world.around(f"store {place.id}", made), place, world)
        return wired(made, world.power, place.id)

    def made(self, owners: tuple[str, ...] = ()) -> Any:  # noqa: ARG002
        """The store, which is there."""
        return self.opened()

    def alerts(self, lang: str) -> tuple[str, ...]:  # noqa: ARG002
        """None."""
        return ()


class Reached:
    """A store that may be out of reach at any call."""

    def __init__(self, store: Any, place: Place, world: World) -> None:
        self._store, self._place, self._world = store, place, world

    def __getattr__(self, name: str) -> Any:
        if self._place.away and name != "locks":
            raise Unavailable(f"store {self._place.id}: does not answer (simulated)")
        return getattr(self._store, name)

    def put(self, name: str, data: Any) -> None:
        """Put; what was put is remembered, to be compared with for ever."""
        octets = data if isinstance(data, bytes) else data.read()
        if self._place.away:
            raise Unavailable(f"store {self._place.id}: does not answer (simulated)")
        self._store.put(name, octets)
        self._world.truth.setdefault(name, octets)
        self._world.written(self._place.id, name)


class Desk:
    """The catalog as one worker has it: over the real one, with leases that can be lost."""

    def __init__(self, catalog: Any, world: World) -> None:
        self._catalog, self._world = catalog, world
        self._held: list[Lease] = []

    @contextmanager
    def exclusive(self, name: str, *, busy: str, patience: float = 1.0, part: str | None = None) -> Iterator[None]:
        """The lease on some work. Raises Busy while another worker has it."""
        assert part is None, "simulated workers take every errand whole; parts of one are tried in tests/engine"
        world = self._world
        for _ in range(40 if patience > 1 else 4):
            held = world.leases.get(name)
            if held is None or held.lost:
                break
            world.power.spend(f"waits for {name}")
        else:
            raise Busy(busy)
        mine = world.leases[name] = Lease(world.power.worker)
        world.fate.tell(f"    {mine.worker} has {name}")
        self._held.append(mine)
        try:
            yield
        finally:
            self._held.remove(mine)
            if world.leases.get(name) is mine:
                del world.leases[name]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._catalog, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            if any(lease.lost for lease in self._held):
                if not self._world.unfenced:
                    raise Unavailable("catalog: the connection that held the lock was lost (simulated)")
                self._world.stale.append(name)
            return found(*args, **kwargs)

        return call


@dataclass(frozen=True)
class House(Archive):
    """The archive as a process opens it, every port on the world's power."""

    world: World = None  # type: ignore[assignment]

    @cached_property
    def catalog(self) -> Any:
        """The catalog; it can be asked, and lose its connection."""
        desk = Desk(self.world.around("catalog", self.world.catalog()), self.world)
        return wired(desk, self.world.power, "catalog", told=False)

    @cached_property
    def providers(self) -> Any:
        return post.providers()

    @cached_property
    def signer(self) -> Signer:
        made = Sealer(self.world.sealing[-1], "signer" in self.world.silent)
        found: Signer = wired(made, self.world.power, "signer")
        return found

    @cached_property
    def seal_anchors(self) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(person.root.der for person in self.world.sealing))

    def seal_crls(self, at: datetime) -> tuple[bytes, ...]:  # noqa: ARG002
        return tuple(self.world.crl(root) for root in dict.fromkeys(person.root for person in self.world.sealing))

    def server(self, mailbox: Any, *, patient: bool = True) -> Any:  # noqa: ARG002
        return wired(self.world.around("mailbox", self.world.server), self.world.power, "mailbox")

    def _authority(self, tsa: TsaConfig, clock: Any, *, counted: bool = False, spare: int = 0) -> Authority:  # noqa: ARG002
        person = self.world.stamping[tsa.id]
        port = Stamping(tsa.id, person, self.world.now, tsa.id in self.world.silent)
        believed = Material(self._anchors_of(tsa), crls=self._lists_of(tsa, clock()))
        return Authority(
            wired(port, self.world.power, tsa.id), Policy(believed, self.policy.catalogue), digest=tsa.digest
        )

    def _anchors_of(self, tsa: TsaConfig) -> tuple[bytes, ...]:
        return (self.world.stamping[tsa.id].root.der,)

    def _lists_of(self, tsa: TsaConfig, at: datetime) -> tuple[bytes, ...]:  # noqa: ARG002
        return (self.world.crl(self.world.stamping[tsa.id].root),)


for _made in (*vars(Archive).values(), *vars(House).values()):
    if isinstance(_made, cached_property):
        # a worker may have to wait for its turn inside: with Python 3.11's lock the other would wait for it for ever
        _made.lock = nullcontext()  # type: ignore[attr-defined]


def opened(world: World) -> House:
    """A process opens the archive."""
    return House(world.config, {}, world.clock, world=world)


class Serial:
    """In place of a pool of threads: the same, one after the other, in an order that the seed can repeat."""

    def __init__(self, workers: int = 1) -> None: ...

    def __enter__(self) -> "Serial":
        return self

    def __exit__(self, *error: object) -> None: ...

    def map(self, function: Callable[..., Any], *items: Iterable[Any]) -> Iterator[Any]:
        """As executors do."""
        return iter([function(*item) for item in zip(*items, strict=False)])


@contextmanager
def joined(world: World) -> Iterator[None]:
    """The program's places lead to this world's, and its chance is the seed's, as long as the block lasts."""
    import secrets

    dice = world.fate.dice("nonces")
    before = stores.site, secrets.randbits, content.ThreadPoolExecutor
    content.ThreadPoolExecutor = listing.ThreadPoolExecutor = Serial  # type: ignore[misc, assignment]
    stores.site = lambda config, *rest: Ground(world.places[config.id], world)  # type: ignore[assignment, arg-type]
    secrets.randbits = dice.getrandbits
    try:
        yield
    finally:
        stores.site, secrets.randbits, content.ThreadPoolExecutor = before  # type: ignore[misc]
        listing.ThreadPoolExecutor = content.ThreadPoolExecutor  # type: ignore[misc]


@cache
def _empty_catalog() -> bytes:
    """Migrations take their time: they are run once, and copied."""
    with tempfile.TemporaryDirectory(prefix="simulated-") as folder:
        path = Path(folder) / "empty.db"
        Catalog.open(f"sqlite:///{path}", create=True).close()
        return path.read_bytes()


def made(fate: Fate, folder: Path, config: Config) -> World:
    """A new world in `folder`, with an empty archive in it."""
    power = Power(fate)
    dice = fate.dice("world")
    world = World(fate, folder, power, post.Server(fate), {}, config)
    for store in config.stores:
        if dice.random() < 0.5:
            world.places[store.id] = Place(store.id, bucket=Bucket())
        else:
            root = folder / store.id
            FilesystemStore.create(root)
            world.places[store.id] = Place(store.id, disk=Disk(root, power, fate, world.clock))
    world.database.write_bytes(_empty_catalog())
    return world
