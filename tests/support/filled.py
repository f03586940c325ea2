"""A sealed archive with simulated mail in it, and the truth about it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

MESSAGES = 120


@dataclass(frozen=True)
class Filled:
    """An archive, the mailbox that went into it, the truth about it, and what `ingest` and `seal` answered."""

    config: Path
    mailbox: Path
    expected: dict[str, Any]
    ingested: dict[str, Any]
    sealed: dict[str, Any]
