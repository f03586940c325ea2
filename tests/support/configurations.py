"""Configurations as data: part of one laid over another, and written as TOML."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

_NAMES = ("id", "name", "login")


def merged(whole: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """`whole` with what `part` says; a table of a list is laid over that of its id, name or login, or over a new one.

    A new mailbox is like the first in what is not said. A new store or authority is nothing but itself, and what its
    page leaves out with `...`: see `_REST`.
    """
    found = dict(whole)
    for key, value in part.items():
        if isinstance(value, dict):
            found[key] = merged(found.get(key, {}), value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found[key] = _listed(key, found.get(key, []), value)
        else:
            found[key] = value
    return found


_REST: dict[str, dict[str, Any]] = {
    "store": {
        "country": "IT",
        "operator": "altri",
        "endpoint": "https://s3.example.it",
        "region": "it-mil1",
        "bucket": "pec-copia",
        "access_key": "env:S3_ACCESS_KEY",
        "secret_key": "env:S3_SECRET_KEY",
    }
}
"""What `...` stands for in a new table of a page."""


def _listed(key: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = list(old)
    for table in new:
        place = next((number for number, one in enumerate(found) if _same(one, table)), None)
        if place is not None:
            found[place] = merged(found[place], table)
        else:
            rest = {**old[0], "id": f"m-{table['name']}"} if key == "mailbox" and "id" not in table else {}
            found.append({**_REST.get(key, {}), **rest, **table})
    return found


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(key in one and key in other and one[key] == other[key] for key in _NAMES)


def written(tables: Mapping[str, Any]) -> str:
    """As TOML."""
    return "\n".join(_lines(tables, ""))


def _lines(table: Mapping[str, Any], path: str) -> Iterator[str]:
    plain = {key: value for key, value in table.items() if not _is_table(value)}
    yield from (f"{key} = {_value(value)}" for key, value in plain.items())
    for key, value in table.items():
        if isinstance(value, dict):
            yield f"[{path}{key}]"
            yield from _lines(value, f"{path}{key}.")
        elif key not in plain:
            for one in value:
                yield f"[[{path}{key}]]"
                yield from _lines(one, f"{path}{key}.")


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _value(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
