"""Acts as objects: one way to write them, names that fit, the newest word holds, none without evidence is forgotten."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from support.acting import AT, MESSAGE, register, stored
from support.acting import act as made

from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.memory import MemoryStore
from archiver.digest import sha256, sha512
from archiver.errors import Malformed
from archiver.package import act, layout
from archiver.package.act import ActKind, Link
from archiver.submission.acts import caught_up, listed, read_acts, replay

ACT = made()
GOOD = act.build(ACT)


def bent(**changes: Any) -> bytes:
    """The act with other fields, written as it should be."""
    fields = json.loads(GOOD) | changes
    known = {name: value for name, value in fields.items() if value is not ...}
    return (json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def test_an_act_is_read_as_it_was_written() -> None:
    assert act.read(GOOD) == ACT
    assert bent() == GOOD


def test_an_act_says_what_the_certificate_is_or_does_not() -> None:
    said = act.read(bent(what={"certificate": {**ACT.what["certificate"], "kind": "provider"}}))
    assert (said.certificate_kind, ACT.certificate_kind, made(ActKind.SHOW).certificate_kind) == ("provider", "", "")


def test_the_name_of_an_act_says_when_and_its_number_and_begins_its_digest_and_says_nothing_of_persons() -> None:
    assert ACT.name == f"h-1/acts/20261122t071500z-000000001-{sha256(GOOD)[:32]}.json"
    assert layout.parse(ACT.name) == layout.Parsed(layout.Kind.ACT, "h-1", ACT.name[9:-5])


BAD: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"{",
    "not UTF-8": GOOD.replace("è".encode(), b"\xe8"),
    "a list": b"[]\n",
    "no line end": GOOD.rstrip(b"\n"),
    "two line ends": GOOD + b"\n",
    "blanks": GOOD.replace(b":", b": ", 1),
    "keys in another order": b'{"who":"rossi",' + GOOD[1:].replace(b',"who":"rossi"', b""),
    "escapes": GOOD.replace("è".encode(), b"\\u00e8"),
    "a key twice": b'{"at":"2026-11-22T07:15:00Z",' + GOOD[1:],
    "a key missing": bent(reason=...),
    "a key more": bent(more=""),
    "another version": bent(version=2),
    "a version that is true": bent(version=True),
    "a kind of the future": bent(kind="hold"),
    "the second without the first": bent(number=2),
    "the first behind another": bent(previous={"id": ACT.id, "sha512": sha512(GOOD)}),
    "number nought": bent(number=0),
    "a number that is true": bent(number=True),
    "a number in digits": bent(number="1"),
    "a link that is a text": bent(previous="x", number=2),
    "a link to no id": bent(previous={"id": "20261122t071500z-1", "sha512": sha512(GOOD)}, number=2),
    "a link in capitals": bent(previous={"id": ACT.id, "sha512": "A" * 128}, number=2),
    "a number left out": bent(previous={"id": ACT.id, "sha512": sha512(GOOD)}, number=3),
    "before the one it follows": bent(
        previous={"id": ACT.id, "sha512": sha512(GOOD)}, number=2, at="2026-11-22T07:14:59Z"
    ),
    "no role": bent(role=""),
    "without what": bent(what=None),
    "a certificate in a search": bent(kind="search"),
    "no certificate in a decision": bent(what={"messages": []}),
    "a time with an offset": bent(at="2026-11-22T08:15:00+01:00"),
    "a fraction of a second": bent(at="2026-11-22T07:15:00.5Z"),
    "no reason": bent(reason=" "),
    "nobody": bent(who=""),
    "a line end in the reason": bent(reason="a\nb"),
    "a text turned around": bent(reason="a\u202eb"),
    "half a character": GOOD.replace("è".encode(), b"\\ud800"),
    "a text without end": bent(reason="a" * 1001),
    "a holder that is a path": bent(holder="../h-1"),
    "a digest in capitals": bent(what={"certificate": {"issuer": "", "sha256": "A" * 64, "subject": ""}}),
    "a certificate that is a text": bent(what={"certificate": "x"}),
    "a kind of certificate in words": bent(what={"certificate": {**ACT.what["certificate"], "kind": "di un gestore"}}),
    "a kind of certificate that is none": bent(what={"certificate": {**ACT.what["certificate"], "kind": 1}}),
    "a number for a text": bent(who=7),
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD)
def test_what_is_no_act_is_refused_whatever_it_looks_like(octets: bytes) -> None:
    with pytest.raises(Malformed, match="act"):
        act.read(octets)


def test_the_newest_act_holds_in_whatever_order_they_are_read() -> None:
    acts = register(ActKind.TRUST_CONFIRMED, ActKind.TRUST_REVOKED, ActKind.TRUST_CONFIRMED)
    for order in permutations(acts):
        (row,) = replay(order)
        assert (row.state, row.at, row.act) == ("confirmed", acts[2].at, acts[2].name)
    (row,) = replay(reversed(acts[:2]))
    assert row.state == "revoked"


def test_of_two_acts_of_one_second_the_one_with_the_greater_number_holds() -> None:
    confirmed, revoked = register(ActKind.TRUST_CONFIRMED, ActKind.TRUST_REVOKED, seconds=0)
    (row,) = replay([revoked, confirmed])
    assert row.state == "revoked"


WHAT: dict[str, dict[str, Any]] = {
    "an address": {"recipient": "mario@pec.esempio.it"},
    "a Message-ID": {"dossier": "<1@pec.esempio.it>"},
    "a subject": {"subject": "Atto di citazione"},
    "a term that was searched for": {"filters": ["from", "mario rossi"]},
    "an address as a key": {"mario@pec.esempio.it": 1},
    "a number that is not whole": {"results": 1.5},
    "nothing at all, nested": {"a": [[[[[[]]]]]]},
}


@pytest.mark.parametrize("what", WHAT.values(), ids=WHAT)
def test_an_access_cannot_hold_what_would_tell_of_persons(what: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="what"):
        made(ActKind.SHOW, what=what)


def test_an_access_holds_digests_and_counts_and_is_found_by_its_digests() -> None:
    what = {"messages": [MESSAGE, MESSAGE], "results": 2, "more": False, "filters": ["from"], "mailbox": None}
    item = made(ActKind.SHOW, what=what, reason="")
    assert act.read(act.build(item)) == item
    assert item.about == (MESSAGE,)
    assert item.certificate is None


def test_an_act_beyond_its_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="bytes"):
        made(ActKind.EXPORT, what={"messages": [MESSAGE] * 20_000})
    with pytest.raises(Malformed, match="bytes"):
        act.read(b" " * (act.LARGEST + 1))


def test_an_act_names_the_one_before_it_by_id_and_sha512() -> None:
    first, second = register(ActKind.SEARCH, ActKind.SHOW)
    assert second.previous == Link(first.id, sha512(act.build(first)))
    assert act.place(second.id) == (second.at, 2)


def test_acts_of_a_holder_are_read_in_order_and_those_of_others_are_not() -> None:
    mine = register(ActKind.TRUST_CONFIRMED, ActKind.TRUST_REVOKED)
    store = stored([*reversed(mine), made(holder="h-2")])
    assert list(read_acts(store, ["h-1"])) == mine
    assert list(read_acts(store, ["h-1"], but={mine[0].id})) == mine[1:]


CHANGES: dict[str, Callable[[MemoryStore], None]] = {
    "moved": lambda store: store.put(layout.act("h-1", "20270101t000000z-" + "0" * 32), GOOD),
    "of another holder": lambda store: store.put(ACT.name.replace("h-1", "h-3"), GOOD),
    "broken": lambda store: store.put(layout.act("h-1", "20270101t000000z-" + "1" * 32), b"{}"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_act_that_does_not_fit_its_name_is_named_and_the_others_are_read(
    change: Callable[[MemoryStore], None],
) -> None:
    store = stored([ACT])
    change(store)
    found = list(read_acts(store, ["h-1", "h-3"]))
    assert found.count(ACT) == 1
    (error,) = (item for item in found if isinstance(item, Malformed))
    assert "/acts/" in str(error)


def test_acts_with_a_record_in_the_store_are_known_whatever_the_catalog_says() -> None:
    first, second = register(ActKind.SHOW, ActKind.SHOW)
    store = stored([first, second])
    assert listed(store, "h-1") == ({first.id, second.id}, set())
    store.put(layout.act_record("h-1", second.id, tsa="local", number=1), b"record")
    assert listed(store, "h-1") == ({first.id, second.id}, {second.id})
    assert listed(store, "h-2") == (set(), set())


class Listing(MemoryStore):
    """Remembers what it was asked to list."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def list(self, prefix: str = "") -> Any:
        self.asked.append(prefix)
        return super().list(prefix)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    made = Catalog.open(f"sqlite:///{tmp_path}/catalog.db", create=True)
    yield made
    made.close()


