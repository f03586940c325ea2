"""Finding a dossier among a million messages: the time that the catalog takes, on SQLite and on PostgreSQL.

With mail of one's own (--from) its archive is asked what was read in a message of it, drawn at random.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from servers.postgres import installed, running
from sqlalchemy import insert

from archiver.access import Query
from archiver.access.question import dossier_of
from archiver.access.text import VERSION
from archiver.adapters.catalog import Catalog, fulltext
from archiver.adapters.catalog.intake import identifiers
from archiver.adapters.catalog.records import add
from archiver.adapters.catalog.searching import number
from archiver.adapters.catalog.tables import HEADING, IDENTIFIER, MESSAGE, SEGMENT
from archiver.digest import Sha256, Sha512
from archiver.submission.rows import MessageRow, PdvRow, SegmentRow
from archiver.submission.searched import Told, searched
from benchmarks import own
from benchmarks.own import Question
from benchmarks.table import commit, machine

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
TARGET = 50.0
"""Milliseconds."""

PORTION = 6_000
FREQUENT = ("fattura", "contratto", "notifica", "avviso", "richiesta", "trasmissione")
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo")


@dataclass(frozen=True, slots=True)
class Timed:
    """One kind of question: milliseconds of each, sorted: by the clock, and on a processor (ours and the server's)."""

    database: str
    question: str
    taken: tuple[float, ...]
    worked: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, and how long the filling took (microseconds a message)."""

    messages: int
    timed: tuple[Timed, ...]
    filled: dict[str, float]
    load: float

    def as_json(self) -> str:
        """One object."""
        told = [
            {"database": one.database, "question": one.question, "median_ms": round(statistics.median(one.taken), 2),
             "worst_ms": round(one.taken[-1], 2), "median_cpu_ms": round(statistics.median(one.worked), 2),
             "worst_cpu_ms": round(one.worked[-1], 2), "asked": len(one.taken)}
            for one in self.timed
        ]  # fmt: skip
        values = {"benchmark": "access", "messages": self.messages, "machine": machine(), "commit": commit()}
        return json.dumps(values | {"load": self.load, "filled_us": self.filled, "results": told}, indent=1)

    def as_table(self) -> str:
        """A Markdown table."""
        head = f"access: {self.messages:,} messages. {machine()}, load {self.load:.1f}. Commit {commit()}."
        rows = [
            f"| {one.database} | {one.question} | {statistics.median(one.taken):.1f} | {one.taken[-1]:.1f} |"
            f" {statistics.median(one.worked):.1f} | {one.worked[-1]:.1f} |"
            for one in self.timed
        ]
        filled = ", ".join(f"{name} {cost:.0f} us a message" for name, cost in self.filled.items())
        lines = [
            head,
            "",
            "| | question | median ms | worst ms | median CPU ms | worst CPU ms |",
            "|---|---|---|---|---|---|",
        ]
        note = f"Target {TARGET:.0f} ms; under load the CPU columns tell. Filled, bodies included: {filled}."
        return "\n".join([*lines, *rows, "", note])


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--from", dest="folder", type=Path, help="these messages (a folder of .eml, a Maildir)")
    parser.add_argument("--questions", type=int, default=25, help="questions of each kind and round (25)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Fills a catalog in each database that is there, and asks."""
    timed: list[Timed] = []
    filled = {}
    messages = asked.messages
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-access-")))
        urls = {"sqlite": f"sqlite:///{home / 'catalog.db'}"} if asked.database != "postgresql" else {}
        if asked.database != "sqlite" and installed():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-access-pg-")))
            server = stack.enter_context(running(folder))
            urls["postgresql"] = server.url(server.fresh())
        for name, url in urls.items():
            say(f"{name}: filling a catalog with {asked.folder or f'{asked.messages:,} messages'} ...")
            start = time.monotonic()
            if asked.folder:
                own.archive(home / name, url, asked.folder)
            catalog = Catalog.open(url, create=True)
            stack.callback(catalog.close)
            if asked.folder:
                found = own.messages(catalog)
                messages, places, questions = len(found), len(found), own.questions(found)
            else:
                _fill(catalog, asked.messages)
                messages, places, questions = asked.messages, asked.messages // 3, QUESTIONS
            filled[name] = (time.monotonic() - start) / messages * 1e6
            _analyse(catalog)
            say(f"{name}: filled at {filled[name]:.0f} us a message; asking ...")
            timed += _ask(name, catalog, questions, places, asked.questions * asked.rounds)
    return Result(messages, tuple(timed), filled, os.getloadavg()[0])


def _ask(name: str, catalog: Catalog, questions: Mapping[str, Question], places: int, times: int) -> Iterator[Timed]:
    for question, ask in questions.items():
        chance = random.Random(question)
        taken, worked = [], []
        server = _backend(catalog)
        for _ in range(times):
            place = chance.randrange(places)
            start, before = time.perf_counter(), _worked(server)
            found = ask(catalog, place)
            taken.append((time.perf_counter() - start) * 1000)
            worked.append((_worked(server) - before) * 1000)
            if not found:
                raise RuntimeError(f"{name}: {question}: nothing found for {place}")
        yield Timed(name, question, tuple(sorted(taken)), tuple(sorted(worked)))


def _backend(catalog: Catalog) -> int | None:
    """The process of the server that answers us; None where the database is a file."""
    if not catalog._database._server:
        return None
    with catalog._database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def _worked(server: int | None) -> float:
    """Seconds on a processor: this process, and the server's."""
    theirs = int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9 if server else 0.0
    return time.process_time() + theirs


def _by_message_id(catalog: Catalog, place: int) -> bool:
    [row, *_] = catalog.same_transaction(msgids=[f"<{place}@client.example>"])
    return bool(dossier_of(row, catalog))


def _by_digest(catalog: Catalog, place: int) -> bool:
    [row] = catalog.message(_digest(f"{place}-1")[:16])
    return bool(dossier_of(row, catalog))


def _in_a_month(place: int) -> dict[str, datetime]:
    since = _at(place) - timedelta(days=15)
    return {"since": since, "until": since + timedelta(days=30)}


QUESTIONS: dict[str, Question] = {
    "a rare word": lambda catalog, place: own.found(catalog, Query((_rare(place),))),
    "a rare word of a body": lambda catalog, place: own.found(catalog, Query((_rare(place) + "corpo",))),
    "a frequent word": lambda catalog, place: own.found(catalog, Query((FREQUENT[place % 6],))),
    "a frequent word in a month": lambda catalog, place: own.found(
        catalog, Query((FREQUENT[place % 6],), **_in_a_month(place))
    ),
    "two frequent words": lambda catalog, place: own.found(catalog, Query((FREQUENT[place % 6], "mario"))),
    "an address": lambda catalog, place: own.found(catalog, Query(sender=f"m.{_word(place % 5000)}@pec.example")),
    "a tax code": lambda catalog, place: own.found(catalog, Query(tax=_vat(place % 5000))),
    "a kind in a month": lambda catalog, place: own.found(catalog, Query(kind="accettazione", **_in_a_month(place))),
    "a state": lambda catalog, place: own.found(catalog, Query(sender=_word(place % 5000), state="delivered")),
    "a Message-ID": _by_message_id,
    "a digest": _by_digest,
}


def _fill(catalog: Catalog, messages: int) -> None:
    """Sendings of three messages each: the sent copy, the acceptance, the delivery."""
    pdv = PdvRow("p", "h", "m", 1, FIRST, Sha256(""), Sha512(""), 1, "h/pdv/m/p.xml", "")
    catalog.record_pdv(pdv, [], [])
    for start in range(0, messages // 3, PORTION // 3):
        rows = [row for place in range(start, min(start + PORTION // 3, messages // 3)) for row in _sending(place)]
        segment = rows[0].segment
        ends = rows[0].sha256, rows[-1].sha256
        into = SegmentRow(segment, "h", "m", "p", "c", 10, "", "", 2020, len(rows), 1, *ends, FIRST)
        with catalog._database.writing() as connection:
            add(connection, SEGMENT, [into])
            add(connection, MESSAGE, rows)
            connection.execute(insert(IDENTIFIER), [name for row in rows for name in identifiers(row)])
            numbered = [(number(row.date, row.sha256, row.mailbox), row) for row in rows]
            heads = [
                {
                    "id": id,
                    "sha256": row.sha256,
                    "mailbox": row.mailbox,
                    "date": row.date,
                    "read": VERSION,
                    "lacking": 0,
                }
                for id, row in numbered
            ]
            connection.execute(insert(HEADING), heads)
            fulltext.rewrite(connection, ((id, searched(row, Told(body=_body(row)))) for id, row in numbered))


def _analyse(catalog: Catalog) -> None:
    """As the server does by itself in its own time."""
    if catalog._database._server:
        with catalog._database.writing() as connection:
            connection.exec_driver_sql("ANALYZE")


def _sending(place: int) -> Iterator[MessageRow]:
    who = place % 5000
    sender = f"m.{_word(who)}@pec.example"
    subject = f"{FREQUENT[place % 6]} {_rare(place)} n. {place} P.IVA {_vat(who)}"
    name, claim = f"opec{place}.2026@pec.example", f"<{place}@client.example>"
    common: dict[str, Any] = {
        "holder": "h", "mailbox": "m", "pdv": "p", "segment": _digest(f"segment {place // (PORTION // 3)}"),
        "sha512": Sha512("0" * 128), "size": 20_000, "offset": 41, "offset_minutes": 60, "received": _at(place),
        "has_original": False, "findings": (), "links": (),
    }  # fmt: skip
    data = {
        "errore": "nessuno", "mittente": sender, "destinatari": [["studio@pec.example", True]], "oggetto": subject,
        "gestore": "Gestore Simulato S.p.A.", "data": _at(place).isoformat(), "identificativo": name, "msgid": claim,
    }  # fmt: skip
    plain = {"sender": f"Mario {_word(who)} <{sender}>", "message_id": f"{place}@client.example", "reference": ""}
    plain |= {"identificativo": "", "msgid": "", "content": "", "daticert": ""}
    for turn, kind in enumerate(("inviato", "accettazione", "avvenuta-consegna")):
        told = json.dumps(data | {"tipo": kind, "consegna": "studio@pec.example"})
        stated = {
            "sender": "posta-certificata@pec.example", "message_id": f"r{turn}.{name}", "reference": claim,
            "identificativo": name, "msgid": claim, "content": "PASSED PASSED PASSED PASSED", "daticert": told,
        }  # fmt: skip
        yield MessageRow(
            sha256=_digest(f"{place}-{turn}"), kind=kind, date=_at(place) + timedelta(seconds=20 * turn),
            subject=subject, recipients=("Studio Legale <studio@pec.example>",), **common,
            **(stated if turn else plain),
        )  # fmt: skip


def _body(row: MessageRow) -> str:
    place = int.from_bytes(bytes.fromhex(row.sha256[:6]))
    words = [_word((place * 7919 + n * n * 31) % 20_000) for n in range(30)]
    return " ".join([*words, *(found + "corpo" for found in row.subject.split()[1:2]), "distinti saluti"])


def _at(place: int) -> datetime:
    return FIRST + timedelta(seconds=place * 560)


def _rare(place: int) -> str:
    return "q" + "".join(SYLLABLES[place // 14**n % 14] for n in range(6))


def _word(place: int) -> str:
    return "".join(SYLLABLES[place // 14**n % 14] for n in range(4))


def _vat(place: int) -> str:
    """A partita IVA whose check digit is right."""
    head = f"{place:010d}"
    doubled = (2 * int(sign) for sign in head[1::2])
    total = sum(map(int, head[0::2])) + sum(value - 9 if value > 9 else value for value in doubled)
    return head + str((10 - total % 10) % 10)


def _digest(name: str) -> Sha256:
    return Sha256(sha256(name.encode()).hexdigest())
