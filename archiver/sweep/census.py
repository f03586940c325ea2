"""The census: every object that the catalog's rows and the sealed indexes promise, by the name it must have.

What only an object itself can tell (the digest of a record, the size of an index) is learned from the first store that
has it as the rows describe it: a record must stand on the token that the judge passed when it was written.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from archiver.digest import Sha256, sha256
from archiver.errors import Absent, ConfigError, Malformed, Unavailable
from archiver.evidence.cms import open_signed
from archiver.evidence.record import reader as record_reader
from archiver.evidence.record.continued import continues
from archiver.evidence.record.judge import examine
from archiver.evidence.signature import judge_seal
from archiver.package import batch, layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.package.layout import Kind
from archiver.submission.rows import DamageRow, EvidenceRow, ObjectRow, TrustRow, VolumeRow
from archiver.submission.subjects import SUBJECTS, subject_id
from archiver.sweep.values import DIGEST, FOR_EVER, WAITING, Sweeping
from archiver.verdict import Finding, Indication
from archiver.verify import judge_volume
from archiver.verify.witness import witnessed

_SUFFIX = len("000001.ers")
UNKNOWN = -1
"""The size of what nobody has read yet."""

_PROVES_ITSELF = frozenset({Kind.TRUST, Kind.BATCH, Kind.ACT, Kind.REPORT, Kind.TAKEOVER})
"""Kinds whose names hold their digest, or its beginning."""


def census(work: Sweeping) -> None:
    """Notes what is promised and was not noted yet. It may be cut anywhere, and goes on.

    Raises Unavailable when the catalog does not answer; a store that does not is passed over.
    """
    for found in (_segments, _pdvs, _volumes, _trust, _acts, _discards, _evidence):
        for rows in found(work):
            work.catalog.promise(rows)
    after = ""
    while rows := work.catalog.unlearned(after=after):
        for row in rows:
            _learn(row, work)
        after = rows[-1].name


def promised_by_name(name: str, octets: bytes, work: Sweeping) -> bool:
    """Notes an object whose own name proves it: what was put and is not noted yet; whether it was one."""
    parsed = layout.parse(name)
    if parsed is None or parsed.kind not in _PROVES_ITSELF or not parsed.id.endswith(_short(octets, parsed)):
        return False
    subject = WAITING if parsed.kind is Kind.TRUST else FOR_EVER
    row = ObjectRow(name, parsed.holder, parsed.kind, Sha256(""), UNKNOWN, subject, work.clock())
    work.catalog.promise([row])
    _learn(row, work)
    return True


def _short(octets: bytes, parsed: layout.Parsed) -> str:
    """What the name of an object ends with, if these are its octets; that of a sealed report is its content's."""
    if parsed.kind in (Kind.TRUST, Kind.BATCH, Kind.TAKEOVER):
        return sha256(octets)
    if parsed.extension.endswith("p7m"):
        try:
            octets = open_signed(octets).content or b""
        except Malformed:
            return "-"
    return sha256(octets)[:32]


def _segments(work: Sweeping) -> Iterator[list[ObjectRow]]:
    after = ""
    while rows := work.catalog.unpromised_segments(after=after):
        after = rows[-1].sha256
        yield [
            ObjectRow(
                layout.segment(row.holder, row.sha256),
                row.holder,
                Kind.SEGMENT,
                row.sha256,
                row.size,
                row.volume or WAITING,
                row.at,
            )
            for row in rows
        ]


def _pdvs(work: Sweeping) -> Iterator[list[ObjectRow]]:
    after = ""
    while rows := work.catalog.unpromised_pdvs(after=after):
        after = rows[-1].id
        # one that was lost before the catalog was made again has no size there
        yield [
            ObjectRow(row.name, row.holder, Kind.RDV, row.sha256, row.size or UNKNOWN, WAITING, row.at) for row in rows
        ]


