"""The state of the archive in a few numbers, and what wants attention."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.access.question import Catalog

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Status:
    """Totals, and `alerts` as sentences; none means that nothing is wrong that the catalog knows of.

    `tokens`: by authority, how many questions it was `asked` in the last month and how many tokens it `granted`.
    """

    messages: int
    pending: int
    volumes: int
    rapporti: int
    bytes: int
    kinds: dict[str, int]
    polls: dict[str, datetime]
    tokens: dict[str, dict[str, int]]
    alerts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"polls": {name: at.isoformat() for name, at in self.polls.items()}}


def status(catalog: Catalog, *, at: datetime, alerts: tuple[str, ...]) -> Status:
    """What the catalog says; the caller adds what it knows itself."""
    counts = catalog.counts()
    return Status(
        messages=counts["messages"],
        pending=counts["pending"],
        volumes=counts["volumes"],
        rapporti=counts["pdvs"],
        bytes=counts["bytes"],
        kinds=counts["kinds"],
        polls=counts["polls"],
        tokens={
            tsa: {"asked": asked, "granted": granted}
            for tsa, (asked, granted) in catalog.spent((at - MONTH).date()).items()
        },
        alerts=alerts,
    )
