"""What the catalog promises to a rebuild, on SQLite and on PostgreSQL alike."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.catalogs import AT, HOLDER, MAILBOX, brought, digest, message, opened, pdv, segment, trust, volume

from archiver.adapters.catalog import Catalog
from archiver.errors import ConfigError, Conflict
from archiver.submission.ledger import Note
from archiver.submission.rapporti import Brought
from archiver.submission.rows import (
    AttemptRow,
    CopyRow,
    DamageRow,
    EvidenceRow,
    FailingRow,
    FetchedRow,
    ObjectRow,
    Outcome,
    RereadRow,
    StandingRow,
)
from archiver.uids import Uids

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


# --- where it may begin


def test_a_rebuild_is_under_way_from_its_beginning_to_its_end(catalog: Catalog) -> None:
    assert catalog.rebuilding() is None
    catalog.begin_rebuild("replica", AT)
    assert catalog.rebuilding() == "replica"
    catalog.end_rebuild()
    assert catalog.rebuilding() is None


def test_a_rebuild_that_was_cut_short_goes_on_over_the_rows_that_it_made(catalog: Catalog) -> None:
    catalog.begin_rebuild("replica", AT)
    catalog.restore([Brought(pdv())])
    catalog.begin_rebuild("replica", AT + DAY)
    assert catalog.rebuilding() == "replica"
    assert catalog.pdvs_known(MAILBOX) == {pdv().id}


def test_another_store_does_not_take_over_what_one_has_begun(catalog: Catalog) -> None:
    catalog.begin_rebuild("replica", AT)
    with pytest.raises(ConfigError, match="--from replica"):
        catalog.begin_rebuild("primary", AT)
    assert catalog.rebuilding() == "replica"


OF_THE_STORE: dict[str, tuple[str, Callable[[Catalog], object]]] = {
    "a rapporto": ("pdv", lambda catalog: catalog.restore([Brought(pdv())])),
    "a volume": ("volume", lambda catalog: catalog.record_volume(volume(), [], [])),
    "evidence": ("evidence", lambda catalog: catalog.record_evidence([EvidenceRow("pdv", "p", "t", 1, "n", AT)])),
    "trust material": ("trust", lambda catalog: catalog.seen([trust()])),
    "an act": ("standing", lambda catalog: catalog.stand([StandingRow(digest("c"), "revoked", AT, "n")])),
    "what became of a message on the server": (
        "ledger",
        lambda catalog: catalog.note_outcomes(MAILBOX, [Note("INBOX", 1, Outcome.GONE, Uids.span(1, 2))], AT),
    ),
}


@pytest.mark.parametrize("there", OF_THE_STORE)
def test_a_catalog_with_a_row_that_a_store_tells_is_not_rebuilt_over(catalog: Catalog, there: str) -> None:
    table, put = OF_THE_STORE[there]
    put(catalog)
    with pytest.raises(ConfigError, match=rf"righe in ([a-z_]+, )*{table}\b"):
        catalog.begin_rebuild("primary", AT)
    assert catalog.rebuilding() is None


NOT_OF_THE_STORE: dict[str, Callable[[Catalog], object]] = {
    "what a poll attempted": lambda catalog: catalog.note_attempt(AttemptRow(MAILBOX, AT, True, ("INBOX",), ())),
    "what cannot be fetched": lambda catalog: catalog.note_failing(FailingRow(MAILBOX, "INBOX", 1, 1, 1, AT, "no")),
    "what was asked for": lambda catalog: catalog.record_fetched(FetchedRow("http://x", "2026-11-22", AT, "no")),
    "what was read for a renewal": lambda catalog: catalog.note_reread(RereadRow("volume", "v", "sha512", b"d", AT)),
    "what was handed out": lambda catalog: catalog.hand_out("v", digest("x"), b"x", AT),
    "a census": lambda catalog: catalog.promise([ObjectRow("n", HOLDER, "act", digest("x"), 1, "*", AT)]),
    "a copy": lambda catalog: catalog.note_copies([CopyRow("primary", "n", AT)]),
    "a damage": lambda catalog: catalog.note_damages([DamageRow("primary", "n", "DIGEST", AT, AT)]),
}


@pytest.mark.parametrize("there", NOT_OF_THE_STORE)
def test_what_no_store_tells_is_no_hindrance_to_a_rebuild(catalog: Catalog, there: str) -> None:
    NOT_OF_THE_STORE[there](catalog)
    catalog.begin_rebuild("primary", AT)
    assert catalog.rebuilding() == "primary"


# --- how far it came


def test_rapporti_and_segments_are_known_by_mailbox(catalog: Catalog) -> None:
    mine = [brought(catalog, number) for number in (1, 2)]
    other = brought(catalog, 1, mailbox="altra")
    assert catalog.pdvs_known(MAILBOX) == {"legale-1", "legale-2"}
    assert catalog.pdvs_known("altra") == {"altra-1"}
    assert catalog.segments_known(MAILBOX) == {row.sha256 for row in mine}
    assert catalog.segments_known("altra") == {other.sha256}
    assert catalog.pdvs_known("nessuna") == catalog.segments_known("nessuna") == frozenset()


def test_rapporti_of_which_only_others_tell_come_by_number(catalog: Catalog) -> None:
    lost = [pdv(number, size=0) for number in (10, 9, 2)]
    there = [pdv(1), pdv(3), pdv(1, mailbox="altra", size=0)]
    catalog.restore([Brought(row) for row in (*lost, *there)])
    assert catalog.pdvs_lost(MAILBOX) == [pdv(number, size=0) for number in (2, 9, 10)]


def test_the_volumes_that_rapporti_name_are_told_for_a_holder(catalog: Catalog) -> None:
    foreign = pdv(1, mailbox="altra", holder="altri")
    catalog.restore([Brought(pdv(1), volumes=("v1", "v2")), Brought(pdv(2), volumes=("v3",))])
    catalog.restore([Brought(foreign, volumes=("v4",))])
    assert catalog.named(HOLDER) == {"v1": "legale-1", "v2": "legale-1", "v3": "legale-2"}
    assert catalog.named("altri") == {"v4": "altra-1"}


# --- what it records


def whole(number: int) -> Brought:
    """A rapporto with everything that one can bring."""
    report = pdv(number)
    into = segment(f"segment {number}", report)
    row = message(f"message {number}", report, into)
    notes = (Note("INBOX", 7, Outcome.ARCHIVED, Uids.span(number, number)),)
    return Brought(report, (into,), (row,), (f"v{number}",), notes)


def test_restored_rows_are_those_that_the_poll_recorded(catalog: Catalog) -> None:
    catalog.restore([whole(2), whole(1)], [trust()])
    assert catalog.head(MAILBOX) == pdv(2)
    assert catalog.pending() == [whole(1).segments[0], whole(2).segments[0]]
    assert catalog.message(digest("message 1")) == list(whole(1).messages)
    assert catalog.linked(["sdi:message 2"]) == list(whole(2).messages)
    assert catalog.named(HOLDER) == {"v1": "legale-1", "v2": "legale-2"}
    assert [(row.first, row.last, row.outcome) for row in catalog.ledger(MAILBOX)] == [(1, 2, Outcome.ARCHIVED)]
    assert catalog.trust_of(HOLDER) == [trust()]


def test_rapporti_restored_twice_are_there_once(catalog: Catalog) -> None:
    for _ in range(2):
        catalog.restore([whole(1)], [trust()])
    assert catalog.counts()["messages"] == 1
    catalog.restore([whole(1), whole(2)])
    assert catalog.counts()["messages"] == 2


def test_a_rapporto_that_conflicts_takes_its_whole_portion_with_it(catalog: Catalog) -> None:
    catalog.restore([whole(1)])
    other = replace(pdv(1), cursor="other")
    with pytest.raises(Conflict):
        catalog.restore([whole(2), Brought(other)], [trust()])
    assert catalog.pdvs_known(MAILBOX) == {"legale-1"}
    assert catalog.trust_of(HOLDER) == []


def test_segments_of_a_rapporto_that_is_lost_come_in_with_their_messages(catalog: Catalog) -> None:
    lost = pdv(1, size=0)
    catalog.restore([Brought(lost)])
    into = segment("s", lost)
    row = message("m", lost, into)
    catalog.adopt([into], [row])
    assert catalog.segments_known(MAILBOX) == {into.sha256}
    assert catalog.pending() == [into]
    assert catalog.known(MAILBOX, [row.sha256]) == {row.sha256}
    assert catalog.linked(["sdi:m"]) == [row], "found by its names as any other"


def test_of_several_first_sights_the_earliest_holds_whoever_tells_it(catalog: Catalog) -> None:
    catalog.seen([trust(at=AT)])
    catalog.seen([trust(at=AT + DAY), trust("other", at=AT + DAY)])
    assert [row.at for row in catalog.trust_of(HOLDER)] == [AT, AT + DAY]
    catalog.restore([], [trust(at=AT - DAY)])
    assert [row.at for row in catalog.trust_of(HOLDER)] == [AT - DAY, AT + DAY]


def test_what_evidence_covers_already_keeps_the_time_since_which_it_does(catalog: Catalog) -> None:
    catalog.seen([trust(at=AT)])
    catalog.cover(HOLDER, [trust().sha256], "v1", AT)
    catalog.seen([trust(at=AT - DAY)])
    assert catalog.trust_of(HOLDER) == [replace(trust(), covered="v1")]
