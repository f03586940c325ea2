"""Column types that mean the same in SQLite and in PostgreSQL."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from archiver.submission.rows import Outcome

LONGEST_KEY = 200
"""Characters; PostgreSQL refuses to index much longer values, and a Message-ID may be as long as its sender likes."""

_JSON = json.JSONEncoder(ensure_ascii=False)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Words(TypeDecorator[str]):
    """Text from anywhere. NUL and lone surrogates, which one or both databases refuse, become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


class WordTuple(TypeDecorator[tuple[str, ...]]):
    """Several texts, as one JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value == ():
            return "[]"
        return None if value is None else _JSON.encode([storable(item) for item in value])

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002
        if value == "[]":  # most of them, and there are three in each message's row
            return ()
        return None if value is None else tuple(json.loads(value))


class Word(TypeDecorator[Outcome]):
    """One of the words for what became of a UID."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Outcome | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Outcome | None:  # noqa: ARG002
        return None if value is None else Outcome(value)


class Utc(TypeDecorator[datetime]):
    """An aware time, kept in UTC: SQLite drops time zones, PostgreSQL answers in the session's own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(text: str) -> str:
    """`text` without what a database refuses."""
    try:
        text.encode()  # faster than to look for surrogates, of which there are none
    except UnicodeEncodeError:
        return _UNSTORABLE.sub("\ufffd", text)
    return text.replace("\0", "\ufffd")


def key(value: str) -> str:
    """`value` as what is looked up: itself, or when it is long its digest."""
    clean = storable(value)
    return clean if len(clean) <= LONGEST_KEY else "sha256:" + sha256(clean.encode()).hexdigest()
