"""What `seal` asks and records: what is pending, what was closed, and what evidence covers it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, insert, literal_column, select, update

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.evidenced import note_evidenced, note_newest, spoken_for
from archiver.adapters.catalog.records import add, add_once, columns, portions, rows, rows_in
from archiver.adapters.catalog.tables import (
    EVIDENCE,
    HANDED_OUT,
    MESSAGE,
    NAMED,
    PDV,
    PDV_VOLUME,
    SEGMENT,
    TOKEN,
    UNLISTED,
    VOLUME,
)
from archiver.adapters.catalog.tallying import VOLUMES, count
from archiver.digest import Sha256
from archiver.errors import Absent, Conflict
from archiver.submission.rows import EvidenceRow, MessageRow, PdvRow, SegmentRow, TokenRow, VolumeRow


class HandedOut(NamedTuple):
    """A PIndex that was given out to be signed by hand, and when."""

    volume: str
    sha256: Sha256
    xml: bytes
    at: datetime


class Sealing:
    """The part of the catalog that tells what is due."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, holder: str | None = None) -> list[SegmentRow]:
        """Segments that no volume holds yet, by mailbox, retention class, year, number of the rapporto, digest."""
        query = select(*columns(SEGMENT, SegmentRow)).where(SEGMENT.c.volume.is_(None))
        if holder is not None:
            query = query.where(SEGMENT.c.holder == holder)
        with self._database.reading() as connection:
            found = rows(connection, SegmentRow, query)
            numbers = _numbers(connection, {row.pdv for row in found})
        return sorted(found, key=lambda row: (row.mailbox, row.retention, row.year, numbers[row.pdv], row.sha256))

    def messages_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[MessageRow]:
        """The messages in these segments, by digest; two mailboxes may have the same segment: name one."""
        query = select(*columns(MESSAGE, MessageRow)).where(*_within(MESSAGE, mailbox))
        with self._database.reading() as connection:
            found = rows_in(connection, MessageRow, query, MESSAGE.c.segment, segments)
        return sorted(found, key=lambda row: (row.sha256, row.mailbox))

    def pdvs_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[PdvRow]:
        """The rapporti that name these segments, by mailbox and number, each once."""
        query = select(*columns(PDV, PdvRow)).join(SEGMENT).where(*_within(SEGMENT, mailbox))
        with self._database.reading() as connection:
            return _in_order(rows_in(connection, PdvRow, query, SEGMENT.c.sha256, segments))

    def pdvs_without_volume(self, mailbox: str) -> list[PdvRow]:
        """Rapporti that brought no segment, only duplicates, and that no volume lists yet."""
        query = select(*columns(PDV, PdvRow)).where(PDV.c.mailbox == mailbox, UNLISTED, ~spoken_for())
        with self._database.reading() as connection:
            return _in_order(rows(connection, PdvRow, query))

    def pdvs_without_evidence(self, tsas: Collection[str], *, records: int = 1) -> list[PdvRow]:
        """Rapporti without a record from any of these authorities, and from fewer than `records` in all.

        By mailbox and number. So an authority that takes another's place does not cover everything once more.
        """
        of_pdv = (EVIDENCE.c.subject == "pdv", EVIDENCE.c.subject_id == PDV.c.id)
        covered = exists().where(*of_pdv, EVIDENCE.c.tsa.in_(tsas))
        few = PDV.c.records < literal_column(str(int(records)))  # no parameter: the index is for the few
        query = select(*columns(PDV, PdvRow)).where(~covered, few)
        with self._database.reading() as connection:
            return _in_order(rows(connection, PdvRow, query))

    def volume(self, id: str) -> VolumeRow | None:
        """The volume of this id."""
        with self._database.reading() as connection:
            found = rows(connection, VolumeRow, select(*columns(VOLUME, VolumeRow)).where(VOLUME.c.id == id))
        return found[0] if found else None

    def record_volume(self, volume: VolumeRow, segments: Collection[Sha256], pdvs: Collection[str]) -> None:
        """The volume, its segments and the rapporti it lists, together or not at all; the same again changes nothing.

        Raises Conflict when another volume has its id or one of its segments, Absent when its mailbox lacks one.
        """
        with self._database.writing() as connection:
            if add_once(connection, VOLUME, volume):
                count(connection, {(volume.mailbox, VOLUMES, ""): (1, volume.size)})
                told = exists().where(NAMED.c.volume == VOLUME.c.id)
                connection.execute(update(VOLUME).where(VOLUME.c.id == volume.id, told).values(named=True))
            for portion in portions(set(segments)):
                _claim(connection, volume, portion)
            _list(connection, volume.id, set(pdvs))

    def record_evidence(self, records: Sequence[EvidenceRow], tokens: Sequence[TokenRow] = ()) -> None:
        """These evidence records, all or none; those that are recorded already change nothing. Raises Conflict.

        `tokens` are their newest ones.
        """
        with self._database.writing() as connection:
            note_tokens(connection, tokens)
            new = _new_evidence(connection, records)
            add(connection, EVIDENCE, new)
            for subject in sorted({row.subject for row in new}):
                note_newest(connection, subject, {row.subject_id for row in new if row.subject == subject})
            note_evidenced(connection, {row.subject_id for row in new if row.subject == "pdv"})

    def evidence_of(self, subject: str, subject_id: str) -> list[EvidenceRow]:
        """The records of one `volume` or `pdv`, by authority and number."""
        query = select(*columns(EVIDENCE, EvidenceRow)).where(
            EVIDENCE.c.subject == subject, EVIDENCE.c.subject_id == subject_id
        )
        with self._database.reading() as connection:
            return sorted(rows(connection, EvidenceRow, query), key=lambda row: (row.tsa, row.number))

    def hand_out(self, volume: str, sha256: Sha256, xml: bytes, at: datetime) -> None:
        """Note that this index was given out for signing; the same again keeps the first time. Raises Conflict."""
        with self._database.writing() as connection:
            query = select(HANDED_OUT.c.sha256).where(HANDED_OUT.c.volume == volume)
            there = connection.scalar(query)
            if there is None:
                connection.execute(insert(HANDED_OUT).values(volume=volume, sha256=sha256, xml=xml, at=at))
            elif there != sha256:
                raise Conflict(
                    f"{volume}: già dato in firma un indice sha256:{there}, ora sha256:{sha256}"
                    " (another index is out for signing)"
                )

    def handed_out(self) -> list[HandedOut]:
        """All that is out for signing, the oldest first."""
        names = (HANDED_OUT.c.volume, HANDED_OUT.c.sha256, HANDED_OUT.c.xml, HANDED_OUT.c.at)
        with self._database.reading() as connection:
            found = [HandedOut(*row) for row in connection.execute(select(*names))]
        return sorted(found, key=lambda row: (row.at, row.volume))

    def out_for_signing(self, volume: str) -> bytes | None:
        """The index of a volume as it was given out, None when it is not out."""
        return next((item.xml for item in self.handed_out() if item.volume == volume), None)

    def taken_back(self, volume: str) -> None:
        """The signed index has come back; nothing to do when it has already."""
        with self._database.writing() as connection:
            connection.execute(delete(HANDED_OUT).where(HANDED_OUT.c.volume == volume))


