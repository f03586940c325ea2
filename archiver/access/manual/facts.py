"""How the manual writes what it is told: days, numbers, names with their codes."""

from collections.abc import Mapping
from typing import Any

Told = Mapping[str, Any]

PERMANENT = 9999
SOURCE = "Linee guida AgID sulla formazione, gestione e conservazione dei documenti informatici, 4.6, lettera {})"


def day(stated: str | None) -> str:
    """The day of an ISO date or time, day first; a dash for none."""
    return f"{stated[8:10]}/{stated[5:7]}/{stated[:4]}" if stated else "-"


def number(value: int) -> str:
    """A whole number, as Italians write it."""
    return f"{value:,}".replace(",", ".")


def size(octets: int) -> str:
    """Bytes for people."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= step:
            return f"{octets / step:.1f} {unit}".replace(".", ",")
    return f"{octets} byte"


def binary(octets: int) -> str:
    """A limit that is a power of two, as programs count."""
    return f"{octets >> 30} GiB" if octets >= 1 << 30 else f"{octets >> 20} MiB"


def codes(party: Told) -> str:
    """Codice fiscale and partita IVA."""
    return ", ".join(party["codes"]) or "-"


def years(value: int) -> str:
    """A term in years."""
    return "senza termine" if value == PERMANENT else f"{value} anni"
