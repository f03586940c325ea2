"""What the manual and the reports count, and what is restricted, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.acting import act, register
from support.catalogs import AT, HOLDER, MAILBOX, brought, digest, message, opened, pdv, segment, volume

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.holding import Due, HeldRow, RenewedRow
from archiver.package.act import Act, ActKind, build
from archiver.submission.acts import noted
from archiver.submission.rows import CopyRow, EvidenceRow, ObjectRow, TokenRow

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def note(catalog: Catalog, *acts: Act) -> None:
    catalog.note_acts([noted(item, build(item)) for item in acts])


def test_what_is_held_is_told_by_mailbox_class_and_year_with_its_volumes(catalog: Catalog) -> None:
    first = brought(catalog, 1)
    brought(catalog, 2)
    brought(catalog, 1, mailbox="altra")
    report = pdv(3)
    older = replace(segment("older", report, messages=5), year=2025)
    catalog.record_pdv(report, [older], [message("m", report, older)])
    catalog.record_volume(volume(), [first.sha256], [pdv(1).id])
    rule = (MAILBOX, "corrispondenza", 10, "evento", "base")
    assert catalog.held([MAILBOX]) == [
        HeldRow(*rule, 2025, 5, 1000, 0, 5),
        HeldRow(*rule, 2026, 2, 2000, 1, 1),
    ]
    assert [row.mailbox for row in catalog.held([MAILBOX, "altra"])] == ["altra", MAILBOX, MAILBOX]
    assert catalog.held([MAILBOX], until=AT) == []
    assert catalog.held([]) == []


def test_since_when_a_holder_holds_something(catalog: Catalog) -> None:
    assert catalog.held_since(HOLDER) is None
    brought(catalog)
    assert catalog.held_since(HOLDER) == AT
    assert catalog.held_since("h-x") is None


def test_kinds_and_verdicts_are_counted_of_these_mailboxes_before_a_day(catalog: Catalog) -> None:
    brought(catalog, 1)
    brought(catalog, 2)
    brought(catalog, 1, mailbox="altra")
    assert catalog.kinds_of([MAILBOX]) == {"posta-certificata": 2}
    assert catalog.contents_of([MAILBOX, "altra"]) == {"PASSED PASSED": 3}
    assert catalog.kinds_of([MAILBOX], until=AT) == {}
    assert catalog.contents_of([MAILBOX], until=AT + DAY) == {"PASSED PASSED": 2}


def test_volumes_are_counted_from_a_day_and_before_another(catalog: Catalog) -> None:
    one = brought(catalog, 1)
    catalog.record_volume(replace(volume(), messages=7), [one.sha256], [pdv(1).id])
    assert catalog.closed_between([MAILBOX], since=AT, until=AT + DAY) == (1, 7)
    assert catalog.closed_between([MAILBOX], since=AT - DAY, until=AT) == (0, 0)
    assert catalog.closed_between(["altra"], since=AT, until=AT + DAY) == (0, 0)


def test_copies_say_what_was_read_and_opened_and_what_is_late(catalog: Catalog) -> None:
    kinds = {"a": "segment", "b": "segment", "c": "trust", "d": "trust"}
    catalog.promise(
        [ObjectRow(name, HOLDER, kind, digest(name), 10, "", AT - 50 * DAY) for name, kind in kinds.items()]
    )
    catalog.promise([ObjectRow("other", "h-x", "trust", digest("o"), 10, "", AT)])
    catalog.promise([ObjectRow("new", HOLDER, "trust", digest("n"), -1, "", AT)])
    catalog.note_copies(
        [
            CopyRow("s", "a", AT - 40 * DAY, AT - DAY, AT - DAY),
            CopyRow("s", "b", AT - 40 * DAY, AT - 30 * DAY, None),
            CopyRow("s", "c", AT - 40 * DAY, None),
            CopyRow("s", "new", AT),
        ]
    )
    due = Due(settled=AT - 10 * DAY, read=AT - 20 * DAY, opened=AT - 20 * DAY)
    found, empty = catalog.read_copies(HOLDER, ["s", "t"], since=AT - 2 * DAY, due=due)
    assert (found.store, found.objects, found.bytes) == ("s", 5, 40)
    assert (found.read, found.read_bytes, found.oldest) == (1, 10, AT - 50 * DAY)
    assert found.late == 3, "b was read too long ago, c never, d is not even there"
    assert (found.segments, found.opened, found.unopened) == (2, 1, 1)
    assert (empty.read, empty.late, empty.objects) == (0, 4, 5), "what a store was never given is late there"


def test_renewals_are_told_by_token_and_first_records_are_none(catalog: Catalog) -> None:
    tokens = [TokenRow(digest(f"t{number}"), b"t", AT + number * DAY) for number in range(3)]
    rows = [
        EvidenceRow("volume", id, "tsa", number, f"{id}/{number}", AT, "sha512", tokens[number - 1].sha256)
        for id in ("v1", "v2")
        for number in (1, 2, 3)
    ]
    catalog.record_evidence(rows, tokens)
    everything = {"since": AT - DAY, "until": AT + 9 * DAY}
    assert catalog.renewed(**everything) == [
        RenewedRow("tsa", "sha512", AT + DAY, 2),
        RenewedRow("tsa", "sha512", AT + 2 * DAY, 2),
    ]
    assert catalog.renewed(since=AT + DAY, until=AT + 2 * DAY) == [RenewedRow("tsa", "sha512", AT + DAY, 2)]


def test_of_acts_on_one_message_the_newest_says_whether_it_is_restricted(catalog: Catalog) -> None:
    one, two = digest("one"), digest("two")
    what = [{"messages": [one, two]}, {"messages": [one]}, {"messages": [one]}]
    kinds = [ActKind.RESTRICTED, ActKind.LIFTED, ActKind.RESTRICTED]
    acts: list[Act] = []
    for kind, told in zip(kinds, what, strict=True):
        acts.append(act(kind, after=acts[-1] if acts else None, what=told))  # all within one second
    note(catalog, acts[0], acts[1])
    assert catalog.restricted([one, two, digest("x")]) == {("h-1", two)}
    note(catalog, acts[2])
    assert catalog.restricted([one, two]) == {("h-1", one), ("h-1", two)}
    assert [(row.id, item) for row, item in catalog.restrictions(["h-1"])] == [
        (acts[0].id, two),
        (acts[2].id, one),
    ]
    assert catalog.restrictions(["h-2"]) == []
    assert catalog.restricted([]) == frozenset()


def test_the_same_message_of_another_holder_and_other_acts_restrict_nothing(catalog: Catalog) -> None:
    one = digest("one")
    note(catalog, *register(ActKind.SHOW, holder="h-2"))
    note(catalog, act(ActKind.RESTRICTED, what={"messages": [one]}))
    assert catalog.restricted([one]) == {("h-1", one)}
