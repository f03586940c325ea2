"""What the catalog promises to each errand, on SQLite and on PostgreSQL alike."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from servers.databases import MIGRATED
from servers.postgres import Postgres
from sqlalchemy import delete
from support.forgetting import forget

from archiver.adapters.catalog import REVISION, Catalog
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.tables import METADATA
from archiver.digest import Sha256, sha256, sha512
from archiver.errors import Absent, Busy, Conflict, Unavailable
from archiver.package import layout
from archiver.submission.ledger import Note
from archiver.submission.rows import (
    AttemptRow,
    EvidenceRow,
    FailingRow,
    MessageRow,
    Outcome,
    PdvRow,
    ReckoningRow,
    SegmentRow,
    VolumeRow,
)
from archiver.uids import Uids

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def on_server(postgres: Postgres) -> str:
    """The address of a catalog on the server, for all tests one after the other."""
    return postgres.url(postgres.fresh(like=MIGRATED))


def emptied(url: str) -> str:
    database = Database.connect(url, create=False)
    with database.writing() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(delete(table))
    database.close()
    return url


@pytest.fixture(scope="session")
def in_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog without a row: migrations take their time, a copy takes none."""
    path = tmp_path_factory.mktemp("catalog") / "catalog.db"
    Catalog.open(f"sqlite:///{path}", create=True).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("in_file"), tmp_path / "catalog.db")
        return f"sqlite:///{tmp_path}/catalog.db"
    return emptied(request.getfixturevalue("on_server"))


@pytest.fixture
def catalog(url: str) -> Iterator[Catalog]:
    opened = Catalog.open(url)
    yield opened
    opened.close()


def digest(name: object) -> Sha256:
    return sha256(str(name).encode())


def pdv(number: int = 1, *, mailbox: str = "legale", cursor: str = "", at: datetime = AT) -> PdvRow:
    id = f"{mailbox}-{number}"
    hashes = digest(id), sha512(id.encode())
    return PdvRow(
        id, "studio", mailbox, number, at, *hashes, 700, f"studio/pdv/{mailbox}/{id}.xml", cursor or f"c{number}"
    )


def segment(name: object, of: PdvRow, *, year: int = 2026, retention: str = "corrispondenza", n: int = 1) -> SegmentRow:
    return SegmentRow(
        digest(name),
        of.holder,
        of.mailbox,
        of.id,
        retention,
        10,
        "evento",
        "base",
        year,
        n,
        1000,
        digest("first"),
        digest("last"),
        of.at,
    )


def message(name: object, of: PdvRow, into: SegmentRow, **claims: object) -> MessageRow:
    row = MessageRow(
        sha256=digest(name), sha512=sha512(str(name).encode()), size=20_000, holder=of.holder, mailbox=of.mailbox,
        pdv=of.id, segment=into.sha256, offset=41, kind="posta-certificata", date=AT, offset_minutes=60, received=AT,
        subject=f"oggetto {name}", sender="mittente@pec.example", recipients=("a@pec.example", "b@pec.example"),
        message_id=f"<{name}@pec.example>", reference="", identificativo="", msgid="", content="PASSED PASSED",
        daticert="{}", has_original=True, findings=("A", "B"),
    )  # fmt: skip
    return replace(row, **claims)  # type: ignore[arg-type]


def brought(
    catalog: Catalog, number: int = 1, *, mailbox: str = "legale", names: tuple[object, ...] = ("m",)
) -> PdvRow:
    """A rapporto with one segment of these messages, recorded."""
    report = pdv(number, mailbox=mailbox)
    into = segment(f"{mailbox}-{number}", report, n=len(names))
    catalog.record_pdv(report, [into], [message(name, report, into) for name in names])
    return report


def volume(catalog: Catalog, id: str = "v1", mailbox: str = "legale") -> VolumeRow:
    return VolumeRow(id, digest(id), "studio", mailbox, "corrispondenza", 2026, 1, 20_000, AT)


# --- ingest


