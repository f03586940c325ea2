"""From a rapporto to the rows of the catalog: the same, whether it is written tonight or read again years later."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archiver.digest import digests
from archiver.package.rdv.values import Esito, Item, Rdv, Segment
from archiver.submission import ledger
from archiver.submission.ledger import Note, Place
from archiver.submission.rows import MessageRow, Outcome, PdvRow, SegmentRow
from archiver.uids import Uids

_OUTCOMES = {
    Esito.ACCETTATO: Outcome.ARCHIVED,
    Esito.DUPLICATO: Outcome.KNOWN,
    Esito.NON_ACQUISITO: Outcome.REFUSED,
}


class Brought(NamedTuple):
    """All rows of one rapporto: what a poll brought, which closed volumes it names, what became of UIDs."""

    pdv: PdvRow
    segments: tuple[SegmentRow, ...] = ()
    messages: tuple[MessageRow, ...] = ()
    volumes: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def pdv_row(rapporto: Rdv, octets: bytes, name: str, *, number: int) -> PdvRow:
    """What the catalog keeps of a rapporto."""
    named = digests(octets)
    return PdvRow(
        id=rapporto.id,
        holder=rapporto.holder_id,
        mailbox=rapporto.mailbox,
        number=number,
        at=rapporto.at,
        sha256=named.sha256,
        sha512=named.sha512,
        size=named.size,
        name=name,
        cursor=rapporto.after,
    )


def segment_row(segment: Segment, rapporto: Rdv) -> SegmentRow:
    """What the catalog keeps of a segment."""
    return SegmentRow(
        sha256=segment.sha256,
        holder=rapporto.holder_id,
        mailbox=rapporto.mailbox,
        pdv=rapporto.id,
        retention=segment.retention.name,
        years=segment.retention.years,
        event=segment.retention.event,
        basis=segment.retention.basis,
        year=segment.year,
        messages=segment.messages,
        size=segment.size,
        first=segment.first,
        last=segment.last,
        at=rapporto.at,
    )


def outcomes(items: Iterable[Item]) -> list[Note]:
    """What a rapporto's objects say of UIDs; files have none."""
    found: dict[tuple[str, int, Outcome], list[int]] = {}
    for item in items:
        place = ledger.read_origin(item.origin)
        if place:
            found.setdefault((item.folder, place[0], _OUTCOMES[item.outcome]), []).append(place[1])
    return [Note(*where, Uids.of(uids)) for where, uids in found.items()]


def gone(rapporto: Rdv, known: Mapping[Place, Uids]) -> list[Note]:
    """UIDs that the cursor passed over: what no object names, now or before (`known`), was not there.

    Raises ValueError for cursors that cannot be read.
    """
    before, after = ledger.read_cursor(rapporto.before), ledger.read_cursor(rapporto.after)
    named = ledger.accounted_by(outcomes(rapporto.items))
    nothing = Uids()
    found = {
        place: uids - before.get(place, nothing) - named.get(place, nothing) - known.get(place, nothing)
        for place, uids in after.items()
    }
    return [Note(*place, Outcome.GONE, uids) for place, uids in found.items() if uids]
