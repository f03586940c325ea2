"""The evidence: of each record its row and its newest token; of one that is lost, what its successor holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from archiver.digest import sha256
from archiver.errors import Absent, Malformed
from archiver.evidence.record import reader
from archiver.evidence.record.values import ArchiveTimeStamp
from archiver.evidence.timestamp import read_token
from archiver.ports import ObjectStore
from archiver.rebuild.listing import Lineage
from archiver.submission.rows import EvidenceRow, TokenRow
from archiver.verdict import Finding, finding

_NUMBER = len("000001.ers")
MOST = 64
"""Tokens that are remembered: a night's thousand records share one."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """One ArchiveTimeStamp of a record: its token, when that was given, the digest of its chain."""

    token: bytes
    at: datetime
    algorithm: str


@dataclass(slots=True)
class Records:
    """Reads records; raises Unavailable."""

    store: ObjectStore
    wrong: list[Finding]
    _tokens: dict[bytes, tuple[datetime, str]] = field(default_factory=dict)

    def rows(self, lineage: Lineage, names: dict[int, str]) -> Iterator[tuple[EvidenceRow, TokenRow]]:
        """The rows of one lineage, by number; where one is missing and a later one is there, this tells of it."""
        read = {number: stamps for number, name in sorted(names.items()) if (stamps := self._read(name, number))}
        if not read:
            return
        at = next(iter(read.values()))[0].at
        for number in range(1, max(max(read), max(names)) + 1):
            later = next((stamps for one, stamps in sorted(read.items()) if one >= number), None)
            if later is None:
                return  # it was said that it cannot be read: nothing else knows of it
            name = names.get(number) or _name(next(iter(names.values())), number)
            if number not in names:
                self.wrong.append(finding("REBUILD_MISSING", name, by=names[max(read)]))
            stamp = later[number - 1]
            token = TokenRow(sha256(stamp.token), stamp.token, stamp.at)
            yield EvidenceRow(*lineage, number, name, at, stamp.algorithm, token.sha256), token

    def since(self, names: dict[int, str]) -> datetime | None:
        """Since when a lineage proves, None when none of its records can be read; nothing is said of that here."""
        mute = Records(self.store, [], self._tokens)
        found = (stamps for number, name in sorted(names.items()) if (stamps := mute._read(name, number)))
        first = next(found, None)
        return first[0].at if first else None

    def _read(self, name: str, number: int) -> list[Stamp] | None:
        try:
            chains = reader.read(self.store.get(name)).chains
            stamps = [self._stamp(stamp) for chain in chains for stamp in chain]
            if len(stamps) < number:
                raise Malformed(f"expected {number} ArchiveTimeStamps, found {len(stamps)}")
        except (Absent, Malformed) as error:
            self.wrong.append(finding("REBUILD_UNREADABLE", name, reason=error))
            return None
        return stamps

    def _stamp(self, stamp: ArchiveTimeStamp) -> Stamp:
        at, imprint = self._token(stamp.token)
        return Stamp(stamp.token, at, stamp.algorithm or imprint)

    def _token(self, octets: bytes) -> tuple[datetime, str]:
        if octets not in self._tokens:
            token = read_token(octets)
            while len(self._tokens) >= MOST:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[octets] = token.gen_time, token.algorithm
        return self._tokens[octets]


def _name(other: str, number: int) -> str:
    return f"{other[:-_NUMBER]}{number:06}.ers"
