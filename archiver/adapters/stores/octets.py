"""Bytes in pieces: copying and comparing without ever holding an object whole."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from typing import BinaryIO

from archiver.digest import Sha256
from archiver.errors import Conflict

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two streams side by side: whether every byte is the same, and the SHA-256 of each."""

    same: bool
    first: Sha256
    second: Sha256


def stream(data: bytes | BinaryIO) -> BinaryIO:
    """`data` as something to read from; bytes are not copied."""
    return io.BytesIO(data) if isinstance(data, bytes) else data


def pieces(source: BinaryIO) -> Iterator[bytes]:
    """What is left in `source`, in pieces of exactly `PIECE` bytes but for the last, however little each read gives."""
    while piece := source.read(PIECE):
        while len(piece) < PIECE and (more := source.read(PIECE - len(piece))):
            piece += more
        yield piece


def compare(first: BinaryIO, second: BinaryIO) -> Comparison:
    """Read both to their ends. The bytes decide, not the digests: those are there to be named."""
    here, there, same = sha256(), sha256(), True
    for one, other in zip_longest(pieces(first), pieces(second), fillvalue=b""):
        here.update(one)
        there.update(other)
        same = same and one == other
    return Comparison(same, Sha256(here.hexdigest()), Sha256(there.hexdigest()))


def refuse_difference(name: str, kept: BinaryIO, brought: BinaryIO) -> None:
    """Nothing, if both hold the same bytes; otherwise raises Conflict, with the name and both digests."""
    result = compare(kept, brought)
    if not result.same:
        raise Conflict(
            f"{name}: nell'archivio c'è sha256:{result.first}, in arrivo sha256:{result.second}; nulla è stato cambiato"
            f" (kept and brought differ; nothing was changed)"
        )
