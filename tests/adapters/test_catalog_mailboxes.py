"""What export and alarms ask about whole mailboxes, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from support.catalogs import AT, MAILBOX, message, opened, pdv, segment, volume

from archiver.adapters.catalog import Catalog
from archiver.submission.rows import KeptRow, SegmentRow

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def arrived(catalog: Catalog, number: int, *, mailbox: str = MAILBOX, year: int = 2026) -> SegmentRow:
    """A segment that came so many days after the first, with as many messages."""
    report = replace(pdv(number, mailbox=mailbox), at=AT + number * DAY)
    into = replace(segment(f"{mailbox} {number}", report, messages=number), year=year)
    catalog.record_pdv(report, [into], [message(f"{into.sha256} {n}", report, into) for n in range(number)])
    return into


def test_segments_of_volumes_come_by_year_and_volume_and_behind_them_those_that_wait(catalog: Catalog) -> None:
    assert catalog.segments_in(MAILBOX) == []
    new, old, waits, more = (arrived(catalog, n, year=y) for n, y in ((1, 2026), (2, 2025), (3, 2024), (4, 2026)))
    arrived(catalog, 5, mailbox="altra")
    for id, mine in (("v2", [new.sha256, more.sha256]), ("v1", [old.sha256])):
        catalog.record_volume(volume(id), mine, [])
    expected = [replace(old, volume="v1"), replace(new, volume="v2"), replace(more, volume="v2"), waits]
    assert catalog.segments_in(MAILBOX) == expected


def test_arrivals_are_those_from_a_moment_on_of_every_mailbox(catalog: Catalog) -> None:
    first, second, other = arrived(catalog, 1), arrived(catalog, 2), arrived(catalog, 3, mailbox="altra")
    told = [(row.mailbox, row.at.astimezone(UTC), row.messages) for row in (first, second, other)]
    assert sorted(catalog.arrivals(first.at)) == sorted(told)
    assert sorted(catalog.arrivals(second.at)) == sorted(told[1:])
    assert list(catalog.arrivals(other.at + timedelta(seconds=1))) == []


def test_messages_of_a_segment_come_by_digest_with_what_is_listed_of_them(catalog: Catalog) -> None:
    into = arrived(catalog, 3)
    arrived(catalog, 2, mailbox="altra")
    rows = [message(f"{into.sha256} {n}", pdv(3), into) for n in range(3)]
    wanted = [KeptRow(*(getattr(row, field.name) for field in fields(KeptRow))) for row in rows]
    assert catalog.kept_in(into.sha256, mailbox=MAILBOX) == sorted(wanted, key=lambda row: row.sha256)
    assert catalog.kept_in(into.sha256, mailbox="altra") == []
