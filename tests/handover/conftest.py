"""One archive with everything that can be handed over, made once."""

from datetime import datetime
from pathlib import Path

import pytest
from support.discarding import destroy, record_name
from support.estates import Estate, again_sealed, silent
from support.small import EMPTY, EVENING, HOLDER, HOUR, ORDINARY, Files, few, look, make

from archiver import compose
from archiver.digest import sha256
from archiver.package import layout

SECOND_HOLDER = """
[[holder]]
id = "h-altra"
type = "legal person"
name = "Altra S.r.l."
tax_code = "98765432109"
document = "visura"

[[mailbox]]
name = "altra"
id = "m-altra"
holder = "h-altra"
address = "altra@pec.esempio-legale.it"
"""
SECOND_TSA = """
[[tsa]]
id = "seconda"
kind = "local"
redundant = true
"""
WAITING = (
    b"From: a@posta-ordinaria.example\r\nDate: Fri, 20 Feb 2026 09:00:00 +0100\r\nSubject: dopo\r\n\r\nAttende.\r\n"
)
OTHER = b"From: b@posta-ordinaria.example\r\nDate: Thu, 19 Feb 2026 09:00:00 +0100\r\nSubject: altra\r\n\r\nAltra.\r\n"
NIGHT = EVENING + 12 * HOUR


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """Two holders, two authorities, volumes of two years, acts, a renewal, a batch, a report, a message that waits."""
    folder = tmp_path_factory.mktemp("rich") / "a"
    old, new = few("2025-03-01"), few("2026-01-07", seed=2)
    make(folder, [*old[:3], *new[:2], EMPTY], sealed=False)
    added(folder, SECOND_TSA)
    handed_in(folder, [*old[3:], *new[2:], ORDINARY], mailbox="import", at=EVENING - HOUR)
    seal(folder, at=EVENING)
    estate = Estate(folder)
    again_sealed(estate, target="sha3_512")
    added(folder, SECOND_HOLDER)
    handed_in(folder, [OTHER, ORDINARY], mailbox="altra", at=EVENING + 5 * HOUR)
    archive = estate.open()
    compose.sweep(archive, everything=True, clock=lambda: EVENING + 6 * HOUR)
    seal(folder, at=EVENING + 7 * HOUR)
    handed_in(folder, [WAITING], mailbox="import", at=EVENING + 8 * HOUR)
    estate.at = NIGHT
    return estate


def added(folder: Path, lines: str) -> None:
    """Lines more in the configuration."""
    with (folder / "archiver.toml").open("a", encoding="utf-8") as config:
        config.write(lines)


def handed_in(folder: Path, mail: list[bytes], *, mailbox: str, at: datetime) -> None:
    """Messages into one of the mailboxes."""
    source = folder / f"mail-{mailbox}-{at:%H}"
    source.mkdir()
    for number, raw in enumerate(mail):
        (source / f"{number:04}.eml").write_bytes(raw)
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda: at)
    done = compose.ingest(archive, (), source=source, target=mailbox, clock=lambda: at)
    assert (done.new, done.failed) == (len(mail), 0)


def seal(folder: Path, *, at: datetime) -> None:
    """Everything that is pending."""
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda: at)
    done = compose.seal(archive, everything=True, to_sign=None, signed=None, clock=lambda: at, progress=silent)
    assert not done.failures, [failure.text("en") for failure in done.failures]


@pytest.fixture(scope="session")
def handed(rich: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of it handed over, once; to be copied by whoever changes it."""
    target = tmp_path_factory.mktemp("handed") / "out"
    done = compose.hand_over(rich.open(), target, clock=lambda: NIGHT)
    assert not done.failed, done
    assert not done.damaged, done
    return target


@pytest.fixture
def discarded(rich: Estate, tmp_path: Path) -> Estate:
    """The same after the exceptional discard of one message, as the format has it; its catalog knows nothing of it."""
    estate = rich.copied(tmp_path / "discarded")
    small = look(estate.folder)
    (volume,) = [
        name.split("/")[2]
        for name in small.files.kind(layout.Kind.METADATA)
        if name.startswith(f"{HOLDER}/") and sha256(EMPTY).encode() in small.files[name]
    ]
    mine = Files({name: octets for name, octets in small.files.items() if name.startswith(f"{HOLDER}/")})
    done = destroy(mine, [sha256(EMPTY)], volume=volume)
    for name, octets in {**done.changed, record_name(): done.record()}.items():
        path = small.store / name
        path.unlink(missing_ok=True)
        if octets is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(octets)
    return estate
