"""An archive whose older volume is past its term, and the two persons that a discard takes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver import compose
from archiver.adapters.catalog import Catalog
from archiver.package import layout
from archiver.package.discard.values import Authorization
from archiver.verify import Report as Judged
from archiver.verify import judge_store
from support.estates import SECOND, THIRD, Estate, again_sealed, with_stores
from support.small import EMPTY, EVENING, HOLDER, HOUR, ORDINARY, Files, Small, few, ingest, look, make, seal

ANNA, BRUNO, CARLA = "anna", "bruno", "carla"
LATER = datetime(2027, 1, 15, 9, tzinfo=UTC)
"""The volume of 2025 has been past its term for two weeks, that of 2026 is not."""

LEAVE = Authorization("Soprintendenza archivistica e bibliografica", "prot. 123/2027", LATER.date())


@dataclass
class Scarti(Estate):
    """An estate with the clock at LATER; each command is given by somebody."""

    at: datetime = LATER

    def by(self, who: str) -> compose.Archive:
        """As a new process opens it, for that user."""
        return compose.open_archive(self.config, environ={}, clock=self.clock, login=who)

    def clock(self) -> datetime:
        """What every command reads."""
        return self.at

    def copied(self, folder: Path) -> "Scarti":
        """The same elsewhere."""
        return Scarti(Estate.copied(self, folder).folder, self.at)

    def small(self) -> Small:
        """Its primary as files."""
        return look(self.folder)

    @property
    def volumes(self) -> list[str]:
        """The ids of its volumes, the older year first."""
        return self.small().volumes

    @property
    def catalog(self) -> Catalog:
        """Its catalog, past the commands."""
        return self.by(ANNA).catalog

    def messages(self, volume: str) -> list[str]:
        """The digests of a volume's messages."""
        return [row.sha256 for row in self.catalog.messages_in([volume])]

    def propose(self, who: str = ANNA, **wanted: Any) -> "list[compose.Discard]":
        """A proposal."""
        return compose.discard_propose(self.by(who), clock=self.clock, **wanted)

    def approve(self, name: str, who: str = BRUNO, **wanted: Any) -> "compose.Discard":
        """An approval, with leave if nothing else is said."""
        asked = {"authorization": None if wanted.get("not_required") else LEAVE, **wanted}
        return compose.discard_approve(self.by(who), name, clock=self.clock, **asked)

    def execute(self, name: str, who: str = BRUNO, **wanted: Any) -> "compose.Executed":
        """The destruction."""
        return compose.discard_execute(self.by(who), name, clock=self.clock, **wanted)

    def hold(self, who: str = CARLA, *, reason: str = "causa R.G. 123/2026", **wanted: Any) -> "compose.Kept":
        """A hold."""
        wants = compose.Wanted(**wanted)
        (kept,) = compose.hold_place(self.by(who), wants, reason=reason, review=None, clock=self.clock).holds
        return kept

    def night(self) -> None:
        """Evidence for what is new; replicas."""
        seal(self.folder, at=self.at)
        self.replicate()

    def verdict(self, store: str = "primary") -> Judged:
        """The judge on one store, by its files."""
        return judge_store(Files.of(self.root(store)), trust=self.by(ANNA).trust, at=self.at)


def past(folder: Path, *, renewed: str = "", replicas: tuple[str, ...] = (SECOND, THIRD)) -> Scarti:
    """Twelve messages, two volumes of 2025 and 2026 kept for a year, replicas up to date."""
    old, new = few("2025-03-01"), few("2026-01-07", seed=2)
    make(folder, sealed=False)
    config = folder / "archiver.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("years = 10", "years = 1"), encoding="utf-8")
    ingest(folder, [*old[:3], *new[:2], EMPTY], at=EVENING - 2 * HOUR)
    ingest(folder, [*old[3:], *new[2:], ORDINARY], at=EVENING - HOUR)
    seal(folder)
    if replicas:
        with_stores(folder, *replicas)
    if renewed:
        again_sealed(Estate(folder), target=renewed)
    estate = Scarti(folder)
    if replicas:
        done = estate.replicate()
        assert not done.failures, done.as_json()
    return estate


def destroyed(estate: Scarti, **wanted: Any) -> "compose.Executed":
    """All of it: proposed by Anna, approved and carried out by Bruno."""
    (proposal,) = estate.propose(**wanted)
    estate.approve(proposal.steps.id)
    return estate.execute(proposal.steps.id)


def folder_of(volume: str) -> str:
    """Where the objects of a volume lie."""
    return layout.index(HOLDER, volume).removesuffix(layout.PINDEX)
