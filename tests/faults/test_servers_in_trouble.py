"""Whatever a real server and the wire to it do, an errand succeeds or says so soon; the next one loses nothing."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.beset import Beset, letters
from support.commands import archiver, done
from support.faulty_proxy import ALWAYS, Harm, Trouble

from archiver.adapters.imap import mailbox

BOUND = 20.0
"""Seconds within which somebody is told."""
ERRANDS: dict[str, tuple[object, ...]] = {
    "ingest": ("ingest", "--jobs", 1), "seal": ("seal", "--now"), "renew": ("renew", "--hash", "sha3-512"),
}  # fmt: skip
SERVERS = {"imap": "dovecot", "s3": "gateway", "catalog": "postgres", "tsa": "certomancer"}
"""The fixture of each."""

TROUBLES: dict[str, tuple[tuple[str, Trouble], ...]] = {
    "imap": (
        ("ingest", Trouble(Harm.CUT, 0)),
        ("ingest", Trouble(Harm.CUT, 3_000)),
        ("ingest", Trouble(Harm.CUT, 20_000, times=ALWAYS)),
        ("ingest", Trouble(Harm.CUT, 700, times=3, upstream=True)),
        ("ingest", Trouble(Harm.TRUNCATE, 9_000, times=2)),
        ("ingest", Trouble(Harm.TRUNCATE, 60, times=ALWAYS)),
        ("ingest", Trouble(Harm.DELAY, 5_000, seconds=1.0)),
        ("ingest", Trouble(Harm.REFUSE)),
    ),
    "s3": (
        ("ingest", Trouble(Harm.CUT, 100)),
        ("ingest", Trouble(Harm.CUT, 3_000, times=ALWAYS, upstream=True)),
        ("ingest", Trouble(Harm.DELAY, 400, seconds=3.0)),
        ("ingest", Trouble(Harm.ERROR_500, 6, times=ALWAYS)),
        ("ingest", Trouble(Harm.SLOW_DOWN, 3, times=2)),
        ("ingest", Trouble(Harm.REFUSE)),
        ("seal", Trouble(Harm.TRUNCATE, 2_000, times=ALWAYS)),
        ("seal", Trouble(Harm.BUSY_503, 9, times=ALWAYS)),
        ("renew", Trouble(Harm.CUT, 9_000, times=2, upstream=True)),
        ("renew", Trouble(Harm.BUSY_503, 20, times=ALWAYS)),
    ),
    "catalog": (
        ("ingest", Trouble(Harm.CUT, 0, times=ALWAYS)),
        ("ingest", Trouble(Harm.CUT, 5_000, upstream=True)),
        ("ingest", Trouble(Harm.TRUNCATE, 6_000)),
        ("seal", Trouble(Harm.CUT, 9_000)),
        ("seal", Trouble(Harm.TRUNCATE, 4_000, upstream=True)),
        ("seal", Trouble(Harm.DELAY, 3_000, seconds=1.0)),
        ("renew", Trouble(Harm.CUT, 7_000, upstream=True)),
        ("renew", Trouble(Harm.REFUSE)),
    ),
    "tsa": (
        ("seal", Trouble(Harm.CUT, 0)),
        ("seal", Trouble(Harm.TRUNCATE, 600, times=ALWAYS)),
        ("seal", Trouble(Harm.DELAY, 10, times=2, seconds=3.0)),
        ("seal", Trouble(Harm.BUSY_503, 1, times=ALWAYS)),
        ("renew", Trouble(Harm.CUT, 50, times=ALWAYS, upstream=True)),
        ("renew", Trouble(Harm.ERROR_500, times=ALWAYS)),
        ("renew", Trouble(Harm.REFUSE)),
    ),
}


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits half a minute for a mail server here."""
    monkeypatch.setattr(mailbox, "PAUSES", (0.05, 0.1, 0.2))


@pytest.mark.parametrize("server", TROUBLES)
def test_a_server_in_trouble_costs_a_run_at_most_and_never_a_message(
    request: pytest.FixtureRequest, tmp_path: Path, server: str
) -> None:
    with ExitStack() as stack:
        archive = Beset(stack, tmp_path / "archive")
        add: Callable[[object], None] = getattr(archive, server)
        add(request.getfixturevalue(SERVERS[server]))
        archive.make()
        for seed, (errand, trouble) in enumerate(TROUBLES[server]):
            archive.post.send(letters(6, seed))
            # what comes before is done in peace
            for earlier in list(ERRANDS)[: list(ERRANDS).index(errand)]:
                done(*ERRANDS[earlier], config=archive.config)
            struggle(archive, server, errand, trouble)
            done(*ERRANDS[errand], config=archive.config)
        done("seal", "--now", config=archive.config)
        assert archive.complaints() == []


def struggle(archive: Beset, server: str, errand: str, trouble: Trouble) -> None:
    """The errand succeeds, or says soon and in clear words that it did not."""
    wire, began = archive.wires[server], time.monotonic()
    before = wire.struck
    wire.trouble(trouble)
    found = archiver(*ERRANDS[errand], config=archive.config)
    wire.heal()
    assert time.monotonic() - began < BOUND, trouble
    assert trouble.harm is Harm.REFUSE or wire.struck > before, f"nothing has happened: {trouble}"
    assert found.code in (0, 3), (trouble, found)
    assert found.code == 0 or found.err.startswith("archiver: "), (trouble, found)
    assert found.code == 3 or trouble.harm is not Harm.REFUSE, (trouble, found)
