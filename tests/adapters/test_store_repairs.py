"""Repair, whatever a store is made of: the good bytes are the object, and nothing of what was there is gone."""

import io

import pytest
from support.damage import Raw, flipped
from support.places import GOOD, LONG, NAME, OTHER, PLACES, BucketPlace, Place, as_it_was

from archiver.errors import Absent, Conflict
from archiver.ports import Held


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    return PLACES[request.param](request)


def test_whatever_was_done_to_an_object_its_repair_makes_it_right_and_a_second_changes_nothing(place: Place) -> None:
    for harm, do in place.damage.harms().items():
        do(NAME)
        for _ in range(2):
            place.store.repair(NAME, io.BytesIO(GOOD) if harm == "zero" else GOOD)
            assert place.seen(NAME) == as_it_was(), harm
        assert place.damage.read(NAME) == GOOD, f"{harm}: who reads it by hand sees something else"
        assert list(place.again().inventory(NAME)) == [Held(NAME, len(GOOD))], harm
        place.store.put(NAME, GOOD)
        with pytest.raises(Conflict):
            place.again().put(NAME, flipped(GOOD))


def test_what_a_repair_replaced_is_still_there(place: Place) -> None:
    damaged = [flipped(GOOD), GOOD[:4], bytes(len(GOOD))]
    for number, bad in enumerate(damaged, 1):
        place.store.repair(NAME, GOOD)
        if isinstance(place.damage, Raw):
            place.damage.cover(NAME, bad)  # the bytes of a version cannot be changed: see below for the others
        else:
            place.damage.change(NAME, lambda _, bad=bad: bad)  # type: ignore[misc]
        place.store.repair(NAME, GOOD)
        assert {GOOD, *damaged[:number]} <= place.left(NAME)


def test_each_of_several_repairs_keeps_what_it_replaced(place: Place) -> None:
    """Also when the damaged bytes are what the store itself believed to be the object."""
    bad = [flipped(GOOD, number) for number in range(3)]
    for octets in bad:
        place.store.repair(NAME, octets)
        assert place.store.get(NAME) == octets
    place.store.repair(NAME, GOOD)
    assert place.seen(NAME) == as_it_was()
    assert place.left(NAME) == {GOOD, *bad}


def test_an_object_that_is_right_is_left_alone_by_its_repair(place: Place) -> None:
    place.store.repair(NAME, GOOD)
    assert place.left(NAME) == {GOOD}
    if isinstance(place.damage, Raw):
        assert len(place.damage.versions(NAME)) == 1
        assert list(place.damage.everything(f".repaired/{NAME}")) == []
    else:
        assert not (place.damage.root / ".replaced").exists()  # type: ignore[attr-defined]


def test_what_is_missing_is_made_by_its_repair(place: Place) -> None:
    place.damage.destroy(NAME)
    assert not place.store.has(NAME)
    assert list(place.store.inventory(NAME)) == []
    place.store.repair(NAME, GOOD)
    place.store.repair("studio/volumes/new", b"x")
    assert place.seen(NAME) == as_it_was()
    assert place.again().get("studio/volumes/new") == b"x"


def test_old_bytes_that_come_back_after_a_repair_are_nothing_where_there_are_versions_and_else_repaired(
    place: Place,
) -> None:
    place.store.repair(NAME, b"wrong for a while")
    place.store.repair(NAME, GOOD)
    place.damage.resurrect(NAME)
    if isinstance(place, BucketPlace) and place.store.locks:
        assert place.seen(NAME) == as_it_was()
        assert len(place.damage.versions(NAME)) == 4
    place.store.repair(NAME, GOOD)
    assert place.seen(NAME) == as_it_was()


def test_swapped_objects_are_each_repaired(place: Place) -> None:
    place.store.put(OTHER, LONG)
    place.damage.swap(NAME, OTHER)
    assert place.again().get(NAME) == LONG
    for name, data in ((NAME, GOOD), (OTHER, LONG)):
        place.store.repair(name, data)
        assert place.seen(name) == as_it_was(data, name)


def test_an_inventory_is_a_listing_and_shows_what_was_never_put(place: Place) -> None:
    place.store.put(OTHER, LONG)
    place.damage.foreign("studio/zz", b"1234")
    place.damage.truncate(NAME, 5)
    found = [Held(NAME, 5), Held(OTHER, len(LONG)), Held("studio/zz", 4)]
    assert list(place.again().inventory()) == found
    assert list(place.again().inventory("studio/z")) == found[2:]
    for prefix in ("/", "../", ".repaired", "a//"):
        with pytest.raises(ValueError):
            place.store.inventory(prefix)


def test_a_lock_is_told_where_there_are_locks(place: Place) -> None:
    until = place.store.locked_until(NAME)
    assert (until is not None) == place.store.locks
    with pytest.raises(Absent):
        place.store.locked_until("studio/none")
