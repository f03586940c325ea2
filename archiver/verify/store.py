"""A whole store: every volume, every rapporto, every segment that waits for a volume, and nothing that nobody named."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from archiver.digest import Sha256, digests, sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.package.layout import Kind
from archiver.package.rdv.values import Rdv
from archiver.verdict import Finding, finding, verdict
from archiver.verify.acts import heeding, read_acts
from archiver.verify.batch import judge_batches
from archiver.verify.content import Contents
from archiver.verify.discards import Discards, read_discards
from archiver.verify.files import Files, Trust
from archiver.verify.kept import anchored
from archiver.verify.rapporto import Link, Rapporto, chain, read_rapporto
from archiver.verify.report import Report, together
from archiver.verify.reports import judge_reports
from archiver.verify.segment import entries
from archiver.verify.takeovers import judge_takeovers
from archiver.verify.volume import judge_volume


def judge_store(
    files: Files,
    *,
    holder: str = "",
    trust: Trust,
    at: datetime,
    progress: Callable[[int], None] = lambda done: None,
    sample: bool = False,
) -> Report:
    """The verdict on everything that lies in a store, or on what one `holder` has there.

    A `sample` has some volumes only: what the rapporti name and is not there is no damage. Nothing is raised for what
    the files hold.
    """
    holders: dict[str, list[layout.Parsed]] = defaultdict(list)
    strange: list[Finding] = []
    for listed in files.list(f"{holder}/" if holder else ""):
        parsed = layout.parse(listed.name)
        if parsed is None:
            strange.append(finding("STRANGER", listed.name))
        else:
            holders[parsed.holder].append(parsed)
    if not holders:
        strange.append(finding("STORE_EMPTY", "."))
    reports = (_holder(files, name, found, trust, at, progress, sample) for name, found in holders.items())
    return together(reports, strange)


def _holder(
    files: Files,
    holder: str,
    found: list[layout.Parsed],
    trust: Trust,
    at: datetime,
    progress: Callable[[int], None],
    sample: bool,
) -> Report:
    reports: list[Report] = []
    done = 0
    volumes = sorted({item.id for item in found if item.kind in (Kind.INDEX, Kind.METADATA, Kind.VOLUME_RECORD)})
    sealed = {item.id for item in found if item.kind is Kind.INDEX}
    trusted, notes = anchored(files, holder, trust)
    acts = read_acts(files, holder, trust=trusted, at=at)
    trusted, notes = heeding(acts, trusted), [*notes, *acts.findings]
    notes += [finding("REGISTER_END", f"{holder}/acts/", found=acts.end)] if acts.end else []
    discards = read_discards(files, holder, trust=trusted, at=at)
    gone = {*discards.volumes} - {*volumes}
    notes += [finding("DISCARDED", _folder(holder, volume)) for volume in sorted(gone)]
    for volume in volumes:
        if volume in discards.volumes:
            notes.append(finding("DISCARD_UNFINISHED", _folder(holder, volume)))
        elif volume in sealed:
            report = judge_volume(files, holder, volume, trust=trusted, at=at, progress=partial(_ahead, progress, done))
            done += sum(report.content.values())
            reports.append(report)
        elif any(item.id == volume and item.kind is Kind.VOLUME_RECORD for item in found):
            notes.append(finding("MISSING", layout.index(holder, volume)))
        else:
            notes.append(finding("VOLUME_BEGUN", layout.metadata(holder, volume)))
    notes += judge_batches(files, holder, trusted.policy, at, without=trusted.without)
    notes += judge_takeovers(files, holder, trusted.policy, at, without=trusted.without)
    reports.append(judge_reports(files, holder, trust=trusted, at=at))
    pending = _Pending(files, holder, found, trusted, at, sealed, discards, sample)
    reports.append(pending.judge())
    return together(reports, notes)


def _ahead(progress: Callable[[int], None], before: int, done: int) -> None:
    progress(before + done)


def _folder(holder: str, volume: str) -> str:
    return layout.index(holder, volume).removesuffix(layout.PINDEX)


class _Pending:
    """The rapporti of a holder, and the segments that they name and no sealed volume holds yet."""

    def __init__(
        self,
        files: Files,
        holder: str,
        found: list[layout.Parsed],
        trust: Trust,
        at: datetime,
        sealed: set[str],
        discards: Discards,
        sample: bool,
    ) -> None:
        self.findings: list[Finding] = []
        self.contents = Contents(trust.providers, trust.policy.catalogue)
        self._files, self._holder, self._found = files, holder, found
        self._trust, self._at, self._sample = trust, at, sample
        self._in_volumes: set[Sha256] = set()
        self._listed: set[str] = set()
        for volume in sealed:
            for index in _index(files, holder, volume):
                self._in_volumes |= {segment.sha256 for segment in index.volume.segments}
                self._listed |= {layout.listed(holder, index.volume.mailbox, file.path) for file in index.rdvs}
        self._discards = discards
        self._accepted: dict[str, set[int]] = defaultdict(set)

    def judge(self) -> Report:
        """Every rapporto, the chain of each mailbox, every segment that waits, and those that nobody names."""
        named: set[Sha256] = set()
        links: dict[str, list[Link]] = defaultdict(list)
        for item in (item for item in self._found if item.kind is Kind.RDV):
            name = layout.rdv(self._holder, item.mailbox, item.id, sealed=item.extension != "xml")
            rapporto = read_rapporto(
                self._files,
                name,
                policy=self._trust.policy,
                at=self._at,
                without=self._trust.without,
                elsewhere=name in self._listed,
            )
            self.findings += rapporto.findings
            if rapporto.rdv is None:
                continue
            named |= {segment.sha256 for segment in rapporto.rdv.segments}
            links[item.mailbox].append(Link(rapporto.rdv.id, name, rapporto.sha256, rapporto.rdv.previous))
            self._waiting(rapporto)
            self._closed(rapporto.rdv)
            self._once(rapporto, item.mailbox)
        for chained in links.values():
            self.findings += chain(chained)
        self._orphans(named | {new for record in self._discards.records for new in record.replaced.values() if new})
        return Report(
            verdict((*self._discards.findings, *self.findings)),
            dict(self.contents.counts),
            tuple(self.contents.findings),
        )

    def _closed(self, rdv: Rdv) -> None:
        """Every volume that a rapporto says was closed is there, under the index that it had then."""
        for volume in rdv.volumes:
            name = layout.index(self._holder, volume.id)
            if volume.id in self._discards.volumes:
                continue
            if not self._files.has(name):
                self.findings += [] if self._sample else [finding("MISSING", name)]
            elif (found := sha256(self._files.get(name))) != volume.sha256:
                self.findings.append(finding("DIGEST", name, expected=volume.sha256, found=found))

    def _once(self, rapporto: Rapporto, mailbox: str) -> None:
        """No message is accepted twice in one mailbox; eight bytes of its digest tell it from all others."""
        seen = self._accepted[mailbox]
        for digest in rapporto.items:
            short = int(digest[:16], 16)
            if short in seen:
                self.findings.append(finding("RDV_TWICE", rapporto.name, member=layout.message_path(digest)))
            seen.add(short)

    def _waiting(self, rapporto: Rapporto) -> None:
        """The messages of segments that are in no sealed volume: the rapporto names both digests of each."""
        items = rapporto.items
        for segment in rapporto.rdv.segments if rapporto.rdv else ():
            current = self._discards.successor(segment.sha256)
            if segment.sha256 in self._in_volumes:
                continue
            if current is None:
                self.findings.append(finding("DISCARDED", layout.segment(self._holder, segment.sha256)))
                continue
            name = layout.segment(self._holder, current)
            if self._sample and not self._files.has(name):
                continue
            missing = {digest for digest, item in items.items() if item.segment == segment.sha256}
            for path, digest, raw in entries(
                self._files, name, current, self.findings.append, prefix="messages/", suffix=".eml"
            ):
                missing.discard(digest)
                named, item = digests(raw), items.get(digest)
                if item is None:
                    self.findings.append(finding("UNLISTED", name, member=path))
                elif (named.sha256, named.sha512) != (item.sha256, item.sha512):
                    self.findings.append(finding("MEMBER_DIGEST", name, member=path, found=named.sha256))
                elif current not in self._in_volumes:  # a volume of the segment that took its place counts it already
                    proof = rapporto.proven_at or (rapporto.rdv.at if rapporto.rdv else self._at)
                    self.contents.judge(raw, proof=proof, subject=path)
            for digest in sorted(missing):
                code = "DISCARDED" if self._discards.explains(digest, None) else "MISSING"
                self.findings.append(finding(code, layout.message_path(digest)))

    def _orphans(self, named: set[Sha256]) -> None:
        for item in self._found:
            name = layout.segment(self._holder, Sha256(item.id)) if item.kind is Kind.SEGMENT else ""
            if name and item.id in self._discards.destroyed:
                self.findings.append(finding("DISCARD_UNFINISHED", name))
            elif name and item.id not in named:
                self.findings.append(finding("ORPHAN", name))


def _index(files: Files, holder: str, volume: str) -> Iterator[Index]:
    """The index of a sealed volume; none when it cannot be read, which the volume's own verdict says."""
    try:
        yield index_reader.read(open_signed(files.get(layout.index(holder, volume))).content or b"")
    except Malformed:
        return
