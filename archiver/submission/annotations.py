"""The sidecar of a public administration: protocol and classification of each document, from its own register.

CSV (UTF-8, comma or semicolon) with the columns of COLUMNS; `key` is an identificativo, a Message-ID or a digest.
"""

import csv
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from archiver.errors import ConfigError, Malformed
from archiver.package.metadata.values import Aggregazione, Registration, TipoAggregazione

COLUMNS = ("key", "number", "date", "register", "index", "description", "aggregation_type", "aggregation")
ROME = ZoneInfo("Europe/Rome")


def read_annotations(text: str, *, name: str) -> dict[str, str]:
    """Registrations (JSON) by key. Raises ConfigError with every complaint, naming the line of `name`."""
    header = text.lstrip("\ufeff").partition("\n")[0]
    rows = csv.DictReader(text.lstrip("\ufeff").splitlines(), delimiter=";" if ";" in header else ",")
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ConfigError(f"{name}: missing columns {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    found: dict[str, str] = {}
    complaints = []
    for number, row in enumerate(rows, 2):
        values = {column: (row[column] or "").strip() for column in COLUMNS}
        key = values.pop("key").strip("<>")
        try:
            registration(values)
        except (ValueError, KeyError) as error:
            complaints.append(f"  line {number}: {error}")
            continue
        if not key or key in found:
            complaints.append(f"  line {number}: key {key!r} is {'twice there' if key else 'missing'}")
        found[key] = json.dumps(values, ensure_ascii=False, sort_keys=True)
    if complaints:
        raise ConfigError(f"{name} cannot be used:\n" + "\n".join(complaints))
    return found


def registrations(annotations: Mapping[str, str]) -> dict[str, Registration]:
    """What the catalog keeps, as values by key. Raises Malformed."""
    try:
        return {key: registration(json.loads(text)) for key, text in annotations.items()}
    except (ValueError, KeyError) as error:
        raise Malformed(f"annotation: {error}") from error


def registration(values: Mapping[str, str]) -> Registration:
    """One row as a value. Raises ValueError or KeyError."""
    day = date.fromisoformat(values["date"])
    return Registration(
        number=values["number"].zfill(7),
        date=datetime.combine(day, time(), ROME),
        register=values["register"],
        index=values["index"],
        description=values["description"],
        aggregation=Aggregazione(TipoAggregazione(values["aggregation_type"]), values["aggregation"]),
    )
