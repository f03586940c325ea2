"""Repairs in buckets with versions: what counts is the word of the last repair; all that lies beside is counted."""

import itertools
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from servers.imitation import Answer, Imitation, Request, Response
from support.buckets import fresh, now
from support.damage import Raw, flipped
from support.places import GOOD, NAME, OTHER, BucketPlace, as_it_was, in_bucket
from support.power import Mains, PowerCut

from archiver.adapters.stores.s3 import S3Store
from archiver.adapters.stores.s3.client import Connection
from archiver.errors import Unavailable
from archiver.ports import Held

PLACES = {"moto": in_bucket("moto"), "ceph": in_bucket("gateway")}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> BucketPlace:
    return PLACES[request.param](request)


@pytest.fixture
def raw(place: BucketPlace) -> Raw:
    return place.damage


def test_versions_beside_the_object_are_counted_but_for_its_twins(place: BucketPlace, raw: Raw) -> None:
    raw.cover(NAME, GOOD)
    assert list(place.store.inventory(NAME)) == [Held(NAME, len(GOOD))], "two writers at once leave two"
    raw.cover(NAME, b"one")
    raw.cover(NAME, b"two")
    assert list(place.store.inventory(NAME)) == [Held(NAME, len(GOOD), others=2)]
    raw.hide(NAME)
    assert list(place.store.inventory(NAME)) == [Held(NAME, len(GOOD), hidden=True, others=2)]
    place.store.repair(NAME, GOOD)
    assert list(place.store.inventory(NAME)) == [Held(NAME, len(GOOD))]
    raw.cover(NAME, b"three")
    for store in (place.store, place.again()):
        assert list(store.inventory(NAME)) == [Held(NAME, len(GOOD), others=1)]


def test_an_object_of_which_only_delete_markers_are_left_is_not_there(place: BucketPlace, raw: Raw) -> None:
    raw.hide(NAME)
    for version in raw.versions(NAME):
        raw.destroy_version(NAME, version)
    assert list(place.again().inventory(NAME)) == []
    place.store.repair(NAME, GOOD)
    assert place.seen(NAME) == as_it_was()
    assert list(place.again().inventory(NAME)) == [Held(NAME, len(GOOD))]


def test_what_a_repair_says_is_locked_and_can_be_read_by_hand(place: BucketPlace, raw: Raw) -> None:
    raw.change(NAME, flipped)
    bad = raw.versions(NAME)
    place.store.repair(NAME, GOOD)
    told = json.loads(raw.read(f".repaired/{NAME}"))
    assert told == {"version": raw.versions(NAME)[0], "sha256": sha256(GOOD).hexdigest(), "beside": bad}
    for name in (NAME, f".repaired/{NAME}"):
        assert raw("head_object", name)["ObjectLockMode"] == "GOVERNANCE"
    assert all(not item.name.startswith(".") for item in place.again().inventory())


def test_a_good_copy_is_locked_as_long_as_what_it_replaces(place: BucketPlace, raw: Raw) -> None:
    until = (now() + timedelta(days=400)).replace(microsecond=0)
    place.store.retain(NAME, until=until)
    raw.hide(NAME)
    place.store.repair(NAME, GOOD)
    assert place.again().locked_until(NAME) == until
    assert raw("head_object", NAME)["ObjectLockRetainUntilDate"] == until


WORDS: dict[str, Callable[[Raw, str], None]] = {
    "nothing": lambda raw, name: raw.destroy(name),
    "a delete marker": lambda raw, name: raw.hide(name),
    "no JSON": lambda raw, name: raw.cover(name, b"\xff{"),
    "no object": lambda raw, name: raw.cover(name, b"[]"),
    "other fields": lambda raw, name: raw.cover(name, b'{"version": 3, "sha256": "", "beside": []}'),
    "no list": lambda raw, name: raw.cover(name, b'{"version": "x", "sha256": "", "beside": 5}'),
    "a version that is not there": lambda raw, name: raw.cover(name, b'{"version": "x", "sha256": "", "beside": []}'),
}


@pytest.mark.parametrize("word", WORDS)
def test_without_the_word_of_a_repair_the_oldest_counts_and_repairing_again_needs_no_other_version(
    place: BucketPlace, raw: Raw, word: str
) -> None:
    raw.change(NAME, flipped)
    place.store.repair(NAME, GOOD)
    WORDS[word](raw, f".repaired/{NAME}")
    again = place.again()
    assert again.get(NAME) == (GOOD if word == "a delete marker" else flipped(GOOD))
    again.repair(NAME, GOOD)
    assert place.seen(NAME) == as_it_was()
    assert len(raw.versions(NAME)) == 2
    assert list(place.again().inventory(NAME)) == [Held(NAME, len(GOOD))]


def test_what_a_repair_did_not_see_below_its_version_is_told_by_the_next(place: BucketPlace, raw: Raw) -> None:
    raw.change(NAME, flipped)
    place.store.repair(NAME, GOOD)
    told = json.loads(raw.read(f".repaired/{NAME}"))
    raw.cover(f".repaired/{NAME}", json.dumps({**told, "beside": []}).encode())
    again = place.again()
    assert list(again.inventory(NAME)) == [Held(NAME, len(GOOD), others=1)]
    again.repair(NAME, GOOD)
    assert list(place.again().inventory(NAME)) == [Held(NAME, len(GOOD))]
    assert len(raw.versions(NAME)) == 2


