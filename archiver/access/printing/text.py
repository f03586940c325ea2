"""Text of messages made fit for printing: nothing in it steers, nothing is lost without a sign, every line has an end.

What cannot be printed shows as ▯; what would turn the reading around (bidirectional and other controls) as its number,
such as [U+202E], so that a printed name never reads otherwise than its characters stand.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.access.printing.coverage import printable

UNPRINTABLE = "▯"
BREAK = "\u200b"
"""Where a word may be broken, without a hyphen: a hyphen would be one character too many in a name."""

LONGEST, IN_TABLE, IN_DIGITS = 48, 24, 72
"""Characters of a word that is left whole: in running text, in a table, in a line of digits."""

_SILENT = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad") | {chr(code) for code in range(0xFE00, 0xFE10)}
"""What has no look of its own: joiners, soft hyphens, variation selectors."""
_SPACES = frozenset("\t\v\f\x1c\x1d\x1e\x1f\x85")
_WORD = re.compile(r"\S+")
_JOINTS = re.compile(r"(?<=[@._/&?=;,:-])")


def lines(value: str, *, longest: int = LONGEST, strict: bool = False) -> str:
    """Text with its own line ends, at most two empty lines in a row; words over `longest` may be broken.

    `strict`: without combining marks but those that make one character with their letter; a mark that one font has and
    the letter's own font has not leaves a hole.
    """
    ended = value.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    kept = [_broken(_shown(item, strict=strict).rstrip(), longest) for item in ended.split("\n")]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept)).strip("\n")


def cleaned(view: Any, *, longest: int = LONGEST, strict: bool = False) -> Any:
    """Every string of a view as `lines` has it; the shape stays."""
    if isinstance(view, str):
        return lines(view, longest=longest, strict=strict)
    if isinstance(view, Mapping):
        kind = str(view.get("kind") or view.get("k"))
        within = {"table": IN_TABLE, "mono": IN_DIGITS}.get(kind, longest)
        return {name: cleaned(value, longest=within, strict=strict) for name, value in view.items()}
    if isinstance(view, Iterable):
        return [cleaned(value, longest=longest, strict=strict) for value in view]
    return view


def moment(stated: str | None, lang: str) -> str:
    """A time as its clock stated it, with the offset, and UTC beside (ISO 8601 in); a dash for none."""
    if not stated:
        return "-"
    at = datetime.fromisoformat(stated)
    utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if not at.utcoffset():
        return utc
    hour = "ore" if lang == "it" else "at"
    return f"{at:%d/%m/%Y} {hour} {at:%H:%M:%S} ({at:%z}) · {utc}"


def day(stated: str | None) -> str:
    """The day of a time in UTC, day first; a dash for none."""
    return f"{datetime.fromisoformat(stated).astimezone(UTC):%d/%m/%Y}" if stated else "-"


def amount(size: int, lang: str) -> str:
    """A number of bytes for people."""
    if size < 1000:
        return f"{size} byte" if lang == "it" or size == 1 else f"{size} bytes"
    unit, value = ("MB", size / 1_000_000) if size >= 1_000_000 else ("kB", size / 1000)
    return f"{value:.1f} {unit}".replace(".", "," if lang == "it" else ".")


def cut(text: str, limit: int) -> tuple[str, int]:
    """The first `limit` characters, and how many were left out."""
    return text[:limit], max(0, len(text) - limit)


def _shown(text: str, *, strict: bool) -> str:
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text) if strict else text
    return "".join(_glyph(character, strict=strict) for character in composed)


def _glyph(character: str, *, strict: bool) -> str:
    if " " <= character <= "~":
        return character
    if character in _SPACES:
        return " "
    if character in _SILENT:
        return ""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs"):
        return f"[U+{ord(character):04X}]"
    if strict and unicodedata.category(character).startswith("M"):
        return UNPRINTABLE
    return character if ord(character) in printable() else UNPRINTABLE


def _broken(text: str, longest: int) -> str:
    """Words longer than a line may be broken: at joints first, else anywhere."""
    if len(text) <= longest:
        return text
    return _WORD.sub(lambda found: found[0] if len(found[0]) <= longest else BREAK.join(_pieces(found[0])), text)


def _pieces(word: str) -> Iterable[str]:
    for part in _JOINTS.split(word):
        if len(part) <= IN_TABLE:
            yield part
        else:
            yield from (part[at : at + 8] for at in range(0, len(part), 8))
