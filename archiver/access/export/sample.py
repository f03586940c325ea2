"""The auditor's random sample: drawn so that anybody draws the same again with `sha256sum`.

For each message the SHA-256 of the line `<seed>:<SHA-256 of the message>` (UTF-8, no line feed) is its number; the
messages with the lowest numbers (as hexadecimal text, in ASCII order) are the sample. The seed should come from the
auditor, after the list is fixed: `consistenza.csv` has the digests, and its own digest stands in the draw.
"""

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from archiver.digest import Sha256

ALGORITHM = "sha256(seed + ':' + sha256) ascending, 1"
"""The number of this way of drawing; another way gets another."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message of the sample and the number that drew it."""

    sha256: Sha256
    number: str


def number(seed: str, sha256: Sha256) -> str:
    """What `printf '%s:%s' SEED SHA256 | sha256sum` prints."""
    return hashlib.sha256(f"{seed}:{sha256}".encode()).hexdigest()


def draw(digests: Iterable[Sha256], *, count: int, seed: str) -> tuple[Drawn, ...]:
    """The `count` messages with the lowest numbers, in their order; a digest is drawn once, however often it comes."""
    numbered = ((number(seed, digest), digest) for digest in digests)
    held: list[tuple[str, Sha256]] = []
    for portion in _portions(numbered):
        held = heapq.nsmallest(count, {*held, *portion})
    return tuple(Drawn(digest, text) for text, digest in held)


def _portions(numbered: Iterable[tuple[str, Sha256]], size: int = 10_000) -> Iterable[list[tuple[str, Sha256]]]:
    portion: list[tuple[str, Sha256]] = []
    for item in numbered:
        portion.append(item)
        if len(portion) == size:
            yield portion
            portion = []
    yield portion
