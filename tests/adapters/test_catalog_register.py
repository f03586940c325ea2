"""What the catalog knows of acts, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.acting import AT, MESSAGE, act, register
from support.catalogs import opened

from archiver.adapters.catalog import Catalog
from archiver.digest import sha256
from archiver.package.act import Act, ActKind, build
from archiver.submission.acts import noted, told
from archiver.submission.rows import EvidenceRow

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def note(catalog: Catalog, *acts: Act) -> None:
    catalog.note_acts([noted(item, build(item)) for item in acts])


def test_the_last_act_is_that_of_the_greatest_number_of_its_holder(catalog: Catalog) -> None:
    assert catalog.last_act("h-1") is None
    mine, others = register(*[ActKind.SHOW] * 3, seconds=0), register(ActKind.SHOW, holder="h-2")
    note(catalog, *reversed(mine), *others)
    found = catalog.last_act("h-1")
    assert found == noted(mine[2], build(mine[2])).row
    assert found.name == mine[2].name  # type: ignore[union-attr]


def test_an_act_is_noted_once_and_stays_as_it_was(catalog: Catalog) -> None:
    first = act(ActKind.SHOW)
    note(catalog, first)
    row = catalog.last_act("h-1")
    note(catalog, first)
    assert catalog.acts_between("h-1", 0, 9) == [row]
    assert [found.id for found in catalog.find_acts(["h-1"], about=[MESSAGE])] == [first.id]


def test_of_a_lost_act_the_next_one_tells(catalog: Catalog) -> None:
    first, second = register(ActKind.SHOW, ActKind.SHOW)
    assert second.previous is not None
    catalog.note_acts([told("h-1", second.previous)])
    row = catalog.last_act("h-1")
    assert row is not None
    assert (row.id, row.number, row.at, row.sha256, row.size) == (first.id, 1, first.at, "", -1)


def test_acts_behind_the_last_covered_one_are_told_by_number(catalog: Catalog) -> None:
    acts = register(*[ActKind.SHOW] * 5)
    note(catalog, *acts)
    assert catalog.last_covered("h-1", []) is None
    assert catalog.last_covered("h-2", [acts[1].id]) is None
    before = catalog.last_covered("h-1", [acts[0].id, acts[1].id, "20990101t000000z-000000009-" + "0" * 32])
    assert before is not None
    assert before.number == 2
    assert [row.number for row in catalog.acts_between("h-1", 2, 4)] == [3, 4]


def test_the_newest_of_very_many_covered_acts_is_found(catalog: Catalog) -> None:
    note(catalog, act(ActKind.SHOW))
    strangers = [f"20990101t000000z-{number:09}-{'0' * 32}" for number in range(250)]
    found = catalog.last_covered("h-1", [*strangers, act(ActKind.SHOW).id])
    assert found is not None


OTHER = sha256(b"altro")
ACTS = register(ActKind.SEARCH, ActKind.SHOW, ActKind.SHOW, ActKind.TRUST_REVOKED)
ACTS[2] = act(ActKind.SHOW, after=ACTS[1], at=ACTS[2].at, who="verdi", what={"messages": [OTHER]})
ACTS[3] = act(ActKind.TRUST_REVOKED, after=ACTS[2], at=ACTS[3].at)
ASKED: dict[str, tuple[Mapping[str, Any], list[int]]] = {
    "everything": ({}, [4, 3, 2, 1]),
    "since": ({"since": AT + SECOND}, [4, 3, 2]),
    "until": ({"until": AT + SECOND}, [1]),
    "who": ({"who": "verdi"}, [3]),
    "kind": ({"kind": "show"}, [3, 2]),
    "about a message": ({"about": [MESSAGE]}, [2, 1]),
    "about the beginning of a digest": ({"about": [OTHER[:8]]}, [3]),
    "about a certificate": ({"about": [sha256(b"c")]}, [4]),
    "about several": ({"about": [MESSAGE, OTHER, sha256(b"c")]}, [4, 3, 2, 1]),
    "about nothing that is here": ({"about": [sha256(b"nulla")]}, []),
    "together": ({"kind": "show", "who": "rossi"}, [2]),
    "a page": ({"limit": 2}, [4, 3]),
    "the page after": ({"limit": 2, "after": (ACTS[2].at, "h-1", ACTS[2].id)}, [2, 1]),
}


@pytest.mark.parametrize("asked", ASKED)
def test_acts_are_found_by_what_they_say_the_newest_first(catalog: Catalog, asked: str) -> None:
    note(catalog, *ACTS)
    filters, expected = ASKED[asked]
    assert [row.number for row in catalog.find_acts(["h-1"], **filters)] == expected
    assert catalog.find_acts(["h-2"], **filters) == []


IDS: dict[str, tuple[Mapping[str, Any], list[int]]] = {
    "all": ({}, [0, 1, 2, 3]),
    "not older than the third": ({"since": ACTS[2].at}, [2, 3]),
    "of a kind": ({"kinds": ["trust-revoked"]}, [3]),
    "of kinds": ({"kinds": ["search", "trust-revoked"]}, [0, 3]),
    "of a kind and not older": ({"kinds": ["search"], "since": ACTS[1].at}, []),
}


@pytest.mark.parametrize("asked", IDS)
def test_ids_of_a_holder_are_told_by_time_and_kind(catalog: Catalog, asked: str) -> None:
    note(catalog, *ACTS, *register(ActKind.SEARCH, holder="h-2"))
    filters, expected = IDS[asked]
    assert catalog.act_ids("h-1", **filters) == {ACTS[number].id for number in expected}


def test_the_records_of_a_holders_acts_are_told_by_name(catalog: Catalog) -> None:
    names = ["h-1/acts/b.t1.000001.ers", "h-1/acts/a.t1.000001.ers", "h-10/acts/c.t1.000001.ers"]
    rows = [EvidenceRow("act", name.split(".")[0], "t1", 1, name, AT) for name in names]
    catalog.record_evidence([*rows, EvidenceRow("batch", "d", "t1", 1, "h-1/trust/batches/d.t1.000001.ers", AT)])
    assert catalog.act_records("h-1") == sorted(names[:2])
    assert catalog.act_records("h-2") == []
