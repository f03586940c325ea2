"""What `renew` asks and records: the newest token of every lineage of evidence, and what was read for a new tree."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, tuple_, update

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, rows
from archiver.adapters.catalog.sealing import note_tokens
from archiver.adapters.catalog.tables import EVIDENCE, PDV_VOLUME, REREAD, TOKEN, VOLUME
from archiver.submission.rows import EvidenceRow, NewestRow, RereadRow, TokenRow

_LATER = EVIDENCE.alias("later")


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
            .where(EVIDENCE.c.token == "", tuple_(*keys) > tuple_(*after))
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

    def newest_tokens(self) -> list[NewestRow]:
        """Every token that is the newest of some lineage, with how many records and how many bytes stand on it.

        Rapporti in a volume are left out: the volume's evidence carries theirs.
        """
        size = func.coalesce(func.sum(VOLUME.c.size), 0)
        kept = (EVIDENCE.c.tsa, EVIDENCE.c.algorithm, *columns(TOKEN, TokenRow))
        query = (
            select(EVIDENCE.c.tsa, EVIDENCE.c.algorithm, func.count(), size, *columns(TOKEN, TokenRow))
            .join(TOKEN, TOKEN.c.sha256 == EVIDENCE.c.token)
            .outerjoin(VOLUME, and_(EVIDENCE.c.subject == "volume", VOLUME.c.id == EVIDENCE.c.subject_id))
            .where(_newest())
            .group_by(*kept)
        )
        with self._database.reading() as connection:
            found = [
                NewestRow(tsa, algorithm, int(count), int(octets), TokenRow(*token))
                for tsa, algorithm, count, octets, *token in connection.execute(query)
            ]
        return sorted(found, key=lambda row: (row.token.at, row.tsa, row.algorithm, row.token.sha256))

    def records_on(
        self, newest: NewestRow, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> list[EvidenceRow]:
        """Records that stand on this token, by subject and id, those behind `after`."""
        one, two = after
        behind = or_(EVIDENCE.c.subject > one, and_(EVIDENCE.c.subject == one, EVIDENCE.c.subject_id > two))
        query = (
            select(*columns(EVIDENCE, EvidenceRow))
            .where(
                EVIDENCE.c.token == newest.token.sha256,
                EVIDENCE.c.tsa == newest.tsa,
                EVIDENCE.c.algorithm == newest.algorithm,
                _newest(),
                behind,
            )
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
            EVIDENCE.c.subject == REREAD.c.subject, EVIDENCE.c.subject_id == REREAD.c.subject_id, _newest()
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


def _newest() -> ColumnElement[bool]:
    """Nothing comes after it in its lineage, and no volume carries it."""
    same = (_LATER.c[key] == EVIDENCE.c[key] for key in ("subject", "subject_id", "tsa"))
    later = exists().where(*same, _LATER.c.number > EVIDENCE.c.number)
    carried = and_(EVIDENCE.c.subject == "pdv", exists().where(PDV_VOLUME.c.pdv == EVIDENCE.c.subject_id))
    return and_(~later, ~carried)
