"""Heals a run cut short between a rapporto and the catalog: what is written is adopted, clock and members included."""

from archiver.digest import digests, sha256
from archiver.errors import ConfigError, Conflict, Malformed
from archiver.evidence.cms import open_signed
from archiver.ingest.batch import next_id
from archiver.ingest.met import Register, certificates_of
from archiver.ingest.values import Intake, Report
from archiver.package import layout
from archiver.package.rdv import reader as rdv_reader
from archiver.package.rdv.values import Item, Rdv, Segment
from archiver.package.segment import reader as segment_reader
from archiver.ports import Fetched
from archiver.submission import intake, ledger
from archiver.submission.ledger import Note
from archiver.submission.rapporti import gone, outcomes, pdv_row, segment_row
from archiver.submission.rows import MessageRow, PdvRow

SEALED = ".p7m"


def heal(into: Intake) -> PdvRow | None:
    """Notes every rapporto of the mailbox that is in the store and not yet in the catalog.

    Returns the mailbox's last rapporto. Raises Conflict when a rapporto is there that does not fit its place.
    """
    while True:
        head = into.catalog.head(into.box.mailbox)
        _check_head(head, into)
        pdv = next_id(into, head)
        names = (layout.rdv(into.box.holder, into.box.mailbox, pdv, sealed=sealed) for sealed in (False, True))
        name = next(filter(into.store.has, names), None)
        if name is None:
            return head
        _adopt(name, pdv, head, into)


def _check_head(head: PdvRow | None, into: Intake) -> None:
    """The last rapporto is where the catalog left it: a store older than its catalog would swallow mail as known."""
    if head is None:
        return
    if head.holder != into.box.holder:
        raise ConfigError(
            f"mailbox {head.mailbox} belongs to holder {head.holder} in the archive, to {into.box.holder} in the"
            " configuration: give the mailbox a new id, or put the holder's id back"
        )
    if not head.sha256:
        raise Conflict(
            f"{head.name}: the catalog was made again while this rapporto was missing or altered: repair it (archiver"
            " sweep --repair), then move the catalog aside and run archiver catalog rebuild once more"
        )
    if not into.store.has(head.name) or sha256(into.store.get(head.name)) != head.sha256:
        raise Conflict(
            f"{head.name}: the catalog knows this rapporto (SHA-256 {head.sha256}), and the store has it not, or has"
            " another: the store is older than the catalog, or damaged; restore it before anything is taken in"
        )


def _adopt(name: str, pdv: str, head: PdvRow | None, into: Intake) -> None:
    octets = into.store.get(name)
    try:
        rapporto = rdv_reader.read(open_signed(octets).content or b"" if name.endswith(SEALED) else octets)
    except Malformed as error:
        raise Conflict(f"{name}: is there and cannot be read: {error}") from error
    before = head.sha256 if head else None
    found = rapporto.previous.sha256 if rapporto.previous else None
    if rapporto.id != pdv or found != before:
        raise Conflict(f"{name}: expected rapporto {pdv} after {before}, found {rapporto.id} after {found}")
    register = Register(into, Report(), at=rapporto.at)  # a catalog that was put back forgot whom it met
    messages = [row for segment in rapporto.segments for row in _messages(segment, rapporto, into, register)]
    register.note()
    row = pdv_row(rapporto, octets, name, number=head.number + 1 if head else 1)
    segments = [segment_row(segment, rapporto) for segment in rapporto.segments]
    notes = [*outcomes(list(rapporto.items)), *_gone(rapporto, name, into)]
    into.catalog.record_pdv(row, segments, messages, [volume.id for volume in rapporto.volumes], notes)


def _gone(rapporto: Rdv, name: str, into: Intake) -> list[Note]:
    """UIDs that the cursor passed over."""
    try:
        return gone(rapporto, ledger.accounted(into.catalog.ledger(into.box.mailbox)))
    except ValueError as error:
        raise Conflict(f"{name}: its cursors cannot be read: {error}") from error


def _messages(segment: Segment, rapporto: Rdv, into: Intake, register: Register) -> list[MessageRow]:
    """The rows of a segment's messages, read again from the bytes that are kept; `register` meets their signers."""
    items = {item.sha256: item for item in rapporto.accepted if item.segment == segment.sha256}
    name = layout.segment(rapporto.holder_id, segment.sha256)
    rows, signers = [], set[bytes]()
    with into.store.open(name) as file:
        for member in segment_reader.members(file, prefix="messages/", suffix=".eml"):
            if member.sha256 not in items:
                raise Conflict(f"{name}: holds {member.name}, which its rapporto does not name")
            item = items[member.sha256]
            fetched = _fetched(member.read(), item)
            named = digests(fetched.raw)
            if named.sha256 != member.sha256:
                raise Conflict(f"{name}: {member.name} holds bytes of SHA-256 {named.sha256}")
            taken = intake.take(
                fetched,
                box=into.box,
                providers=into.providers,
                at=rapporto.at,
                known=named,
                inspector=into.inspector,
            )
            register.meet(certificates_of(taken, into.providers, signers))
            row = intake.row(
                taken,
                box=into.box,
                pdv=rapporto.id,
                segment=segment.sha256,
                offset=member.offset,
                at=rapporto.at,
            )
            rows.append(intake.as_stated(row, item))
    return rows


def _fetched(raw: bytes, item: Item) -> Fetched:
    note = next((remark.code for remark in item.remarks if remark.code == "MBOX_UNQUOTED"), "")
    return Fetched(raw, item.origin, item.folder, item.received, note=note)
