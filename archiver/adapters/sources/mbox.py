"""mbox files (RFC 4155, mboxrd, mboxo) over raw bytes: where a message begins and ends, nothing changed in between."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, count, pairwise
from typing import BinaryIO

from archiver.adapters.sources.files import Place, changed
from archiver.ports import Fetched, Unfetched

Proof = Callable[[bytes], bool]
"""Whether the provider's signature of this message is intact."""

_BLANK = (b"\n", b"\r\n")
_DATED = re.compile(rb"From .*\d\d?:\d\d.*\d{4}|From .*\d{4}.*\d\d?:\d\d")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_QUOTED_O = re.compile(rb"^>(?=From )", re.MULTILINE)
_QUOTED_RD = re.compile(rb"^>(?=>*From )", re.MULTILINE)

_NOT_MBOX = "non è un mbox: non comincia con «From » (not an mbox: does not begin with `From `)"


@dataclass(frozen=True, slots=True)
class Span:
    """One message in the file: from `start` to before `end`, in bytes."""

    start: int
    end: int


def messages(place: Place, proves: Proof | None = None) -> Iterator[Fetched | Unfetched]:
    """Every message of the mbox, in its order; `>From ` stays as it is, but where `proves` decides otherwise.

    Holds one message at a time. Raises OSError, and Unavailable when the file changes while it is read.
    """
    with place.path.open("rb") as lines, place.path.open("rb") as file:
        if lines.peek(1) and lines.peek(5)[:5] != b"From ":
            yield Unfetched(place.origin, _NOT_MBOX, place.folder)
            return
        before = _version(lines)
        for number, span in zip(count(1), spans(lines), strict=False):
            yield _message(file, span, f"{place.origin}#{number}", place, proves)
        if _version(lines) != before:
            raise changed(place.path)


def spans(lines: BinaryIO) -> Iterator[Span]:
    """Where the messages lie (RFC 4155, appendix A): after a `From ` line, up to the blank line before the next one."""
    start, position, blank = 0, 0, b""
    for line, following in pairwise(chain(lines, (b"",))):
        if not position or (blank and is_separator(line, following)):
            if position:
                yield Span(start, position - len(blank))
            start = position + len(line)
            blank = b""
        else:
            blank = line if line in _BLANK else b""
        position += len(line)
    if position:
        yield Span(start, position - len(blank))


def is_separator(line: bytes, following: bytes) -> bool:
    """Whether `line` begins a message: `From ` with a date, or with a header field after it.

    "From now on ..." at the start of a paragraph is not one: writers that do not quote such lines exist.
    """
    return line.startswith(b"From ") and bool(_DATED.match(line) or _FIELD.match(following))


def unquoted_candidates(raw: bytes) -> Iterator[tuple[bytes, str]]:
    """What the message may have been before a writer of mbox quoted it, with the name of the custom it followed.

    mboxrd puts one `>` before each line of `>`s and `From `, mboxo only before `From ` itself.
    """
    plain = _QUOTED_RD.sub(b"", raw)
    if plain != raw:
        yield plain, "mboxrd"
    older = _QUOTED_O.sub(b"", raw)
    if older not in (raw, plain):
        yield older, "mboxo"


def _message(file: BinaryIO, span: Span, origin: str, place: Place, proves: Proof | None) -> Fetched:
    raw = _cut(file, span, place)
    proven, note = _unquoted(raw, proves) if proves else (raw, "")
    return Fetched(proven, origin, place.folder, note=note)


def _unquoted(raw: bytes, proves: Proof) -> tuple[bytes, str]:
    if not _QUOTED_RD.search(raw) or proves(raw):
        return raw, ""
    proven = next((candidate for candidate, _ in unquoted_candidates(raw) if proves(candidate)), None)
    return (raw, "") if proven is None else (proven, "MBOX_UNQUOTED")


def _cut(file: BinaryIO, span: Span, place: Place) -> bytes:
    file.seek(span.start)
    raw = file.read(span.end - span.start)
    if len(raw) != span.end - span.start:
        raise changed(place.path)
    return raw


def _version(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns
