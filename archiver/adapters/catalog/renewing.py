"""What `renew` asks and records: the newest token of every lineage of evidence, and what was read for a new tree."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select, tuple_, update

from archiver.adapters.catalog.copies import values
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, portions, rows
from archiver.adapters.catalog.sealing import note_tokens
from archiver.adapters.catalog.tables import EVIDENCE, NEWEST, REREAD, TOKEN, UNREAD_TOKEN, VOLUME
from archiver.submission.rows import EvidenceRow, NewestRow, RereadRow, TokenRow


class Renewing:
    """The part of the catalog that tells which evidence nears its end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def evidence_to_read(
        self, *, after: tuple[str, str, str, int] = ("", "", "", 0), limit: int = 1000
    ) -> list[EvidenceRow]:
        """Records whose newest token nobody has looked at yet, by their keys: those of an older catalog."""
        keys = [EVIDENCE.c[name] for name in ("subject", "subject_id", "tsa", "number")]
        query = (
            select(*columns(EVIDENCE, EvidenceRow))
            .where(UNREAD_TOKEN, tuple_(*keys) > tuple_(*after))
            .order_by(*keys)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return rows(connection, EvidenceRow, query)

    def note_read(self, found: Sequence[tuple[EvidenceRow, TokenRow]]) -> None:
        """What was found in them."""
        with self._database.writing() as connection:
            note_tokens(connection, [token for _, token in found])
            for row, token in found:
                here = (EVIDENCE.c[key] == getattr(row, key) for key in ("subject", "subject_id", "tsa", "number"))
                connection.execute(update(EVIDENCE).where(*here).values(token=token.sha256, algorithm=row.algorithm))

    def newest_tokens(self, *, counted: bool = True) -> list[NewestRow]:
        """Every token that is the newest of some lineage, with how many records and how many bytes stand on it.

        Rapporti in a volume are left out: the volume's evidence carries theirs. Unless `counted` these numbers are 0:
        there are as many records as volumes, and a few tokens.
        """
        with self._database.reading() as connection:
            found = list(_tokens(connection))
        ordered = sorted(found, key=lambda row: (row.token.at, row.tsa, row.algorithm, row.token.sha256))
        return [self.counted(row) for row in ordered] if counted else ordered

    def counted(self, newest: NewestRow) -> NewestRow:
        """The same, with its numbers."""
        volume = and_(EVIDENCE.c.subject == "volume", VOLUME.c.id == EVIDENCE.c.subject_id)
        sums = (func.count(), func.coalesce(func.sum(VOLUME.c.size), 0))
        query = select(*sums).select_from(EVIDENCE).outerjoin(VOLUME, volume).where(*_standing_on(newest))
        with self._database.reading() as connection:
            records, octets = connection.execute(query).one()
        return replace(newest, records=int(records), bytes=int(octets))

    def records_on(
        self, newest: NewestRow, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> list[EvidenceRow]:
        """Records that stand on this token, by subject and id, those behind `after`."""
        one, two = after
        behind = or_(EVIDENCE.c.subject > one, and_(EVIDENCE.c.subject == one, EVIDENCE.c.subject_id > two))
        query = (
            select(*columns(EVIDENCE, EvidenceRow))
            .where(*_standing_on(newest), behind)
            .order_by(EVIDENCE.c.subject, EVIDENCE.c.subject_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return rows(connection, EvidenceRow, query)

    def lineages(self, subject: str, subject_id: str) -> list[str]:
        """The authorities whose records one thing has."""
        here = (EVIDENCE.c.subject == subject, EVIDENCE.c.subject_id == subject_id)
        query = select(EVIDENCE.c.tsa).where(*here).distinct()
        with self._database.reading() as connection:
            return sorted(connection.scalars(query))

    def lineages_of_all(self, subject: str) -> dict[str, list[str]]:
        """The same of all things of one sort that have a record, by id."""
        query = select(EVIDENCE.c.subject_id, EVIDENCE.c.tsa).where(EVIDENCE.c.subject == subject).distinct()
        found: dict[str, list[str]] = {}
        with self._database.reading() as connection:
            for subject_id, tsa in sorted(map(tuple, connection.execute(query))):
                found.setdefault(subject_id, []).append(tsa)
        return found

    def reread(self, subject: str, subject_id: str) -> RereadRow | None:
        """What was read of one thing for a new tree."""
        query = select(*columns(REREAD, RereadRow)).where(
            REREAD.c.subject == subject, REREAD.c.subject_id == subject_id
        )
        with self._database.reading() as connection:
            found = rows(connection, RereadRow, query)
        return found[0] if found else None

    def note_reread(self, row: RereadRow) -> None:
        """It was read now; what was read before is forgotten."""
        with self._database.writing() as connection:
            connection.execute(delete(REREAD).where(*_of(row.subject, row.subject_id)))
            connection.execute(
                REREAD.insert().values(**{key: getattr(row, key) for key in RereadRow.__dataclass_fields__})
            )

    def forget_reread(self, before: datetime) -> int:
        """Forgets what is in every lineage's newest record by now, and what was read before; how many things that were.

        The last of a row's algorithms is the one that it was read for.
        """
        newest = select(EVIDENCE.c.algorithm).where(
            EVIDENCE.c.subject == REREAD.c.subject, EVIDENCE.c.subject_id == REREAD.c.subject_id, NEWEST
        )
        query = select(REREAD.c.subject, REREAD.c.subject_id, REREAD.c.algorithms, REREAD.c.at)
        done = 0
        with self._database.writing() as connection:
            for subject, subject_id, algorithms, at in connection.execute(query).all():
                here = newest.where(REREAD.c.subject == subject, REREAD.c.subject_id == subject_id)
                if at < before or set(connection.scalars(here)) <= {algorithms.rpartition(",")[2]}:
                    connection.execute(delete(REREAD).where(*_of(subject, subject_id)))
                    done += 1
        return done


def _of(subject: str, subject_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return REREAD.c.subject == subject, REREAD.c.subject_id == subject_id


def _standing_on(newest: NewestRow) -> tuple[ColumnElement[bool], ...]:
    here = (newest.token.sha256, newest.tsa, newest.algorithm)
    return NEWEST, *(column == value for column, value in zip(_LINE, here, strict=True))


_LINE = (EVIDENCE.c.token, EVIDENCE.c.tsa, EVIDENCE.c.algorithm)


def _tokens(connection: Connection) -> Iterator[NewestRow]:
    """Each token with the lineages on it, by looking at the first and the last of its records: nearly all have one."""
    mine = select(EVIDENCE.c.tsa, EVIDENCE.c.algorithm).where(NEWEST, EVIDENCE.c.token == TOKEN.c.sha256).limit(1)
    ends = [mine.order_by(*_LINE[1:]), mine.order_by(*(column.desc() for column in _LINE[1:]))]
    four = [end.with_only_columns(column).scalar_subquery() for end in ends for column in _LINE[1:]]
    query = select(*four, *columns(TOKEN, TokenRow))
    for portion in portions(values(connection, EVIDENCE.c.token, NEWEST)):
        found = connection.execute(query.where(TOKEN.c.sha256.in_(portion))).all()
        for first_tsa, first_algorithm, last_tsa, last_algorithm, *row in found:
            token, first, last = TokenRow(*row), (first_tsa, first_algorithm), (last_tsa, last_algorithm)
            lines = [first] if first == last else _lines(connection, token.sha256)
            yield from (NewestRow(tsa, algorithm, 0, 0, token) for tsa, algorithm in lines)


def _lines(connection: Connection, token: str) -> list[tuple[str, str]]:
    """The lineages and algorithms of the records on a token, one question for each: it skips all others."""
    line = _LINE[1:]
    behind = tuple_(*line) > tuple_(bindparam("after_tsa"), bindparam("after_algorithm"))
    query = select(*line).where(NEWEST, EVIDENCE.c.token == token, behind).order_by(*line).limit(1)
    found: list[tuple[str, str]] = []
    after = {"after_tsa": "", "after_algorithm": ""}
    while row := connection.execute(query, after).one_or_none():
        found.append((row.tsa, row.algorithm))
        after = {"after_tsa": row.tsa, "after_algorithm": row.algorithm}
    return found
