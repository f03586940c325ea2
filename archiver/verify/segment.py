"""A segment (or a metadata.zip): its digest against its name first, then each entry against the digest in its own."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from archiver.digest import Sha256, digests_of
from archiver.errors import Malformed
from archiver.package.segment import reader
from archiver.verdict import Finding, finding
from archiver.verify.files import Files

PIECE = 1 << 20

Say = Callable[[Finding], None]


def entries(
    files: Files, name: str, expected: Sha256, say: Say, *, prefix: str, suffix: str
) -> Iterator[tuple[str, Sha256, bytes]]:
    """Path, digest as the path says it, and bytes of each entry of an object; what is wrong goes to `say`."""
    if not files.has(name):
        say(finding("MISSING", name))
        return
    with files.open(name) as file:
        found = digests_of(pieces(file)).sha256
        if found != expected:
            say(finding("DIGEST", name, expected=expected, found=found))
        try:
            for member in reader.members(file, prefix=prefix, suffix=suffix):
                yield member.name, member.sha256, member.read()
        except Malformed as error:
            say(finding("SEGMENT_UNREADABLE", name, reason=error))


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The whole file, a mebibyte at a time."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
