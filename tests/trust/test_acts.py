"""Acts as objects: one way to write them, names that fit, the newest word holds, none without evidence is forgotten."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from archiver.adapters.stores.memory import MemoryStore
from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.package import act, layout
from archiver.package.act import Act, ActKind
from archiver.submission.acts import read_acts, replay, unproven

AT = datetime(2026, 11, 22, 7, 15, tzinfo=UTC)
ACT = Act(ActKind.TRUST_REVOKED, "h-1", AT, "rossi", "furto della chiave è", sha256(b"c"), "Gestore Uno", "CA PEC")
GOOD = act.build(ACT)


def bent(**changes: Any) -> bytes:
    """The act with other fields, written as it should be."""
    fields = json.loads(GOOD) | changes
    known = {name: value for name, value in fields.items() if value is not ...}
    return (json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def test_an_act_is_read_as_it_was_written() -> None:
    assert act.read(GOOD) == ACT
    assert bent() == GOOD


def test_the_name_of_an_act_says_when_and_begins_its_digest_and_nothing_of_persons() -> None:
    assert ACT.name == f"h-1/acts/20261122t071500z-{sha256(GOOD)[:32]}.json"
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
    "a time with an offset": bent(at="2026-11-22T08:15:00+01:00"),
    "a fraction of a second": bent(at="2026-11-22T07:15:00.5Z"),
    "no reason": bent(reason=" "),
    "nobody": bent(who=""),
    "a line end in the reason": bent(reason="a\nb"),
    "a text turned around": bent(reason="a\u202eb"),
    "half a character": GOOD.replace("è".encode(), b"\\ud800"),
    "a text without end": bent(reason="a" * 1001),
    "a holder that is a path": bent(holder="../h-1"),
    "a digest in capitals": bent(certificate={"issuer": "", "sha256": "A" * 64, "subject": ""}),
    "a certificate that is a text": bent(certificate="x"),
    "a number for a text": bent(who=7),
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD)
def test_what_is_no_act_is_refused_whatever_it_looks_like(octets: bytes) -> None:
    with pytest.raises(Malformed, match="act"):
        act.read(octets)


def revoked(seconds: int) -> Act:
    return replace(ACT, at=AT + timedelta(seconds=seconds))


def confirmed(seconds: int) -> Act:
    return replace(revoked(seconds), kind=ActKind.TRUST_CONFIRMED)


def test_the_newest_act_holds_in_whatever_order_they_are_read() -> None:
    acts = [confirmed(0), revoked(1), confirmed(2)]
    for order in permutations(acts):
        (row,) = replay(order)
        assert (row.state, row.at, row.act) == ("confirmed", acts[2].at, acts[2].name)
    (row,) = replay(reversed(acts[:2]))
    assert row.state == "revoked"


def stored(*acts: Act) -> MemoryStore:
    store = MemoryStore()
    for item in acts:
        store.put(item.name, act.build(item))
    return store


def test_acts_of_a_holder_are_read_in_order_and_those_of_others_are_not() -> None:
    store = stored(revoked(1), confirmed(0), replace(ACT, holder="h-2"))
    assert list(read_acts(store, ["h-1"])) == [confirmed(0), revoked(1)]


CHANGES: dict[str, Callable[[MemoryStore], None]] = {
    "moved": lambda store: store.put(layout.act("h-1", "20270101t000000z-" + "0" * 32), act.build(confirmed(5))),
    "of another holder": lambda store: store.put(ACT.name.replace("h-1", "h-3"), GOOD),
    "broken": lambda store: store.put(layout.act("h-1", "20270101t000000z-" + "1" * 32), b"{}"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_act_that_does_not_fit_its_name_is_named_and_the_others_are_read(
    change: Callable[[MemoryStore], None],
) -> None:
    store = stored(ACT)
    change(store)
    found = list(read_acts(store, ["h-1", "h-3"]))
    assert found.count(ACT) == 1
    (error,) = (item for item in found if isinstance(item, Malformed))
    assert "/acts/" in str(error)


def test_an_act_is_due_for_evidence_until_it_is_proven_whatever_lies_beside_it() -> None:
    store = stored(confirmed(0), revoked(1))
    first, second = unproven(store, "h-1", proven=lambda act: False)
    assert (first.name, second.name) == (confirmed(0).name, revoked(1).name)
    store.put(layout.act_record("h-1", first.id, tsa="local", number=1), b"record")
    assert unproven(store, "h-1", proven=lambda act: False) == [first, second]
    assert unproven(store, "h-1", proven=lambda act: act == first.id) == [second]
    assert unproven(store, "h-2", proven=lambda act: False) == []
