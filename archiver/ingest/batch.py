"""One PdV in the making: segments that are in the store, a rapporto that names them; only then the catalog hears."""

from dataclasses import replace
from datetime import datetime

from archiver.ingest.packer import Packed
from archiver.ingest.values import Intake
from archiver.package import layout
from archiver.package.rdv import builder
from archiver.package.rdv.values import ClosedVolume, Esito, Item, Previous, Provenienza, Rdv, Segment, System
from archiver.submission import ledger
from archiver.submission.ledger import Note, Place
from archiver.submission.rapporti import outcomes, pdv_row, segment_row
from archiver.submission.rows import MessageRow, Outcome, PdvRow
from archiver.uids import Uids


class Batch:
    """The PdV of a mailbox that follows `head`. Nothing of it is in the archive until `close`."""

    def __init__(self, head: PdvRow | None) -> None:
        self.head = head
        self.messages: list[MessageRow] = []
        self.size = 0
        self._segments: list[Segment] = []
        self._items: list[Item] = []
        self._gone: list[Note] = []

    def accept(self, packed: Packed) -> None:
        """A segment that is in the store."""
        self._segments.append(packed.segment)
        for kept in packed.kept:
            self._items.append(kept.item)
            self.messages.append(kept.row)
            self.size += kept.row.size

    def name(self, item: Item) -> None:
        """An object that brought no new message: a duplicate, or one that could not be read."""
        self._items.append(item)

    def gone(self, place: Place, uids: Uids) -> None:
        """UIDs that are not there any more: objects of no rapporto, but accounted for."""
        if uids:
            self._gone.append(Note(*place, Outcome.GONE, uids))

    @property
    def notes(self) -> list[Note]:
        """What became of UIDs."""
        return [*self._gone, *outcomes(self._items)]

    @property
    def news(self) -> bool:
        """Whether there is something that a rapporto must name; refusals alone are not, but for a server's."""
        return any(item.outcome is not Esito.NON_ACQUISITO or ledger.read_origin(item.origin) for item in self._items)

    def close(self, into: Intake, *, observed: bool, at: datetime, after: str) -> PdvRow:
        """Writes the rapporto, then notes it; `after` is the cursor from which the next poll goes on."""
        rapporto = self._rapporto(into, observed=observed, at=at, after=after)
        octets = builder.build(rapporto)
        octets = into.sign(octets) if into.sign else octets
        name = layout.rdv(rapporto.holder_id, rapporto.mailbox, rapporto.id, sealed=bool(into.sign))
        into.store.put(name, octets)
        row = pdv_row(rapporto, octets, name, number=self.head.number + 1 if self.head else 1)
        segments = [segment_row(segment, rapporto) for segment in self._segments]
        messages = [replace(message, pdv=rapporto.id) for message in self.messages]
        into.catalog.record_pdv(row, segments, messages, [volume.id for volume in rapporto.volumes], self.notes)
        return row

    def _rapporto(self, into: Intake, *, observed: bool, at: datetime, after: str) -> Rdv:
        box, head = into.box, self.head
        return Rdv(
            id=next_id(into, head),
            previous=Previous(head.id, head.sha256) if head else None,
            at=at,
            system=System(box.software, box.version, box.manual),
            holder_id=box.holder,
            holder=box.owner,
            producer=box.parties.submitter,
            mailbox=box.mailbox,
            address=box.address,
            provenance=Provenienza.OSSERVATA if observed else Provenienza.DICHIARATA,
            folders=tuple(dict.fromkeys(item.folder for item in self._items if item.folder)),
            before=head.cursor if head else "",
            after=after,
            segments=tuple(self._segments),
            items=tuple(self._items),
            volumes=tuple(ClosedVolume(row.id, row.sha256) for row in into.catalog.volumes_to_name(box.mailbox)),
        )


def next_id(into: Intake, head: PdvRow | None) -> str:
    """The id of the mailbox's next rapporto: the same, however often the poll is begun again."""
    box = into.box
    return layout.pdv_id(box.holder, box.mailbox, head.id if head else None, head.cursor if head else "")
