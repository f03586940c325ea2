"""How much a sweep may read, as people write it: bytes, or a time."""

import re
from datetime import timedelta

import click

from archiver.config.services import octets


def budget_of(text: str) -> int | timedelta:
    """100GB, 500 MB; 30m, 2h, 1d. Raises UsageError."""
    found = re.fullmatch(r"([1-9]\d{0,4}) ?([smhd])", text, re.ASCII)
    if found:
        unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[found[2]]
        return timedelta(**{unit: int(found[1])})
    try:
        return octets(text)
    except ValueError as error:
        raise click.UsageError(f"--budget {text!r}: bytes such as 100GB, or a time such as 30m or 2h") from error