def note_tokens(connection: Connection, tokens: Sequence[TokenRow]) -> None:
    """Tokens, each once."""
    known = set(rows_in(connection, TokenRow, select(*columns(TOKEN, TokenRow)), TOKEN.c.sha256, _digests(tokens)))
    new = {token.sha256: token for token in tokens if token not in known}
    add(connection, TOKEN, list(new.values()))


def _numbers(connection: Connection, pdvs: set[str]) -> dict[str, int]:
    """Of rapporti, by id: asked for by key, as a join would read all of them."""
    query = select(PDV.c.id, PDV.c.number)
    found = (connection.execute(query.where(PDV.c.id.in_(portion))) for portion in portions(pdvs))
    return {str(id): int(number) for rows in found for id, number in rows}


def _digests(tokens: Sequence[TokenRow]) -> list[str]:
    return [token.sha256 for token in tokens]


def _within(table: Table, mailbox: str | None) -> list[ColumnElement[bool]]:
    return [] if mailbox is None else [table.c.mailbox == mailbox]


def _in_order(found: Iterable[PdvRow]) -> list[PdvRow]:
    return sorted(set(found), key=lambda row: (row.mailbox, row.number))


def _claim(connection: Connection, volume: VolumeRow, segments: Sequence[Sha256]) -> None:
    mine = (SEGMENT.c.mailbox == volume.mailbox, SEGMENT.c.sha256.in_(segments))
    query = select(SEGMENT.c.sha256, SEGMENT.c.volume).where(*mine)
    there = {row.sha256: row.volume for row in connection.execute(query)}
    for sha256 in segments:
        if sha256 not in there:
            raise Absent(f"segmento {sha256}: non registrato per {volume.mailbox} (no such segment in this mailbox)")
        if there[sha256] not in (None, volume.id):
            raise Conflict(f"segmento {sha256}: già nel volume {there[sha256]}, non in {volume.id} (in another volume)")
    connection.execute(update(SEGMENT).where(*mine).values(volume=volume.id))


def _list(connection: Connection, volume: str, pdvs: set[str]) -> None:
    there = set(connection.scalars(select(PDV_VOLUME.c.pdv).where(PDV_VOLUME.c.volume == volume)))
    if new := sorted(pdvs - there):
        connection.execute(insert(PDV_VOLUME), [{"pdv": pdv, "volume": volume} for pdv in new])
        for portion in portions(new):
            connection.execute(update(PDV).where(PDV.c.id.in_(portion)).values(listed=True))
        note_newest(connection, "pdv", new)


def _new_evidence(connection: Connection, records: Sequence[EvidenceRow]) -> list[EvidenceRow]:
    there: dict[tuple[str, str, str, int], EvidenceRow] = {}
    for subject in {record.subject for record in records}:
        query = select(*columns(EVIDENCE, EvidenceRow)).where(EVIDENCE.c.subject == subject)
        ids = [record.subject_id for record in records if record.subject == subject]
        there |= {_name(row): row for row in rows_in(connection, EvidenceRow, query, EVIDENCE.c.subject_id, ids)}
    new: dict[tuple[str, str, str, int], EvidenceRow] = {}
    for record in records:
        kept = there.get(_name(record)) or new.setdefault(_name(record), record)
        if replace(kept, token="") != replace(record, token=""):
            raise Conflict(f"{record.name}: registrato {kept}, in arrivo {record} (recorded otherwise)")
    return list(new.values())


def _name(row: EvidenceRow) -> tuple[str, str, str, int]:
    return row.subject, row.subject_id, row.tsa, row.number