def test_when_the_repaired_version_is_destroyed_the_oldest_is_the_object_again(place: BucketPlace, raw: Raw) -> None:
    raw.change(NAME, flipped)
    raw.cover(NAME, b"other")
    place.store.repair(NAME, GOOD)
    raw.destroy_version(NAME, raw.versions(NAME)[0])
    for store in (place.store, place.again()):
        assert store.get(NAME) == flipped(GOOD)
        assert list(store.inventory(NAME)) == [Held(NAME, len(GOOD), others=1)], "its word counts no more"
    place.store.repair(NAME, GOOD)
    assert place.seen(NAME) == as_it_was()


def test_what_another_process_repaired_is_no_conflict_for_who_opened_before(place: BucketPlace, raw: Raw) -> None:
    raw.change(NAME, flipped)
    place.again().repair(NAME, GOOD)
    place.store.put(NAME, GOOD)
    assert place.store.get(NAME) == GOOD
    place.again().repair(NAME, b"repaired once more")
    place.store.put(NAME, b"repaired once more")
    assert place.store.get(NAME) == b"repaired once more"


def test_what_another_process_repaired_is_not_said_twice(place: BucketPlace, raw: Raw) -> None:
    raw.change(NAME, flipped)
    place.again().repair(NAME, GOOD)
    place.store.repair(NAME, GOOD)
    assert (len(raw.versions(NAME)), len(raw.versions(f".repaired/{NAME}"))) == (2, 1)


def test_opening_a_store_asks_once_for_repairs_and_reads_none_until_it_is_needed(
    place: BucketPlace, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.store.put(OTHER, b"x")
    for name, data in ((NAME, GOOD), (OTHER, b"x")):
        raw.change(name, flipped)
        place.store.repair(name, data)
    asked: list[str] = []
    honest = Connection.ask

    def spied(self: Connection, operation: str, name: str, **parameters: object) -> dict[str, object]:
        asked.append(f"{operation} {parameters.get('Key', parameters.get('Prefix', ''))}".replace(raw.prefix, ""))
        return honest(self, operation, name, **parameters)

    monkeypatch.setattr(Connection, "ask", spied)
    store = place.again()
    assert [one for one in asked if ".repaired" in one] == ["list_object_versions .repaired/"]
    assert store.get(NAME) == GOOD
    assert store.get(NAME) == GOOD
    assert [one for one in asked if ".repaired" in one][1:] == [f"get_object .repaired/{NAME}"]


@pytest.mark.parametrize("harm", ["flip", "hide", "cover and hide"])
def test_any_power_cut_of_a_repair_is_healed_by_repairing_again(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    honest, cuts = Connection.ask, 0
    for cut in itertools.count():
        place = PLACES["moto"](request)
        place.damage.harms()[harm](NAME)
        before = place.left(NAME)
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "ask", on_mains(honest, Mains(cut)))
            try:
                place.store.repair(NAME, GOOD)
            except PowerCut:
                cuts += 1
            else:
                break
        assert before <= place.left(NAME), f"cut {cut}: something is gone"
        place = replace(place, store=place.again())
        assert place.store.get(NAME) in before | {GOOD}
        place.store.repair(NAME, GOOD)
        assert place.seen(NAME) == as_it_was(), f"cut {cut}"
        assert list(place.again().inventory(NAME)) == [Held(NAME, len(GOOD))], f"cut {cut}"
        assert place.damage.read(NAME) == GOOD
        assert len(place.damage.versions(NAME)) <= 3, f"cut {cut}: a version more for each try"
    assert cuts == 4, "before and after the good version, before and after the word that it counts"


def on_mains(honest: Callable[..., Any], mains: Mains) -> Callable[..., Any]:
    """Every request that changes something spends a moment before, and one after."""

    def ask(self: Connection, operation: str, name: str, **parameters: Any) -> Any:
        if not operation.startswith("put"):
            return honest(self, operation, name, **parameters)
        mains.spend(f"before {operation}")
        answer = honest(self, operation, name, **parameters)
        mains.spend(f"after {operation}")
        return answer

    return ask


def test_two_who_repair_at_once_are_put_right_by_the_next(place: BucketPlace, raw: Raw) -> None:
    raw.change(NAME, flipped)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda store: store.repair(NAME, GOOD), [place.again() for _ in range(4)]))
    assert place.again().get(NAME) == GOOD
    place.again().repair(NAME, GOOD)
    assert list(place.again().inventory(NAME)) == [Held(NAME, len(GOOD))]
    assert place.again().get(NAME) == GOOD


def test_a_server_that_does_not_lock_what_repairs_is_not_believed_and_the_object_stays_what_it_was() -> None:
    forgetful = False

    def lie(request: Request, honestly: Answer) -> Response:
        if forgetful and request.method == "PUT":
            request.headers = {key: value for key, value in request.headers.items() if "object-lock" not in key}
        return honestly(request)

    with Imitation(lie) as server:
        bucket = fresh(server)
        store = S3Store.create(bucket, now)
        raw = Raw(server.client(), bucket.name)
        store.put(NAME, GOOD)
        raw.change(NAME, flipped)
        forgetful = True
        with pytest.raises(Unavailable, match="not kept"):
            store.repair(NAME, GOOD)
        assert raw.versions(f".repaired/{NAME}") == []
        assert S3Store(bucket, now).get(NAME) == flipped(GOOD)
        forgetful = False
        store.repair(NAME, GOOD)
        assert S3Store(bucket, now).get(NAME) == GOOD
        assert store.locked_until(NAME) is not None