def _volumes(work: Sweeping) -> Iterator[list[ObjectRow]]:
    after = ""
    while rows := work.catalog.unpromised_volumes(after=after):
        after = rows[-1].id
        yield [_index(row) for row in rows]


def _index(row: VolumeRow) -> ObjectRow:
    name = layout.index(row.holder, row.id)
    return ObjectRow(name, row.holder, Kind.INDEX, row.sha256, UNKNOWN, row.id, row.at)


def _trust(work: Sweeping) -> Iterator[list[ObjectRow]]:
    after = ("", "", "")
    while rows := work.catalog.unpromised_trust(after=after):
        after = (rows[-1].holder, rows[-1].sha256, rows[-1].extension)
        yield [_material(row) for row in rows]


def _material(row: TrustRow) -> ObjectRow:
    name = layout.trust(row.holder, row.sha256, row.extension)
    return ObjectRow(name, row.holder, Kind.TRUST, row.sha256, UNKNOWN, WAITING, row.at)


def _evidence(work: Sweeping) -> Iterator[list[ObjectRow]]:
    after = ("", "", "", 0)
    while rows := work.catalog.unpromised_evidence(after=after):
        last = rows[-1]
        after = (last.subject, last.subject_id, last.tsa, last.number)
        yield [found for row in rows for found in _record(row)]


def _record(row: EvidenceRow) -> Iterator[ObjectRow]:
    """A record, and with it the batch or the act that it is about."""
    parsed = layout.parse(row.name)
    assert parsed is not None, "the catalog holds no other names"
    subject = {"volume": row.subject_id, "pdv": WAITING}.get(row.subject, FOR_EVER)
    yield ObjectRow(row.name, parsed.holder, parsed.kind, Sha256(""), UNKNOWN, subject, row.at)
    digest = Sha256(parsed.id)
    if parsed.kind is Kind.BATCH_RECORD:
        name = layout.batch(parsed.holder, digest)
        yield ObjectRow(name, parsed.holder, Kind.BATCH, digest, UNKNOWN, FOR_EVER, row.at)
    elif parsed.kind is Kind.TAKEOVER_RECORD:
        name = layout.takeover(parsed.holder, Sha256(parsed.package), digest)
        yield ObjectRow(name, parsed.holder, Kind.TAKEOVER, digest, UNKNOWN, FOR_EVER, row.at)
    elif parsed.kind is Kind.ACT_RECORD:
        name = layout.act(parsed.holder, parsed.id)
        yield ObjectRow(name, parsed.holder, Kind.ACT, Sha256(""), UNKNOWN, FOR_EVER, row.at)


def _acts(work: Sweeping) -> Iterator[list[ObjectRow]]:
    after = ("", "")
    while rows := work.catalog.unpromised_acts(after=after):
        after = rows[-1].holder, rows[-1].id
        # of one that was lost before the catalog was made again, its name tells
        yield [ObjectRow(row.name, row.holder, Kind.ACT, row.sha256, row.size, FOR_EVER, row.at) for row in rows]


def _discards(work: Sweeping) -> Iterator[list[ObjectRow]]:
    rows = work.catalog.unpromised_discards()
    yield [ObjectRow(row.name, row.holder, Kind.DISCARD, row.sha256, row.size, FOR_EVER, row.at) for row in rows]


def _learn(row: ObjectRow, work: Sweeping) -> None:
    """Digest and size of an object, as the stores have it that have it as it must be: all of these alike.

    Where they differ, or none fits, nobody can tell by the catalog's rows which is right: all are said to be damaged,
    none is laid over another, and it is asked again.
    """
    found = {id: octets for id in work.stores if (octets := _got(row, id, work)) is not None}
    right = {id: octets for id, octets in found.items() if _fits(row, octets, id, work)}
    if not row.sha256 and not _proves_all(row.name):
        right = {id: octets for id, octets in right.items() if _judged(row, octets, work)}
    digests = {sha256(octets): octets for octets in right.values()}
    if len(digests) != 1:
        now = work.clock()
        wrong = [DamageRow(id, row.name, DIGEST, now, now, sha256(octets)) for id, octets in found.items()]
        work.catalog.note_damages(wrong)
        return
    ((digest, octets),) = digests.items()
    if row.kind == Kind.INDEX:
        _promised_by(row, octets, work)
    elif row.kind == Kind.BATCH:
        _batch_members(row, octets, work)
    # last: who is cut short before this reads the object again
    work.catalog.learned(replace(row, sha256=digest, size=len(octets)))


