"""What the catalog promises to discards, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.catalogs import AT, HOLDER, MAILBOX, brought, digest, message, opened, pdv, segment, trust, volume

from archiver.adapters.catalog import Catalog
from archiver.digest import Sha256
from archiver.submission.discards import DestroyedRow, DiscardRow, TombstoneRow
from archiver.submission.oblivion import Oblivion, Rewritten
from archiver.submission.rows import CopyRow, DamageRow, EvidenceRow, ObjectRow, SegmentRow, TokenRow


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


RECORD = DiscardRow(HOLDER, "d-1", f"{HOLDER}/discards/d-1/discard.xml.p7m", digest("record"), 900, AT)


def grave(name: str, of: SegmentRow) -> TombstoneRow:
    return TombstoneRow(digest(name), of.mailbox, of.holder, of.pdv, "d-1")


def oblivion(*graves: TombstoneRow, **more: object) -> Oblivion:
    return Oblivion(RECORD, (DestroyedRow(HOLDER, digest("v1"), "", "d-1"),), graves, **more)  # type: ignore[arg-type]


def evidence(subject_id: str, token: str) -> tuple[EvidenceRow, TokenRow]:
    name = f"{HOLDER}/volumes/{subject_id}/evidence/local/000001.ers"
    return EvidenceRow("volume", subject_id, "local", 1, name, AT, token=token), TokenRow(token, b"t", AT)


def test_a_volume_is_forgotten_whole_and_nothing_else_is(catalog: Catalog) -> None:
    first, second = brought(catalog, 1), brought(catalog, 2)
    folder = f"{HOLDER}/volumes/v1/"
    catalog.record_volume(volume(), [first.sha256], [first.pdv])
    catalog.record_volume(volume("v2"), [second.sha256], [second.pdv])
    for row, token in (evidence("v1", "only v1's"), evidence("v2", "v2's")):
        catalog.record_evidence([row], [token])
    catalog.record_trust([trust("ca"), trust("tsa")])
    catalog.cover(HOLDER, [digest("ca")], "v1", AT)
    catalog.cover(HOLDER, [digest("tsa")], "v2", AT)
    names = [f"{folder}metadata.zip", f"{HOLDER}/volumes/v10/metadata.zip", "x/kept", "x/gone"]
    catalog.promise([ObjectRow(name, HOLDER, "metadata", Sha256("a"), 1, "v1", AT) for name in names])
    catalog.note_copies([CopyRow("copia", name, AT) for name in names])
    catalog.note_damages([DamageRow("copia", names[0], "DIGEST", AT, AT)])
    assert catalog.covered_by(["v1"]) == {digest("ca")}
    done = oblivion(grave("message legale-1", first), volumes=("v1",), folders=(folder,), objects=("x/gone",))
    assert [catalog.forget_discarded(done) for _ in range(2)] == [1, 0]
    assert [row.id for row in catalog.closed(HOLDER)] == ["v2"]
    assert (catalog.segments_of("v1"), catalog.segments_of("v2")) == ([], [replace(second, volume="v2")])
    assert catalog.message(digest("message legale-1")) == []
    assert [row.sha256 for row in catalog.find(["oggetto"])] == [digest("message legale-2")]
    assert catalog.linked(["sdi:message legale-1"]) == []
    assert len(catalog.linked(["sdi:message legale-2"])) == 1
    assert catalog.evidence_of("volume", "v1") == []
    assert [row.token.sha256 for row in catalog.newest_tokens()] == ["v2's"]
    assert [row.sha256 for row in catalog.uncovered(HOLDER)] == [digest("ca")]
    assert {name: row.subject for name, row in catalog.objects(names).items()} == {names[1]: "*", "x/kept": "*"}
    assert sorted(catalog.copies("copia", names)) == sorted(names[1:3])
    assert catalog.damages() == []
    assert catalog.pdvs_without_volume(MAILBOX) == []
    assert catalog.discarded(MAILBOX, [digest("message legale-1"), digest("message legale-2")]) == {
        digest("message legale-1")
    }
    assert catalog.discarded("altra", [digest("message legale-1")]) == frozenset()
    assert catalog.discards(HOLDER) == catalog.discards() == [RECORD]
    assert catalog.destroyed(HOLDER, [digest("v1"), digest("v2")]).keys() == {digest("v1")}


def test_of_a_segment_that_was_rewritten_the_messages_left_lie_in_the_new_one(catalog: Catalog) -> None:
    report = pdv()
    into = segment("old", report, messages=2)
    catalog.record_pdv(report, [into], [message("stays", report, into), message("goes", report, into)])
    catalog.record_volume(volume(), [into.sha256], [report.id])
    held = replace(into, volume="v1")
    new = replace(held, sha256=digest("new"), messages=1, size=500, first=digest("stays"), last=digest("stays"))
    name = f"{HOLDER}/volumes/v1/metadata.zip"
    catalog.promise([ObjectRow(name, HOLDER, "metadata", digest("before"), 9, "v1", AT)])
    catalog.note_copies([CopyRow("copia", name, AT, AT)])
    moved = Rewritten(into.sha256, MAILBOX, new, {digest("stays"): 7})
    done = oblivion(grave("goes", into), rewritten=(moved,), changed=((name, digest("after"), 5),), touched=("v1",))
    for _ in range(2):
        catalog.forget_discarded(done)
        assert catalog.segments_of("v1") == [new]
        ((row, place),) = catalog.placed(HOLDER, [digest("stays"), digest("goes")])
        assert (row.segment, row.offset, place) == (digest("new"), 7, new)
        assert catalog.objects([name])[name].sha256 == digest("after")
        assert catalog.copies("copia", [name]) == {}


def test_a_segment_of_which_nothing_is_left_is_gone(catalog: Catalog) -> None:
    into = brought(catalog)
    catalog.record_volume(volume(), [into.sha256], [into.pdv])
    catalog.forget_discarded(
        oblivion(grave("message legale-1", into), rewritten=(Rewritten(into.sha256, MAILBOX, None),))
    )
    assert catalog.segments_of("v1") == []
    assert [row.id for row in catalog.closed(HOLDER)] == ["v1"]


def test_what_shares_a_transaction_is_together_and_what_reaches_out_of_a_list_is_told(catalog: Catalog) -> None:
    chain = {"sent": ("", "<1@x>"), "taken": ("id1", "<1@x>"), "delivered": ("id1", ""), "other": ("id2", "<2@x>")}
    placed = {"sent": "v1", "taken": "v1", "delivered": "v2", "other": "v1"}
    segments = {}
    for number, (name, (identificativo, msgid)) in enumerate(chain.items(), 1):
        report = pdv(number)
        segments[name] = segment(name, report)
        row = replace(message(name, report, segments[name]), identificativo=identificativo, msgid=msgid)
        catalog.record_pdv(report, [segments[name]], [row])
    for id in ("v1", "v2"):
        mine = [segments[name].sha256 for name, of in placed.items() if of == id]
        catalog.record_volume(volume(id), mine, [])
    assert catalog.together(HOLDER, [digest("sent")]) == {digest("sent"), digest("taken"), digest("delivered")}
    assert catalog.together("altri", [digest("sent")]) == {digest("sent")}
    assert catalog.reaching(["v1"]) == {"v1": [digest("taken")]}
    assert catalog.reaching(["v1", "v2"]) == {}
    assert catalog.volumes_of(HOLDER, [digest("delivered"), digest("other")]) == {"v1", "v2"}
    day = timedelta(days=1)
    assert catalog.volumes_dated(HOLDER, since=AT, until=AT + day) == {"v1", "v2"}
    assert catalog.volumes_dated(HOLDER, since=AT + day, until=None) == frozenset()
    assert catalog.volumes_dated(HOLDER, since=None, until=AT) == frozenset()
    assert catalog.volumes_dated(HOLDER, since=AT, until=None, mailbox="altra") == frozenset()


def test_the_messages_of_volumes_come_page_by_page(catalog: Catalog) -> None:
    into = [brought(catalog, number) for number in range(1, 8)]
    catalog.record_volume(volume(), [row.sha256 for row in into], [])
    found: list[str] = []
    after = ("", "")
    while page := catalog.messages_in(["v1", "v9"], after=after, limit=3):
        assert len(page) <= 3
        found += [row.sha256 for row in page]
        after = (page[-1].sha256, page[-1].mailbox)
    assert found == sorted(digest(f"message legale-{number}") for number in range(1, 8))


def test_what_is_kept_for_a_volumes_sake_is_what_is_promised_for_it(catalog: Catalog) -> None:
    subjects = {"x/b": "v1", "x/a": "v1", "x/other": "v10", "x/ever": "*"}
    catalog.promise([ObjectRow(name, HOLDER, "pdv", digest(name), 1, of, AT) for name, of in subjects.items()])
    assert catalog.kept_for("v1") == ["x/a", "x/b"]
    assert catalog.kept_for("v2") == []


def test_a_record_is_unpromised_until_its_object_is_promised_and_noted_twice_it_is_one(catalog: Catalog) -> None:
    destroyed = DestroyedRow(HOLDER, digest("v1"), "", "d-1")
    for _ in range(2):
        catalog.note_discards([RECORD], [destroyed], [])
        assert catalog.discards() == catalog.unpromised_discards() == [RECORD]
        assert catalog.destroyed(HOLDER, [digest("v1")]) == {digest("v1"): destroyed}
    catalog.promise([ObjectRow(RECORD.name, HOLDER, "discard", RECORD.sha256, RECORD.size, "*", AT)])
    assert catalog.unpromised_discards() == []


def test_a_discarded_message_is_found_by_the_beginning_of_its_digest(catalog: Catalog) -> None:
    into = brought(catalog)
    graves = [replace(grave("one", into), sha256=Sha256(digits * 16)) for digits in ("ab10", "ab1f", "ab20")]
    elsewhere = replace(graves[0], mailbox="altra")
    catalog.note_discards(tombstones=[*graves, elsewhere])
    assert catalog.tombstones("ab1") == [elsewhere, *graves[:2]]
    assert catalog.tombstones("ab1", limit=1) == [elsewhere]
    assert catalog.tombstones(graves[2].sha256) == [graves[2]]
    assert catalog.tombstones("ab3") == []
