"""The register's index: one row an act, and by which digests it is found. The truth is the acts in the store."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, portions, rows
from archiver.adapters.catalog.tables import ABOUT, ACT, EVIDENCE
from archiver.digest import Sha256
from archiver.package.act import RESTRICTIONS, ActKind
from archiver.submission.acts import Noted
from archiver.submission.rows import ActRow

Place = tuple[datetime, str, str]
"""When an act was done, its holder, its id: the order of a register of several holders."""


class Register:
    """The part of the catalog that knows the acts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_act(self, holder: str) -> ActRow | None:
        """The holder's act with the greatest number; of two that have it, the one with the greater id."""
        return self._first(select(*columns(ACT, ActRow)).where(ACT.c.holder == holder))

    def last_covered(self, holder: str, ids: Collection[str]) -> ActRow | None:
        """The one of these with the greatest number; `ids` may be those of other things too."""
        wanted = sorted(ids, reverse=True)  # by their times: the newest first
        for start in range(0, len(wanted), 100):
            query = select(*columns(ACT, ActRow)).where(ACT.c.holder == holder)
            query = query.where(ACT.c.id.in_(wanted[start : start + 100]))
            if found := self._first(query):
                return found
        return None

    def acts_between(self, holder: str, after: int, until: int) -> list[ActRow]:
        """The holder's acts with numbers above `after`, up to `until`, by number and id."""
        within = (ACT.c.holder == holder, ACT.c.number > after, ACT.c.number <= until)
        query = select(*columns(ACT, ActRow)).where(*within).order_by(ACT.c.number, ACT.c.id)
        with self._database.reading() as connection:
            return rows(connection, ActRow, query)

    def act_records(self, holder: str) -> list[str]:
        """The names of the evidence records of the holder's acts that are noted."""
        query = select(EVIDENCE.c.name).where(EVIDENCE.c.subject == "act", EVIDENCE.c.name.startswith(f"{holder}/"))
        with self._database.reading() as connection:
            return sorted(connection.scalars(query))

    def act_ids(self, holder: str, *, since: datetime | None = None, kinds: Collection[str] = ()) -> frozenset[str]:
        """The ids of the holder's acts that are not older, and (without any: whatever they are) of these kinds."""
        where = [ACT.c.holder == holder]
        where += [ACT.c.at >= since] if since else []
        where += [ACT.c.kind.in_(kinds)] if kinds else []
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(ACT.c.id).where(*where)))

    def note_acts(self, acts: Sequence[Noted]) -> None:
        """These are in the store; what is noted already stays as it was."""
        with self._database.writing() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for item in acts:
                row = item.row
                connection.execute(insert(ACT).values(asdict(row)).on_conflict_do_nothing())
                about = [{"sha256": digest, "holder": row.holder, "act": row.id} for digest in item.about]
                if about:
                    connection.execute(insert(ABOUT).on_conflict_do_nothing(), about)

    def find_acts(
        self,
        holders: Collection[str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        who: str = "",
        kind: str = "",
        about: Collection[str] = (),
        limit: int = 50,
        after: Place | None = None,
    ) -> list[ActRow]:
        """Acts for which all of this holds, the newest first: from `since`, before `until`, about any of the digests
        that begin with one of `about`; behind `after`. One that was lost is found by its time alone.
        """
        where: list[ColumnElement[bool]] = [ACT.c.holder.in_(sorted(holders))]
        where += [ACT.c.at >= since] if since else []
        where += [ACT.c.at < until] if until else []
        where += [ACT.c.who == who] if who else []
        where += [ACT.c.kind == kind] if kind else []
        if about:
            # a range, so that the index serves: digests are hexadecimal
            begins = [and_(ABOUT.c.sha256 >= one, ABOUT.c.sha256 < f"{one}g") for one in sorted(about)]
            where.append(exists().where(_of_act(), or_(*begins)))
        key = (ACT.c.at, ACT.c.holder, ACT.c.id)
        if after:
            beyond = (literal(value, column.type) for value, column in zip(after, key, strict=True))
            where.append(tuple_(*key) < tuple_(*beyond))
        query = select(*columns(ACT, ActRow)).where(*where).order_by(*(column.desc() for column in key)).limit(limit)
        with self._database.reading() as connection:
            return rows(connection, ActRow, query)

    def restricted(self, digests: Collection[Sha256]) -> frozenset[tuple[str, Sha256]]:
        """Which of these messages are restricted (GDPR 18), by holder and digest: the newest act on each holds."""
        return frozenset(
            (row.holder, digest) for row, digest in self._decided(digests) if row.kind == ActKind.RESTRICTED
        )

    def restrictions(self, holders: Collection[str]) -> list[tuple[ActRow, Sha256]]:
        """Every message that is restricted, with the act that says so, by holder and number."""
        deciding = select(ABOUT.c.sha256).join(ACT, _of_act()).where(ACT.c.kind == ActKind.RESTRICTED)
        with self._database.reading() as connection:
            digests = {Sha256(one) for one in connection.scalars(deciding.where(ACT.c.holder.in_(sorted(holders))))}
        found = (item for item in self._decided(digests) if item[0].kind == ActKind.RESTRICTED)
        mine = (item for item in found if item[0].holder in holders)
        return sorted(mine, key=lambda item: (item[0].holder, item[0].number, item[1]))

    def _decided(self, digests: Collection[Sha256]) -> Iterator[tuple[ActRow, Sha256]]:
        """The newest act of restriction or its end on each of these, for each holder."""
        query = (
            select(*columns(ACT, ActRow), ABOUT.c.sha256)
            .join(ABOUT, _of_act())
            .where(ACT.c.kind.in_(sorted(RESTRICTIONS)))
        )
        newest: dict[tuple[str, Sha256], ActRow] = {}
        with self._database.reading() as connection:
            for portion in portions(set(digests)):
                for *act, digest in connection.execute(query.where(ABOUT.c.sha256.in_(portion))):
                    row, key = ActRow(*act), (str(act[0]), Sha256(digest))
                    if key not in newest or (row.number, row.id) > (newest[key].number, newest[key].id):
                        newest[key] = row
        yield from ((row, digest) for (_, digest), row in newest.items())

    def _first(self, query: Select[Any]) -> ActRow | None:
        ordered = query.order_by(ACT.c.number.desc(), ACT.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            return next(iter(rows(connection, ActRow, ordered)), None)


def _of_act() -> ColumnElement[bool]:
    return and_(ABOUT.c.holder == ACT.c.holder, ABOUT.c.act == ACT.c.id)
