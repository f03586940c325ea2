"""Writes reports: canonical JSON (keys sorted, UTF-8, no blanks, one line end), the same bytes for the same report."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.package.report.values import LARGEST, LONGEST, VERSION, Report


def build(report: Report) -> bytes:
    """The report as it is kept, unsigned. Raises ValueError for one that is larger than `LARGEST`."""
    fields = {
        "at": f"{report.at:%Y-%m-%dT%H:%M:%SZ}",
        "content": report.content,
        "holder": report.holder,
        "kind": report.kind.value,
        "previous": report.previous,
        "software": report.software,
        "version": VERSION,
    }
    octets = (json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
    if len(octets) > LARGEST:
        raise ValueError(
            f"report of {report.kind} for {report.holder}: expected at most {LARGEST} bytes, found {len(octets)}: do"
            " the work in several parts, with a report on each"
        )
    return octets


def printable(value: Any) -> Any:
    """What an errand has to say, so that it may stand in a report: nothing that a service answered can prevent it.

    Texts are cut at `LONGEST` characters and what cannot be printed in them is escaped; times become texts in UTC.
    """
    if isinstance(value, str):
        return _shown(value)
    if isinstance(value, Mapping):
        return {_shown(str(key)): printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(item) for item in value]
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value


def _shown(text: str) -> str:
    shown = str(text)
    if not shown.isprintable():
        shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in shown)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
