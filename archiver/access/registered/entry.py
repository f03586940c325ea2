"""One act as it is shown, and pages of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from archiver.package.act import Act
from archiver.submission.rows import ActRow

_FORMULA = ("=", "+", "-", "@")
HEAD = ("at", "holder", "number", "kind", "who", "role", "reason", "digests", "results", "proven", "id")


@dataclass(frozen=True, slots=True)
class Entry:
    """An act: its row in the catalog, what its object says (None: it cannot be read, for the `trouble`), and whether
    evidence covers it or one behind it, as far as the catalog knows.
    """

    row: ActRow
    act: Act | None
    proven: bool
    trouble: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        row, act = self.row, self.act
        return {
            "id": row.id,
            "name": row.name,
            "holder": row.holder,
            "number": row.number,
            "at": row.at.isoformat(),
            "kind": act.kind.value if act else row.kind,
            "who": act.who if act else row.who,
            "role": act.role if act else None,
            "reason": act.reason if act else None,
            "what": dict(act.what) if act else None,
            "proven": self.proven,
            "trouble": self.trouble or None,
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Acts, the newest first; `next` goes into `--after`, None on the last page."""

    entries: tuple[Entry, ...]
    next: str | None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"acts": [entry.as_json() for entry in self.entries], "next": self.next}


def table(entries: Iterable[Entry]) -> Iterator[tuple[str, ...]]:
    """Rows of text for a table, the head first. What a spreadsheet would take for a formula begins with a quote."""
    yield HEAD
    for entry in entries:
        told = entry.as_json()
        about = entry.act.about if entry.act else ()
        results = (told["what"] or {}).get("results", "")
        texts = (
            f"{entry.row.at:%Y-%m-%dT%H:%M:%SZ}", entry.row.holder, entry.row.number, told["kind"], told["who"],
            told["role"] or "", told["reason"] or "", " ".join(about), results, int(entry.proven), entry.row.id,
        )  # fmt: skip
        yield tuple(f"'{text}" if text.startswith(_FORMULA) else text for text in map(str, texts))
