"""What is to be put: something that can be sent twice, of known size, with the digest that goes with it."""

import io
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path
from typing import Any, BinaryIO

from archiver.adapters.stores import disk
from archiver.adapters.stores.octets import pieces

HELD = 32 << 20
"""Bytes; what is larger goes through a temporary file."""


@dataclass(frozen=True, slots=True)
class Body:
    """`content` is bytes, or a file that stands at its beginning; `size` in bytes."""

    content: bytes | BinaryIO
    size: int

    def stream(self) -> BinaryIO:
        """From the beginning, to be read once."""
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        self.content.seek(0)
        return self.content

    def digest(self, *, compat: bool) -> dict[str, str]:
        """The parameters of a PUT that let the server refuse what was damaged on the way."""
        made = md5(usedforsecurity=False) if compat else sha256()
        if isinstance(self.content, bytes):
            made.update(self.content)
        else:
            for piece in pieces(self.stream()):
                made.update(piece)
            self.content.seek(0)
        told = b64encode(made.digest()).decode()
        return {"ContentMD5": told} if compat else {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": told}


@contextmanager
def carried(data: bytes | BinaryIO) -> Iterator[Body]:
    """`data` as a body: bytes as they are; a stream in memory if it is small, else in a temporary file.

    A file that stands at its beginning and can be rewound is sent from where it is. Raises Unavailable when there is no
    room for temporary files.
    """
    if isinstance(data, bytes):
        yield Body(data, len(data))
        return
    size = _rewindable(data)
    if size is not None and size <= HELD:
        # bytes travel in one go; a file goes with `Expect: 100-continue`: a turn more, and not known everywhere
        yield Body(b"".join(pieces(data)), size)
    elif size is not None:
        yield Body(data, size)
    else:
        with spool() as file:
            for piece in pieces(data):
                write(file, piece)
            yield _told(file)


def spool() -> Any:
    """A temporary file that lives in memory while it is small."""
    return tempfile.SpooledTemporaryFile(max_size=HELD)


def write(file: BinaryIO, piece: bytes) -> None:
    """One piece more. Raises Unavailable when there is no room for temporary files."""
    with disk.errors(Path(tempfile.gettempdir())):
        file.write(piece)


def _told(file: BinaryIO) -> Body:
    size = file.tell()
    file.seek(0)
    return Body(file.read(), size) if size <= HELD else Body(file, size)


def _rewindable(data: BinaryIO) -> int | None:
    """Its size, if it stands at its beginning and can go back there."""
    try:
        if not data.seekable() or data.tell() != 0:
            return None
        size = data.seek(0, io.SEEK_END)
        data.seek(0)
    except (OSError, AttributeError):
        return None
    return size
