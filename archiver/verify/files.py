"""What the judge reads, and what it trusts. Nothing here opens a connection."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from archiver.evidence.policy import NOBODY, Policy
from archiver.pec.providers import Providers


class Listed(Protocol):
    """One file of a listing."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...


class Files(Protocol):
    """Files by name, as a store has them: relative names with forward slashes."""

    def has(self, name: str) -> bool:
        """Whether the file is there."""

    def get(self, name: str) -> bytes:
        """The whole file. Raises Absent."""

    def open(self, name: str) -> BinaryIO:
        """The file, seekable. Raises Absent."""

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """All files whose names start with `prefix`, ascending."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the judge believes: the providers' CAs, and the policy by which seals and time stamps are judged.

    Without anchors in the policy those of the package are used, and the verdict says so; `strict` then leaves it open.
    Authorities `without` which the judge shall do are set aside, with all records that grew from theirs.
    """

    providers: Providers
    policy: Policy = NOBODY
    strict: bool = False
    without: frozenset[str] = frozenset()
