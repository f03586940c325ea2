"""What the catalog knows to be promised, and on how many stores it is; on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.acting import register
from support.catalogs import AT, HOLDER, brought, digest, message, opened, pdv, segment, trust, volume

from archiver.adapters.catalog import Catalog
from archiver.digest import Sha256
from archiver.package.act import ActKind, build
from archiver.submission.acts import noted
from archiver.submission.rows import CopyRow, DamageRow, EvidenceRow, ObjectRow

SEVERAL = 5


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def promise(
    catalog: Catalog, name: str, *, kind: str = "segment", sha256: str = "unknown", holder: str = HOLDER
) -> None:
    catalog.promise([ObjectRow(name, holder, kind, Sha256(sha256), 1, "", AT)])


# --- what is not promised yet


def test_segments_and_rapporti_are_told_page_by_page_until_they_are_promised(catalog: Catalog) -> None:
    there = sorted((brought(catalog, number) for number in range(1, SEVERAL)), key=lambda row: row.sha256)
    assert catalog.unpromised_segments() == there
    assert catalog.unpromised_segments(after=there[0].sha256, limit=2) == there[1:3]
    promise(catalog, "any name", sha256=there[1].sha256)
    promise(catalog, "index", sha256=there[2].sha256, kind="index")
    assert catalog.unpromised_segments() == [there[0], *there[2:]], "an object of another kind is none of these"
    reports = [pdv(number) for number in range(1, SEVERAL)]
    assert catalog.unpromised_pdvs() == reports
    assert catalog.unpromised_pdvs(after=reports[0].id, limit=2) == reports[1:3]
    promise(catalog, reports[1].name, kind="rdv")
    assert catalog.unpromised_pdvs() == [reports[0], *reports[2:]]


def test_the_same_segment_of_two_holders_is_two_objects(catalog: Catalog) -> None:
    reports = pdv(), pdv(mailbox="altra", holder="altri")
    for report in reports:
        catalog.record_pdv(report, [segment("shared", report)], [])
    promise(catalog, "one", sha256=digest("shared"))
    assert [row.holder for row in catalog.unpromised_segments()] == ["altri"]
    promise(catalog, "two", sha256=digest("shared"), holder="altri")
    assert catalog.unpromised_segments() == []


def test_volumes_are_told_until_their_index_is_promised(catalog: Catalog) -> None:
    volumes = [volume(f"v{number}") for number in range(SEVERAL)]
    for row in reversed(volumes):
        catalog.record_volume(row, [], [])
    assert catalog.unpromised_volumes() == volumes
    assert catalog.unpromised_volumes(after="v0", limit=2) == volumes[1:3]
    promise(catalog, "index", sha256=digest("v1"), kind="index")
    promise(catalog, "segment", sha256=digest("v2"))
    assert catalog.unpromised_volumes() == [volumes[0], *volumes[2:]]


def test_trust_material_is_told_for_each_holder_until_it_is_promised(catalog: Catalog) -> None:
    there = sorted(
        (trust(name, holder=holder) for name in "abc" for holder in (HOLDER, "altri")),
        key=lambda row: (row.holder, row.sha256, row.extension),
    )
    catalog.record_trust(there)
    assert catalog.unpromised_trust() == there
    first = there[0]
    assert catalog.unpromised_trust(after=(first.holder, first.sha256, first.extension), limit=3) == there[1:4]
    promise(catalog, "mine", sha256=first.sha256, kind="trust", holder=first.holder)
    assert catalog.unpromised_trust() == there[1:], "of the same certificate the other holder's is not promised"


def test_records_are_told_in_one_order_until_they_are_promised(catalog: Catalog) -> None:
    there = [
        EvidenceRow(subject, id, tsa, number, f"{subject}/{id}/{tsa}/{number}", AT)
        for subject in ("pdv", "volume")
        for id in ("a", "b")
        for tsa in ("prima", "seconda")
        for number in (1, 2)
    ]
    catalog.record_evidence(there[::-1])
    assert catalog.unpromised_evidence() == there
    assert catalog.unpromised_evidence(after=("pdv", "a", "seconda", 1), limit=3) == there[3:6]
    promise(catalog, there[3].name, kind="rdv-record")
    assert catalog.unpromised_evidence(limit=5) == [*there[:3], *there[4:6]]


def test_acts_are_told_page_by_page_until_they_are_promised(catalog: Catalog) -> None:
    acts = [register(*[ActKind.SHOW] * SEVERAL, holder=holder) for holder in ("altri", "studio")]
    made = [noted(act, build(act)) for one in acts for act in one]
    catalog.note_acts(made[::-1])
    rows = [item.row for item in made]
    assert catalog.unpromised_acts() == rows
    assert catalog.unpromised_acts(after=("altri", rows[0].id), limit=2) == rows[1:3]
    promise(catalog, rows[1].name, kind="act")
    assert catalog.unpromised_acts() == [rows[0], *rows[2:]]


# --- where it is


def test_what_is_known_of_a_copy_is_known_in_its_store_alone(catalog: Catalog) -> None:
    here, there = CopyRow("s", "a", AT, AT, AT, "v1"), CopyRow("t", "a", AT)
    catalog.note_copies([here, there, CopyRow("s", "b", AT)])
    assert catalog.copies("s", ["a", "unknown"]) == {"a": here}
    assert catalog.copies("t", ["a", "b"]) == {"a": there}
    assert catalog.copies("u", ["a"]) == {}
    assert catalog.copies("s", ["a", *map(str, range(70_000))]) == {"a": here}, "however many are asked for"
    later = replace(here, read=AT + timedelta(1), kept="*")
    catalog.note_copies([later])
    assert catalog.copies("s", ["a"]) == {"a": later}


def filled(catalog: Catalog, copies: list[CopyRow], damages: list[DamageRow] | None = None) -> None:
    """A segment of 7 messages named `a` and one of 2 named `b`, with these copies and damages."""
    report = pdv()
    sizes = {"a": 7, "b": 2}
    into = {name: segment(name, report, messages=count) for name, count in sizes.items()}
    catalog.record_pdv(report, list(into.values()), [message("m", report, into["a"])])
    for name in sizes:
        promise(catalog, name, sha256=digest(name))
    catalog.note_copies(copies)
    catalog.note_damages(damages or [])


def read(store: str, name: str) -> CopyRow:
    return CopyRow(store, name, AT, AT)


BOTH = [read("s", "a"), read("t", "a"), read("s", "b")]
SAFE: dict[str, tuple[list[CopyRow], list[DamageRow], int, tuple[int, int]]] = {
    "nowhere": ([], [], 1, (0, 9)),
    "on one store": (BOTH, [], 1, (9, 0)),
    "on two stores": (BOTH, [], 2, (7, 2)),
    "on more stores than there are": (BOTH, [], 3, (0, 9)),
    "never read back": ([read("s", "a"), CopyRow("t", "a", AT)], [], 2, (0, 9)),
    "on a store that is not asked for": ([read("s", "a"), read("gone", "a")], [], 2, (0, 9)),
    "rotten": (BOTH, [DamageRow("t", "a", "DIGEST", AT, AT)], 2, (0, 9)),
    "missing": (BOTH, [DamageRow("t", "a", "MISSING", AT, AT)], 2, (0, 9)),
    "another one rotten": (BOTH, [DamageRow("t", "b", "DIGEST", AT, AT)], 2, (7, 2)),
    "rotten elsewhere": (BOTH, [DamageRow("u", "a", "DIGEST", AT, AT)], 2, (7, 2)),
    "locked too short": (BOTH, [DamageRow("t", "a", "LOCK", AT, AT)], 2, (7, 2)),
}


@pytest.mark.parametrize("case", SAFE)
def test_messages_are_safe_on_so_many_stores_that_were_read_back(catalog: Catalog, case: str) -> None:
    copies, damages, wanted, expected = SAFE[case]
    filled(catalog, copies, damages)
    assert catalog.safety(["s", "t"], wanted) == expected


def test_messages_of_two_holders_are_not_safe_for_one_another(catalog: Catalog) -> None:
    for report in (pdv(), pdv(mailbox="altra", holder="altri")):
        catalog.record_pdv(report, [segment("shared", report, messages=3)], [])
    promise(catalog, "mine", sha256=digest("shared"))
    catalog.note_copies([read("s", "mine")])
    assert catalog.safety(["s"], 1) == (3, 3)


# --- whose evidence


def test_the_lineages_of_all_things_of_one_sort_are_told_at_once(catalog: Catalog) -> None:
    of = (("volume", "v1", "seconda", 1), ("volume", "v1", "prima", 1), ("volume", "v1", "prima", 2))
    others = (("volume", "v2", "prima", 1), ("pdv", "p1", "terza", 1))
    catalog.record_evidence([EvidenceRow(*row, "/".join(map(str, row)), AT) for row in (*of, *others)])
    assert catalog.lineages_of_all("volume") == {"v1": ["prima", "seconda"], "v2": ["prima"]}
    assert catalog.lineages_of_all("pdv") == {"p1": ["terza"]}
    assert catalog.lineages_of_all("report") == {}
