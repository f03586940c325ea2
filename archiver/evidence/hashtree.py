"""Many digests under one root: the hash tree of RFC 4998, 4.2, binary, over SHA-512.

A node is the digest of its children, sorted as bytes and joined; an odd one at the end of a level goes up as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha512


def group_hash(digests: Sequence[bytes]) -> bytes:
    """The leaf of a data object group: one member is its own digest, several are sorted, joined and hashed (4.2, 3).

    Raises ValueError for no member.
    """
    if not digests:
        raise ValueError("a data object group holds at least one digest")
    return digests[0] if len(digests) == 1 else sha512(b"".join(sorted(digests))).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """All levels, leaves first, the root alone in the last. A million leaves: one second, 200 MB."""

    levels: tuple[tuple[bytes, ...], ...]

    @classmethod
    def build(cls, leaves: Sequence[bytes]) -> "Tree":
        """The tree over `leaves` (64 bytes each), which keep their places. Raises ValueError for no leaf."""
        if not leaves:
            raise ValueError("a hash tree has at least one leaf")
        levels = [tuple(leaves)]
        while len(levels[-1]) > 1:
            levels.append(_above(levels[-1]))
        return cls(tuple(levels))

    @property
    def root(self) -> bytes:
        """What the authority stamps."""
        return self.levels[-1][0]

    def path(self, leaf: int) -> tuple[tuple[bytes, ...], ...]:
        """The siblings on the way from a leaf to the root: lists 2 to n of its reduced hash tree (RFC 4998, 4.2)."""
        siblings = []
        for level in self.levels[:-1]:
            other = leaf ^ 1
            if other < len(level):
                siblings.append((level[other],))
            leaf //= 2
        return tuple(siblings)


def _above(level: tuple[bytes, ...]) -> tuple[bytes, ...]:
    pairs = zip(level[::2], level[1::2], strict=False)
    nodes = [sha512(one + two if one < two else two + one).digest() for one, two in pairs]
    return (*nodes, level[-1]) if len(level) % 2 else tuple(nodes)
