"""Many digests under one root: the hash tree of RFC 4998, 4.2, binary, over one digest algorithm.

A node is the digest of its children, sorted as bytes and joined; an odd one at the end of a level goes up as it is.
Algorithms have asn1crypto's names: `sha512`, `sha3_512`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_HASHES: dict[str, Callable[[bytes], Any]] = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
    "sha3_256": hashlib.sha3_256,
    "sha3_384": hashlib.sha3_384,
    "sha3_512": hashlib.sha3_512,
}


def group_hash(digests: Sequence[bytes], algorithm: str = "sha512") -> bytes:
    """The leaf of a data object group: one member is its own digest, several are sorted, joined and hashed (4.2, 3).

    Raises ValueError for no member, and for an algorithm that nothing new is built with.
    """
    if not digests:
        raise ValueError("a data object group holds at least one digest")
    return digests[0] if len(digests) == 1 else hash_with(algorithm, b"".join(sorted(digests)))


def hash_with(algorithm: str, data: bytes) -> bytes:
    """The digest of `data`. Raises ValueError for an algorithm that nothing new is built with."""
    return bytes(_hash(algorithm)(data).digest())


@dataclass(frozen=True, slots=True)
class Tree:
    """All levels, leaves first, the root alone in the last. A million leaves: one second, 200 MB."""

    levels: tuple[tuple[bytes, ...], ...]

    @classmethod
    def build(cls, leaves: Sequence[bytes], algorithm: str = "sha512") -> "Tree":
        """The tree over `leaves` (digests of one size), which keep their places. Raises ValueError for no leaf."""
        if not leaves:
            raise ValueError("a hash tree has at least one leaf")
        make = _hash(algorithm)
        levels = [tuple(leaves)]
        while len(levels[-1]) > 1:
            levels.append(_above(levels[-1], make))
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


def _hash(algorithm: str) -> Callable[[bytes], Any]:
    try:
        return _HASHES[algorithm]
    except KeyError:
        raise ValueError(f"digest algorithm: expected one of {', '.join(_HASHES)}, found {algorithm}") from None


def _above(level: tuple[bytes, ...], make: Callable[[bytes], Any]) -> tuple[bytes, ...]:
    pairs = zip(level[::2], level[1::2], strict=False)
    nodes = [make(one + two if one < two else two + one).digest() for one, two in pairs]
    return (*nodes, level[-1]) if len(level) % 2 else tuple(nodes)
