"""Exhibits of one small archive, made by the errand itself, and the file that verifies them."""

import importlib.util
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest
from altered_exhibits import Exhibit, listed
from support.discarding import destroy, record_name, seal_of
from support.exhibits import zipped
from support.small import EVENING, HOLDER, HOUR, ORDINARY, Small, few, ingest, make

from archiver import compose
from archiver.access.exhibit import Bag, Selection, collect
from archiver.access.exhibit.standalone import standalone
from archiver.access.export.asked import Filters, Format
from archiver.adapters.exhibits import ZipSink
from archiver.adapters.stores.memory import MemoryStore
from archiver.compose.exhibit import evidence
from archiver.compose.exporting import asked_of, export
from archiver.digest import sha256

NEXT_DECADE = datetime(2035, 6, 1, 20, tzinfo=UTC)
LATE = ORDINARY.replace(b"<1@", b"<2@")
ONE_EACH = {"inviato": 1, "accettazione": 1, "avvenuta-consegna": 1, "posta-certificata": 1}
MAIL = [*few("2025-03-01", wanted=ONE_EACH), *few("2026-01-07", seed=2, wanted=ONE_EACH)[:3], ORDINARY]


@pytest.fixture(scope="session")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The file, as a module."""
    path = tmp_path_factory.mktemp("verifier") / "verify.py"
    path.write_bytes(standalone())
    spec = importlib.util.spec_from_file_location("exhibit_verifier", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Two volumes, of 2025 and of 2026, and two rapporti."""
    return make(tmp_path_factory.mktemp("exhibited") / "archive", MAIL[::2], MAIL[1::2])


@pytest.fixture(scope="session")
def zips(archive: Small, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Exhibits of all its dossiers by what they are; the archive lives on between one and the next."""
    folder = tmp_path_factory.mktemp("zips")
    found = {
        "plain": exhibited(archive, folder / "plain.zip"),
        "full": exhibited(archive, folder / "full.zip", full=True),
        "unsigned": exhibited(archive, folder / "unsigned.zip", unsigned=True),
        "english": exhibited(archive, folder / "english.zip", lang="en"),
        "export": exported(archive, folder / "export"),
    }
    found["discarded"] = zipped(discarded(Exhibit.unpacked(found["plain"]), archive), folder / "discarded.zip")
    ingest(archive.folder, [LATE], at=EVENING + HOUR)
    found["pending"] = exhibited(archive, folder / "pending.zip", at=EVENING + 2 * HOUR)
    seal_rapporti(archive, at=EVENING + 3 * HOUR)
    found["waiting"] = exhibited(archive, folder / "waiting.zip", at=EVENING + 4 * HOUR, full=True)
    renew(archive, at=EVENING + 5 * HOUR, target="sha3_512")
    found["grown"] = exhibited(archive, folder / "grown.zip", at=EVENING + 6 * HOUR, full=True)
    renew(archive, at=NEXT_DECADE)
    found["renewed"] = exhibited(archive, folder / "renewed.zip", at=NEXT_DECADE + HOUR, full=True, unsigned=True)
    return found


@pytest.fixture(scope="session")
def exhibits(zips: dict[str, Path]) -> dict[str, Exhibit]:
    """The same, unpacked."""
    return {name: Exhibit.unpacked(path) for name, path in zips.items()}


@pytest.fixture(scope="session")
def moments() -> dict[str, datetime]:
    """When each is judged."""
    late = {"renewed": NEXT_DECADE + timedelta(days=500)}
    early = ("plain", "full", "unsigned", "english", "pending", "waiting", "grown", "export", "discarded")
    return dict.fromkeys(early, EVENING + 30 * HOUR) | late


def exhibited(
    small: Small,
    path: Path,
    *,
    at: datetime = EVENING + HOUR,
    full: bool = False,
    unsigned: bool = False,
    lang: str = "it",
) -> Path:
    """An exhibit of every dossier of the archive."""
    archive = compose.open_archive(small.folder / "archiver.toml", environ={}, clock=lambda: at)
    names = [sha256(raw) for raw in (*MAIL, LATE) if at > EVENING + HOUR or raw != LATE]
    evidence(
        archive,
        names,
        path,
        recipient="",
        full=full,
        unsigned=unsigned,
        reason="causa di prova",
        mailbox=None,
        lang=lang,
        clock=lambda: at,
        progress=_silent,
    )
    return path


def exported(small: Small, target: Path) -> Path:
    """The one part of an auditor's export of the whole archive."""
    at = EVENING + HOUR
    archive = compose.open_archive(small.folder / "archiver.toml", environ={}, clock=lambda: at)
    asked = asked_of(
        archive, Filters(), mailboxes=(), form=Format.ZIP, part_size=1 << 30, full=True, draw=None, seed=""
    )
    export(
        archive,
        target,
        asked,
        reason="verifica di prova",
        unsigned=False,
        lang="it",
        clock=lambda: at,
        progress=_silent,
        jobs=1,
    )
    (part,) = target.rglob("*.zip")
    return part


def discarded(frame: Exhibit, small: Small) -> Exhibit:
    """Its volumes after one of the messages was destroyed, in the frame of an exhibit from before."""
    volume = small.volumes[0]
    gone = destroy(small.files, [sha256(MAIL[0])], volume=volume)
    assert gone.members
    changed = {**gone.changed, record_name(sealed=True): seal_of(small, gone.record())}
    store = MemoryStore()
    for name, octets in small.files.but(changed).items():
        store.put(name, octets)
    bag = Bag(ZipSink(BytesIO(), "x", at=EVENING))
    collect(store, Selection(HOLDER, dict.fromkeys(small.volumes)), bag, full=False)
    kept = {name: octets for name, octets in frame.items() if not name.startswith("data/volumes/")}
    data = {path: bag.files.get(path) for path in bag.digests}
    return listed(Exhibit({**kept, **data}), lambda index: seal_of(small, index))


def seal_rapporti(small: Small, *, at: datetime) -> None:
    """The night after a poll: its rapporto gets evidence, its messages wait for their volume."""
    archive = compose.open_archive(small.folder / "archiver.toml", environ={}, clock=lambda: at)
    done = compose.seal(archive, everything=False, to_sign=None, signed=None, clock=lambda: at, progress=_silent)
    assert not done.failures


def renew(small: Small, *, at: datetime, target: str = "") -> None:
    """Everything that is due on a day, or a new tree."""
    archive = compose.open_archive(small.folder / "archiver.toml", environ={}, clock=lambda: at)
    done = compose.renew(
        archive, horizon=timedelta(days=365), target=target, dry_run=False, clock=lambda: at, progress=_silent
    )
    assert done.renewed == done.due > 0, done.as_json()


_silent: Callable[[int, int | None], None] = lambda done, total: None  # noqa: E731
