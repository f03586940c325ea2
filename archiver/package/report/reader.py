"""Reads reports strictly: there is one way to write each, and every other is refused."""

import json
from typing import Any, Final

from archiver.errors import Malformed
from archiver.package import rules
from archiver.package.report.values import LARGEST, VERSION, Report, ReportKind

_KEYS = frozenset(("at", "content", "holder", "kind", "previous", "software", "version"))
_WRITING: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(octets: bytes) -> Report:
    """The report that these bytes are, unsigned. Raises Malformed, naming what: also when written in any other way."""
    if len(octets) > LARGEST:
        raise Malformed(f"report: expected at most {LARGEST} bytes, found {len(octets)}")
    try:
        value = json.loads(octets)
        report = _read(value)
        canonical = _WRITING.encode(value).encode()
    except (ValueError, RecursionError) as error:
        raise Malformed(f"report: {error}") from error
    if octets[-1:] != b"\n" or memoryview(octets)[:-1] != canonical:
        raise Malformed("report: expected canonical JSON (sorted keys, no blanks, one line end), found another writing")
    return report


def _read(fields: Any) -> Report:
    found = fields.keys() if isinstance(fields, dict) else None
    if found != _KEYS:
        raise ValueError(f"expected the keys {sorted(_KEYS)}, found {str(sorted(found or ()))[:200]}")
    if fields["version"] != VERSION or isinstance(fields["version"], bool):
        raise ValueError(f"version: expected {VERSION}, found {fields['version']!r:.80}")
    previous = fields["previous"]
    return Report(
        kind=ReportKind(_string(fields, "kind")),
        holder=_string(fields, "holder"),
        at=rules.instant(_string(fields, "at")),
        software=_string(fields, "software"),
        previous=None if previous is None else _string(fields, "previous"),
        content=_object(fields, "content"),
    )


def _object(fields: dict[str, Any], key: str) -> dict[str, Any]:
    value = fields[key]
    if isinstance(value, dict):
        return value
    raise ValueError(f"{key}: expected an object, found {str(value)[:80]!r}")


def _string(fields: dict[str, Any], key: str) -> str:
    value = fields[key]
    if isinstance(value, str):
        return value
    raise ValueError(f"{key}: expected a text, found {str(value)[:80]!r}")
