"""Every public method of the catalog, asked as the errands ask it; `of` says by whom. Nothing of it lists SQL."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from archiver.adapters.catalog import Catalog
from archiver.digest import Sha256, Sha512
from archiver.night import NightRow
from archiver.submission.ledger import Note
from archiver.submission.rows import (
    AttemptRow,
    CopyRow,
    DamageRow,
    EvidenceRow,
    FailingRow,
    FetchedRow,
    NewestRow,
    ObjectRow,
    Outcome,
    PdvRow,
    ReckoningRow,
    RereadRow,
    SegmentRow,
    TokenRow,
    TrustRow,
    VolumeRow,
)
from archiver.submission.searched import Told
from archiver.uids import Uids
from explaining.shape import LAST, POLLS, Shape, digest

DAY = timedelta(days=1)

NIGHT, PEOPLE = "night", "people"
"""Who asks: an errand of every night, or a person (or an errand that runs once)."""


@dataclass(frozen=True, slots=True)
class Question:
    """One method: its name, who asks, and how."""

    name: str
    of: str
    ask: Callable[[], Any]


def questions(catalog: Catalog, shape: Shape) -> Iterator[Question]:
    """All of them, reading before writing, so that what is written changes no plan."""
    asked = _Asked(catalog, shape)
    for of, table in ((NIGHT, asked.of_the_night()), (PEOPLE, asked.of_people()), (NIGHT, asked.writing())):
        yield from (Question(name.partition(" ")[0], of, ask) for name, ask in table.items())


NOT_ASKED: Mapping[str, str] = {
    "open": "no question", "close": "no question", "vacant": "no question", "upgrade": "migrations",
    "exclusive": "a lock", "place": "no question", "unsound": "SQLite's own check, for `doctor` alone",
    "size": "of files", "begin_rebuild": "a rebuild writes every row", "end_rebuild": "a rebuild writes every row",
    "restore": "a rebuild writes every row", "adopt": "a rebuild writes every row", "seen": "as record_trust",
    "forget": "a discard, by keys", "forget_discarded": "a discard, by keys", "note_discards": "a discard, by keys",
    "read_again": "every row is written, once", "annotate": "by keys, from a file", "stand": "one certificate",
    "note_read": "by keys", "miscounted": "every row is counted, for `doctor` alone", "recount": "every row is counted",
}  # fmt: skip
"""Methods that are not explained, and why."""


class _Asked:
    def __init__(self, catalog: Catalog, shape: Shape) -> None:
        self.catalog = catalog
        self.shape = shape
        self.at = LAST + DAY
        middle = shape.segments // 2
        self.segments = [digest(f"s{number}") for number in range(middle, middle + 20 * shape.boxes, shape.boxes)]
        self.box = f"m{middle % shape.boxes}"
        self.digests = [digest(f"m{middle * shape.per_segment + number}") for number in range(500)]
        self.pdv = digest(f"p{middle}")
        self.volume = digest(f"v{middle % shape.boxes}-{middle // shape.boxes // shape.per_volume}")
        self.names = [f"h0/pdv/m0/{digest(f'p{number}')}.xml" for number in range(500)]
        self.token = TokenRow(digest("t7"), b"x", self.at)
        self.night = date(2025, 12, 29)
        self.objects = catalog.expected(after="h1/segments/5", limit=200)
        self.copies = list(catalog.copies("primary", [row.name for row in self.objects]).values())

    def of_the_night(self) -> dict[str, Callable[[], Any]]:
        """ingest, seal, replicate, renew, sweep, index, alarms, metrics, and the `status` of the morning."""
        it, box, at = self.catalog, self.box, self.at
        newest = NewestRow("local", "sha512", 0, 0, self.token)
        return {
            "head": lambda: it.head(box),
            "known": lambda: it.known(box, self.digests),
            "volumes_to_name": lambda: it.volumes_to_name(box),
            "ledger": lambda: it.ledger(box),
            "failing": lambda: it.failing(box),
            "attempt": lambda: it.attempt(box),
            "discarded": lambda: it.discarded(box, self.digests),
            "tombstones": lambda: it.tombstones(self.digests[0][:12]),
            "trust_of": lambda: it.trust_of("h0"),
            "trust_of provider": lambda: it.trust_of("h0", kind="provider"),
            "trust_with": lambda: it.trust_with([digest("c1")]),
            "trust_with of a holder": lambda: it.trust_with([digest("c1")], holder="h0"),
            "lists_from": lambda: it.lists_from("h0", "CN=CA"),
            "uncovered": lambda: it.uncovered("h0"),
            "covering": lambda: it.covering("h0"),
            "fetched": lambda: it.fetched("http://ca.example/list.crl", self.night),
            "last_fetched": lambda: it.last_fetched("http://ca.example/list.crl"),
            "standings": it.standings,
            "annotations": lambda: it.annotations(box),
            "pending": it.pending,
            "messages_of": lambda: it.messages_of(self.segments[:1], mailbox=box),
            "pdvs_of": lambda: it.pdvs_of(self.segments[:1], mailbox=box),
            "pdvs_without_volume": lambda: it.pdvs_without_volume(box),
            "pdvs_without_evidence of anybody": lambda: it.pdvs_without_evidence([], records=1),
            "pdvs_without_evidence": lambda: it.pdvs_without_evidence(["local"], records=1),
            "volume": lambda: it.volume(self.volume),
            "evidence_of": lambda: it.evidence_of("pdv", self.pdv),
            "lineages": lambda: it.lineages("pdv", self.pdv),
            "lineages_of_all": lambda: it.lineages_of_all("report"),
            "handed_out": it.handed_out,
            "out_for_signing": lambda: it.out_for_signing(self.volume),
            "last_act": lambda: it.last_act("h0"),
            "last_covered": lambda: it.last_covered("h0", sorted(it.act_ids("h0"))[-100:]),
            "acts_between": lambda: it.acts_between("h0", self.shape.segments // 3, self.shape.segments),
            "act_ids": lambda: it.act_ids("h0"),
            "act_ids of decisions": lambda: it.act_ids("h0", kinds=["hold", "discard"]),
            "act_ids lately": lambda: it.act_ids("h0", since=at - DAY),
            "act_records": lambda: it.act_records("h0"),
            "discards": it.discards,
            "destroyed": lambda: it.destroyed("h0", self.segments),
            "evidence_to_read": it.evidence_to_read,
            "newest_tokens": lambda: it.newest_tokens(counted=False),
            "counted": lambda: it.counted(newest),
            "records_on": lambda: it.records_on(newest),
            "reread": lambda: it.reread("volume", self.volume),
            "spent": lambda: it.spent(self.night),
            **{name: getattr(it, name) for name in dir(it) if name.startswith("unpromised_")},
            "unlearned": it.unlearned,
            "expected": lambda: it.expected(after="h1/segments/5"),
            "objects": lambda: it.objects(self.names),
            "copies": lambda: it.copies("primary", self.names),
            "uncopied": lambda: it.uncopied("primary"),
            "to_lock": lambda: it.to_lock("primary"),
            "oldest": lambda: it.oldest(before=at - 45 * DAY, limit=200),
            "oldest later": lambda: it.oldest(
                before=at - 45 * DAY, after=(at - 80 * DAY, "primary", "h1/segments/5"), limit=200
            ),
            "oldest none": lambda: it.oldest(before=at - 365 * DAY, limit=200),
            "unopened": lambda: it.unopened("primary", before=at - 1642 * DAY, limit=1),
            "unread_since": lambda: it.unread_since("replica"),
            "safety": lambda: it.safety(["primary", "replica"], 2),
            "safety of one": lambda: it.safety(["primary"], 1),
            "damages": it.damages,
            "damages of a store": lambda: it.damages("primary"),
            "arrivals": lambda: it.arrivals(at - 63 * DAY),
            "held_since": lambda: it.held_since("h0"),
            "find_acts": lambda: it.find_acts(["h0"], kind="verifica", limit=1),
            "find of alarms": lambda: it.find(kind="accettazione", since=at - 30 * DAY, until=at, limit=500),
            "find rare, of alarms": lambda: it.find(
                kind="non-accettazione", since=at - 900 * DAY, until=at - 800 * DAY, limit=500
            ),
            "same_transaction": lambda: it.same_transaction(
                identificativi=[f"opec{number}.20240301100000.12345.01.1.67@pec.example" for number in range(167)]
            ),
            "counts": it.counts,
            "kept_by_mailbox": it.kept_by_mailbox,
            "findings_by_code": it.findings_by_code,
            "unaccounted": it.unaccounted,
            "unread_count": lambda: it.unread_count(_version(), most=1_000_000),
            "unread": lambda: it.unread(_version()),
            "nights": lambda: it.nights(1),
            "nights ended": lambda: it.nights(1, ended=True),
            "nights all": it.nights,
            "rebuilding": it.rebuilding,
            "reports": lambda: it.reports("h0"),
            "reckonings newest": lambda: it.reckonings(box, newest=True),
            "restricted": lambda: it.restricted(self.digests[:20]),
        }  # fmt: skip

    def of_people(self) -> dict[str, Callable[[], Any]]:
        """search, show, evidence, export, discards, reports."""
        it, box, at = self.catalog, self.box, self.at
        return {
            "message": lambda: it.message(self.digests[0][:16]),
            "segment_of": lambda: it.segment_of(self.segments[0]),
            "linked": lambda: it.linked(["civile/roma/1/2024"]),
            "find word": lambda: it.find(["fattura"], limit=21),
            "find rare word": lambda: it.find([str(self.shape.messages // 2)], limit=21),
            "find address": lambda: it.find(sender="mittente77@pec.example", limit=21),
            "find of a mailbox": lambda: it.find(["fattura"], mailbox=box, limit=21),
            "find in a month": lambda: it.find(["fattura"], since=at - 400 * DAY, until=at - 370 * DAY, limit=21),
            "find_acts about": lambda: it.find_acts(["h0"], about=[self.digests[0]]),
            "lacking": it.lacking,
            "restrictions": lambda: it.restrictions(["h0"]),
            "places": lambda: it.places(box, self.digests),
            "placed": lambda: it.placed("h0", self.digests[:20]),
            "closed": lambda: it.closed("h0"),
            "segments_of": lambda: it.segments_of(self.volume),
            "segments_in": lambda: it.segments_in(box),
            "kept_in": lambda: it.kept_in(self.segments[0], mailbox=box),
            "messages_in": lambda: it.messages_in([self.volume]),
            "reaching": lambda: it.reaching([self.volume]),
            "together": lambda: it.together("h0", self.digests[:5]),
            "volumes_of": lambda: it.volumes_of("h0", self.digests[:5]),
            "volumes_dated": lambda: it.volumes_dated("h0", since=at - 400 * DAY, until=at - 370 * DAY, mailbox=box),
            "kept_for": lambda: it.kept_for(self.volume),
            "covered_by": lambda: it.covered_by([self.volume]),
            "held": lambda: it.held([box]),
            "reckonings": lambda: it.reckonings(box),
            "kinds_of": lambda: it.kinds_of([box]),
            "contents_of": lambda: it.contents_of([box]),
            "closed_between": lambda: it.closed_between([box], since=at - 400 * DAY, until=at),
            "read_copies": lambda: it.read_copies("h0", ["primary"], since=at - DAY, due=_due(at)),
            "renewed": lambda: it.renewed(since=at - 400 * DAY, until=at),
            "promises": it.promises,
            "promised": lambda: list(islice(it.promised(), 5000)),
            "pdvs_known": lambda: it.pdvs_known(box),
            "pdvs_lost": lambda: it.pdvs_lost(box),
            "named": lambda: it.named("h0"),
            "segments_known": lambda: it.segments_known(box),
        }  # fmt: skip

    def writing(self) -> dict[str, Callable[[], Any]]:
        """What the night records."""
        it, box, at = self.catalog, self.box, self.at
        pdv = PdvRow(digest("new"), "h0", box, POLLS + 9, at, Sha256("x"), Sha512("y"), 1, "h0/pdv/new.xml", "")
        segment = SegmentRow(
            digest("new"), "h0", box, pdv.id, "c", 10, "", "", 2026, 20, 1, self.digests[0], self.digests[1], at
        )
        messages = [
            replace(row, sha256=digest(f"new{number}"), segment=segment.sha256, mailbox=box, pdv=pdv.id)
            for number, row in enumerate(self._rows())
        ]
        volume = VolumeRow(digest("newest"), Sha256("x"), "h0", box, "c", 2026, 20, 1, at)
        record = EvidenceRow("pdv", pdv.id, "local", 1, "h0/pdv/new.local.000001.ers", at, "sha512", digest("t9999"))
        later = EvidenceRow("volume", self.volume, "local", 2, "h0/volumes/v.ers", at, "sha512", digest("t9999"))
        new = ObjectRow("h0/segments/ff/new.zip", "h0", "segment", segment.sha256, 1, "", at)
        night = NightRow("n", at, "host", 7)
        reckoning = ReckoningRow(box, "INBOX", 1_700_000_000, at, 22, 21, 1, 21, 21, 0, 0)
        attempt = AttemptRow(box, at, True, ("INBOX",), ())
        came = Note("INBOX", 1_700_000_000, Outcome.ARCHIVED, Uids.span(5001, 5020))
        gone = Note("INBOX", 1_700_000_000, Outcome.GONE, Uids.span(5021, 5021))
        damage = DamageRow("primary", self.names[0], "DIGEST", at, at)
        trust = TrustRow("h0", digest("new"), "crl", "crl", "CN=CA", "CN=CA", at, None, at)
        return {
            "begin_night": lambda: it.begin_night(night),
            "end_night": lambda: it.end_night(night),
            "note_attempt": lambda: it.note_attempt(attempt),
            "record_trust": lambda: it.record_trust([trust]),
            "record_pdv": lambda: it.record_pdv(
                pdv, [segment], messages, [volume.id], [came]
            ),
            "note_outcomes": lambda: it.note_outcomes(box, [gone], at),
            "note_failing": lambda: it.note_failing(FailingRow(box, "INBOX", 1_700_000_000, 9999, 1, at, "no")),
            "note_poll of another": lambda: it.note_poll(replace(attempt, mailbox="another"), []),
            "note_poll": lambda: it.note_poll(attempt, [reckoning]),
            "hand_out": lambda: it.hand_out(volume.id, Sha256("x"), b"<x/>", at),
            "taken_back": lambda: it.taken_back(volume.id),
            "record_evidence": lambda: it.record_evidence([record, later], [TokenRow(digest("t9999"), b"x", at)]),
            "record_volume": lambda: it.record_volume(volume, [segment.sha256], [pdv.id]),
            "cover": lambda: it.cover("h0", [trust.sha256], volume.id, at),
            "record_fetched": lambda: it.record_fetched(FetchedRow("http://x", "2026-01-01", at)),
            "ask": lambda: it.ask("local", self.night, cap=None),
            "granted": lambda: it.granted("local", self.night),
            "note_acts": lambda: it.note_acts([]),
            "promise": lambda: it.promise([new]),
            "learned": lambda: it.learned(new),
            "assign": lambda: it.assign(volume.id, [new.name]),
            "note_copies": lambda: it.note_copies([*self.copies, CopyRow("primary", new.name, at, at)]),
            "note_damages": lambda: it.note_damages([damage]),
            "resolve": lambda: it.resolve([damage]),
            "note_reread": lambda: it.note_reread(RereadRow("volume", self.volume, "sha512", b"x", at)),
            "forget_reread": lambda: it.forget_reread(at),
            "note_told": lambda: it.note_told([(item, Told(), 0) for item in it.unread(_version())[:20]], _version()),
        }  # fmt: skip

    def _rows(self) -> list[Any]:
        return self.catalog.messages_of(self.segments[:1])


def _version() -> int:
    from archiver.access.text import VERSION

    return VERSION


def _due(at: datetime) -> Any:
    from archiver.adapters.catalog.holding import Due

    return Due(at - 90 * DAY, at - 90 * DAY, at - 1642 * DAY)
