"""The two digests of everything that is kept: SHA-256 names it, SHA-512 is its place in the evidence."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple, NewType

Buffer = bytes | bytearray | memoryview

Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""

Sha512 = NewType("Sha512", str)
"""128 lower-case hexadecimal digits."""


class Digests(NamedTuple):
    """Both digests of the same bytes, and how many bytes they were."""

    sha256: Sha256
    sha512: Sha512
    size: int


def sha256(data: Buffer) -> Sha256:
    """SHA-256 of `data`."""
    return Sha256(hashlib.sha256(data).hexdigest())


def sha512(data: Buffer) -> Sha512:
    """SHA-512 of `data`."""
    return Sha512(hashlib.sha512(data).hexdigest())


def digests(data: Buffer) -> Digests:
    """Both digests of `data`."""
    return Digests(sha256(data), sha512(data), len(data))


def digests_of(chunks: Iterable[Buffer]) -> Digests:
    """Both digests of the concatenation of `chunks`, in one pass."""
    first, second, size = hashlib.sha256(), hashlib.sha512(), 0
    for chunk in chunks:
        first.update(chunk)
        second.update(chunk)
        size += len(chunk)
    return Digests(Sha256(first.hexdigest()), Sha512(second.hexdigest()), size)
