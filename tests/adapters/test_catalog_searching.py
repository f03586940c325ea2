"""What a search promises, on SQLite and on PostgreSQL alike: what is found, who waits to be read, what is forgotten."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from support.catalogs import AT, digest, message, opened, pdv, segment

from archiver.adapters.catalog import Catalog, fulltext
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.searching import number
from archiver.adapters.catalog.tables import HEADING
from archiver.errors import ConfigError
from archiver.submission import searched as searched_module
from archiver.submission.rows import MessageRow
from archiver.submission.searched import INVOICE, Told, code, protocol

VERSION = 7


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def record(catalog: Catalog, claims: dict[str, dict[str, Any]], *, mailbox: str = "legale") -> dict[str, MessageRow]:
    """One message for each name, with these fields."""
    report = pdv(mailbox=mailbox)
    into = segment(f"s {mailbox}", report, messages=len(claims))
    plain = {"subject": "", "sender": "", "recipients": (), "message_id": "", "daticert": "", "links": ()}
    rows = {name: replace(message(name, report, into), **plain | claim) for name, claim in claims.items()}
    catalog.record_pdv(report, [into], list(rows.values()))
    return rows


DATICERT = json.dumps({
    "tipo": "avvenuta-consegna", "errore": "nessuno", "mittente": "anna.bianchi@pec.example",
    "oggetto": "Offerta P.IVA 00743110157", "gestore": "ARUBA PEC S.p.A.",
    "destinatari": [["ufficio@comune.example", True]],
})  # fmt: skip
LIBRARY: dict[str, dict[str, Any]] = {
    "sent": {"subject": "Contratto di locazione", "sender": "Zoë D'Àngelo <zoe@pec.example>", "kind": "inviato"},
    "receipt": {"daticert": DATICERT, "date": AT + timedelta(1), "kind": "avvenuta-consegna"},
    "invoice": {
        "subject": "Fattura",
        "links": ("invoice:IT01234567890_00a1z", "sdi:123456"),
        "date": AT + timedelta(2),
    },
    "person": {"sender": "RSSMRA80A01H501U <x@y.example>", "subject": "tel. 12345678901", "date": AT + timedelta(3)},
    "read": {"subject": "bando", "date": AT + timedelta(4)},
}
TOLD = Told(
    files=("Relazione finale.pdf", "IT0_1.xml"),
    codes=(*protocol("0001234", "2026-03-02"), code(INVOICE, "12/A")),
    body="Il tribunale di Torino dispone la locazione",
)
SEARCHES: list[tuple[dict[str, Any], str]] = [
    ({"terms": ["locazione"]}, "sent read"),
    ({"terms": ["contrat"]}, "sent"),
    ({"terms": ["contratto di loc"]}, "sent"),
    ({"terms": ["contratto locazione"]}, ""),
    ({"terms": ["tribunale di torino"]}, "read"),
    ({"terms": ["torino tribunale"]}, ""),
    ({"terms": ["relazione"]}, "read"),
    ({"terms": ["taxrssmra80a01h501u"]}, ""),
    ({"terms": ["kininviato"]}, ""),
    ({"terms": ['"locazione" OR fattura']}, ""),
    ({"terms": ["'; --fattura"]}, "invoice"),
    ({"sender": "anna.bianchi@pec.example"}, "receipt"),
    ({"sender": "zoe d'angelo"}, "sent"),
    ({"sender": "comune"}, ""),
    ({"recipient": "ufficio@comune"}, "receipt"),
    ({"recipient": "ufficio@comune.exam"}, "receipt"),
    ({"terms": ["zoe@pec.example"]}, "sent"),
    ({"terms": ["zoe@pec.exa"]}, "sent"),
    ({"name": "angelo zoe"}, "sent"),
    ({"name": "locazione"}, ""),
    ({"provider": "aruba"}, "receipt"),
    ({"provider": "pec aru"}, "receipt"),
    ({"tax": "00743110157"}, "receipt"),
    ({"tax": "it00743110157"}, "receipt"),
    ({"tax": "rssmra80a01h501u"}, "person"),
    ({"tax": "12345678901"}, ""),
    ({"tax": "0074311015"}, ""),
    ({"invoice": "IT01234567890_00a1z.xml.p7m"}, "invoice"),
    ({"invoice": "123456"}, "invoice"),
    ({"invoice": "12345"}, ""),
    ({"invoice": "12/a"}, "read"),
    ({"protocol": "1234"}, "read"),
    ({"protocol": "1234/2026"}, "read"),
    ({"protocol": "1234/2025"}, ""),
    ({"attachment": "relazione fin"}, "read"),
    ({"attachment": "torino"}, ""),
    ({"kind": "avvenuta-consegna"}, "receipt"),
    ({"mailboxes": ["legale"], "kind": "inviato"}, "sent"),
    ({"mailboxes": ["altra"]}, ""),
    ({"mailboxes": []}, ""),
    ({"mailboxes": ["legale"], "mailbox": "altra"}, ""),
    ({"since": AT + timedelta(3), "terms": ["tel"]}, "person"),
    ({"until": AT + timedelta(3), "terms": ["tel"]}, ""),
]


def test_every_condition_finds_exactly_what_it_says(catalog: Catalog) -> None:
    rows = record(catalog, LIBRARY)
    names = {row.sha256: name for name, row in rows.items()}
    [unread] = [item for item in catalog.unread(VERSION) if item.row == rows["read"]]
    catalog.note_told([(unread, TOLD, 0)], VERSION)
    wrong = {}
    for conditions, expected in SEARCHES:
        found = {names[row.sha256] for row in catalog.find(**conditions)}
        if found != set(expected.split()):
            wrong[str(conditions)] = found
    assert wrong == {}


def test_the_italian_of_a_body_is_found_by_its_stem_on_a_server(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    for catalog in opened("postgresql", request, tmp_path):
        record(catalog, {"m": {}})
        [item] = catalog.unread(VERSION)
        catalog.note_told([(item, TOLD, 0)], VERSION)
        assert len(catalog.find(["tribunali"])) == len(catalog.find(["locazioni"])) == 1


@pytest.mark.parametrize(
    "condition", ["terms", "sender", "recipient", "name", "provider", "invoice", "protocol", "tax"]
)
def test_a_condition_without_letter_or_digit_is_refused(catalog: Catalog, condition: str) -> None:
    asked: Any = ["--"] if condition == "terms" else "--"
    with pytest.raises(ConfigError, match=r"--.*lettera o una cifra"):
        catalog.find(**{condition: asked})


def test_as_many_messages_of_one_second_as_there_may_be_are_paged_without_a_gap(catalog: Catalog) -> None:
    record(catalog, {f"m{n}": {"subject": "uguale"} for n in range(40)})
    record(catalog, {f"m{n}": {"subject": "uguale"} for n in range(0, 40, 3)}, mailbox="altra")
    for conditions in ({}, {"terms": ["uguale"]}, {"mailbox": "altra"}, {"mailboxes": ["legale"]}):
        whole = catalog.find(**conditions, limit=100)
        paged: list[MessageRow] = []
        while page := catalog.find(**conditions, limit=7, after=(paged[-1].date, paged[-1].sha256) if paged else None):
            paged += page
        assert paged == whole
        assert len({row.sha256 for row in whole}) == (14 if "mailbox" in conditions else 40)


@pytest.mark.parametrize("window", [1, 3, 7, 2000])
def test_a_page_is_the_same_wherever_the_newest_end_and_the_index_begins(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    subjects = {f"m{n}": "raro" if n in (0, 1, 2, 17) else "frequente" if n % 2 else "altro" for n in range(20)}
    record(catalog, {name: {"subject": text, "date": AT + timedelta(int(name[1:]))} for name, text in subjects.items()})
    monkeypatch.setattr(fulltext, "_WINDOW", window)
    for word in ("raro", "frequente", "altro"):
        named = [digest(name) for name, text in reversed(subjects.items()) if text == word]
        for limit in (1, 2, 3, 20):
            assert [row.sha256 for row in catalog.find([word], limit=limit)] == named[:limit]
        since = AT + timedelta(3)
        late = [digest(name) for name in list(subjects)[:2:-1] if subjects[name] == word]
        assert [row.sha256 for row in catalog.find([word], since=since, limit=20)] == late


def test_messages_that_claim_one_number_get_others(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.adapters.catalog.searching.number", lambda date, digest="", mailbox="": 1 << 40)
    record(catalog, {"a": {}, "b": {}})
    record(catalog, {"c": {}}, mailbox="altra")
    assert sorted(item.number - (1 << 40) for item in catalog.unread(VERSION)) == [0, 1, 2]


@pytest.mark.parametrize("year", [1970, 2026, 2199])
def test_numbers_follow_time_and_fit(year: int) -> None:
    at = datetime(year, 1, 2, tzinfo=UTC)
    later = number(at + timedelta(seconds=1))
    assert number(at) <= number(at, "f" * 64, "m") < later < 1 << 63


def test_whoever_was_not_read_waits_in_order_and_is_read_once(catalog: Catalog) -> None:
    rows = record(catalog, {f"m{n}": {"date": AT + timedelta(n)} for n in range(5)})
    newest = [item.row for item in catalog.unread(VERSION)]
    assert newest == list(reversed(rows.values()))
    assert [item.row for item in catalog.unread(VERSION, oldest=True)] == list(rows.values())
    first, second = catalog.unread(VERSION, limit=2)
    assert [item.row for item in catalog.unread(VERSION, before=second.number)] == newest[2:]
    assert [item.row for item in catalog.unread(VERSION, oldest=True, after=second.number)] == newest[:1]
    catalog.note_told([(first, TOLD, 3), (second, Told(), 0)], VERSION)
    assert [item.row for item in catalog.unread(VERSION)] == newest[2:]
    assert (catalog.unread_count(VERSION), catalog.unread_count(VERSION, most=2)) == (3, 2)
    assert catalog.unread_count(VERSION, mailboxes=["altra"]) == 0
    assert catalog.lacking() == (1, 3)
    assert catalog.unread_count(VERSION + 1) == 5
    catalog.read_again()
    assert catalog.unread_count(VERSION) == 5


def everywhere(count: int) -> str:
    """As long as a text may be, of words that come once: more than a tsvector holds when nobody cuts them."""
    signs = [chr(0x4E00 + place) for place in range(20_000)]
    rng = Random(1)
    return " ".join("".join(rng.choices(signs, k=60)) for _ in range(count))


def test_a_text_of_any_script_is_indexed_up_to_its_bound(catalog: Catalog) -> None:
    record(catalog, {"m": {"subject": "oggetto", "recipients": (everywhere(2000),)}})
    [item] = catalog.unread(VERSION)
    told = Told(files=(everywhere(2000),), codes=(everywhere(2000),), body=f"primo {everywhere(6500)} ultimo")
    assert catalog.note_told([(item, told, 0)], VERSION) == 0
    assert [len(catalog.find([term])) for term in ("oggetto", "primo", "ultimo")] == [1, 1, 0]


def test_words_that_the_database_refuses_do_not_stop_those_of_others(
    catalog: Catalog, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(catalog, {"huge": {"subject": "enorme"}, "small": {"subject": "piccolo"}})
    bodies = {"enorme": f"smisurata {everywhere(6500)}", "piccolo": "misurata"}
    told = [(item, Told(body=bodies[item.row.subject]), 0) for item in catalog.unread(VERSION)]
    monkeypatch.setitem(searched_module.MOST, "body", 2_000_000)
    refused = catalog.note_told(told, VERSION)
    assert refused == (request.node.callspec.params["catalog"] == "postgresql")  # SQLite takes it all
    assert [len(catalog.find([term])) for term in ("enorme", "piccolo", "misurata")] == [1, 1, 1]
    assert (len(catalog.find(["smisurata"])), catalog.lacking()) == (1 - refused, (refused, refused))
    assert catalog.unread_count(VERSION) == 0


def test_what_is_read_again_takes_the_place_of_what_was_read(catalog: Catalog) -> None:
    record(catalog, {"m": {"subject": "oggetto"}})
    [item] = catalog.unread(VERSION)
    catalog.note_told([(item, Told(body="primo"), 0)], VERSION)
    catalog.note_told([(item, Told(body="secondo"), 0)], VERSION)
    assert [len(catalog.find([term])) for term in ("oggetto", "primo", "secondo")] == [1, 0, 1]


def test_a_forgotten_message_is_in_no_search_and_comes_not_back_by_being_read(catalog: Catalog) -> None:
    rows = record(catalog, {"gone": {"subject": "segreto"}, "kept": {"subject": "pubblico"}})
    [item] = [item for item in catalog.unread(VERSION) if item.row == rows["gone"]]
    assert catalog.forget([digest("gone")]) == 1
    assert catalog.forget([digest("gone"), digest("never there")]) == 0
    catalog.note_told([(item, Told(body="segreto"), 0)], VERSION)
    assert catalog.find(["segreto"]) == []
    assert [row.sha256 for row in catalog.find()] == [digest("kept")]
    assert catalog.unread_count(VERSION) == 1


@pytest.mark.parametrize("many", [1, 300])
def test_no_word_of_a_forgotten_message_is_left_in_the_file(
    request: pytest.FixtureRequest, tmp_path: Path, many: int
) -> None:
    for catalog in opened("sqlite", request, tmp_path):
        record(catalog, {f"m{n}": {} for n in range(many)})
        told = Told(files=("parolaalfa.pdf",), codes=("prtparolabeta",), body="parolagamma ancora")
        items = catalog.unread(VERSION, limit=many)
        catalog.note_told([(items[0], told, 0), *((item, Told(body="altro"), 0) for item in items[1:])], VERSION)
        path = tmp_path / "catalog.db"
        planted = [word.encode() for word in ("parolaalfa", "prtparolabeta", "parolagamma")]
        assert {word for word in planted if word in everything(path)} == set(planted)
        catalog.forget([items[0].row.sha256])
        assert [word for word in planted if word in everything(path)] == []


def everything(database: Path) -> bytes:
    """The file of a database, and the journal beside it."""
    return b"".join(path.read_bytes() for path in database.parent.glob("catalog.db*") if not path.name.endswith("-shm"))


def test_the_words_go_with_the_row_that_they_belong_to(catalog: Catalog) -> None:
    record(catalog, {"m": {"subject": "oggetto"}})
    database: Database = catalog._database
    with database.writing() as connection:
        connection.execute(HEADING.delete())
        left = connection.exec_driver_sql("SELECT count(*) FROM found").scalar()
        assert connection.scalar(select(HEADING.c.id)) is None
    assert left == 0


def test_mailboxes_whose_ids_differ_by_signs_alone_are_told_apart(catalog: Catalog) -> None:
    record(catalog, {"newer": {"date": AT + timedelta(1)}}, mailbox="m-a")
    record(catalog, {"older": {}}, mailbox="ma")
    for conditions in ({"mailboxes": ["ma"]}, {"mailbox": "ma"}):
        assert [row.sha256 for row in catalog.find(**conditions, limit=1)] == [digest("older")]
