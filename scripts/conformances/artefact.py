"""What is put before a judge, and what he says."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Protocol


class Kind(Enum):
    """What it is; the values are those of the judges in Java."""

    SEAL = "seal"
    TOKEN = "token"
    RECORD = "record"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class Artefact:
    """One question: `octets`, judged at `at` with these anchors and lists (DER), over `data` (name -> octets).

    `whole`: the data are all that it covers; else more of the group is left out, and `discarded` are the SHA-512
    digests of what is gone for good. A token covers `imprint` (algorithm, digest) instead of data. `good`: it must be
    accepted; else refused. `as_digests`: the judge is handed the digests of the data, not the data. `only`: the judges
    that it is meant for, all of its kind when empty.
    """

    name: str
    what: str
    kind: Kind
    octets: bytes = field(repr=False)
    at: datetime
    anchors: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(default=(), repr=False)
    data: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    imprint: tuple[str, bytes] | None = field(default=None, repr=False)
    discarded: tuple[bytes, ...] = field(default=(), repr=False)
    as_digests: bool = False
    whole: bool = True
    good: bool = True
    only: frozenset[str] = frozenset()

    def altered(self, name: str, what: str, **changes: object) -> "Artefact":
        """The same with something wrong in it, under a name of its own."""
        return replace(self, name=f"{self.name}/{name}", what=what, good=False, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge said, and his own words for it."""

    accepted: bool
    words: str


class Judge(Protocol):
    """Somebody who reads artefacts of some kinds; `version` names him and all of his parts that matter."""

    name: str
    kinds: frozenset[Kind]

    def version(self) -> str:
        """As he says it himself."""

    def judge(self, artefacts: Sequence[Artefact]) -> list[Answer]:
        """One answer each, in their order."""
