"""A small archive at a fixed date, made by the errands themselves, and its store as files that a test may bend."""

import io
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.serialization import Encoding
from simulator import pki
from simulator.cli import Plan, messages
from simulator.truth import Truth

from archiver import compose
from archiver.adapters.stores.folder import Folder
from archiver.chain import Material
from archiver.cli.door import now
from archiver.config import demo_text
from archiver.errors import Absent
from archiver.evidence.policy import Policy
from archiver.package import layout
from archiver.ports import Stored
from archiver.verify import Report, Trust, judge_store

EVENING = datetime(2026, 2, 20, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADDRESS = "studio@pec.esempio-legale.it"
HOLDER, MAILBOX = "h-prova", "m-prova"
FEW = {"inviato": 1, "accettazione": 1, "avvenuta-consegna": 1, "posta-certificata": 2}

ORDINARY = (
    b"From: Mario Verdi <mario@posta-ordinaria.example>\r\nTo: studio@pec.esempio-legale.it\r\nSubject: lettera\r\n"
    b"Date: Mon, 02 Feb 2026 10:00:00 +0100\r\nMessage-ID: <1@posta-ordinaria.example>\r\n\r\nUna lettera.\r\n"
)
EMPTY = b""


class Files(dict[str, bytes]):
    """A store's objects by name, as the judge reads them; a copy may be bent as one likes."""

    @classmethod
    def of(cls, store: Path) -> "Files":
        """All objects of a store on disk."""
        folder = Folder(store)
        return cls((item.name, folder.get(item.name)) for item in folder.list())

    def has(self, name: str) -> bool:
        return name in self

    def get(self, name: str) -> bytes:  # type: ignore[override]
        if name not in self:
            raise Absent(name)
        return self[name]

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self.get(name))

    def list(self, prefix: str = "") -> Iterator[Stored]:
        return (Stored(name, len(self[name])) for name in sorted(self) if name.startswith(prefix))

    def but(self, changed: Mapping[str, bytes | None]) -> "Files":
        """The same with some objects replaced, added, or (None) taken away."""
        merged = {**self, **changed}
        return Files((name, octets) for name, octets in merged.items() if octets is not None)

    def kind(self, kind: layout.Kind) -> "list[str]":
        """The names of all objects of one kind."""
        return [name for name in sorted(self) if (parsed := layout.parse(name)) and parsed.kind is kind]

    def write(self, root: Path) -> Path:
        """All of it on disk."""
        for name, octets in self.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(octets)
        return root


@dataclass(frozen=True)
class Small:
    """An archive's folder, its files as they were when it was made, and whom to trust."""

    folder: Path
    files: Files
    trust: Trust

    @property
    def store(self) -> Path:
        """Where its objects lie."""
        return self.folder / "store"

    @property
    def ca(self) -> Path:
        """The certificate of its own authority, which seal and tokens lead to."""
        return self.folder / "ca" / "ca.pem"

    @property
    def volumes(self) -> list[str]:
        """The ids of its volumes, the older year first."""
        return sorted((name.split("/")[2] for name in self.files.kind(layout.Kind.INDEX)), key=self.year)

    def year(self, volume: str) -> int:
        """The calendar year in the label of a volume's first segment."""
        return int(self.files[layout.segment(HOLDER, volume)].rpartition(b" ")[2])

    def judge(self, files: Files | None = None, *, at: datetime = EVENING + HOUR, trust: Trust | None = None) -> Report:
        """The judge on the whole store, or on these files instead."""
        return judge_store(self.files if files is None else files, trust=trust or self.trust, at=at)


def said(report: Report) -> set[tuple[str, str]]:
    """Code and subject of all that was found; who sealed is said of every volume, and left out."""
    return {(found.code, found.subject) for found in report.verdict.findings if found.code != "SEALED_BY"}


def make(folder: Path, *polls: Sequence[bytes], sealed: bool = True) -> Small:
    """A new archive in `folder` that takes in each of `polls`, an hour apart, and seals everything."""
    folder.mkdir(parents=True)
    text = demo_text(holder_id=HOLDER, mailbox_id=MAILBOX, today="2026-01-01")
    (folder / "archiver.toml").write_text(text, encoding="utf-8")
    compose.init(folder, demo=True, environ={}, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    (folder / "providers").mkdir(exist_ok=True)
    (folder / "providers" / "ca-pec-simulata.pem").write_bytes(pki.root().public_bytes(Encoding.PEM))
    for number, mail in enumerate(polls):
        ingest(folder, mail, at=EVENING - (len(polls) - number) * HOUR)
    if sealed:
        seal(folder)
    return look(folder)


def look(folder: Path) -> Small:
    """The archive in `folder` as it is now."""
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=now)
    return Small(folder, Files.of(folder / "store"), Trust(archive.providers, Policy(Material(archive.seal_anchors))))


def ingest(folder: Path, mail: Sequence[bytes], *, at: datetime) -> None:
    """Hands these messages in."""
    source = folder / "mail"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    for number, raw in enumerate(mail):
        (source / f"{number:04}.eml").write_bytes(raw)
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=now)
    done = compose.ingest(archive, (), source=source, target=None, annotations=None, clock=lambda: at, progress=_silent)
    assert (done.new, done.failed) == (len(mail), 0)


def seal(folder: Path, *, at: datetime = EVENING) -> None:
    """Closes, seals and covers everything."""
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=now)
    done = compose.seal(archive, everything=True, to_sign=None, signed=None, clock=lambda: at, progress=_silent)
    assert not done.failures, [failure.text("en") for failure in done.failures]


def few(start: str, *, seed: int = 1, wanted: Mapping[str, int] = FEW) -> list[bytes]:
    """Simulated PEC from the day `start` on, small: so many of each kind, in their order."""
    day = datetime.fromisoformat(start).replace(tzinfo=UTC)
    left, found = dict(wanted), []
    for message in messages(Plan(60, seed, 100, 1, ADDRESS, day), Truth(ADDRESS)):
        if left.get(message.kind, 0):
            left[message.kind] -= 1
            found.append(message.raw)
    assert not any(left.values()), f"the simulator wrote too few of {left}"
    return found


def two_years(folder: Path, *, sealed: bool = True) -> Small:
    """Twelve messages in two polls, of 2025 and of 2026: two rapporti, four segments, two volumes."""
    old, new = few("2025-03-01"), few("2026-01-07", seed=2)
    return make(folder, [*old[:3], *new[:2], EMPTY], [*old[3:], *new[2:], ORDINARY], sealed=sealed)


_silent: Callable[[int, int | None], None] = lambda done, total: None  # noqa: E731
