"""One segment read again: the rows of its messages, from their bytes and from what the rapporto says of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from archiver.digest import Digests, Sha256, digests, sha256
from archiver.errors import Absent, Malformed
from archiver.package import layout
from archiver.package.index.values import Message
from archiver.package.rdv.values import Item
from archiver.package.segment import reader, writer
from archiver.package.segment.reader import Member
from archiver.pec import certificate
from archiver.pec.providers import Providers
from archiver.ports import Fetched, ObjectStore
from archiver.rebuild.values import Ask, Read
from archiver.submission import intake
from archiver.submission.attachments import Inspector
from archiver.submission.certificates import PROVIDER, Met, provider_of
from archiver.submission.intake import Taken
from archiver.submission.rows import MessageRow
from archiver.verdict import Finding, finding


class Reader:
    """Reads segments from a store; a certificate that many messages have is looked at once."""

    def __init__(self, store: ObjectStore, providers: Providers, inspector: Inspector | None) -> None:
        self._store = store
        self._providers = providers
        self._inspector = inspector
        self._signers: dict[bytes, Met | None] = {}
        self._unvouched: dict[bytes, Met] = {}

    def read(self, ask: Ask) -> Read:
        """The rows of all that is to be in the segment: of what cannot be read, what its rapporto alone tells.

        Raises Unavailable.
        """
        name = layout.segment(ask.place.holder, ask.sha256)
        rows: dict[str, MessageRow] = {}
        met: dict[str, Met] = {}
        wrong: list[Finding] = []
        size = None
        try:
            with self._store.open(name) as file:
                items = {str(item.sha256): item for item in ask.items}
                for member in reader.members(file, prefix="messages/", suffix=".eml"):
                    item = items.get(member.sha256)
                    if item is None:
                        wrong.append(finding("REBUILD_UNREADABLE", name, reason=f"{member.name}: ?"))
                        continue
                    row = self._row(member, item, ask, name, wrong, met)
                    if row is not None:
                        rows[member.sha256] = row
                size = file.seek(0, 2)
        except Absent:
            wrong.append(finding("REBUILD_MISSING", name, by=f"il rapporto (the rapporto) {ask.pdv}"))
        except Malformed as error:
            wrong.append(finding("REBUILD_UNREADABLE", name, reason=error))
        if len(rows) < len(ask.items):
            rows = {row.sha256: row for row in _told(ask)} | rows
        ordered = (rows[str(item.sha256)] for item in ask.items)
        unvouched, self._unvouched = tuple(self._unvouched.values()), {}
        return Read(tuple(ordered), tuple(met.values()), tuple(wrong), unvouched, size)

    def adopt(self, ask: Ask, facts: Mapping[Sha256, Message]) -> Read:
        """The rows of all in a segment whose rapporto is lost; an index states the `facts`. Raises Unavailable."""
        name = layout.segment(ask.place.holder, ask.sha256)
        rows: list[MessageRow] = []
        wrong: list[Finding] = []
        try:
            with self._store.open(name) as file:
                for member in reader.members(file, prefix="messages/", suffix=".eml"):
                    row = self._adopted(member, ask, facts.get(member.sha256), name, wrong)
                    if row is not None:
                        rows.append(row)
        except Absent:
            wrong.append(finding("REBUILD_MISSING", name, by="l'indice del volume (the volume's index)"))
        except Malformed as error:
            wrong.append(finding("REBUILD_UNREADABLE", name, reason=error))
        return Read(tuple(rows), (), tuple(wrong))

    def _adopted(
        self, member: Member, ask: Ask, stated: Message | None, name: str, wrong: list[Finding]
    ) -> MessageRow | None:
        """The row of a message that no rapporto tells of; None, and a finding, for one whose bytes are others."""
        raw = _whole(member, name, wrong)
        if raw is None:
            return None
        taken = intake.take(Fetched(raw, ""), box=ask.place, providers=self._providers, at=ask.at, known=digests(raw))
        row = intake.row(taken, box=ask.place, pdv=ask.pdv, segment=ask.sha256, offset=member.offset, at=ask.at)
        return replace(row, kind=stated.kind) if stated else row

    def _row(
        self, member: Member, item: Item, ask: Ask, name: str, wrong: list[Finding], met: dict[str, Met]
    ) -> MessageRow | None:
        """The row of a message; None, and a finding, for one whose bytes are others."""
        assert item.sha512 is not None, "an accepted object has both digests"
        raw = _whole(member, name, wrong)
        if raw is None:
            return None
        taken = intake.take(
            Fetched(raw, item.origin, item.folder, item.received),
            box=ask.place,
            providers=self._providers,
            at=ask.at,
            known=Digests(member.sha256, item.sha512, member.length),
            inspector=self._inspector,
        )
        met.update((one.sha256, one) for one in self._certificates(taken))
        row = intake.row(taken, box=ask.place, pdv=ask.pdv, segment=ask.sha256, offset=member.offset, at=ask.at)
        return intake.as_stated(row, item)

    def _certificates(self, taken: Taken) -> Iterator[Met]:
        yield from taken.met
        signature = taken.message.signature
        if signature and signature.certificate:
            if self._signers.get(signature.certificate) is None:
                self._signers[signature.certificate] = provider_of(signature, self._providers)
            provider = self._signers[signature.certificate]
            if provider:
                yield provider
            elif known := certificate.read(signature.certificate):
                self._unvouched[known.der] = Met(PROVIDER, known.der)


def _whole(member: Member, name: str, wrong: list[Finding]) -> bytes | None:
    """The message's octets; None, and a finding, when they are others than their name says."""
    try:
        raw = member.read()
    except Malformed as error:
        wrong.append(finding("REBUILD_UNREADABLE", name, reason=error))
        return None
    if (found := sha256(raw)) != member.sha256:
        wrong.append(finding("REBUILD_ALTERED", f"{name} {member.name}", expected=member.sha256, found=found))
        return None
    return raw


def _told(ask: Ask) -> Iterator[MessageRow]:
    """What the rapporto alone tells; where each message lay follows from how a segment is written."""
    lengths = {layout.message_path(item.sha256): item.size for item in ask.items if item.sha256}
    places = writer.offsets(lengths)
    for item in ask.items:
        if item.sha256:
            offset = places[layout.message_path(item.sha256)]
            yield intake.unread(item, box=ask.place, pdv=ask.pdv, segment=ask.sha256, offset=offset, at=ask.at)