def test_an_empty_catalog_knows_nothing(catalog: Catalog) -> None:
    assert catalog.head("legale") is None
    assert (catalog.ledger("legale"), catalog.failing("legale"), catalog.reckonings("legale")) == ([], [], [])
    assert catalog.known("legale", [digest("m")]) == frozenset()
    assert catalog.pending() == []
    assert catalog.find([]) == []
    assert catalog.counts() == {
        "messages": 0, "pending": 0, "volumes": 0, "pdvs": 0, "bytes": 0, "kinds": {}, "polls": {},
    }  # fmt: skip


def test_rows_come_back_as_they_were_recorded(catalog: Catalog, url: str) -> None:
    rome = timezone(timedelta(hours=1))
    report = pdv(7, cursor="INBOX 3 4711", at=AT.astimezone(rome).replace(microsecond=123456))
    into = segment("s", report, n=2)
    odd = message(
        "à", report, into, subject="è \U0001f600\r\n'; DROP", recipients=(), findings=(), date=AT.astimezone(rome)
    )
    old = message(
        "old", report, into, date=datetime(1971, 1, 1, tzinfo=UTC), received=datetime(9999, 12, 31, tzinfo=UTC)
    )
    catalog.record_pdv(report, [into], [odd, old])
    catalog.close()
    catalog = Catalog.open(url)
    assert catalog.head("legale") == report
    assert catalog.pending() == [into]
    assert catalog.messages_of([into.sha256]) == sorted([odd, old], key=lambda row: row.sha256)
    assert catalog.message(odd.sha256)[0].date.tzinfo is UTC
    assert catalog.counts()["polls"] == {"legale": report.at.astimezone(UTC)}
    catalog.close()


def test_the_head_is_the_rapporto_with_the_highest_number_of_that_mailbox(catalog: Catalog) -> None:
    for number in (9, 10, 2):
        brought(catalog, number, names=(number,))
    brought(catalog, 11, mailbox="altra", names=())
    head = catalog.head("legale")
    assert head is not None
    assert head.number == 10


def test_duplicates_are_recognised_within_a_mailbox_never_across(catalog: Catalog) -> None:
    brought(catalog, names=("a", "b"))
    asked = [digest(name) for name in ("a", "b", "c")]
    assert catalog.known("legale", asked) == {digest("a"), digest("b")}
    assert catalog.known("altra", asked) == frozenset()


def test_more_digests_can_be_asked_for_than_a_database_takes_at_once(catalog: Catalog) -> None:
    brought(catalog, names=("a",))
    assert catalog.known("legale", [digest("a"), *map(digest, range(70_000))]) == {digest("a")}


def test_the_same_rapporto_again_changes_nothing_not_even_the_clock(catalog: Catalog) -> None:
    brought(catalog, 1, names=("a",))
    brought(catalog, 2, names=("b",))
    brought(catalog, 1, names=("a",))
    head = catalog.head("legale")
    assert head is not None
    assert (head.cursor, catalog.counts()["polls"]) == ("c2", {"legale": head.at})
    assert catalog.counts()["messages"] == 2


@pytest.mark.parametrize(
    ("change", "messages"),
    [({"cursor": "other"}, 0), ({"id": "another"}, 0), ({"id": "another", "number": 2}, 1)],
    ids=["another rapporto of this id", "another of this number", "a message that is kept already"],
)
def test_what_contradicts_the_record_conflicts_and_leaves_no_trace(
    catalog: Catalog, change: dict[str, str], messages: int
) -> None:
    report = brought(catalog, names=("a",))
    before = catalog.counts()
    other = replace(report, **change)  # type: ignore[arg-type]
    into = segment("other", other)
    with pytest.raises(Conflict):
        catalog.record_pdv(other, [into], [message(name, other, into) for name in ("new", "a")[: 2 * messages]])
    assert catalog.counts() == before
    assert catalog.head("legale") == report
    assert catalog.known("legale", [digest("new")]) == frozenset()


def test_the_same_messages_in_two_mailboxes_are_two(catalog: Catalog) -> None:
    shared = digest("shared")
    for mailbox in ("legale", "altra"):
        report = pdv(mailbox=mailbox)
        into = segment("shared", report)
        catalog.record_pdv(report, [into], [message("a", report, into)])
    assert [row.mailbox for row in catalog.messages_of([shared])] == ["altra", "legale"]
    assert [row.mailbox for row in catalog.messages_of([shared], mailbox="legale")] == ["legale"]
    assert [row.mailbox for row in catalog.pdvs_of([shared], mailbox="altra")] == ["altra"]
    catalog.record_volume(volume(catalog), [shared], [])
    assert [row.mailbox for row in catalog.pending()] == ["altra"]
    kept = catalog.segment_of(shared, mailbox="legale")
    assert kept is not None
    assert kept.volume == "v1"


