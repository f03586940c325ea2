"""A backup of the catalog from before a renewal is put back: the next night takes up what the store has since."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.archives import set_lines
from support.small import ORDINARY, make

from archiver import compose
from archiver.errors import ConfigError

EVENING = datetime(2026, 2, 20, 20, tzinfo=UTC)


def opened(folder: Path) -> compose.Archive:
    return compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda: EVENING)


def copied(source: Path, target: Path) -> None:
    """The backup of a database, or its way back."""
    for name in (target, target.with_name(target.name + "-wal"), target.with_name(target.name + "-shm")):
        name.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def silent(done: int, total: int | None) -> None:
    pass


def sealed(folder: Path, at: datetime, *, everything: bool = False) -> object:
    return compose.seal(
        opened(folder), everything=everything, to_sign=None, signed=None, clock=lambda: at, progress=silent
    )


def test_records_that_renewals_added_are_noted_again(tmp_path: Path) -> None:
    small = make(tmp_path / "archive", (ORDINARY,), sealed=False)
    before = tmp_path / "before.db"
    copied(small.folder / "catalog.db", before)
    assert not sealed(small.folder, EVENING).failures  # type: ignore[attr-defined]
    later = EVENING + timedelta(days=3450)  # the authority has a new certificate by then
    done = compose.renew(
        opened(small.folder),
        horizon=timedelta(days=365),
        target="",
        dry_run=False,
        clock=lambda: later,
        progress=silent,
    )
    assert done.renewed > 0
    noted = [row for pdv in pdvs(small.folder) for row in opened(small.folder).catalog.evidence_of("pdv", pdv)]
    assert max(row.number for row in noted) == 2
    copied(before, small.folder / "catalog.db")
    assert opened(small.folder).catalog.evidence_of("pdv", pdvs(small.folder)[0]) == []
    with pytest.raises(ConfigError, match="expired"):  # nobody can seal by then; rapporti are covered first
        sealed(small.folder, later + timedelta(days=1))
    again = [row for pdv in pdvs(small.folder) for row in opened(small.folder).catalog.evidence_of("pdv", pdv)]
    assert again == noted


def test_a_catalog_from_before_a_renewal_catches_up_after_the_old_token_has_ended(tmp_path: Path) -> None:
    small = make(tmp_path / "archive", (ORDINARY,), sealed=False)
    assert not sealed(small.folder, EVENING, everything=True).failures  # type: ignore[attr-defined]
    before = tmp_path / "before.db"
    copied(small.folder / "catalog.db", before)
    assert renewed(small.folder, EVENING + timedelta(days=3450)).renewed > 0
    noted = opened(small.folder).catalog.newest_tokens()
    copied(before, small.folder / "catalog.db")
    late = renewed(small.folder, EVENING + timedelta(days=3800))  # a token of ten years has ended by then
    assert not late.failures
    assert not late.tokens
    assert opened(small.folder).catalog.newest_tokens() == noted


def renewed(folder: Path, at: datetime) -> Any:
    return compose.renew(
        opened(folder), horizon=timedelta(days=365), target="", dry_run=False, clock=lambda: at, progress=silent
    )


def test_records_of_another_algorithm_are_noted_again(tmp_path: Path) -> None:
    """Batches and volumes are groups of several files, rapporti are single: all are hashed as their records ask."""
    small = make(tmp_path / "archive", (ORDINARY,), sealed=False)
    before = tmp_path / "before.db"
    copied(small.folder / "catalog.db", before)
    assert not sealed(small.folder, EVENING, everything=True).failures  # type: ignore[attr-defined]
    records = sorted((small.folder / "store").glob("**/*.ers"))
    copied(before, small.folder / "catalog.db")
    set_lines(small.folder / "archiver.toml", "tsa", {"digest": '"sha3-512"'})
    done = sealed(small.folder, EVENING + timedelta(days=1), everything=True)
    assert not done.failures  # type: ignore[attr-defined]
    new = set((small.folder / "store").glob("**/*.ers")) - set(records)
    assert {path.parent.name for path in new} <= {"batches"}  # lists of the new day; all else is adopted
    noted = [row for pdv in pdvs(small.folder) for row in opened(small.folder).catalog.evidence_of("pdv", pdv)]
    assert {row.algorithm for row in noted} == {"sha512"}


def pdvs(folder: Path) -> list[str]:
    return [name.name.removesuffix(".xml") for name in sorted((folder / "store").glob("*/pdv/*/*.xml"))]
