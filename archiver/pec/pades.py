"""Signatures in a PDF, found without reading the PDF: each states the octets that it covers (ISO 32000-1, 12.8.1).

Only what keeps the standard's own shape is taken: two ranges from the first octet on, and between them nothing but the
signature in hexadecimal. Streams are not opened, references are not followed: a crafted file costs one search.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MARK = b"/ByteRange"
LONGEST = 1 << 20
"""Octets of one signature; what is left of the room for it is zeros."""

_RANGES = re.compile(rb"/ByteRange\s{0,20}\[\s{0,20}0\s{1,20}(\d{1,10})\s{1,20}(\d{1,10})\s{1,20}(\d{1,10})\s{0,20}\]")


class PdfSignature(NamedTuple):
    """One signature: the ranges that it covers, and its CMS with zeros after it; None when that is no hexadecimal."""

    ranges: tuple[tuple[int, int], ...]
    cms: bytes | None

    @property
    def end(self) -> int:
        """Where the octets end that it covers: what lies behind was added later."""
        return self.ranges[-1][1]


def signatures(pdf: bytes) -> Iterator[PdfSignature]:
    """Every signature, in the order in which they lie there."""
    for match in _RANGES.finditer(pdf):
        first, start, length = map(int, match.groups())
        end = start + length
        if not first < start <= end <= len(pdf) or pdf[first : first + 1] != b"<" or pdf[start - 1 : start] != b">":
            continue
        yield PdfSignature(((0, first), (start, end)), _hexadecimal(pdf, first + 1, start - 1))


def _hexadecimal(pdf: bytes, start: int, end: int) -> bytes | None:
    if end - start > 2 * LONGEST:
        return None
    try:
        return bytes.fromhex(pdf[start:end].decode("ascii"))
    except ValueError:
        return None
