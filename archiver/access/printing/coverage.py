"""Which characters can be printed: those of the fallback font that is shipped (OpenType, cmap, formats 4 and 12).

PDF/A forbids a glyph that is not there (ISO 19005-2, 6.2.11.8): a single character of a message that no font has
would cost the whole report.
"""

import struct
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
WIDEST = FONTS / "DejaVuSans.ttf"
_UNICODE = {(3, 10): 12, (0, 4): 12}
"""Platform and encoding of a table over all of Unicode, and its format."""


@cache
def printable() -> frozenset[int]:
    """The code points that the font has a glyph for. Raises ValueError for a font without a table over all Unicode."""
    font = WIDEST.read_bytes()
    (tables,) = struct.unpack_from(">H", font, 4)
    for number in range(tables):
        tag, _, start, _ = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        if tag == b"cmap":
            return frozenset(_mapped(font, start))
    raise ValueError(f"{WIDEST.name}: no cmap")


def _mapped(font: bytes, start: int) -> set[int]:
    _, count = struct.unpack_from(">HH", font, start)
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * number)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if form == 12 and _UNICODE.get((platform, encoding)) == form:
            return _segmented(font, start + offset)
    raise ValueError(f"{WIDEST.name}: no cmap of format 12")


def _segmented(font: bytes, start: int) -> set[int]:
    """Groups of a first and a last character, and the glyph of the first; glyph 0 is the one of what is not there."""
    (groups,) = struct.unpack_from(">I", font, start + 12)
    found: set[int] = set()
    for number in range(groups):
        first, last, glyph = struct.unpack_from(">III", font, start + 16 + 12 * number)
        found.update(range(first if glyph else first + 1, last + 1))
    return found
