"""What `search` and `catalog index` ask: pages of messages, the newest first; who still waits to be read; forgetting.

The rows of `heading` are numbered by time: seconds, then the beginning of the digest, then that of the mailbox.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zlib import crc32

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, insert, select, update

from archiver.adapters.catalog import fulltext
from archiver.adapters.catalog.copies import values
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, portions, rows_in, within
from archiver.adapters.catalog.tables import HEADING, LACKING, MESSAGE
from archiver.digest import Sha256
from archiver.errors import ConfigError
from archiver.submission.rows import MessageRow
from archiver.submission.searched import Asked, Told, asked, searched
from archiver.submission.shard import Shard

FIRST, LAST = 0, (1 << 63) - 1
"""The bounds of all numbers."""

COUNTED = 10_000
"""Messages without full text that are counted; more are so many or more."""

_REFILLED = 2000
_SECONDS, _DIGEST, _BOX = 33, 24, 6  # bits of a number

Place = tuple[datetime, Sha256]


@dataclass(frozen=True, slots=True)
class Unread:
    """A message whose body and attachments no search knows yet, and its number."""

    number: int
    row: MessageRow


class Searching:
    """The part of the catalog that finds messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self,
        terms: Sequence[str] = (),
        *,
        sender: str = "",
        recipient: str = "",
        name: str = "",
        attachment: str = "",
        provider: str = "",
        protocol: str = "",
        invoice: str = "",
        tax: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        kind: str = "",
        mailbox: str = "",
        mailboxes: Collection[str] | None = None,
        limit: int = 50,
        after: Place | None = None,
    ) -> list[MessageRow]:
        """Messages for which all of this holds, the newest first (to the second; then by digest).

        A term is a word, the beginning of one, or several in a row, case and accents apart, in the headers; or whole
        words in the body and the attachments, as far as these were read. `sender`, `recipient`, `attachment` (its
        name) and `provider` are such words too, `name` any words of sender and recipients. `protocol`, `invoice`,
        `tax`, `kind` and `mailbox` (its id) are whole. From `since`, before `until`. Of `mailboxes` only these are
        looked into, None: all. A next page begins `after` the date and digest of the last row. `limit` counts
        messages: one that several mailboxes have takes one place, and gives a row for each. Raises ConfigError for a
        condition with neither a letter nor a digit in it.
        """
        question = _question(
            terms, sender=sender, recipient=recipient, name=name, attachment=attachment, provider=provider,
            protocol_number=protocol, invoice=invoice, tax=tax, kind=kind, mailbox=mailbox, mailboxes=mailboxes,
        )  # fmt: skip
        allowed = None if mailboxes is None else frozenset(mailboxes)
        if mailbox:
            allowed = frozenset((mailbox,)) if allowed is None else allowed & {mailbox}
        with self._database.reading() as connection:
            question = _settled(connection, question)
            page = _page(connection, question, since=since, until=until, boxes=allowed, limit=limit, after=after)
            found = rows_in(connection, MessageRow, _messages(allowed), MESSAGE.c.sha256, [place[1] for place in page])
        order = {place: number for number, place in enumerate(page)}
        return sorted(
            (row for row in found if (row.date, row.sha256) in order),
            key=lambda row: (order[row.date, row.sha256], row.mailbox),
        )

    def unread(
        self,
        version: int,
        *,
        before: int = LAST,
        oldest: bool = False,
        after: int = FIRST - 1,
        limit: int = 500,
        shard: Shard | None = None,
    ) -> list[Unread]:
        """Messages that were read at a version before this one or never, the newest first (or the `oldest`), in
        portions: `before` and `after` are the numbers to go on from. Of one shard, if so asked.
        """
        order = HEADING.c.id if oldest else HEADING.c.id.desc()
        joined = and_(MESSAGE.c.sha256 == HEADING.c.sha256, MESSAGE.c.mailbox == HEADING.c.mailbox)
        query = (
            select(HEADING.c.id, *columns(MESSAGE, MessageRow))
            .join(MESSAGE, joined)
            .where(HEADING.c.id < before, HEADING.c.id > after, *within(HEADING.c.sha256, shard))
            .order_by(order)
            .limit(limit)
        )
        with self._database.reading() as connection:
            # of each version by the index, whether many wait or none
            older = [one for one in values(connection, HEADING.c.read) if one < version]
            found = [row for one in older for row in connection.execute(query.where(HEADING.c.read == one))]
        unread = sorted((Unread(int(number), MessageRow(*row)) for number, *row in found), key=_number)
        return (unread if oldest else unread[::-1])[:limit]

    def unread_count(
        self,
        version: int,
        *,
        mailboxes: Collection[str] | None = None,
        most: int = COUNTED,
        shard: Shard | None = None,
    ) -> int:
        """How many those are (of these mailboxes, None: of all), counted up to `most`."""
        waiting = select(HEADING.c.id).where(HEADING.c.read < version, *within(HEADING.c.sha256, shard))
        if mailboxes is not None:
            waiting = waiting.where(HEADING.c.mailbox.in_(sorted(mailboxes)))
        some = waiting.limit(most).subquery()
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(some)) or 0)

    def note_told(self, told: Sequence[tuple[Unread, Told, int]], version: int) -> int:
        """What the bytes of these messages told at this version, and how much of each could not be read; all or none.

        A message that was forgotten in the meantime stays forgotten. One whose words the database does not take is
        read, lacks one thing more, and is found as before; how many those are.
        """
        with self._database.writing() as connection:
            there: set[int] = set()
            for portion in portions([str(item.number) for item, _, _ in told]):
                there.update(connection.scalars(select(HEADING.c.id).where(HEADING.c.id.in_(map(int, portion)))))
            known = [item for item in told if item[0].number in there]
            refused = fulltext.rewrite(connection, ((item.number, searched(item.row, said)) for item, said, _ in known))
            if known:
                noted = update(HEADING).where(HEADING.c.id == bindparam("number"))
                connection.execute(
                    noted.values(read=version, lacking=bindparam("lacks")),
                    [
                        {"number": item.number, "lacks": lacking + (item.number in refused)}
                        for item, _, lacking in known
                    ],
                )
        return len(refused)

    def read_again(self) -> None:
        """Every message is unread."""
        with self._database.writing() as connection:
            connection.execute(update(HEADING).where(HEADING.c.read != 0).values(read=0))

    def lacking(self) -> tuple[int, int]:
        """How many messages were read in part, and how many things in them could not be read."""
        query = select(func.count(), func.coalesce(func.sum(HEADING.c.lacking), 0)).where(LACKING)
        with self._database.reading() as connection:
            messages, things = connection.execute(query).one()
        return int(messages), int(things)

    def forget(self, digests: Collection[Sha256]) -> int:
        """No search knows these messages any more, in any mailbox, and none of their words stays in the file of the
        search once the database has written its journal back; how many rows that were.

        Rows of other tables are left to whoever destroys the messages.
        """
        with self._database.writing() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            gone = 0
            for portion in portions(set(digests)):
                gone += connection.execute(delete(HEADING).where(HEADING.c.sha256.in_(portion))).rowcount
            if gone:
                fulltext.scour(connection)
        if gone:
            self._database.settle()
        return gone