def _got(row: ObjectRow, store: str, work: Sweeping) -> bytes | None:
    try:
        return work.stores[store].get(row.name)
    except (Absent, Unavailable, ConfigError):
        return None


def _proves_all(name: str) -> bool:
    """Whether a name holds the digest of every octet: a sealed report's is that of its content."""
    parsed = layout.parse(name)
    return parsed is not None and parsed.kind in _PROVES_ITSELF and not parsed.extension.endswith("p7m")


def _judged(row: ObjectRow, octets: bytes, work: Sweeping) -> bool:
    """Whether the judge finds nothing altered in what no digest covers; that time has passed is no alteration."""
    now = work.clock()
    parsed = layout.parse(row.name)
    assert parsed is not None, "the catalog holds no other names"
    if parsed.kind is Kind.REPORT:
        findings = judge_seal(octets, work.trust.policy, at=now, subject=row.name).verdict.findings
    elif parsed.kind in layout.RECORDS:
        findings = examine(octets, work.trust.policy, at=now, subject=row.name).findings
        findings += tuple(_continued(row, parsed, octets, work))
    else:
        return True
    return not any(item.altered for item in findings)


def _continued(row: ObjectRow, parsed: layout.Parsed, octets: bytes, work: Sweeping) -> Iterator[Finding]:
    """A record holds all of the one before it, wherever that can be read."""
    before = f"{row.name[:-_SUFFIX]}{parsed.number - 1:06}.ers"
    for id in work.stores if parsed.number > 1 else ():
        older = _got(replace(row, name=before), id, work)
        broken = continues(older, octets, row.name) if older is not None else None
        if older is not None:
            yield from (broken,) if broken else ()
            return


def _fits(row: ObjectRow, octets: bytes, store: str, work: Sweeping) -> bool:
    """Whether this is the object, as far as its row and its name tell."""
    if row.sha256:
        return sha256(octets) == row.sha256
    parsed = layout.parse(row.name)
    assert parsed is not None, "the catalog holds no other names"
    if parsed.kind in _PROVES_ITSELF:
        return parsed.id.endswith(_short(octets, parsed))
    if parsed.kind is Kind.INDEX:  # lost before a rapporto named it: only the judge can tell whether this is it
        held, now = work.stores[store], work.clock()
        report = judge_volume(held, row.holder, parsed.id, trust=work.trust, at=now, contents=False)
        return report.indication is Indication.PASSED
    if parsed.kind is Kind.RDV:  # the last of its mailbox, and contradicted where the catalog was made again
        return _proven(octets, parsed.id, work)
    return _stands(octets, parsed, work)


def _proven(octets: bytes, pdv: str, work: Sweeping) -> bool:
    """Whether the rapporto's own evidence, in any store, proves these octets."""
    for row in work.catalog.evidence_of("pdv", pdv):
        parsed = layout.parse(row.name)
        for held in work.stores.values():
            try:
                record = held.get(row.name)
            except (Absent, Unavailable, ConfigError):
                continue
            if parsed and _stands(record, parsed, work) and witnessed(octets, record, at=work.clock()):
                return True
    return False


