"""When a volume closes: by count, by size, by age, whole segments of one mailbox, class and year."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from archiver.digest import Sha256
from archiver.seal.plan import MAX_BYTES, MAX_MESSAGES, Cut, aged, cuts
from archiver.submission.rows import SegmentRow

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def digest(name: str) -> Sha256:
    return Sha256(sha256(name.encode()).hexdigest())


def segment(
    name: str, *, messages: int = 10, size: int = 1000, mailbox: str = "m-1", retention: str = "c", year: int = 2026
) -> SegmentRow:
    first, last = digest(f"first of {name}"), digest(f"last of {name}")
    rule = (retention, 10, "evento", "base", year)
    return SegmentRow(digest(name), "h-1", mailbox, digest("pdv"), *rule, messages, size, first, last, AT)


def closed(rows: Iterable[SegmentRow], *, due: bool, begun: dict[Sha256, frozenset[Sha256]] | None = None) -> list[Cut]:
    known = begun or {}
    return list(cuts(rows, begun=lambda row: known.get(row.sha256), due=lambda row: due))


def test_what_is_not_due_waits_and_what_is_due_closes_together() -> None:
    rows = [segment("a"), segment("b")]
    assert closed(rows, due=False) == []
    assert closed(rows, due=True) == [tuple(rows)]


@pytest.mark.parametrize("other", [{"mailbox": "m-2"}, {"retention": "d"}, {"year": 2027}])
def test_mailboxes_classes_and_years_never_share_a_volume(other: dict[str, object]) -> None:
    rows = [segment("a"), segment("b", **other)]  # type: ignore[arg-type]
    assert closed(rows, due=True) == [(rows[0],), (rows[1],)]


@pytest.mark.parametrize(("messages", "size"), [(MAX_MESSAGES // 2, 1000), (10, MAX_BYTES // 2)])
def test_a_full_volume_closes_by_itself_and_the_next_one_waits(messages: int, size: int) -> None:
    rows = [segment(name, messages=messages, size=size) for name in "abc"]
    assert closed(rows, due=False) == [(rows[0], rows[1])]


def test_a_segment_that_would_make_a_volume_too_large_begins_the_next_one() -> None:
    rows = [segment("a", messages=3000), segment("b", messages=3000), segment("c", messages=1)]
    assert closed(rows, due=False) == [(rows[0],)]
    assert closed(rows, due=True) == [(rows[0],), (rows[1], rows[2])]


def test_a_giant_larger_than_any_volume_makes_one_alone() -> None:
    rows = [segment("a", messages=1, size=2 * MAX_BYTES), segment("b")]
    assert closed(rows, due=False) == [(rows[0],)]


def test_a_volume_begun_keeps_its_segments_however_much_came_since() -> None:
    rows = [segment("a"), segment("b"), segment("c")]
    begun = {rows[0].sha256: frozenset({rows[0].first, rows[0].last, rows[2].first})}
    assert closed(rows, due=False, begun=begun) == [(rows[0], rows[2])]


@pytest.mark.parametrize(
    ("first", "rule", "at", "expected"),
    [
        ("2026-11-20T22:30", "1d", "2026-11-20T22:59", False),  # 23:30 and 23:59 in Rome: the same day
        ("2026-11-20T22:30", "1d", "2026-11-20T23:00", True),  # midnight in Rome
        ("2026-11-01T12:00", "7d", "2026-11-07T12:00", False),
        ("2026-11-01T12:00", "7d", "2026-11-08T00:00", True),
        ("2026-11-30T22:59", "1M", "2026-11-30T22:59", False),
        ("2026-11-30T22:59", "1M", "2026-11-30T23:00", True),  # December in Rome
        ("2026-12-31T12:00", "1M", "2027-01-01T00:00", True),
        ("2026-11-21T12:00", "3M", "2027-01-31T12:00", False),
        ("2026-11-21T12:00", "3M", "2027-02-01T12:00", True),
        ("2026-03-29T00:30", "1d", "2026-03-29T21:59", False),  # the day of 23 hours
        ("2026-03-29T00:30", "1d", "2026-03-29T22:00", True),
    ],
)
def test_days_and_months_are_those_of_rome(first: str, rule: str, at: str, expected: bool) -> None:
    begin, now = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, at))
    assert aged(begin, rule, now) is expected
