"""The sidecar of a public administration: protocol and classification of each document, from its own register.

CSV (UTF-8, comma or semicolon) with the columns of COLUMNS; `key` is an identificativo, a Message-ID or a digest.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from io import StringIO
from zoneinfo import ZoneInfo

from archiver.errors import ConfigError, Malformed
from archiver.package.metadata.values import Aggregazione, Registration, TipoAggregazione
from archiver.submission.rows import MessageRow

COLUMNS = ("key", "number", "date", "register", "index", "description", "aggregation_type", "aggregation")
ROME = ZoneInfo("Europe/Rome")
_DIGEST = re.compile("[0-9A-Fa-f]{64}")


def read_annotations(text: str, *, name: str) -> dict[str, str]:
    """Registrations (JSON) by key. Raises ConfigError with every complaint, naming the line of `name`."""
    text = text.lstrip("\ufeff")
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ConfigError(f"{name}: missing columns {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    found: dict[str, str] = {}
    complaints = []
    for row in rows:
        values = {column: (row[column] or "").strip() for column in COLUMNS}
        key = _key(values.pop("key"))
        if not key or key in found:
            complaints.append(f"  line {rows.line_num}: key {key!r} is {'twice there' if key else 'missing'}")
        complaints += [f"  line {rows.line_num}: {complaint}" for complaint in _complaints(values)]
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


def registration_of(row: MessageRow, known: Mapping[str, Registration]) -> Registration | None:
    """The holder's own protocol of a message, by identificativo, Message-ID or digest."""
    return next((known[key] for key in (row.identificativo, row.message_id, row.sha256) if key and key in known), None)


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


def _complaints(values: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with a row, in words of the file."""
    good = dict(values)
    try:
        date.fromisoformat(values["date"])
    except ValueError:
        yield f"date: a day such as 2026-03-31 is expected, found {values['date']!r}"
        good["date"] = "2026-03-31"
    if values["aggregation_type"] not in list(TipoAggregazione):
        yield f"aggregation_type: expected {', '.join(TipoAggregazione)}, found {values['aggregation_type']!r}"
        good["aggregation_type"] = TipoAggregazione.FASCICOLO
    if not values["aggregation"]:
        yield "aggregation: the id of the folder or series is missing"
    try:
        registration(good)
    except ValueError as error:
        yield str(error)


def _key(text: str) -> str:
    """A key as the catalog knows it: no angle brackets around a Message-ID, digests in small letters."""
    bare = text.strip("<>")
    return bare.lower() if _DIGEST.fullmatch(bare) else bare