def _stands(octets: bytes, parsed: layout.Parsed, work: Sweeping) -> bool:
    """Whether a record stands on the token that was noted when it was written."""
    try:
        token = record_reader.read(octets).chains[-1][-1].token
    except Malformed:
        return False
    noted = work.catalog.evidence_of(SUBJECTS.get(parsed.kind, ""), subject_id(parsed))
    known = {item.token for item in noted if (item.tsa, item.number) == (parsed.tsa, parsed.number)}
    return known <= {sha256(token), ""}


def _promised_by(row: ObjectRow, octets: bytes, work: Sweeping) -> None:
    """A sealed index promises the volume's metadata, and says for whose sake all that it lists is kept."""
    try:
        index = index_reader.read(open_signed(octets).content or b"")
    except Malformed:
        return  # its digest is that which the judge passed: another format, some day
    listed = list(_listed(row, index, work))
    work.catalog.promise(listed)
    noted = work.catalog.objects(item.name for item in listed)
    for item in listed:  # promised before by a row that does not know its digest
        if not noted[item.name].sha256:
            work.catalog.learned(replace(noted[item.name], sha256=item.sha256))
    names = [item.name for item in listed]
    for file in index.rdvs:
        parsed = layout.parse(layout.listed(row.holder, index.volume.mailbox, file.path))
        names += [record.name for record in work.catalog.evidence_of("pdv", parsed.id)] if parsed else []
    _keep(names, row.subject, work)


def _listed(row: ObjectRow, index: Index, work: Sweeping) -> Iterator[ObjectRow]:
    """Everything that an index names by digest: promised, whether or not another row of the catalog knows it."""
    volume, holder = index.volume, row.holder
    gone = work.catalog.destroyed(holder, [volume.metadata.sha256, *(item.sha256 for item in volume.segments)])

    def promised(name: str, kind: Kind, digest: Sha256, size: int = UNKNOWN) -> ObjectRow:
        return ObjectRow(name, holder, kind, digest, size, row.subject, row.at)

    zipped = volume.metadata
    if zipped.sha256 not in gone:
        yield promised(layout.metadata(holder, row.subject), Kind.METADATA, zipped.sha256, zipped.size)
    elif current := _became(zipped.sha256, holder, work):
        yield promised(layout.metadata(holder, row.subject), Kind.METADATA, current)
    for item in volume.segments:
        if item.sha256 in gone:
            continue  # what took its place is promised by a row of its own
        yield promised(layout.segment(holder, item.sha256), Kind.SEGMENT, item.sha256, item.size)
    for file in index.trust:
        yield promised(layout.trust(holder, file.sha256, file.extension), Kind.TRUST, file.sha256)
    for file in (*index.rdvs, *index.records):
        name = layout.listed(holder, volume.mailbox, file.path)
        if parsed := layout.parse(name):
            yield promised(name, parsed.kind, file.sha256)


def _became(digest: Sha256, holder: str, work: Sweeping) -> Sha256 | None:
    """What stands in the place of a segment or metadata.zip today, after all discards; None for nothing."""
    seen: set[str] = set()
    current = str(digest)
    while current and current not in seen:
        seen.add(current)
        found = work.catalog.destroyed(holder, [current]).get(current)
        if found is None:
            return Sha256(current)
        current = found.became
    return None


def _keep(names: Collection[str], volume: str, work: Sweeping) -> None:
    """These are kept for this volume's sake, unless another's term, or for ever, reaches further."""
    rows, end = work.catalog.objects(names).values(), work.term(volume).wanted
    mine = [row.name for row in rows if row.subject == WAITING or _ends(row, work) < end]
    work.catalog.assign(volume, mine)


def _ends(row: ObjectRow, work: Sweeping) -> datetime:
    return datetime.max.replace(tzinfo=UTC) if row.subject == FOR_EVER else work.term(row.subject).wanted


def _batch_members(row: ObjectRow, octets: bytes, work: Sweeping) -> None:
    members = [layout.trust(row.holder, digest, extension) for digest, extension in batch.read(octets)]
    work.catalog.assign(FOR_EVER, members)
