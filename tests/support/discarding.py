"""A destruction as the format wants it: objects rewritten without some messages, and the record that says so."""

import io
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from archiver.adapters.signer import FileSigner
from archiver.digest import Sha256, sha256, sha512
from archiver.package import layout
from archiver.package.discard import builder
from archiver.package.discard.values import (
    Authorization,
    Discard,
    Member,
    MetadataChange,
    MetadataDigests,
    SegmentChange,
)
from archiver.package.segment import reader, writer
from support.small import EVENING, HOLDER, HOUR, Files, Small

ORDER = Authorization("Garante per la protezione dei dati personali", "123/2026", date(2026, 2, 19))


@dataclass
class Destruction:
    """What becomes of a store's objects (None: taken away), and what its record lists."""

    changed: dict[str, bytes | None] = field(default_factory=dict)
    segments: list[SegmentChange] = field(default_factory=list)
    metadata: list[MetadataChange] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)

    def record(self, *, holder: str = HOLDER, name: str = "d-1", volumes: tuple[str, ...] = ()) -> bytes:
        """The record, without a seal."""
        return builder.build(
            Discard(
                id=name,
                holder=holder,
                at=EVENING + HOUR,
                reason="provvedimento dell'autorità",
                decided_by="Responsabile della conservazione",
                authorization=ORDER,
                segments=tuple(self.segments),
                metadata=tuple(self.metadata),
                members=tuple(self.members),
                volumes=volumes,
            )
        )


def destroy(files: Files, messages: Collection[Sha256], *, volume: str | None) -> Destruction:
    """These messages destroyed in the segments and in the metadata.zip of `volume`; None: they are in no volume yet."""
    done, documents = Destruction(), dict[Sha256, MetadataDigests]()
    if volume is not None:
        name = layout.metadata(HOLDER, volume)
        left, gone = _split(files[name], messages, "metadata/", ".xml")
        documents = {digest: MetadataDigests(sha256(octets), sha512(octets)) for digest, octets in gone.items()}
        new = _zip(left, b"")
        done.changed[name] = new
        done.metadata.append(MetadataChange(volume, sha256(files[name]), new and sha256(new)))
    for name in files.kind(layout.Kind.SEGMENT):
        left, gone = _split(files[name], messages, "messages/", ".eml")
        if not gone:
            continue
        new = _zip(left, files[name])
        done.changed[name] = None
        if new is not None:
            done.changed[layout.segment(HOLDER, sha256(new))] = new
        done.segments.append(SegmentChange(sha256(files[name]), new and sha256(new)))
        for digest, octets in gone.items():
            done.members.append(Member(digest, sha512(octets), volume, documents.get(digest)))
    return done


def record_name(name: str = "d-1", *, sealed: bool = False) -> str:
    """Where the record lies."""
    return layout.discard(HOLDER, name, sealed=sealed)


def seal_of(small: Small, record: bytes) -> bytes:
    """The record under the archive's own seal, without a time stamp."""
    folder = small.ca.parent
    signer = FileSigner.from_pem(folder / "seal.pem", folder / "seal.key", chain=(small.ca,))
    return signer.sign(record, at=EVENING + HOUR, stamp=None)


def _split(
    octets: bytes, messages: Collection[Sha256], prefix: str, suffix: str
) -> tuple[dict[str, bytes], dict[Sha256, bytes]]:
    """What stays, by path, and what goes, by the message's digest."""
    members = tuple(reader.members(io.BytesIO(octets), prefix=prefix, suffix=suffix))
    stays = {member.name: member.read() for member in members if member.sha256 not in messages}
    return stays, {member.sha256: member.read() for member in members if member.sha256 in messages}


def _zip(entries: dict[str, bytes], old: bytes) -> bytes | None:
    """A ZIP of these entries under the label of the old one; None when nothing is left."""
    if not entries:
        return None
    label = old.rpartition(b"PK\5\6")[2][18:].decode("ascii")
    sink = io.BytesIO()
    writer.write(entries.items(), sink, label=label)
    return sink.getvalue()
