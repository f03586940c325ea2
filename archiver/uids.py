"""Sets of UIDs, kept and written as IMAP writes them: `1:345,347` (RFC 3501, 9, sequence-set)."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

LARGEST = (1 << 32) - 1
"""A UID is a non-zero number of 32 bits (RFC 3501, 2.3.1.1)."""

Range = tuple[int, int]
"""First and last, both within."""

_RANGE = re.compile(r"([1-9]\d{0,9})(?::([1-9]\d{0,9}))?")


@dataclass(frozen=True, slots=True)
class Uids:
    """A set of UIDs as ranges: ascending, never touching. Make it with `of`, `span`, `joined` or `parse`."""

    ranges: tuple[Range, ...] = ()

    def __post_init__(self) -> None:
        before = -1
        for first, last in self.ranges:
            if not (max(before + 2, 1) <= first <= last <= LARGEST):
                raise ValueError(f"UIDs: {first}:{last} out of order or out of range")
            before = last

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Uids":
        """The set of these numbers, in whatever order, however often each."""
        return cls(tuple(_joined((number, number) for number in sorted(numbers))))

    @classmethod
    def joined(cls, sets: Iterable[Iterable[Range]]) -> "Uids":
        """All these ranges, which may overlap, as one set."""
        return cls(tuple(_joined(sorted(chain.from_iterable(sets)))))

    @classmethod
    def span(cls, first: int, last: int) -> "Uids":
        """All from `first` to `last`; none when there are none between."""
        return cls(((first, last),)) if first <= last else cls()

    @classmethod
    def parse(cls, text: str) -> "Uids":
        """What `str` wrote; the empty text is the empty set. Raises ValueError."""
        found = [_RANGE.fullmatch(part) for part in text.split(",")] if text else []
        if not all(found):
            raise ValueError(f"no set of UIDs: {text[:60]!r}")
        return cls(tuple((int(match[1]), int(match[2] or match[1])) for match in found if match))

    def __str__(self) -> str:
        return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in self.ranges)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self.ranges, (number, LARGEST)) - 1
        return at >= 0 and self.ranges[at][0] <= number <= self.ranges[at][1]

    def __or__(self, other: "Uids") -> "Uids":
        return Uids.joined((self.ranges, other.ranges))

    def __sub__(self, other: "Uids") -> "Uids":
        return Uids(tuple(_without(self.ranges, other.ranges)))

    def __and__(self, other: "Uids") -> "Uids":
        return self - (self - other)

    @property
    def first(self) -> int:
        """The lowest; 0 when there is none."""
        return self.ranges[0][0] if self.ranges else 0

    @property
    def last(self) -> int:
        """The highest; 0 when there is none."""
        return self.ranges[-1][1] if self.ranges else 0

    def portions(self, size: int) -> Iterator["Uids"]:
        """The set in ascending portions of at most `size` each."""
        taken: list[Range] = []
        room = size
        for start, last in self.ranges:
            first = start
            while first <= last:
                stop = min(last, first + room - 1)
                taken.append((first, stop))
                room -= stop - first + 1
                first = stop + 1
                if not room:
                    yield Uids(tuple(taken))
                    taken, room = [], size
        if taken:
            yield Uids(tuple(taken))


def _joined(ordered: Iterable[Range]) -> Iterator[Range]:
    """Ranges in order of their first number, those that touch made one."""
    held: Range | None = None
    for first, last in ordered:
        if held and first <= held[1] + 1:
            held = held[0], max(held[1], last)
        else:
            if held:
                yield held
            held = first, last
    if held:
        yield held


def _without(ranges: tuple[Range, ...], holes: tuple[Range, ...]) -> Iterator[Range]:
    at = 0
    for start, last in ranges:
        first = start
        while at < len(holes) and holes[at][1] < first:
            at += 1
        here = at
        while here < len(holes) and holes[here][0] <= last:
            if first < holes[here][0]:
                yield first, holes[here][0] - 1
            first = holes[here][1] + 1
            here += 1
        if first <= last:
            yield first, last
