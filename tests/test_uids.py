"""Sets of UIDs: whatever is done to them, they are the sets that Python's own would be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.uids import LARGEST, Uids

NUMBERS = st.sets(st.integers(1, 60))


@given(NUMBERS, NUMBERS)
def test_they_are_sets(one: set[int], other: set[int]) -> None:
    a, b = Uids.of(one), Uids.of(other)
    assert (list(a), len(a), bool(a)) == (sorted(one), len(one), bool(one))
    assert set(a | b) == one | other
    assert set(a - b) == one - other
    assert set(a & b) == one & other
    assert [number in a for number in range(70)] == [number in one for number in range(70)]
    assert (a.first, a.last) == (min(one, default=0), max(one, default=0))


@given(NUMBERS)
def test_what_is_written_is_read(numbers: set[int]) -> None:
    found = Uids.of(numbers)
    assert Uids.parse(str(found)) == found


@given(NUMBERS, st.integers(1, 9))
def test_portions_are_the_set_in_order(numbers: set[int], size: int) -> None:
    portions = list(Uids.of(numbers).portions(size))
    assert [number for portion in portions for number in portion] == sorted(numbers)
    assert all(len(portion) == size for portion in portions[:-1])


def test_they_are_written_as_imap_does() -> None:
    assert str(Uids.of([3, 1, 2, 7, 9, 8, 20])) == "1:3,7:9,20"
    assert str(Uids()) == ""
    assert str(Uids.span(5, 4)) == ""


@pytest.mark.parametrize("text", ["0", "1:*", "3:1", "1,1", "1:2,3", "2,1", " 1", "1:", "a", "4294967296", "1,,2"])
def test_what_imap_would_not_write_as_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"UIDs|set of UIDs"):
        Uids.parse(text)


def test_a_hundred_thousand_gaps_are_no_trouble() -> None:
    odd = Uids.of(range(1, 200_000, 2))
    assert len(list(odd.portions(500))) == 200
    assert 99_999 in odd
    assert 100_000 not in odd
    assert len(Uids.span(1, LARGEST) - odd) == LARGEST - 100_000
