"""The shapes that values of a package must have; whatever differs is refused with ValueError."""

import re
from datetime import UTC, date, datetime

from archiver.digest import Sha256, Sha512

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA512 = re.compile(r"[0-9a-f]{128}")
_OPAQUE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


def sha256(text: str) -> Sha256:
    """64 lower-case hexadecimal digits."""
    if not _SHA256.fullmatch(text):
        raise ValueError(f"SHA-256: expected 64 lower-case hexadecimal digits, found {text[:80]!r}")
    return Sha256(text)


def sha512(text: str) -> Sha512:
    """128 lower-case hexadecimal digits."""
    if not _SHA512.fullmatch(text):
        raise ValueError(f"SHA-512: expected 128 lower-case hexadecimal digits, found {text[:140]!r}")
    return Sha512(text)


def opaque(text: str) -> str:
    """The id of a holder, a mailbox or an authority: it stands in names and must say nothing about people."""
    if not _OPAQUE.fullmatch(text):
        raise ValueError(f"id: expected [a-z0-9][a-z0-9-]{{0,39}}, found {text[:80]!r}")
    return text


def extension(text: str) -> str:
    """The end of a file's name, without the dot."""
    if not _EXTENSION.fullmatch(text):
        raise ValueError(f"extension: expected [a-z0-9]{{1,8}}, found {text[:80]!r}")
    return text


def path(text: str) -> str:
    """A relative path in a package: plain ASCII names and forward slashes, nothing that needs an escape, no `..`."""
    if not _PATH.fullmatch(text):
        raise ValueError(f"path: expected plain names with forward slashes between, found {text[:200]!r}")
    return text


def moment(at: datetime) -> datetime:
    """An aware time, in UTC and whole seconds."""
    if at.tzinfo is None:
        raise ValueError(f"time: expected one with a zone, found {at.isoformat()}")
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:  # the first and the last day of Python's calendar
        raise ValueError(f"time: expected one between the years 1 and 9999 in UTC, found {at.isoformat()}") from error


def instant(text: str) -> datetime:
    """The time written as `2026-11-21T20:00:00Z`; no other way of writing it is accepted."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(f"time: expected YYYY-MM-DDThh:mm:ssZ, found {text[:80]!r}")
    return datetime.fromisoformat(text)


def day(text: str) -> date:
    """A calendar day written as `2026-11-21`."""
    if not _DAY.fullmatch(text):
        raise ValueError(f"day: expected YYYY-MM-DD, found {text[:80]!r}")
    return date.fromisoformat(text)


def number(text: str) -> int:
    """A whole number from 0, in its shortest decimal form."""
    if not text.isascii() or not text.isdigit() or (text[0] == "0" and text != "0") or len(text) > 18:
        raise ValueError(f"number: expected decimal digits, found {text[:80]!r}")
    return int(text)


def at_least(least: int, value: int, what: str) -> int:
    """`value`, which must not be under `least`."""
    if value < least:
        raise ValueError(f"{what}: expected at least {least}, found {value}")
    return value