def test_text_that_databases_refuse_is_kept_readable(catalog: Catalog) -> None:
    report = pdv()
    into = segment("s", report)
    hostile = "a\x00b\ud800c"
    long = "<" + "".join(map(digest, range(100))) + "@pec.example>"
    row = message("m", report, into, subject=hostile, recipients=(hostile,), message_id=long, reference=hostile)
    catalog.record_pdv(report, [into], [row])
    [kept] = catalog.message(row.sha256)
    assert (kept.subject, kept.recipients, kept.message_id) == ("a\ufffdb\ufffdc", ("a\ufffdb\ufffdc",), long)
    assert catalog.same_transaction(msgids=[long]) == [kept]
    assert catalog.same_transaction(msgids=[hostile]) == [kept]


def test_a_time_without_a_zone_is_refused(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        catalog.note_poll(attempt(at=datetime(2026, 1, 1)), [])


def test_a_poll_without_news_moves_the_clock_only(catalog: Catalog) -> None:
    brought(catalog)
    catalog.note_poll(attempt(at=AT + timedelta(days=1)), [])
    assert catalog.counts()["polls"] == {"legale": AT + timedelta(days=1)}
    head = catalog.head("legale")
    assert head is not None
    assert head.cursor == "c1"


def attempt(*, at: datetime, ended: bool = True) -> AttemptRow:
    return AttemptRow("legale", at, ended, ("INBOX", "Inviata/Città"), ("INBOX",))


def test_the_last_poll_is_known_ended_or_not(catalog: Catalog) -> None:
    assert catalog.attempt("legale") is None
    for ended in (False, True, False):
        last = attempt(at=AT + timedelta(days=ended), ended=ended)
        catalog.note_attempt(last)
        assert catalog.attempt("legale") == last
    assert catalog.attempt("altra") is None


def note(outcome: str, first: int, last: int, folder: str = "INBOX", validity: int = 7) -> Note:
    return Note(folder, validity, Outcome(outcome), Uids.span(first, last))


def told(catalog: Catalog) -> list[tuple[str, int, int, int, str]]:
    return [(row.folder, row.validity, row.first, row.last, row.outcome) for row in catalog.ledger("legale")]


def test_what_became_of_uids_is_recorded_with_the_rapporto_and_newer_words_hold(catalog: Catalog) -> None:
    report = pdv()
    said = [note("archived", 1, 5), note("gone", 6, 8), note("known", 1, 2, "Posta/Città\x00", 4_294_967_295)]
    for _ in range(2):
        catalog.record_pdv(report, [], [], (), said)
    catalog.note_outcomes("legale", [note("archived", 7, 7)], AT)
    catalog.note_outcomes("altra", [note("refused", 1, 1)], AT)
    assert told(catalog) == [
        ("INBOX", 7, 1, 5, "archived"),
        ("INBOX", 7, 6, 6, "gone"),
        ("INBOX", 7, 7, 7, "archived"),
        ("INBOX", 7, 8, 8, "gone"),
        ("Posta/Città\ufffd", 4_294_967_295, 1, 2, "known"),
    ]
    assert [row.outcome for row in catalog.ledger("altra")] == [Outcome.REFUSED]


def test_outcomes_of_a_rapporto_that_conflicts_leave_no_trace(catalog: Catalog) -> None:
    brought(catalog, names=("a",))
    other = replace(pdv(), id="another")
    with pytest.raises(Conflict):
        catalog.record_pdv(other, [], [], (), [note("archived", 1, 5)])
    assert catalog.ledger("legale") == []


def test_what_fails_keeps_the_last_word_until_it_is_kept_and_its_reason_when_it_is_refused(catalog: Catalog) -> None:
    for uid in (3, 4, 5):
        catalog.note_failing(FailingRow("legale", "INBOX", 7, uid, 1, AT, "no"))
    catalog.note_failing(FailingRow("legale", "INBOX", 7, 4, 2, AT + timedelta(days=1), "still no"))
    catalog.note_failing(FailingRow("legale", "INBOX", 8, 4, 1, AT, "another generation"))
    catalog.note_outcomes("legale", [note("archived", 3, 3), note("refused", 4, 4), note("gone", 5, 5)], AT)
    assert [(row.validity, row.uid, row.nights, row.reason) for row in catalog.failing("legale")] == [
        (7, 4, 2, "still no"),
        (8, 4, 1, "another generation"),
    ]


def test_counts_are_kept_for_every_poll_and_survive_a_wipe(catalog: Catalog) -> None:
    rows = [ReckoningRow("legale", "INBOX", 7, AT + timedelta(days=n), 9, 5, 1, 8, 5, 0, 0) for n in range(3)]
    for row in rows:
        for _ in range(2):
            catalog.note_poll(attempt(at=row.at), [row])
    assert catalog.reckonings("legale") == rows
    assert catalog.reckonings("legale", newest=True) == rows[-1:]
    assert catalog.counts()["polls"] == {"legale": rows[-1].at}
    catalog.note_outcomes("legale", [note("archived", 1, 8)], AT)
    forget(catalog)
    assert (catalog.ledger("legale"), catalog.reckonings("legale")) == ([], rows)


def test_messages_are_found_by_their_links(catalog: Catalog) -> None:
    report = pdv()
    into = segment("s", report, n=2)
    rows = [message("a", report, into, links=("invoice:IT1_1", "sdi:9")), message("b", report, into, links=("sdi:9",))]
    catalog.record_pdv(report, [into], rows)
    assert {row.sha256 for row in catalog.linked(["sdi:9"])} == {row.sha256 for row in rows}
    assert [row.links for row in catalog.linked(["invoice:IT1_1"], mailbox="legale")] == [("invoice:IT1_1", "sdi:9")]
    assert catalog.linked(["invoice:IT1_1"], mailbox="altra") == catalog.linked(["", "x"]) == []


# --- seal


def test_pending_segments_come_in_one_order(catalog: Catalog) -> None:
    expected = []
    for mailbox in ("a", "b"):
        for number, classes in ((2, (("x", 2026),)), (10, (("x", 2026), ("x", 2025), ("fiscale", 2027)))):
            report = pdv(number, mailbox=mailbox)
            made = [
                segment(f"{mailbox}{number}{retention}{year}{n}", report, retention=retention, year=year)
                for retention, year in classes
                for n in range(3)
            ]
            catalog.record_pdv(report, made, [])
            expected += [(mailbox, row.retention, row.year, number, row.sha256) for row in made]
    found = catalog.pending()
    assert [(row.mailbox, row.retention, row.year, int(row.pdv[2:]), row.sha256) for row in found] == sorted(expected)


def test_pending_can_be_asked_of_one_holder(catalog: Catalog) -> None:
    brought(catalog)
    assert len(catalog.pending("studio")) == 1
    assert catalog.pending("altri") == []


def test_messages_and_rapporti_of_segments_are_each_given_once_and_in_order(catalog: Catalog) -> None:
    report = pdv(2)
    segments = [segment(n, report) for n in range(1200)]
    messages = [message(f"m{n}", report, segments[n]) for n in range(1200)]
    catalog.record_pdv(report, segments, messages)
    early = brought(catalog, 1, names=("x",))
    asked = [row.sha256 for row in segments]
    assert [row.sha256 for row in catalog.messages_of(asked)] == sorted(row.sha256 for row in messages)
    assert catalog.pdvs_of([*asked, digest("legale-1")]) == [early, report]
    assert catalog.messages_of([]) == []


def test_a_volume_takes_its_segments_once(catalog: Catalog) -> None:
    report = brought(catalog)
    mine = [row.sha256 for row in catalog.pending()]
    for _ in range(2):
        catalog.record_volume(volume(catalog), mine, [report.id])
        assert catalog.pending() == []
        assert catalog.volume("v1") == volume(catalog)
    assert catalog.volume("v2") is None
    assert catalog.counts()["volumes"] == 1
    for other in (volume(catalog, "v2"), replace(volume(catalog), messages=2)):
        with pytest.raises(Conflict):
            catalog.record_volume(other, mine, [])
    assert catalog.volume("v2") is None


def test_a_volume_of_segments_that_are_not_recorded_is_not_recorded(catalog: Catalog) -> None:
    with pytest.raises(Absent, match=digest("nowhere")):
        catalog.record_volume(volume(catalog), [digest("nowhere")], [])
    assert catalog.volume("v1") is None


def test_a_rapporto_of_duplicates_waits_for_the_next_volume(catalog: Catalog) -> None:
    brought(catalog, 1)
    only_duplicates = pdv(2)
    catalog.record_pdv(only_duplicates, [], [])
    catalog.record_pdv(pdv(1, mailbox="altra"), [], [])
    assert catalog.pdvs_without_volume("legale") == [only_duplicates]
    catalog.record_volume(volume(catalog), [digest("legale-1")], ["legale-1", "legale-2"])
    assert catalog.pdvs_without_volume("legale") == []
    assert len(catalog.pdvs_without_volume("altra")) == 1


def test_what_lacks_evidence_is_told_for_each_authority(catalog: Catalog) -> None:
    reports = [brought(catalog, number, names=(number,)) for number in (2, 1)]
    assert catalog.pdvs_without_evidence(["t1"]) == reports[::-1]
    catalog.record_evidence(
        [EvidenceRow("pdv", "legale-1", "t1", 1, "n", AT), EvidenceRow("volume", "legale-2", "t1", 1, "n", AT)]
    )
    assert catalog.pdvs_without_evidence(["t1"]) == reports[:1]
    assert catalog.pdvs_without_evidence([]) == reports[:1], "whatever authority: one record is enough"
    assert catalog.pdvs_without_evidence(["t2"]) == reports[:1], "who stands in does not cover everything once more"
    assert catalog.pdvs_without_evidence(["t2"], records=2) == reports[::-1]
    assert catalog.pdvs_without_evidence(["t1", "t2"], records=2) == reports[:1]


def test_evidence_is_recorded_once_and_read_in_order(catalog: Catalog) -> None:
    rows = [
        EvidenceRow("volume", "v1", tsa, number, f"{tsa}/{number:06}.ers", AT)
        for tsa in ("t1", "t2")
        for number in (1, 2)
    ]
    catalog.record_evidence(rows[::-1])
    catalog.record_evidence(rows + rows)
    assert catalog.evidence_of("volume", "v1") == rows
    assert catalog.evidence_of("pdv", "v1") == []
    new = EvidenceRow("volume", "v2", "t1", 1, "x", AT)
    with pytest.raises(Conflict, match="other"):
        catalog.record_evidence([new, replace(rows[0], name="other")])
    assert catalog.evidence_of("volume", "v2") == []


def test_an_index_is_out_for_signing_until_it_is_taken_back(catalog: Catalog) -> None:
    xml = b"<PIndex>\x00\xff</PIndex>"
    catalog.hand_out("v2", sha256(xml), xml, AT)
    catalog.hand_out("v1", sha256(xml), xml, AT + timedelta(1))
    catalog.hand_out("v2", sha256(xml), xml, AT + timedelta(2))
    assert catalog.handed_out() == [("v2", sha256(xml), xml, AT), ("v1", sha256(xml), xml, AT + timedelta(1))]
    with pytest.raises(Conflict, match=digest("other")):
        catalog.hand_out("v2", digest("other"), b"other", AT)
    for _ in range(2):
        catalog.taken_back("v2")
        assert [row.volume for row in catalog.handed_out()] == ["v1"]


# --- access


def test_a_message_is_found_by_the_beginning_of_its_digest(catalog: Catalog) -> None:
    brought(catalog, names=tuple(range(60)))
    every = sorted(digest(n) for n in range(60))
    for prefix in (every[0], every[7][:12], every[7][:12].upper(), "a", "f"):
        assert [row.sha256 for row in catalog.message(prefix)] == [d for d in every if d.startswith(prefix.lower())]
    for not_a_digest in ("", "%", "_", "xyz", "a%", "0" * 65):
        assert catalog.message(not_a_digest) == []


def test_the_segment_of_a_message_tells_the_volume(catalog: Catalog) -> None:
    brought(catalog)
    [row] = catalog.message(digest("m"))
    catalog.record_volume(volume(catalog), [row.segment], [])
    kept = catalog.segment_of(row.segment)
    assert kept is not None
    assert kept.volume == "v1"
    assert catalog.segment_of(digest("nowhere")) is None


@pytest.fixture
def library(catalog: Catalog) -> Callable[..., list[str]]:
    """Five messages to be searched; answers with their names."""
    claims: dict[str, dict[str, object]] = {
        "a": {"subject": "Fattura n. 100% pagata", "date": AT, "sender": "Comune di Torino <protocollo@cert.example>"},
        "b": {"subject": "Perché la SOCIETÀ tace", "date": AT + timedelta(1), "recipients": ("Zoe@PEC.example",)},
        "c": {"subject": "fattura_elettronica", "date": AT + timedelta(2), "kind": "accettazione"},
        "d": {"subject": "", "date": AT + timedelta(2), "identificativo": "opec21.20260302.X", "msgid": "<Q@mail>"},
        "e": {"subject": "altro\\", "date": AT + timedelta(3), "received": AT},
    }
    names = {digest(name): name for name in claims}
    report = pdv()
    into = segment("s", report)
    catalog.record_pdv(report, [into], [message(name, report, into, **claim) for name, claim in claims.items()])

    def ask(*terms: str, **filters: object) -> list[str]:
        return [names[row.sha256] for row in catalog.find(terms, **filters)]  # type: ignore[arg-type]

    return ask


SEARCHES: list[tuple[tuple[str, ...], dict[str, object], str]] = [
    ((), {}, "abcde"),
    (("fattura",), {}, "ac"),
    (("FATTURA", "pagata"), {}, "a"),
    (("fattura", "assente"), {}, ""),
    (("societa",), {}, "b"),
    (("perché", "Società"), {}, "b"),
    (("100%",), {}, "a"),
    (("a_elet",), {}, ""),
    (("fattura_elet",), {}, "c"),
    (("lettronica",), {}, ""),
    (("pagata", "fatt"), {}, "a"),
    (("società tace",), {}, "b"),
    (("tace società",), {}, ""),
    (("opec21.20260302",), {}, "d"),
    (("<q@MAIL>",), {}, "d"),
    (("zoe@pec.example",), {}, "b"),
    ((), {"sender": "torino"}, "a"),
    ((), {"sender": "PROTOCOLLO@cert.example"}, "a"),
    ((), {"sender": "zoe@pec.example"}, ""),
    ((), {"recipient": "zoe@pec.example"}, "b"),
    ((), {"since": AT + timedelta(2)}, "cde"),
    ((), {"until": AT + timedelta(2)}, "ab"),
    ((), {"since": AT + timedelta(1), "until": AT + timedelta(2)}, "b"),
    ((), {"kind": "accettazione"}, "c"),
    ((), {"mailbox": "altra"}, ""),
    (("fattura",), {"mailbox": "legale", "kind": "posta-certificata"}, "a"),
]


@pytest.mark.parametrize(("terms", "filters", "expected"), SEARCHES, ids=str)
def test_a_search_finds_exactly(
    library: Callable[..., list[str]], terms: tuple[str, ...], filters: dict[str, object], expected: str
) -> None:
    assert sorted(library(*terms, **filters)) == sorted(expected)


def test_a_search_gives_the_newest_first_and_pages_without_a_gap(
    library: Callable[..., list[str]], catalog: Catalog
) -> None:
    whole = catalog.find([])
    assert [(row.date, row.sha256) for row in whole] == sorted(((row.date, row.sha256) for row in whole), reverse=True)
    for limit in (1, 2, 4):
        paged: list[MessageRow] = []
        while page := catalog.find([], limit=limit, after=(paged[-1].date, paged[-1].sha256) if paged else None):
            assert len(page) <= limit
            paged += page
        assert paged == whole


def test_a_page_never_ends_between_two_mailboxes_of_one_message(catalog: Catalog) -> None:
    for mailbox in ("legale", "altra"):
        brought(catalog, mailbox=mailbox, names=("a", "b"))
    assert len(catalog.find([], limit=2)) == 4
    first = catalog.find([], limit=1)
    second = catalog.find([], limit=1, after=(first[-1].date, first[-1].sha256))
    assert [row.mailbox for row in first + second] == ["altra", "legale"] * 2
    assert [row.mailbox for row in catalog.find([], mailbox="altra")] == ["altra"] * 2
    assert catalog.find([], limit=1, after=(second[-1].date, second[-1].sha256)) == []


def test_a_message_dated_differently_in_two_mailboxes_is_on_one_page_for_each(catalog: Catalog) -> None:
    for mailbox, date in (("legale", AT), ("altra", AT - timedelta(days=9))):
        report = pdv(mailbox=mailbox)
        into = segment("s", report)
        catalog.record_pdv(report, [into], [message("undated", report, into, date=date)])
    [first] = catalog.find([], limit=1)
    [second] = catalog.find([], limit=1, after=(first.date, first.sha256))
    assert (first.mailbox, second.mailbox) == ("legale", "altra")


def test_a_transaction_is_gathered_by_all_its_names(catalog: Catalog) -> None:
    report = pdv()
    into = segment("s", report)
    claims: dict[str, dict[str, object]] = {
        "sent": {"message_id": "<m@x>"},
        "acceptance": {"message_id": "<r1>", "reference": "<m@x>", "identificativo": "ID1", "msgid": "<m@x>"},
        "delivery": {"message_id": "<r2>", "identificativo": "ID1"},
        "by msgid": {"message_id": "<r3>", "msgid": "<m@x>"},
        "stranger": {"message_id": "<ID1>", "identificativo": "<m@x>"},
        "nameless": {"message_id": ""},
    }
    rows = [message(name, report, into, **claim) for name, claim in claims.items()]
    catalog.record_pdv(report, [into], rows)
    names = {row.sha256: name for row, name in zip(rows, claims, strict=True)}

    def ask(**by: list[str]) -> set[str]:
        return {names[row.sha256] for row in catalog.same_transaction(**by)}  # type: ignore[arg-type]

    assert ask(msgids=["<m@x>"]) == {"sent", "acceptance", "by msgid"}
    assert ask(identificativi=["ID1"]) == {"acceptance", "delivery"}
    assert ask(identificativi=["ID1"], msgids=["<m@x>", ""]) == {"sent", "acceptance", "delivery", "by msgid"}
    assert ask(identificativi=[""], msgids=[""]) == set()
    assert catalog.same_transaction(mailbox="altra", identificativi=["ID1"]) == []
    assert len(catalog.same_transaction(mailbox="legale", identificativi=["ID1"])) == 2


def test_totals_are_those_of_what_was_recorded(catalog: Catalog) -> None:
    report = pdv()
    first, second = segment("1", report, n=2), segment("2", report)
    rows = [message("a", report, first), message("b", report, first, kind="x"), message("c", report, second)]
    catalog.record_pdv(report, [first, second], rows)
    catalog.record_volume(volume(catalog), [first.sha256], [])
    assert catalog.counts() == {
        "messages": 3, "pending": 1, "volumes": 1, "pdvs": 1, "bytes": 60_000,
        "kinds": {"posta-certificata": 2, "x": 1}, "polls": {"legale": AT},
    }  # fmt: skip


def test_a_closed_volume_waits_until_a_rapporto_of_its_mailbox_names_it(catalog: Catalog) -> None:
    for mailbox in ("legale", "altra"):
        report = brought(catalog, mailbox=mailbox)
        catalog.record_volume(volume(catalog, f"v-{mailbox}", mailbox), [digest(f"{mailbox}-1")], [report.id])
    assert catalog.volumes_to_name("legale") == [volume(catalog, "v-legale")]
    catalog.record_pdv(pdv(2), [], [], ["v-legale"])
    assert catalog.volumes_to_name("legale") == []
    assert catalog.volumes_to_name("altra") == [volume(catalog, "v-altra", "altra")]


def test_the_names_of_all_objects_that_the_store_should_have_are_told(catalog: Catalog) -> None:
    report, id = brought(catalog), digest("legale-1")
    expected = {report.name, layout.segment("studio", id)}
    assert list(catalog.promised()) == sorted(expected)
    catalog.record_volume(volume(catalog, id), [id], [report.id])
    catalog.record_evidence([EvidenceRow("volume", id, "t1", 1, "studio/volumes/v/evidence/t1/000001.ers", AT)])
    assert list(catalog.promised()) == sorted(
        {*expected, layout.index("studio", id), "studio/volumes/v/evidence/t1/000001.ers"}
    )


def test_the_index_that_is_out_for_signing_is_given_as_it_was(catalog: Catalog) -> None:
    assert catalog.out_for_signing("v1") is None
    catalog.hand_out("v1", digest("x"), b"x", AT)
    assert (catalog.out_for_signing("v1"), catalog.out_for_signing("v2")) == (b"x", None)


# --- tokens


def test_questions_to_an_authority_are_counted_for_each_night_and_stop_at_the_cap(catalog: Catalog) -> None:
    night, next_night = AT.date(), AT.date() + timedelta(days=1)
    assert [catalog.ask("t1", night, cap=2) for _ in range(3)] == [True, True, False]
    catalog.granted("t1", night)
    assert catalog.ask("t1", next_night, cap=2)
    assert catalog.ask("t2", night, cap=None)
    assert catalog.spent(night) == {"t1": (3, 1), "t2": (1, 0)}
    assert catalog.spent(next_night) == {"t1": (1, 0)}


# --- one process at a time


def test_work_is_done_by_one_at_a_time(catalog: Catalog, url: str) -> None:
    other = Catalog.open(url)
    with catalog.exclusive("ingest-m-1", busy="at work"):
        with pytest.raises(Busy, match="at work"), other.exclusive("ingest-m-1", busy="at work"):
            pass
        with pytest.raises(Busy), catalog.exclusive("ingest-m-1", busy="the same process, once more"):
            pass
        with other.exclusive("ingest-m-2", busy="another mailbox is free"):
            brought(catalog, names=("a",))
            brought(other, 2, names=("b",))
    for _ in range(2):
        with other.exclusive("ingest-m-1", busy="let go of"):
            assert catalog.counts()["messages"] == 2
    other.close()


def test_work_within_work_is_recorded_and_both_locks_hold(catalog: Catalog, url: str) -> None:
    other = Catalog.open(url)
    with catalog.exclusive("seal", busy=""):
        with catalog.exclusive("ingest-m-1", busy=""):
            brought(catalog, names=("a",))
        brought(catalog, 2, names=("b",))
        with pytest.raises(Busy), other.exclusive("seal", busy=""):
            pass
        with other.exclusive("ingest-m-1", busy=""):
            assert other.counts()["messages"] == 2
    other.close()


def test_work_that_fails_lets_go_of_its_lock_and_leaves_no_trace(catalog: Catalog, url: str) -> None:
    other = Catalog.open(url)
    report = brought(catalog)
    with pytest.raises(Conflict), catalog.exclusive("seal", busy=""):
        catalog.record_pdv(replace(report, cursor="another"), [], [])
    with other.exclusive("seal", busy="let go of"):
        assert other.head("legale") == report
    assert catalog.head("legale") == report
    other.close()


def test_upgrading_tells_what_there_was(catalog: Catalog, url: str) -> None:
    assert Catalog.upgrade(url) == REVISION
    assert catalog.head("legale") is None


def test_nothing_is_there_until_there_are_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    assert Catalog.vacant(url)
    (tmp_path / "new.db").touch()
    assert Catalog.vacant(url)
    Catalog.open(url, create=True).close()
    assert not Catalog.vacant(url)
    (tmp_path / "other.db").write_bytes(b"this is no database, and never was one" * 99)
    with pytest.raises(Unavailable, match="other"):
        Catalog.vacant(f"sqlite:///{tmp_path}/other.db")


def test_a_registration_waits_under_its_key_and_a_later_one_takes_its_place(catalog: Catalog) -> None:
    catalog.annotate("legale", {"<m@pec.example>": "{}", "digest": '{"number": 1}'})
    catalog.annotate("legale", {"<m@pec.example>": '{"number": 2}'})
    assert catalog.annotations("legale") == {"<m@pec.example>": '{"number": 2}', "digest": '{"number": 1}'}
    assert catalog.annotations("studio") == {}


def test_every_question_and_every_record_is_in_this_suite() -> None:
    suite = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_catalog*.py"))
    assert [name for name in dir(Catalog) if not name.startswith("_") and f".{name}(" not in suite] == []
