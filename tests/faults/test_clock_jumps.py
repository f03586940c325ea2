"""A clock that jumps back, between two runs or within one: nothing is lost, and once it is right all heals."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from support.beset import Beset, letters
from support.clocks import clock, wrong
from support.commands import archiver, done

HOURS, DAY, YEAR = timedelta(hours=5), timedelta(days=1), timedelta(days=365)
RIGHT = timedelta(0)
RUNS = [("ingest",), ("seal", "--now"), ("renew", "--hash", "sha3-512")]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Beset]:
    """Made today: certificates begin now."""
    with ExitStack() as stack:
        made = Beset(stack, tmp_path / "archive")
        made.make()
        yield made


@pytest.mark.parametrize(
    ("before", "after"),
    [(RIGHT, -HOURS), (RIGHT, -YEAR), (HOURS, RIGHT), (YEAR, DAY)],
)
def test_a_clock_that_jumps_back_between_runs_delays_at_most(
    archive: Beset, before: timedelta, after: timedelta
) -> None:
    for seed, offset in enumerate((before, after)):
        archive.post.send(letters(4, seed))
        with clock(wrong(offset)):
            codes = [told(archive, *run) for run in RUNS]
        assert codes[0] == 0, "mail comes in by any clock"
    with clock(wrong(after)):
        verdict = archiver("verify", "--json", config=archive.config).json
    assert "ERROR" not in {found["severity"] for found in verdict["findings"]}, "what is dated ahead is no damage"
    healed(archive, before)


@pytest.mark.parametrize(("jump", "readings"), [(HOURS, 1), (HOURS, 4), (YEAR, 2), (YEAR, 8)])
def test_a_clock_that_jumps_back_within_a_run_delays_at_most(archive: Beset, jump: timedelta, readings: int) -> None:
    for seed, run in enumerate(RUNS):
        archive.post.send(letters(4, seed))
        for earlier in RUNS[:seed]:
            with clock(wrong(2 * jump)):
                done(*earlier, config=archive.config)
        with clock(wrong(2 * jump, jump, after=readings)):
            told(archive, *run)
    healed(archive, 2 * jump)


def told(archive: Beset, *command: object) -> int:
    """The exit code of a command that succeeds, or ends in one clear message."""
    found = archiver(*command, config=archive.config)
    assert found.code in (0, 1, 2, 3), found
    assert found.code == 0 or found.err.startswith("archiver: "), found
    return found.code


def healed(archive: Beset, offset: timedelta) -> None:
    """Once the clock is right, or late enough, the same commands do what was left, and all is well."""
    with clock(wrong(offset)):
        done("ingest", config=archive.config)
        done("seal", "--now", config=archive.config)
        assert archive.complaints() == []
