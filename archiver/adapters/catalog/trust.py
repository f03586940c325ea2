"""Trust material in the store, what covers it, and what was asked for in each night."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime

from sqlalchemy import Connection, Table, and_, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, portions, rows, rows_in
from archiver.adapters.catalog.tables import FETCHED, FETCHED_WELL, TRUST, UNCOVERED
from archiver.adapters.catalog.types import key
from archiver.digest import Sha256
from archiver.submission.certificates import PROVIDER
from archiver.submission.rows import FetchedRow, TrustRow

_Insert = postgresql.Insert | sqlite.Insert


class Trusting:
    """The part of the catalog that knows certificates, lists and answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record_trust(self, found: Sequence[TrustRow]) -> None:
        """These objects are in the store. What is recorded already stays as it was: when first seen, what covers it."""
        with self._database.writing() as connection:
            _add_once(connection, found)

    def trust_of(self, holder: str, *, kind: str = "") -> list[TrustRow]:
        """What a holder has, of one kind or of all, the oldest first."""
        query = select(*columns(TRUST, TrustRow)).where(TRUST.c.holder == holder)
        if kind:
            query = query.where(TRUST.c.kind == kind)
        with self._database.reading() as connection:
            return sorted(rows(connection, TrustRow, query), key=_by_age)

    def trust_with(self, digests: Collection[Sha256], *, holder: str = "") -> list[TrustRow]:
        """Objects with one of these digests, of one holder or of all, the oldest first."""
        query = select(*columns(TRUST, TrustRow))
        if holder:
            query = query.where(TRUST.c.holder == holder)
        with self._database.reading() as connection:
            return sorted(rows_in(connection, TrustRow, query, TRUST.c.sha256, digests), key=_by_age)

    def lists_from(self, holder: str, issuer: str) -> list[TrustRow]:
        """The lists of revocations that a holder has from `issuer`, the newest first."""
        query = select(*columns(TRUST, TrustRow)).where(
            TRUST.c.holder == holder, TRUST.c.kind == "crl", TRUST.c.issuer == issuer
        )
        with self._database.reading() as connection:
            return sorted(rows(connection, TrustRow, query), key=lambda row: (row.since, row.at), reverse=True)

    def uncovered(self, holder: str) -> list[TrustRow]:
        """What no volume's and no batch's evidence covers yet, by digest and extension."""
        query = select(*columns(TRUST, TrustRow)).where(TRUST.c.holder == holder, UNCOVERED)
        with self._database.reading() as connection:
            return sorted(rows(connection, TrustRow, query), key=lambda row: (row.sha256, row.extension))

    def cover(
        self, holder: str, digests: Collection[Sha256], covered: str, at: datetime, *, instead: Collection[str] = ()
    ) -> None:
        """The evidence of the volume or batch `covered` covers these since `at`; what was covered earlier stays so.

        A run that was cut may be noted after the one behind it: the earlier counts, of one moment the lesser id, as it
        does for whoever makes the rows again from the store. `instead` of these it covers in any case: volumes that
        come after it and are not closed yet. From here on the row says that time, which the store tells; of a
        provider's the first sight, which it tells too.
        """
        since = case((and_(TRUST.c.kind == PROVIDER, TRUST.c.at < at), TRUST.c.at), else_=at)
        with self._database.writing() as connection:
            for portion in portions(set(digests)):
                after = or_(TRUST.c.at > at, and_(TRUST.c.at == at, TRUST.c.covered > covered))
                later = or_(and_(TRUST.c.kind != PROVIDER, after), TRUST.c.covered.in_(instead))
                here = (TRUST.c.holder == holder, TRUST.c.sha256.in_(portion), or_(TRUST.c.covered == "", later))
                connection.execute(update(TRUST).where(*here).values(covered=covered, at=since))

    def covering(self, holder: str) -> frozenset[str]:
        """The volumes and batches whose evidence covers something of the holder's."""
        query = select(TRUST.c.covered).where(TRUST.c.holder == holder, TRUST.c.covered != "").distinct()
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def fetched(self, source: str, night: date) -> FetchedRow | None:
        """What came of a question in a night, None when it was not asked."""
        query = select(*columns(FETCHED, FetchedRow)).where(
            FETCHED.c.source == key(source), FETCHED.c.night == night.isoformat()
        )
        with self._database.reading() as connection:
            return next(iter(rows(connection, FetchedRow, query)), None)

    def last_fetched(self, source: str) -> FetchedRow | None:
        """The newest answer to a question, of whatever night."""
        query = select(*columns(FETCHED, FetchedRow)).where(FETCHED.c.source == key(source), FETCHED_WELL)
        with self._database.reading() as connection:
            found = rows(connection, FetchedRow, query.order_by(FETCHED.c.at.desc(), FETCHED.c.night.desc()).limit(1))
        return next(iter(found), None)

    def record_fetched(self, row: FetchedRow, found: Sequence[TrustRow] = ()) -> None:
        """What came of a question, and the objects that it brought, together; a failure never hides an answer."""
        values = asdict(replace(row, source=key(row.source)))
        new = {field.name: values[field.name] for field in fields(row) if field.name not in ("source", "night")}
        with self._database.writing() as connection:
            statement = _insert(connection, FETCHED).on_conflict_do_update(
                index_elements=["source", "night"], set_=new, where=(FETCHED.c.reason != "") if row.reason else None
            )
            connection.execute(statement.values(values))
            _add_once(connection, found)


def _by_age(row: TrustRow) -> tuple[object, ...]:
    return row.at, row.holder, row.sha256, row.extension


def _add_once(connection: Connection, found: Sequence[TrustRow]) -> None:
    """In one order, whoever records: two that do it at once wait for one another, and not each for the other.

    What is there stays, but that a certificate is a provider's is learned later from what it signed.
    """
    if found:
        ordered = sorted(found, key=lambda row: (row.holder, row.sha256, row.extension))
        new = _insert(connection, TRUST)
        told = new.on_conflict_do_update(
            index_elements=["holder", "sha256", "extension"],
            set_={"kind": new.excluded.kind, "at": new.excluded.at},
            where=and_(new.excluded.kind == PROVIDER, TRUST.c.kind != PROVIDER),
        )
        connection.execute(told, [asdict(row) for row in ordered])


def note_seen(connection: Connection, found: Collection[TrustRow]) -> None:
    """Trust material within a transaction; of several first sights the earliest holds."""
    if found:
        new = _insert(connection, TRUST)
        earlier = new.on_conflict_do_update(
            index_elements=["holder", "sha256", "extension"],
            set_={"at": new.excluded.at},
            where=and_(new.excluded.at < TRUST.c.at, TRUST.c.covered == ""),
        )
        connection.execute(earlier, [asdict(row) for row in found])


def _insert(connection: Connection, table: Table) -> _Insert:
    """ON CONFLICT means the same in both databases; SQLAlchemy has them apart."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
