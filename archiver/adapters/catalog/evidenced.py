"""What is kept beside rapporti and evidence records: which of them wait, and which is the newest of its lineage."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, or_, select, update

from archiver.adapters.catalog.records import portions
from archiver.adapters.catalog.tables import EVIDENCE, PDV, PDV_VOLUME, SEGMENT, TOMBSTONE


def note_newest(connection: Connection, subject: str, ids: Collection[str]) -> None:
    """Which records of these are the newest of their lineages, now that records or volumes came or went."""
    keys = [EVIDENCE.c[name] for name in ("subject_id", "tsa", "number")]
    for portion in portions(set(ids)):
        here = (EVIDENCE.c.subject == subject, EVIDENCE.c.subject_id.in_(portion))
        rows = connection.execute(select(*keys, EVIDENCE.c.newest).where(*here)).all()
        carried = set(connection.scalars(select(PDV_VOLUME.c.pdv).where(PDV_VOLUME.c.pdv.in_(portion))))
        last: dict[tuple[str, str], int] = {}
        for row in rows:
            line = row.subject_id, row.tsa
            last[line] = max(row.number, last.get(line, 0))
        changed = [
            {"it": row.subject_id, "its_tsa": row.tsa, "its_number": row.number}
            for row in rows
            if row.newest
            != (row.number == last[row.subject_id, row.tsa] and not (subject == "pdv" and row.subject_id in carried))
        ]
        if changed:
            named = (column == bindparam(name) for column, name in zip(keys, _BOUND, strict=True))
            one = update(EVIDENCE).where(EVIDENCE.c.subject == subject, *named)
            connection.execute(one.values(newest=~EVIDENCE.c.newest), changed)


_BOUND = ("it", "its_tsa", "its_number")


def note_evidenced(connection: Connection, pdvs: Collection[str]) -> None:
    """By how many authorities these rapporti have evidence."""
    here = (EVIDENCE.c.subject == "pdv", EVIDENCE.c.subject_id == PDV.c.id)
    number = select(func.count(EVIDENCE.c.tsa.distinct())).where(*here).correlate(PDV).scalar_subquery()
    for portion in portions(set(pdvs)):
        connection.execute(update(PDV).where(PDV.c.id.in_(portion), PDV.c.records != number).values(records=number))


def note_listed(connection: Connection, pdvs: Collection[str]) -> None:
    """Whether these rapporti wait for a volume, now that one is gone."""
    for portion in portions(set(pdvs)):
        connection.execute(update(PDV).where(PDV.c.id.in_(portion)).values(listed=spoken_for()))


def spoken_for() -> ColumnElement[bool]:
    """A rapporto brought a segment, or a volume lists it, or what it brought was discarded with its volume."""
    return or_(
        exists().where(SEGMENT.c.pdv == PDV.c.id),
        exists().where(PDV_VOLUME.c.pdv == PDV.c.id),
        exists().where(TOMBSTONE.c.pdv == PDV.c.id),
    )
