"""A shard: the objects, or messages, whose SHA-256 lies in one of so many equal parts of all digests.

Digests fall evenly, so shards are alike in number and in bytes; and each is one range of an ordered column.
"""

from dataclasses import dataclass

_BYTES = 256
MOST = 64
"""More parts than that would each be too small to be worth a job."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` (from 0) `of` so many, at most 64. What has no digest yet belongs to the first."""

    number: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.number < self.of <= MOST:
            raise ValueError(f"expected a part of at most {MOST}, found {self.number} of {self.of}")

    @property
    def low(self) -> str:
        """The digests of this shard are not below this one."""
        return f"{_BYTES * self.number // self.of:02x}" if self.number else ""

    @property
    def high(self) -> str:
        """They are all below this one."""
        return f"{_BYTES * (self.number + 1) // self.of:02x}" if self.number + 1 < self.of else "g"

    @property
    def name(self) -> str:
        """How it is called in locks and jobs: `03-of-16`."""
        return f"{self.number:02}-of-{self.of:02}"

    @classmethod
    def named(cls, name: str) -> "Shard":
        """The one called so. Raises ValueError."""
        number, _, of = name.partition("-of-")
        return cls(int(number), int(of))


def shards(of: int) -> tuple[Shard, ...]:
    """All of so many."""
    return tuple(Shard(number, of) for number in range(of))
