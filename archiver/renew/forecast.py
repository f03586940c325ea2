"""What must be renewed by when until a day, and what that costs: a function of what is there now, and of time.

It assumes that every authority goes on with certificates that last as long as those of today and are new when they are
needed, that what is renewed is renewed on its last day but the margin, and that nothing more comes in.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import x509

from archiver.errors import Malformed
from archiver.evidence.algorithms import Catalogue
from archiver.evidence.timestamp import read_token
from archiver.renew.due import ends, stronger
from archiver.submission.rows import NewestRow

LEAST = timedelta(days=365)
"""Nobody is taken to give tokens that last less: a certificate near its end would be renewed every day."""


@dataclass(frozen=True, slots=True)
class Holding:
    """So many records of one lineage that end together, over so many bytes; its certificates last for `life`."""

    tsa: str
    algorithm: str
    until: datetime
    reason: str
    records: int
    bytes: int
    life: timedelta


@dataclass(frozen=True, slots=True)
class Step:
    """One renewal: on `day`, for `reason`; `target` is the digest of a new tree (then `bytes` are read), or empty.

    `tokens` is 1 for all that one authority renews on one day with one algorithm.
    """

    day: datetime
    tsa: str
    reason: str
    target: str
    records: int
    bytes: int
    tokens: int = 1


def holdings(newest: Iterable[NewestRow], catalogue: Catalogue, certificates: Sequence[bytes] = ()) -> list[Holding]:
    """What stands on which end today."""
    rows = tuple(newest)
    lives: dict[str, timedelta] = defaultdict(lambda: LEAST)
    for row in rows:
        lives[row.tsa] = max(lives[row.tsa], _life(row, certificates))
    found = []
    for row in rows:
        until, reason = ends(row, catalogue, certificates)
        found.append(Holding(row.tsa, row.algorithm, until, reason, row.records, row.bytes, lives[row.tsa]))
    return found


def forecast(
    found: Iterable[Holding], catalogue: Catalogue, *, now: datetime, until: datetime, margin: timedelta
) -> list[Step]:
    """All renewals between `now` and `until`, by day; what shares a token is one step."""
    together: dict[tuple[datetime, str, str, str, str], list[Holding]] = defaultdict(list)
    for holding in found:
        for step, before in _steps(holding, catalogue, now, until, margin):
            together[step.day, step.tsa, step.target or before.algorithm, step.reason, step.target].append(before)
    return [
        Step(day, tsa, reason, target, sum(h.records for h in held), sum(h.bytes for h in held) if target else 0)
        for (day, tsa, _, reason, target), held in sorted(together.items(), key=lambda item: item[0])
    ]


def _steps(
    holding: Holding, catalogue: Catalogue, now: datetime, until: datetime, margin: timedelta
) -> Iterator[tuple[Step, Holding]]:
    while True:
        day = max(holding.until - margin, now).replace(hour=0, minute=0, second=0, microsecond=0)
        if day > until:
            return
        target = stronger(catalogue, day) if holding.reason == "digest" else ""
        yield Step(day, holding.tsa, holding.reason, target, holding.records, holding.bytes), holding
        holding = _renewed(holding, target or holding.algorithm, catalogue, day)
        if holding.until - margin <= day:
            return  # no algorithm is left that lasts: the next step would be on the same day, for ever


def _life(row: NewestRow, certificates: Sequence[bytes]) -> timedelta:
    """How long the certificate of a token's authority lasts in all."""
    try:
        octets = read_token(row.token.octets, certificates).certificate
        read = x509.Certificate.load(octets) if octets else None
        return read.not_valid_after - read.not_valid_before if read else LEAST
    except Malformed:
        return LEAST


def _renewed(holding: Holding, algorithm: str, catalogue: Catalogue, day: datetime) -> Holding:
    tree, token = catalogue.usable_until(algorithm) or day, day + holding.life
    until, reason = (tree, "digest") if tree <= token else (token, "certificate")
    return Holding(holding.tsa, algorithm, until, reason, holding.records, holding.bytes, holding.life)
