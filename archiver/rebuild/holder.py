"""One holder's archive: rapporti, then the volumes of their segments, then what proves them and what that rests on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice

from archiver.digest import Sha256
from archiver.errors import Absent, Malformed
from archiver.evidence.timestamp import MARGIN
from archiver.package import layout
from archiver.package.batch import Entry
from archiver.rebuild import acts, doubt, orphans, trust, volumes
from archiver.rebuild.chain import Chain, read_rapporto
from archiver.rebuild.listing import Lineage, Listing
from archiver.rebuild.rapporti import Mailbox
from archiver.rebuild.records import Records
from archiver.rebuild.trust import Cover
from archiver.rebuild.values import Rebuilding, Report
from archiver.rebuild.volumes import Volume, kept
from archiver.submission.acts import replay
from archiver.submission.certificates import CERTIFICATE
from archiver.submission.discards import rows_of
from archiver.submission.keeping import kept_until
from archiver.submission.rows import EvidenceRow, TokenRow, TrustRow
from archiver.submission.subjects import BATCH, batch_id
from archiver.verdict import finding
from archiver.verify.discards import Discards, read_discards

PORTION = 500
"""Rows of evidence or trust in one transaction."""


@dataclass(slots=True)
class Holder:
    """One holder's archive under way. `unclosed`: volumes that sealing did not bring to their end."""

    work: Rebuilding
    report: Report
    listing: Listing
    unclosed: set[str] = field(default_factory=set)
    known: dict[str, Volume] = field(default_factory=dict)

    def restore(self) -> None:
        """Makes all rows. Raises what store and catalog raise."""
        work, listing = self.work, self.listing
        discards = read_discards(work.store, listing.holder, trust=work.trust, at=work.clock())
        self._discards(discards)
        known = list(volumes.read_volumes(listing, work.store, self.report.lost))
        self.known = {one.row.id: one for one in known}
        for mailbox in sorted({*listing.mailboxes, *(one.row.mailbox for one in known)}):
            self._mailbox(mailbox, [one for one in known if one.row.mailbox == mailbox], discards)
        self._volumes(known, discards)
        self._evidence()
        self._acts()
        self._trust(known)

    def _discards(self, discards: Discards) -> None:
        """The records that the judge believes, and all that they say was destroyed."""
        for record in discards.records:
            names = [layout.discard(record.holder, record.id, sealed=sealed) for sealed in (True, False)]
            name = next(one for one in names if self.work.store.has(one))
            row, destroyed = rows_of(record, name, self.work.store.get(name))
            self.work.catalog.note_discards([row], destroyed)

    def _mailbox(self, mailbox: str, mine: list[Volume], discards: Discards) -> None:
        work, listing, report = self.work, self.listing, self.report
        expected = {pdv: digest for one in mine for pdv, digest in one.pdvs.items()}
        links = Chain(
            mailbox,
            listing,
            work.store,
            expected=expected,
            proven=self._proven,
            wrong=report.lost,
            others=work.others,
        )
        certificates = frozenset(digest for digest, extension in listing.trust if extension == CERTIFICATE)
        box = Mailbox(work, report, listing.holder, mailbox, discards, certificates)
        box.restore(links.links(work.catalog.head(mailbox), work.catalog.pdvs_known(mailbox)))
        orphans.adopt(mine, work, report, discards)
        if mailbox not in work.own:
            report.notes.append(finding("REBUILD_NOT_CONFIGURED", f"mailbox {mailbox}"))

    def _proven(self, pdv: str) -> datetime | None:
        """Since when the own evidence of a rapporto proves it."""
        return self._first("pdv", pdv)

    # --- volumes

    def _volumes(self, known: list[Volume], discards: Discards) -> None:
        work, listing = self.work, self.listing
        named = work.catalog.named(listing.holder)
        for volume in sorted(known, key=lambda one: (one.row.at, one.row.id)):
            if volume.row.id in discards.volumes:
                continue
            if volume.row.id in named or volumes.closed(volume, listing, work.lines, work.store):
                self._close(self._settled(volume, named.get(volume.row.id)), discards)
            else:
                self.unclosed.add(volume.row.id)
                self.report.notes.append(finding("REBUILD_NOT_CLOSED", layout.index(listing.holder, volume.row.id)))
        there = {volume.row.id for volume in known}
        for lost in sorted({*named, *listing.volumes} - there - set(discards.volumes)):
            self._lost(lost, named.get(lost))

    def _settled(self, volume: Volume, pdv: str | None) -> Volume:
        """The volume with the digest that a rapporto states of its index; other octets than that are a finding.

        Without a rapporto its evidence is asked; an index that this contradicts is left without a digest: the census
        learns it from whichever store has the one that the judge passes.
        """
        name, row = layout.index(volume.row.holder, volume.row.id), volume.row
        stated = self._named_digest(row.id, pdv) if pdv else Sha256("")
        if stated == row.sha256:
            return volume
        if stated:
            wrong = finding("REBUILD_ALTERED", name, expected=stated, found=row.sha256)
        else:
            records = self.listing.evidence("volume", row.id)
            against = doubt.against(name, self.work.store, records, {}, at=self.work.clock())
            if against is None:
                return volume
            wrong = against
        self.report.lost.append(wrong)
        return replace(volume, row=replace(row, sha256=stated))

    def _close(self, volume: Volume, discards: Discards) -> None:
        """Notes a closed volume: of its segments and rapporti those that are noted, and what else it lists, told."""
        catalog, mailbox = self.work.catalog, volume.row.mailbox
        segments = {discards.successor(one.sha256) for one in volume.segments} - {None}
        there = segments & set(catalog.segments_known(mailbox))
        pdvs = volume.pdvs.keys() & catalog.pdvs_known(mailbox)
        catalog.record_volume(volume.row, [one for one in there if one], sorted(pdvs))
        self.report.volumes += 1
        by = layout.index(volume.row.holder, volume.row.id)
        missing = [layout.segment(volume.row.holder, one) for one in segments - there if one]
        missing += [name for name in volume.records if not self._has(name)]
        if volume.row.id not in self.listing.metadata:
            missing.append(layout.metadata(volume.row.holder, volume.row.id))
        self.report.lost += [finding("REBUILD_MISSING", name, by=by) for name in sorted(missing)]

    def _has(self, name: str) -> bool:
        parsed = layout.parse(name)
        lineage = ("pdv", parsed.id, parsed.tsa) if parsed else ("", "", "")
        return parsed is not None and parsed.number in self.listing.records.get(lineage, {})

    def _lost(self, volume: str, pdv: str | None) -> None:
        """A volume whose index is lost, though a rapporto names it or evidence was made: never to be sealed again."""
        work, listing = self.work, self.listing
        if pdv is None and not listing.lineages("volume", volume):
            return  # it was begun, and never sealed
        name = layout.index(listing.holder, volume)
        if volume not in listing.indexes:
            by = f"il rapporto (the rapporto) {pdv}" if pdv else "la sua prova (its evidence)"
            self.report.lost.append(finding("REBUILD_MISSING", name, by=by))
        since = self._first("volume", volume)
        digest = self._named_digest(volume, pdv)
        pending = work.catalog.pending(listing.holder)
        told = volumes.told(volume, digest, listing, pending, work.store, at=since)
        if told is not None:
            row, segments = told
            work.catalog.record_volume(row, [one.sha256 for one in segments], {one.pdv for one in segments})
            self.report.volumes += 1

    def _named_digest(self, volume: str, pdv: str | None) -> Sha256:
        """The digest of an index, as the rapporto that names it states it; empty where none does."""
        names = [name for found in self.listing.rapporti.values() for name in found.get(pdv or "", ())]
        for name in names:
            try:
                rapporto, _ = read_rapporto(name, self.work.store)
            except (Absent, Malformed):
                continue
            return next((one.sha256 for one in rapporto.volumes if one.id == volume), Sha256(""))
        return Sha256("")

    # --- evidence

    def _evidence(self) -> None:
        records = Records(self.work.store, self.report.lost)
        found = chain.from_iterable(
            self._noted(lineage, records.rows(lineage, names))
            for lineage, names in sorted(self.listing.records.items())
            if not (lineage[0] == "volume" and lineage[1] in self.unclosed)
        )
        while portion := list(islice(found, PORTION)):
            self.work.catalog.record_evidence([row for row, _ in portion], [token for _, token in portion])
            self.report.records += len(portion)

    def _noted(
        self, lineage: Lineage, found: Iterable[tuple[EvidenceRow, TokenRow]]
    ) -> Iterator[tuple[EvidenceRow, TokenRow]]:
        """Those that were kept for long before they were noted: what a power cut left is found by the next run."""
        for row, token in found:
            short = lineage[0] in ("volume", "pdv") and row.number == 1
            # the term ran from the clock here, and the authority's may be a little ahead of it
            if not short and not kept(row.name, self._term(row, token) - MARGIN, self.work.store):
                self.report.notes.append(finding("REBUILD_NOT_NOTED", row.name))
                return
            yield row, token

    def _term(self, row: EvidenceRow, token: TokenRow) -> datetime:
        """How far the lock of a record reached when it was noted."""
        if row.subject != "volume":
            return kept_until(None, now=token.at)
        volume = self.known.get(row.subject_id)
        return volumes.end(volume, now=token.at) if volume else token.at

    # --- what persons decided, and what all of it rests on

    def _acts(self) -> None:
        work, listing = self.work, self.listing
        seen: list[TrustRow] = []
        said = acts.restored(work, listing.holder, self.report)
        for act in said:
            if act.certificate is not None and (act.certificate, CERTIFICATE) in listing.trust:
                kind = act.certificate_kind
                seen += trust.sight(listing.holder, act.certificate, work.store, kind=kind, at=act.at)
        work.catalog.stand(replay(said))
        work.catalog.seen(seen)

    def _trust(self, known: list[Volume]) -> None:
        work, listing, report = self.work, self.listing, self.report
        signers = frozenset(one.signer for one in known if one.signer)
        rows = trust.rows(listing, work.store, signers, report.lost, at=work.clock())
        while portion := list(islice(rows, PORTION)):
            work.catalog.record_trust(portion)
            report.trust += len(portion)
        batches = dict(trust.manifests(listing, work.store, report.lost))
        lists = [(layout.index(listing.holder, one.row.id), one.trust) for one in known]
        lists += [(layout.batch(listing.holder, digest), entries) for digest, entries in batches.items()]
        report.lost += trust.missing(listing, lists)
        for cover in sorted((*map(self._by_volume, known), *self._by_batches(batches))):
            work.catalog.cover(listing.holder, cover.digests, cover.id, cover.at)

    def _by_volume(self, volume: Volume) -> Cover:
        return Cover(
            at=volume.row.at,
            batch=False,
            id=volume.row.id,
            digests=tuple(digest for digest, _ in volume.trust),
        )

    def _by_batches(self, batches: dict[Sha256, tuple[Entry, ...]]) -> Iterator[Cover]:
        """The batches that every line has evidence of, as sealing settles them."""
        for digest, entries in batches.items():
            subject_id = batch_id(self.listing.holder, digest)
            noted = {row.tsa for row in self.work.catalog.evidence_of(BATCH, subject_id)}
            first = self._first(BATCH, subject_id)
            if first and volumes.sufficient(noted, self.work.lines):
                yield Cover(first, True, digest, tuple(one for one, _ in entries))

    def _first(self, subject: str, subject_id: str) -> datetime | None:
        """The first evidence of a thing, noted or not."""
        records = Records(self.work.store, [])
        tsas = self.listing.lineages(subject, subject_id)
        found = (records.since(self.listing.records[subject, subject_id, tsa]) for tsa in tsas)
        return min((at for at in found if at), default=None)
