"""The process that opens PDFs: one question after the other on stdin, answers on stdout, until stdin ends.

It is run as a file, by itself, and knows nothing of the archive. A question is the limit of characters and the length
of the PDF (four and eight octets, big-endian), then the PDF; an answer is a status (one octet), the length of the text
(eight), then the text in UTF-8.
"""

import os
import resource
import struct
import sys
import time
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import pypdfium2  # type: ignore[import-untyped]

QUESTION, ANSWER = struct.Struct(">IQ"), struct.Struct(">BQ")
DONE, ENCRYPTED, BROKEN, LATE, BOUND = range(5)

MEMORY = 512 << 20
"""Octets of address space."""

CPU = 20
"""Seconds of processor time for one PDF: after half of them it is left as it is, after all the system steps in."""

PAGES = 2000
"""Pages of one PDF that are read."""

_FILES = 16
_LOCKED = (4, 5)  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY


def main() -> None:
    """Answers until nobody asks."""
    import pypdfium2  # noqa: F401  # before there are limits; and never in the process that only needs the constants

    asked, answered = _pipes()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    while len(head := asked.read(QUESTION.size)) == QUESTION.size:
        most, length = QUESTION.unpack(head)
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + CPU, resource.RLIM_INFINITY))
        status, text = _read(asked.read(length), most)
        octets = text.encode("utf-8", "replace")
        answered.write(ANSWER.pack(status, len(octets)) + octets)
        answered.flush()


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Stdin and stdout, which from now on nothing else writes to."""
    answered = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return sys.stdin.buffer, answered


def _read(octets: bytes, most: int) -> tuple[int, str]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(octets)
    except pypdfium2.PdfiumError as error:
        return (ENCRYPTED if error.err_code in _LOCKED else BROKEN), ""
    except (MemoryError, ValueError):
        return BROKEN, ""
    try:
        return _text(document, most)
    finally:
        document.close()


def _text(document: "pypdfium2.PdfDocument", most: int) -> tuple[int, str]:
    texts: list[str] = []
    status, room, end = DONE, most, time.process_time() + CPU / 2
    for number in range(len(document)):
        if room <= 0 or number >= PAGES:
            return BOUND, "\n".join(texts)
        if time.process_time() > end:
            return LATE, "\n".join(texts)
        try:
            page = document[number]
            found = page.get_textpage().get_text_range()
            page.close()
        except (RuntimeError, MemoryError, ValueError):  # the library's own error is the first
            status = BROKEN
            continue
        texts.append(found[:room])
        room -= len(found)
    if room < 0:
        return BOUND, "\n".join(texts)
    return status, "\n".join(texts)


if __name__ == "__main__":
    main()
