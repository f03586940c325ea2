"""An archive in memory: the errands as they are, on ports that a test holds in its hand.

What outlives a run is the `Disk`; an `Embedded` is one process that works on it.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, create_engine, select

from archiver.adapters import authority
from archiver.adapters.authority import LocalAuthority
from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.tables import METADATA
from archiver.adapters.signer import FileSigner
from archiver.adapters.stores.memory import MemoryStore
from archiver.chain import NOTHING, Material
from archiver.compose import material
from archiver.compose.boxes import box
from archiver.config import Config, demo_text, parse
from archiver.evidence.algorithms import CATALOGUE, Catalogue
from archiver.evidence.policy import Policy
from archiver.ingest import Intake, hand_in, poll
from archiver.ingest import Report as Ingested
from archiver.pec.providers import Providers
from archiver.ports import Files, Mailbox, Signer
from archiver.renew import MARGIN, Gather, Renewing, renew
from archiver.renew import Report as Renewed
from archiver.seal import Authority, Line, Sealing, Seals, seal
from archiver.seal import Report as Sealed
from archiver.submission.box import Box
from archiver.verify import Report, Trust, judge_store
from support.power import Mains, wired

EVENING = datetime(2026, 11, 21, 20, tzinfo=UTC)
HOLDER, MAILBOX, TSA = "h-prova", "m-prova", "local"


def made_authority(folder: Path) -> Path:
    """A CA, a seal and a TSA in `folder`, valid on EVENING and for some years; which folder."""
    code = _config().signer.party.tax_code
    authority.create(folder, at=datetime(2026, 1, 1, tzinfo=UTC), holder_name="prova", holder_code=code)
    return folder


@cache
def the_box() -> Box:
    """The mailbox of the demo's configuration, under ids that are the same each time."""
    return box(_config(), _config().mailboxes[0], today=EVENING.date())


class Disk:
    """What a power cut leaves: the store's objects, and the catalog as a file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemoryStore()
        self.path = folder / "catalog.db"
        shutil.copyfile(_empty_catalog(folder.parent), self.path)

    @classmethod
    def made(cls, folder: Path) -> "Disk":
        """An empty one in a new folder."""
        folder.mkdir(parents=True)
        return cls(folder)

    def copy(self, folder: Path) -> "Disk":
        """Another one with the same on it."""
        other = Disk.made(folder)
        for name, octets in self.objects().items():
            other.store.put(name, octets)
        shutil.copyfile(self.path, other.path)
        return other

    @contextmanager
    def catalog(self) -> Iterator[Catalog]:
        """The catalog, opened as a new process opens it."""
        catalog = Catalog.open(f"sqlite:///{self.path}")
        try:
            yield catalog
        finally:
            catalog.close()

    def objects(self) -> dict[str, bytes]:
        """Every object by name."""
        return {item.name: self.store.get(item.name) for item in self.store.list()}

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of the catalog by table, in order; numbers that the database gives itself are left out."""
        engine = create_engine(f"sqlite:///{self.path}")
        with engine.connect() as connection:
            found = {
                table.name: sorted(map(tuple, connection.execute(select(*_told(table)))), key=repr)
                for table in METADATA.sorted_tables
            }
        engine.dispose()
        return found


