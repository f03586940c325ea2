"""What each night came to, and what machines that watch ask of the whole archive."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import add, columns, rows
from archiver.adapters.catalog.tables import NIGHT, POLL, RECKONING, SEGMENT, TALLY
from archiver.adapters.catalog.tallying import FINDING, SEGMENTS
from archiver.night import NightRow

KEPT = 400
"""So many nights are kept: a year, and some that were begun twice."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one mailbox has here: messages, bytes in the store, messages in no volume yet, and since when."""

    mailbox: str
    holder: str
    messages: int
    bytes: int
    pending: int
    since: datetime | None


class Nights:
    """The part of the catalog that nights write, and whoever watches reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_night(self, night: NightRow) -> None:
        """A night begins; those of long ago are forgotten."""
        with self._database.writing() as connection:
            add(connection, NIGHT, [night])
            old = select(NIGHT.c.id).order_by(NIGHT.c.at.desc(), NIGHT.c.id).offset(KEPT)
            gone = list(connection.scalars(old))
            connection.execute(delete(NIGHT).where(NIGHT.c.id.in_(gone)))

    def end_night(self, night: NightRow) -> None:
        """What it came to; said again, the last word holds."""
        values = {name: value for name, value in asdict(night).items() if name != "id"}
        with self._database.writing() as connection:
            connection.execute(update(NIGHT).where(NIGHT.c.id == night.id).values(**values))

    def nights(self, limit: int = KEPT, *, ended: bool = False) -> list[NightRow]:
        """The newest, the last begun first; only those that came to their end, if so asked."""
        query = select(*columns(NIGHT, NightRow)).order_by(NIGHT.c.at.desc(), NIGHT.c.id).limit(limit)
        if ended:
            query = query.where(NIGHT.c.ended.is_not(None))
        with self._database.reading() as connection:
            return rows(connection, NightRow, query)

    def kept_by_mailbox(self) -> list[Kept]:
        """What each mailbox has, by mailbox."""
        mailbox = SEGMENT.c.mailbox
        open_ = select(mailbox, func.sum(SEGMENT.c.messages), func.min(SEGMENT.c.at, type_=SEGMENT.c.at.type))
        open_ = open_.where(SEGMENT.c.volume.is_(None)).group_by(mailbox)
        sums = (func.min(TALLY.c.name), func.sum(TALLY.c.number), func.sum(TALLY.c.size))
        kept = select(TALLY.c.mailbox, *sums).where(TALLY.c.sort == SEGMENTS, TALLY.c.number > 0)
        with self._database.reading() as connection:
            waiting = {box: (int(number), since) for box, number, since in connection.execute(open_)}
            found = connection.execute(kept.group_by(TALLY.c.mailbox).order_by(TALLY.c.mailbox))
            return [
                Kept(box, holder, int(messages), int(size), *waiting.get(box, (0, None)))
                for box, holder, messages, size in found
            ]

    def findings_by_code(self) -> Mapping[str, int]:
        """How many messages have each finding of intake."""
        number = func.sum(TALLY.c.number)
        query = select(TALLY.c.name, number).where(TALLY.c.sort == FINDING).group_by(TALLY.c.name).having(number > 0)
        with self._database.reading() as connection:
            return {str(code): int(messages) for code, messages in connection.execute(query)}

    def unaccounted(self) -> Mapping[str, int]:
        """How many messages each mail server had, at its last reckoning, that are not in the archive."""
        other = RECKONING.alias("other")
        last = select(func.max(other.c.at)).where(other.c.mailbox == POLL.c.mailbox).scalar_subquery()
        here = (RECKONING.c.mailbox == POLL.c.mailbox) & (RECKONING.c.at == last)
        number = func.sum(RECKONING.c.failing + RECKONING.c.missing)
        # from each mailbox to its last reckoning: an outer join leaves SQLite no other way
        query = select(POLL.c.mailbox, number).select_from(POLL).outerjoin(RECKONING, here).group_by(POLL.c.mailbox)
        query = query.having(number.is_not(None))
        with self._database.reading() as connection:
            return {str(mailbox): int(number) for mailbox, number in connection.execute(query)}