def _number(item: Unread) -> int:
    return item.number


def add_headings(connection: Connection, messages: Sequence[MessageRow]) -> None:
    """What a search may know of new messages at once, within a transaction: all but their bodies and attachments."""
    numbered = _numbered(connection, messages)
    if not numbered:
        return
    connection.execute(
        insert(HEADING),
        [
            {"id": number, "sha256": row.sha256, "mailbox": row.mailbox, "date": row.date, "read": 0, "lacking": 0}
            for number, row in numbered
        ],
    )
    fulltext.write(connection, ((number, searched(row)) for number, row in numbered))


def refill(connection: Connection) -> None:
    """The rows of every message, where there are none."""
    order = (MESSAGE.c.sha256, MESSAGE.c.mailbox)
    query = select(*columns(MESSAGE, MessageRow)).order_by(*order).limit(_REFILLED)
    portion = [MessageRow(*row) for row in connection.execute(query)]
    while portion:
        add_headings(connection, portion)
        last = portion[-1]
        beyond = (MESSAGE.c.sha256 > last.sha256) | and_(
            MESSAGE.c.sha256 == last.sha256, MESSAGE.c.mailbox > last.mailbox
        )
        portion = [MessageRow(*row) for row in connection.execute(query.where(beyond))]


def number(date: datetime, digest: str = "", mailbox: str = "") -> int:
    """The first number that a message of this date, digest and mailbox may have."""
    seconds = min(max(int(date.timestamp()), 0), (1 << _SECONDS) - 1)
    beginning = int(digest[: _DIGEST // 4], 16) if digest else 0
    box = crc32(mailbox.encode()) % (1 << _BOX) if mailbox else 0
    return seconds << _DIGEST + _BOX | beginning << _BOX | box


def _numbered(connection: Connection, messages: Sequence[MessageRow]) -> list[tuple[int, MessageRow]]:
    """Each message with a number that nobody has: of those of one second and one beginning, the next one free."""
    given: dict[int, MessageRow] = {}
    left = [(number(row.date, row.sha256, row.mailbox), row) for row in messages]
    while left:
        taken = _taken(connection, [wanted for wanted, _ in left])
        again = []
        for wanted, row in left:
            if wanted in taken or wanted in given:
                again.append((wanted + 1, row))
            else:
                given[wanted] = row
        left = again
    return list(given.items())


def _taken(connection: Connection, wanted: list[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(wanted), 500):
        query = select(HEADING.c.id).where(HEADING.c.id.in_(wanted[start : start + 500]))
        found.update(connection.scalars(query))
    return found


def _page(
    connection: Connection,
    question: Asked,
    *,
    since: datetime | None,
    until: datetime | None,
    boxes: frozenset[str] | None,
    limit: int,
    after: Place | None,
) -> list[Place]:
    """Date and digest of each message of the page."""
    low = number(since) if since else FIRST
    high = number(until) + (1 << _DIGEST + _BOX) if until else LAST  # its second is looked at exactly below
    high = min(high, _beyond(connection, after) if after else LAST)
    page: dict[Place, None] = {}
    width = limit + 1
    while len(page) < limit:
        numbers = fulltext.numbers(connection, question, low=low, high=high, limit=width)
        for date, digest, mailbox in _headings(connection, numbers):
            wanted = (boxes is None or mailbox in boxes) and (not since or date >= since)
            if wanted and (not until or date < until) and (date, digest) != after and len(page) < limit:
                page[date, digest] = None
        if len(numbers) < width:
            break
        high, width = numbers[-1], min(2 * width, 5000)
    return list(page)


def _settled(connection: Connection, question: Asked) -> Asked:
    """What may be all of an address, and is there as such, is asked for as such: beginnings are dear."""
    settled = []
    for wanted in question.wanted:
        whole = replace(wanted, whole=True)
        there = wanted.address and fulltext.numbers(connection, Asked((whole,)), low=FIRST, high=LAST, limit=1)
        settled.append(whole if there else wanted)
    return replace(question, wanted=tuple(settled))


def _headings(connection: Connection, numbers: Sequence[int]) -> list[tuple[datetime, Sha256, str]]:
    found: dict[int, tuple[datetime, Sha256, str]] = {}
    for start in range(0, len(numbers), 500):
        query = select(HEADING.c.id, HEADING.c.date, HEADING.c.sha256, HEADING.c.mailbox)
        for id, date, digest, mailbox in connection.execute(
            query.where(HEADING.c.id.in_(numbers[start : start + 500]))
        ):
            found[id] = date, Sha256(digest), mailbox
    return [found[id] for id in numbers if id in found]


def _beyond(connection: Connection, place: Place) -> int:
    """The number below which the next page is."""
    date, digest = place
    query = select(func.max(HEADING.c.id)).where(HEADING.c.sha256 == digest, HEADING.c.date == date)
    return connection.scalar(query) or number(date, digest)


def _messages(boxes: frozenset[str] | None) -> Select[tuple[object, ...]]:
    query = select(*columns(MESSAGE, MessageRow))
    return query if boxes is None else query.where(MESSAGE.c.mailbox.in_(sorted(boxes)))


def _question(terms: Sequence[str], **conditions: object) -> Asked:
    try:
        return asked(terms, **conditions)  # type: ignore[arg-type]
    except ValueError as error:
        raise ConfigError(
            f"{error}: una condizione di ricerca ha almeno una lettera o una cifra (a condition needs a letter or a"
            " digit)"
        ) from error
