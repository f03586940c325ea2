"""How long each volume is kept: as it was sealed, as its class has it today, as persons made it longer, and holds.

Nothing ever makes a term shorter: of all that is said of a volume, the longest holds.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property

from archiver.compose.archive import Archive
from archiver.compose.decided import decided
from archiver.digest import Sha256
from archiver.discard import rule_of
from archiver.package.act import EXTENSIONS, HOLDS
from archiver.package.agents import Retention
from archiver.submission.extensions import Extension, extended, extensions
from archiver.submission.holds import Hold, Scope, holds
from archiver.submission.keeping import kept_until
from archiver.submission.rows import VolumeRow


class Terms:
    """The terms of an archive's volumes; acts are read once, when the first is asked for.

    `known` acts spare reading them: they must be all that there are.
    """

    def __init__(
        self, archive: Archive, *, extended: Iterable[Extension] | None = None, held: Iterable[Hold] | None = None
    ) -> None:
        self._archive = archive
        self._extended = None if extended is None else list(extended)
        self._held = None if held is None else list(held)

    @cached_property
    def extensions(self) -> list[Extension]:
        """Every term that was made longer."""
        return extensions(decided(self._archive, EXTENSIONS)) if self._extended is None else self._extended

    @cached_property
    def holds(self) -> list[Hold]:
        """The holds that stand."""
        found = holds(decided(self._archive, HOLDS)) if self._held is None else self._held
        return [one for one in found if one.released is None]

    @cached_property
    def held(self) -> dict[str, list[Hold]]:
        """The volumes that a hold keeps, by id."""
        found: dict[str, list[Hold]] = {}
        for hold in self.holds:
            for volume in volumes_of(hold, self._archive):
                found.setdefault(volume, []).append(hold)
        return found

    def lengthened(self, volume: VolumeRow) -> bool:
        """Whether somebody made its term longer than its rules have it."""
        ruled, longer = self._ruled(volume), extended(volume, self.extensions)
        return ruled is not None and longer is not None and longer > ruled

    def last_day(self, volume: VolumeRow) -> date | None:
        """The last day of its term; None: for ever."""
        ruled, longer = self._ruled(volume), extended(volume, self.extensions)
        return ruled if ruled is None or longer is None else max(ruled, longer)

    def _ruled(self, volume: VolumeRow) -> date | None:
        """The last day as it was sealed, or as its class has it today, if that is later; None: for ever."""
        rule = rule_of(self._archive.catalog.segments_of(volume.id))
        today = self._archive.config.retentions.get(volume.retention)
        current = Retention(today.name, today.years, today.event, today.basis) if today else None
        ends = [one.term(volume.year) for one in (rule, current) if one is not None]
        if not ends or None in ends:
            return None
        return max(one for one in ends if one is not None)

    def kept(self, volume: VolumeRow | None, now: datetime) -> datetime:
        """Until when the store is to keep what is kept for the volume's sake; None: what is kept for ever."""
        return kept_until(self.last_day(volume) if volume else None, now=now)


def volumes_of(hold: Hold, archive: Archive) -> frozenset[str]:
    """The closed volumes that a hold keeps: all that hold a message which it is about."""
    catalog = archive.catalog
    match hold.scope:
        case Scope.MESSAGES:
            return catalog.volumes_of(hold.holder, catalog.together(hold.holder, hold.messages))
        case Scope.MAILBOX:
            return frozenset(row.id for row in catalog.closed(hold.holder) if row.mailbox == hold.mailbox)
        case Scope.PERIOD:
            since, until = bounds(hold)
            return catalog.volumes_dated(hold.holder, since=since, until=until, mailbox=hold.mailbox)
        case Scope.HOLDER:
            return frozenset(row.id for row in catalog.closed(hold.holder))


def messages_held(hold: Hold, digests: Iterable[Sha256], archive: Archive) -> frozenset[Sha256]:
    """Those of these messages that a hold keeps."""
    wanted = frozenset(digests)
    rows = [message for message, _ in archive.catalog.placed(hold.holder, wanted)]
    match hold.scope:
        case Scope.MESSAGES:
            return wanted & archive.catalog.together(hold.holder, hold.messages)
        case Scope.MAILBOX:
            return frozenset(row.sha256 for row in rows if row.mailbox == hold.mailbox)
        case Scope.PERIOD:
            since, until = bounds(hold)
            mine = [row for row in rows if hold.mailbox in ("", row.mailbox)]
            return frozenset(
                row.sha256 for row in mine if (not since or row.date >= since) and (not until or row.date < until)
            )
        case Scope.HOLDER:
            return frozenset(row.sha256 for row in rows)


def bounds(hold: Hold) -> tuple[datetime | None, datetime | None]:
    """The first moment of a period in Italy, and the first one behind it."""
    since = kept_until(hold.since - timedelta(days=1), now=hold.at) if hold.since else None
    until = kept_until(hold.until, now=hold.at) if hold.until else None
    return since, until
