"""What handing over asks and works with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from archiver.ports import ObjectStore
from archiver.verify import Trust

Progress = Callable[[int, int | None], None]


class Extracted(Protocol):
    """One file of a materialised PdA: its path there, and its bytes."""

    @property
    def path(self) -> str: ...

    @property
    def octets(self) -> bytes: ...


class Tree(Protocol):
    """Every file of a volume as its index lists it, one at a time; `trouble` hears of those that cannot be had.

    Raises Absent or Malformed when not even the index can be read.
    """

    def __call__(
        self, store: ObjectStore, holder: str, volume: str, *, trouble: Callable[[str, str], None]
    ) -> Iterator[Extracted]: ...


@dataclass(frozen=True, slots=True)
class Handing:
    """Everything that a handing over works with.

    `software` and `lang` are said in what is written; `legal_value` is False where seals rest on the embedded
    authority. `only`: the volumes of a sample; None for everything. `parts` may narrow a drill to some holders.
    """

    store: ObjectStore
    target: Path
    tree: Tree
    trust: Trust
    clock: Callable[[], datetime]
    software: str
    lang: str = "it"
    legal_value: bool = True
    only: frozenset[str] | None = None
    progress: Progress = lambda done, total: None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was written: `damaged` are objects that were not what they should be, by name, with the reason.

    `failed` are the volumes whose verdict is not PASSED.
    """

    path: Path
    volumes: int
    messages: int
    pending: int
    files: int
    bytes: int
    damaged: tuple[tuple[str, str], ...]
    failed: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "path": str(self.path),
            "volumes": self.volumes,
            "messages": self.messages,
            "pending": self.pending,
            "files": self.files,
            "bytes": self.bytes,
            "indication": "FAILED" if self.failed or self.damaged else "PASSED",
            "damaged": [{"name": name, "reason": reason} for name, reason in self.damaged],
            "failed": list(self.failed),
        }