def test_a_catalog_that_was_put_back_knows_what_came_after_it_and_only_that_time_is_listed(catalog: Catalog) -> None:
    old = register(*[ActKind.SHOW] * 3, seconds=86_400)  # three days
    store = Listing()
    stored(old[:2], store)
    assert caught_up(store, catalog, "h-1", at=old[1].at) == catalog.last_act("h-1")
    known = catalog.last_act("h-1")
    assert (known.number, known.id, known.sha512) == (2, old[1].id, sha512(act.build(old[1])))  # type: ignore[union-attr]
    stored(old[2:], store)
    store.asked.clear()
    last = caught_up(store, catalog, "h-1", at=old[2].at + timedelta(hours=3))
    assert last is not None
    assert last.id == old[2].id
    assert store.asked == ["h-1/acts/20261123", "h-1/acts/20261124"]
    assert len(catalog.act_ids("h-1")) == 3


TIMES = {
    "the same day": (timedelta(minutes=1), ["20261122"]),
    "the last hour of a day": (timedelta(hours=16), ["20261122", "20261123"]),
    "a year later": (timedelta(days=60), ["202611", "202612", "202701"]),
}


@pytest.mark.parametrize("time", TIMES)
def test_what_is_listed_reaches_from_the_last_known_act_to_now(catalog: Catalog, time: str) -> None:
    later, expected = TIMES[time]
    first = made(ActKind.SHOW)
    store = Listing()
    stored([first], store)
    caught_up(store, catalog, "h-1", at=AT)
    second = made(ActKind.SHOW, after=first, at=AT + later)
    stored([second], store)
    store.asked.clear()
    last = caught_up(store, catalog, "h-1", at=AT + later)
    assert last is not None
    assert last.id == second.id
    assert [name.removeprefix("h-1/acts/") for name in store.asked] == expected


def test_what_cannot_be_read_is_no_head_to_follow(catalog: Catalog) -> None:
    first, second = register(ActKind.SHOW, ActKind.SHOW)
    store = stored([first])
    store.put(second.name, b"rotten")
    last = caught_up(store, catalog, "h-1", at=AT)
    assert last is not None
    assert last.id == first.id
