"""One table of a TOML file, read key by key; what is wrong is collected, not raised, so that all is said at once."""

import re
from datetime import date
from pathlib import Path
from typing import Any

REFERENCE = r"(env|file):.+|credential:[^/]+"
"""Where a secret is to be found: in the environment, in a file, or where systemd's LoadCredential= put it."""

ID = r"[a-z0-9][a-z0-9-]{0,39}"
ID_HINT = "lower-case letters, digits and dashes, at most 40, and no personal data (it becomes part of object names)"


class Table:
    """A reader of one table. Each `take` removes a key; `close` complains about those that nobody took."""

    def __init__(self, name: str, values: object, complaints: list[str]) -> None:
        self.name = name
        self.complaints = complaints
        self._values: dict[str, Any] = dict(values) if isinstance(values, dict) else {}
        if not isinstance(values, dict):
            self.complain("", "must be a table")

    def complain(self, key: str, text: str) -> None:
        """Notes a complaint about one key of this table."""
        self.complaints.append(f"[{self.name}] {key}: {text}" if key else f"[{self.name}]: {text}")

    def has(self, key: str) -> bool:
        """Whether the key is there, not yet taken."""
        return key in self._values

    def text(
        self, key: str, default: str | None = None, *, pattern: str = "", one_of: tuple[str, ...] = (), hint: str = ""
    ) -> str:
        """A string; without `default` it must be there and not be empty."""
        value = self._values.pop(key, default)
        if value is None or (value == "" and default is None):
            self.complain(key, f"is missing{': ' + hint if hint else ''}")
            return ""
        if not isinstance(value, str):
            self.complain(key, f"must be a text in quotes, found {value!r}")
            return ""
        if value and one_of and value not in one_of:
            self.complain(key, f"must be one of {', '.join(map(repr, one_of))}, found {value!r}")
        if value and pattern and not re.fullmatch(pattern, value):
            self.complain(key, f"{hint or 'does not have the expected form'}, found {value!r}")
        return value

    def reference(self, key: str) -> str:
        """Where a secret is to be found, empty when absent. What was written instead is not shown: it may be one."""
        value = self._values.pop(key, "")
        if value != "" and not (isinstance(value, str) and re.fullmatch(REFERENCE, value)):
            self.complain(key, "must be env:NAME or file:PATH (or credential:NAME), never the secret itself")
            return ""
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, empty when absent."""
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.complain(key, f"must be a list of texts, found {value!r}")
            return ()
        return tuple(value)

    def number(self, key: str, default: int | None, *, low: int, high: int) -> int:
        """An integer between `low` and `high`; without `default` it must be there."""
        value = self._values.pop(key, default)
        if value is None:
            self.complain(key, "is missing")
            return low
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.complain(key, f"must be a number between {low} and {high}, found {value!r}")
            return low
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        value = self._values.pop(key, default)
        if not isinstance(value, bool):
            self.complain(key, f"must be true or false, found {value!r}")
            return default
        return value

    def day(self, key: str) -> date | None:
        """A date as TOML writes it (2026-01-31), None when absent."""
        value = self._values.pop(key, None)
        if value is not None and type(value) is not date:
            self.complain(key, f"must be a date such as 2026-01-31 (without quotes), found {value!r}")
            return None
        return value

    def path(self, key: str, folder: Path, default: str | None = None) -> Path:
        """A path, relative ones from the folder of the configuration."""
        return self._path(key, self.text(key, default), folder)

    def paths(self, key: str, folder: Path) -> tuple[Path, ...]:
        """A list of paths, empty when absent."""
        return tuple(self._path(key, item, folder) for item in self.texts(key))

    def _path(self, key: str, text: str, folder: Path) -> Path:
        try:
            if "\0" in text:
                raise ValueError("it holds a NUL")
            return folder / Path(text).expanduser()
        except (ValueError, RuntimeError) as error:
            self.complain(key, f"is no usable path: {error}, found {text!r}")
            return folder

    def table(self, key: str) -> "Table":
        """A sub-table; complains when it is absent."""
        if key not in self._values:
            self.complain("", f"the table [{key}] is missing")
            return Table(key, {}, [])
        name = key if self.name == "top level" else f"{self.name}.{key}"
        return Table(name, self._values.pop(key), self.complaints)

    def tables(self, key: str, *, required: bool = True) -> list["Table"]:
        """An array of tables ([[key]]); complains when it is absent and `required`."""
        value = self._values.pop(key, [])
        if not isinstance(value, list):
            self.complain("", f"[{key}] must be written [[{key}]]")
            return []
        if not value and required:
            self.complain("", f"at least one [[{key}]] is needed")
        return [Table(f"{key} {n}", item, self.complaints) for n, item in enumerate(value, 1)]

    def named(self, key: str) -> dict[str, "Table"]:
        """Tables written [key.NAME], by NAME."""
        value = self._values.pop(key, {})
        if not isinstance(value, dict):
            self.complain("", f"[{key}] must hold tables [{key}.NAME]")
            return {}
        return {name: Table(f"{key}.{name}", item, self.complaints) for name, item in value.items()}

    def close(self) -> None:
        """Complains about every key that nobody took: a misspelt key must not be ignored in silence."""
        for key in self._values:
            self.complain(key, "unknown key")
