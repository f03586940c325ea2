"""What a whole archive is, asked of its objects and of its catalog alike."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO

from archiver.digest import Sha256, sha256
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.package.layout import Kind
from archiver.package.rdv import reader as rdv_reader
from archiver.package.rdv.values import Rdv
from archiver.package.segment import reader as segment_reader
from archiver.verdict import Indication, Severity
from support.embedded import TSA, Disk, Embedded

LEFT_BEHIND = {"ORPHAN", "VOLUME_BEGUN"}
"""Harmless, and yet not what a whole archive should have in it."""


def complaints(process: Embedded, mail: Sequence[bytes], *, allowed: Collection[str] = ()) -> list[str]:
    """Everything that keeps `process.disk` from being the whole archive of `mail`, sealed, covered and PASSED.

    `allowed` are the codes that the judge may mention, besides what only informs.
    """
    return [
        *_verdict(process, allowed),
        *_messages(process.disk, {sha256(raw): raw for raw in mail}),
        *_volumes(process.disk),
        *_nothing_is_due(process.disk),
    ]


def rapporti(disk: Disk) -> dict[str, Rdv]:
    """The rapporti by name."""
    return {
        name: rdv_reader.read(open_signed(octets).content or b"" if name.endswith(".p7m") else octets)
        for name, octets in _of(disk, Kind.RDV)
    }


def indexes(disk: Disk) -> dict[str, Index]:
    """The sealed indexes by name."""
    return {name: index_reader.read(open_signed(octets).content or b"") for name, octets in _of(disk, Kind.INDEX)}


def kept(disk: Disk) -> Iterator[tuple[Sha256, bytes]]:
    """Every message of every segment that a rapporto names."""
    for rdv in rapporti(disk).values():
        for segment in rdv.segments:
            octets = disk.store.get(layout.segment(rdv.holder_id, segment.sha256))
            for member in segment_reader.members(BytesIO(octets), prefix="messages/", suffix=".eml"):
                yield member.sha256, member.read()


def _of(disk: Disk, kind: Kind) -> Iterator[tuple[str, bytes]]:
    for name, octets in disk.objects().items():
        parsed = layout.parse(name)
        if parsed and parsed.kind is kind:
            yield name, octets


def _verdict(process: Embedded, allowed: Collection[str]) -> Iterator[str]:
    report = process.verify()
    if report.indication is not Indication.PASSED:
        yield f"verdict {report.indication}"
    for found in report.verdict.findings:
        if found.code not in allowed and (found.severity is not Severity.INFO or found.code in LEFT_BEHIND):
            yield f"{found.subject}: {found.code} {found.text('en')}"


def _messages(disk: Disk, expected: dict[Sha256, bytes]) -> Iterator[str]:
    accepted = Counter(item.sha256 for rdv in rapporti(disk).values() for item in rdv.accepted)
    found = list(kept(disk))
    noted = Counter(row[0] for row in disk.rows()["message"])
    for what, times in (("accepted", accepted), ("kept", Counter(digest for digest, _ in found)), ("noted", noted)):
        if times != Counter(expected.keys()):
            yield f"{what}: {dict(times)}, expected once each: {sorted(expected)}"
    yield from (f"{digest}: other bytes" for digest, raw in found if raw != expected.get(digest))


def _volumes(disk: Disk) -> Iterator[str]:
    objects = disk.objects()
    named = Counter(segment.sha256 for rdv in rapporti(disk).values() for segment in rdv.segments)
    closed = Counter(segment.sha256 for index in indexes(disk).values() for segment in index.volume.segments)
    if named != closed:
        yield f"segments in rapporti {dict(named)}, in volumes {dict(closed)}"
    for name in rapporti(disk):
        if f"{name.partition('.xml')[0]}.{TSA}.000001.ers" not in objects:
            yield f"{name}: no evidence"
    for name in indexes(disk):
        if f"{name.removesuffix(layout.PINDEX)}evidence/{TSA}/000001.ers" not in objects:
            yield f"{name}: no evidence"


def _nothing_is_due(disk: Disk) -> Iterator[str]:
    with disk.catalog() as catalog:
        yield from (f"segment {row.sha256} is pending" for row in catalog.pending())
        yield from (f"rapporto {row.id} has no evidence noted" for row in catalog.pdvs_without_evidence([TSA]))
        volumes = {row[0] for row in disk.rows()["volume"]}
        noted = {id: {row.tsa for row in catalog.evidence_of("volume", id)} for id in sorted(volumes)}
        yield from (f"volume {id} has no evidence noted" for id, tsas in noted.items() if TSA not in tsas)
    if volumes != {index.volume.id for index in indexes(disk).values()}:
        yield f"volumes noted {volumes}, in the store {sorted(indexes(disk))}"
