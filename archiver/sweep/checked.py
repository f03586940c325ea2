"""Bytes on their way from one store to another: what is not the object never arrives."""

import hashlib
from io import RawIOBase
from typing import BinaryIO, cast

from archiver.digest import Sha256
from archiver.errors import Unavailable


def checked(source: BinaryIO, name: str, expected: Sha256) -> BinaryIO:
    """`source`, to be read once; see `_Checked`."""
    return cast(BinaryIO, _Checked(source, name, expected))


class _Checked(RawIOBase):
    """A file that is read once, to its end, where it raises Unavailable if what was read has another SHA-256.

    Whoever puts an object gives it its name only after that: what changed since it was proven is not copied.
    """

    def __init__(self, source: BinaryIO, name: str, expected: Sha256) -> None:
        super().__init__()
        self._source, self._name, self._expected = source, name, expected
        self._made = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """As a file's."""
        piece = self._source.read(size)
        self._made.update(piece)
        if (not piece or size < 0) and self._made.hexdigest() != self._expected:
            raise Unavailable(
                f"{self._name}: letto per essere copiato, aveva SHA-256 {self._made.hexdigest()}, atteso"
                f" {self._expected}: ripetere (changed while it was being copied)"
            )
        return piece