@dataclass
class Embedded:
    """One process: ingest and seal on a disk, with an authority in the house, a clock that stands, and the mains."""

    disk: Disk
    ca: Path
    providers: Providers
    clock: Callable[[], datetime] = lambda: EVENING
    mains: Mains | None = None
    box: Box = field(default_factory=lambda: the_box())
    signs_rapporti: bool = False
    lines: tuple[Line, ...] | None = None
    former: Line = ()
    signer: Callable[[Signer], Signer] = lambda signer: signer
    catalogue: Catalogue = CATALOGUE
    gather: Gather = lambda path: (NOTHING, ())

    def ingest(self, source: Mailbox | Files, *, again: bool = False) -> Ingested:
        """One poll of a mailbox, or files handed in."""
        report = Ingested()
        with self.disk.catalog() as catalog:
            store, sign = self._on(self.disk.store), self._sign if self.signs_rapporti else None
            into = Intake(self.box, store, self._on(catalog), self.providers, self.clock, sign)
            if hasattr(source, "look"):
                poll(self._on(source), into, report=report, again=again)
            else:
                hand_in(self._on(source), into, report=report)
        return report

    def seal(self) -> Sealed:
        """Everything that is pending."""
        with self.disk.catalog() as catalog:
            return seal(self._sealing(catalog), everything=True)

    def renew(self, *, horizon: timedelta = MARGIN, target: str = "") -> Renewed:
        """Everything that is due."""
        with self.disk.catalog() as catalog:
            return renew(self.renewing(catalog), horizon=horizon, target=target)

    def renewing(self, catalog: Catalog) -> Renewing:
        """What a renewal works with."""
        return Renewing(
            store=self._on(self.disk.store),
            catalog=self._on(catalog),
            lines=self.lines or ((self.authority(TSA),),),
            trust=self.trust(),
            gather=self.gather,
            keep=lambda volume: self.clock() + timedelta(days=3653),
            clock=self.clock,
            nonce=itertools.count(1).__next__,
        )

    def verify(self) -> Report:
        """The judge on the whole store."""
        return judge_store(self.disk.store, trust=self.trust(), at=self.clock())

    def trust(self) -> Trust:
        """Whom the judge believes: the house, and every authority that is or was asked."""
        known = [item for line in (*(self.lines or ()), self.former) for item in line]
        anchors = {*_anchors(self.ca), *(anchor for item in known for anchor in item.anchors)}
        crls = {_crl(self.ca, self.clock()), *(crl for item in known for crl in item.trusted.material.crls)}
        return Trust(self.providers, Policy(Material(tuple(anchors), crls=tuple(crls)), self.catalogue))

    def authority(self, name: str, house: Path | None = None) -> Authority:
        """The authority in the house, or in another one, under a name."""
        ca = house or self.ca
        trusted = Policy(Material(_anchors(ca), crls=(_crl(ca, self.clock()),)))
        return Authority(self._on(LocalAuthority(ca, self.clock, name=name)), trusted)

    def _sealing(self, catalog: Catalog) -> Sealing:
        crls = (_crl(self.ca, self.clock()),)
        return Sealing(
            boxes={MAILBOX: self.box},
            store=self._on(self.disk.store),
            catalog=self._on(catalog),
            providers=self.providers,
            seals=Seals(self.signer(self._on(_signer(self.ca))), True, _anchors(self.ca), crls),
            lines=self.lines or ((self.authority(TSA),),),
            former=self.former,
            clock=self.clock,
            nonce=itertools.count(1).__next__,
        )

    def _sign(self, octets: bytes) -> bytes:
        signed: bytes = self._on(_signer(self.ca)).sign(octets, at=self.clock(), stamp=None)
        return signed

    def _on(self, port: Any) -> Any:
        return wired(port, self.mains) if self.mains else port


def _told(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column is not table.autoincrement_column]


@cache
def _config() -> Config:
    return parse(demo_text(holder_id=HOLDER, mailbox_id=MAILBOX, today="2026-01-01"), Path("/nowhere"))


@cache
def _empty_catalog(folder: Path) -> Path:
    """Migrations take their time: they are run once, and copied."""
    path = folder / "empty.db"
    Catalog.open(f"sqlite:///{path}", create=True).close()
    return path


@cache
def _signer(ca: Path) -> FileSigner:
    return FileSigner.from_pem(ca / "seal.pem", ca / "seal.key", chain=(ca / "ca.pem",))


@cache
def _anchors(ca: Path) -> tuple[bytes, ...]:
    return material.certificates(ca / "ca.pem")


@cache
def _crl(ca: Path, at: datetime) -> bytes:
    """The list of the day: asked for once, because going back in time would have it made anew."""
    return authority.crl(ca, at)
