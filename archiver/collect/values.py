"""What a collection is asked for, what it brings, and what it asks of store and catalog."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from archiver.digest import Sha256
from archiver.ports import Stored
from archiver.submission.rows import FetchedRow, TrustRow
from archiver.verdict import Finding

T = TypeVar("T")


class When(StrEnum):
    """When a certificate's OCSP responder is asked: where no current list is to be had, always, or never."""

    NO_CRL = "when-no-crl"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Need:
    """A certificate's path (DER, the certificate first, its anchor last) and the holders whose archives need it.

    `kind` is what the first one is: `tsa`, `signer`, `provider` or `ca`; all above are `ca`. `crls` are lists (DER)
    from files: they are looked at like those that are fetched.
    """

    path: tuple[bytes, ...]
    holders: tuple[str, ...]
    kind: str
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection brought or found kept, each once; `findings` name what could not be had.

    Certificates, CRLs and OCSP responses are DER; `lists` are trusted lists, XML or TOML.
    """

    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    crls: tuple[bytes, ...] = field(default=(), repr=False)
    ocsps: tuple[bytes, ...] = field(default=(), repr=False)
    lists: tuple[bytes, ...] = field(default=(), repr=False)
    findings: tuple[Finding, ...] = ()

    @classmethod
    def together(cls, parts: Iterable["Collected"]) -> "Collected":
        """One of several, in their order."""
        found = tuple(parts)
        return cls(
            _once(part.certificates for part in found),
            _once(part.crls for part in found),
            _once(part.ocsps for part in found),
            _once(part.lists for part in found),
            _once(part.findings for part in found),
        )


NOTHING = Collected()


class Store(Protocol):
    """Where trust material is kept."""

    def put(self, name: str, data: bytes) -> None: ...

    def get(self, name: str) -> bytes: ...

    def has(self, name: str) -> bool: ...

    def list(self, prefix: str = "") -> Iterator[Stored]: ...


class Catalog(Protocol):
    """What is known of trust material, and what was asked for in each night; see the adapter for the promises."""

    def record_trust(self, found: Sequence[TrustRow]) -> None: ...

    def trust_of(self, holder: str, *, kind: str = "") -> list[TrustRow]: ...

    def trust_with(self, digests: Collection[Sha256]) -> list[TrustRow]: ...

    def lists_from(self, holder: str, issuer: str) -> list[TrustRow]: ...

    def uncovered(self, holder: str) -> list[TrustRow]: ...

    def covering(self, holder: str) -> frozenset[str]: ...

    def fetched(self, source: str, night: date) -> FetchedRow | None: ...

    def last_fetched(self, source: str) -> FetchedRow | None: ...

    def record_fetched(self, row: FetchedRow, found: Sequence[TrustRow] = ()) -> None: ...


def _once(several: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for items in several for item in items))
