"""The consistency list (elenco di consistenza): every message that was asked for, where it is, or why it is not.

`consistenza.csv` has a line for each message, written as it comes; `consistenza.json` the question, the parts and the
counts, and the digest of the lines. No address and no subject stands in either.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO

from archiver.submission.rows import KeptRow

_SPECIAL = re.compile(r'["\r\n]')
HEAD = ("sha256", "byte", "tipo", "data", "casella", "volume", "stato", "parte", "percorso", "motivo")


class Standing(StrEnum):
    """What became of a message that was asked for."""

    INCLUDED = "incluso"
    PENDING = "incluso-in-attesa"
    UNSEALED = "non-ancora-sigillato"
    DISCARDED = "scartato"
    RESTRICTED = "limitato"
    DAMAGED = "danneggiato"


WORDS: Mapping[Standing, Mapping[str, str]] = {
    Standing.INCLUDED: {"it": "incluso, con il suo volume sigillato", "en": "included, with its sealed volume"},
    Standing.PENDING: {
        "it": "incluso, ma di nessun volume ancora: la prova è il rapporto di versamento",
        "en": "included, of no volume yet: its proof is the rapporto di versamento",
    },
    Standing.UNSEALED: {
        "it": "non incluso: il suo volume non è ancora sigillato",
        "en": "not included: its volume is not sealed yet",
    },
    Standing.DISCARDED: {
        "it": "non incluso: distrutto con uno scarto autorizzato",
        "en": "not included: destroyed by an authorised scarto",
    },
    Standing.RESTRICTED: {
        "it": "non incluso: limitato (GDPR, art. 18)",
        "en": "not included: restricted (GDPR, art. 18)",
    },
    Standing.DAMAGED: {
        "it": "non incluso: i byte conservati non sono quelli promessi dall'indice",
        "en": "not included: the bytes kept are not those that the index promises",
    },
}
"""Each standing for people."""

INCLUDED = (Standing.INCLUDED, Standing.PENDING)


@dataclass(slots=True)
class List:
    """The list under way: its lines go to a file as they come, and are counted."""

    file: BinaryIO
    counts: Counter[str] = field(default_factory=Counter)
    octets: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self._line(HEAD)

    def add(self, row: KeptRow, *, volume: str, standing: Standing, part: str, path: str, reason: str = "") -> None:
        """One message of a row."""
        self.note(
            row.sha256, row.size, row.kind, row.date.isoformat(), row.mailbox, volume, standing, part, path, reason
        )

    def note(
        self,
        sha256: str,
        size: int,
        kind: str,
        day: str,
        mailbox: str,
        volume: str,
        standing: Standing,
        part: str,
        path: str,
        reason: str,
    ) -> None:
        """One message as the index of its volume tells of it."""
        self._line((sha256, str(size), kind, day, mailbox, volume, standing.value, part, path, reason))
        self.counts[standing.value] += 1
        self.octets += size if standing in INCLUDED else 0

    @property
    def sha256(self) -> str:
        """Of all lines so far."""
        return str(self._hash.hexdigest())

    @property
    def missing(self) -> int:
        """Messages that were asked for and are not there."""
        return sum(self.counts.values()) - self.included

    @property
    def included(self) -> int:
        """Messages that are there."""
        return sum(self.counts[standing.value] for standing in INCLUDED)

    def _line(self, cells: tuple[str, ...]) -> None:
        octets = _row(cells).encode()
        self.file.write(octets)
        self._hash.update(octets)


def _row(cells: tuple[str, ...]) -> str:
    """As `csv` writes it; nearly all rows are plain, and there are as many as messages."""
    plain = ",".join(cells)
    if plain.count(",") == len(cells) - 1 and not _SPECIAL.search(plain):
        return f"{plain}\n"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
