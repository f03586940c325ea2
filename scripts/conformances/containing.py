"""ASiC-E containers of the volume of 2026, each with its record of another year; and the same with something wrong."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace

from support.small import HOLDER

from archiver.access.tree import whole
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.evidence.cms import open_signed
from archiver.evidence.record import reader
from archiver.package.asice import writer
from archiver.package.asice.values import Proof, manifest_path, record_path
from conformances.altering import FOREIGN, flipped
from conformances.artefact import Artefact, Kind
from conformances.history import DAY, REHASHED, STAMPED_AGAIN, Grown, World, rehashed, restamped

Named = Mapping[str, Artefact]
Files = dict[str, bytes]
MANIFEST, RECORD = manifest_path(1), record_path(1)
ADDED = "messages/0.eml"


def containers(world: World) -> Iterator[Artefact]:
    """The whole volume, before and after each sort of renewal; with two records; and a part of it."""
    files = covered(world)
    again = restamped(world, world.first, world.second, STAMPED_AGAIN[0])
    new = rehashed(world, world.first, world.second, STAMPED_AGAIN[0])
    both = rehashed(world, world.once, world.third, REHASHED)
    yield _container(world, "first", "a volume and its first record", files, world.first)
    yield _container(world, "restamped", "the same after a timestamp renewal", files, again)
    yield _container(world, "rehashed", "the same after a hash-tree renewal", files, new)
    yield _container(world, "two-chains", "the same after both", files, both)
    yield _container(world, "two-records", "a volume with the records of two lineages", files, again, new)
    part = _container(world, "part", "one message of it, its metadata, index and trust", _part(files), again)
    yield replace(part, whole=False)


def altered_containers(_: World, good: Named) -> Iterator[Artefact]:
    """Containers with something wrong: in a file, in a manifest, in the record, in the ZIP."""
    for name in ("first.asice", "rehashed.asice"):
        container = good[name]
        entries = _entries(container.octets)
        message = next(path for path in entries if path.startswith("messages/"))
        bent = entries[message][:-1] + bytes((entries[message][-1] ^ 1,))
        manifest = entries[MANIFEST].replace(_value(entries[message]), _value(bent))
        yield _altered(container, "member", "a bit of a message changed", {message: bent})
        both = {message: bent, MANIFEST: manifest}
        yield _altered(container, "member-and-manifest", "a bit of a message changed, its manifest with it", both)
        yield _altered(container, "manifest", "a digest of the manifest changed", {MANIFEST: manifest})
        yield _altered(container, "removed", "a message is gone", {message: None})
        token = open_signed(reader.read(entries[RECORD]).chains[-1][-1].token).signature
        spoiled = {RECORD: flipped(entries[RECORD], token)}
        yield _altered(container, "token", "a byte of the last token's signature changed", spoiled)
    container = good["restamped.asice"]
    other = _entries(good["first.asice"].octets)[message]
    yield _altered(container, "swapped", "a message's bytes are those of another file", {message: other[::-1]})
    yield _altered(container, "added", "a file that nobody archived", {ADDED: FOREIGN})
    manifest = _entries(container.octets)[MANIFEST].replace(
        b"</asic:ASiCManifest>", _reference(ADDED, FOREIGN) + b"</asic:ASiCManifest>"
    )
    listed = {ADDED: FOREIGN, MANIFEST: manifest}
    yield _altered(container, "added-and-listed", "the same, the manifest lists it", listed)
    yield container.altered("stranger", "the authority of its last token is not trusted", anchors=container.anchors[:1])


def covered(world: World) -> Files:
    """The files of the volume by path: those that its record covers."""
    digests = {hashlib.sha512(octets).digest() for _, octets in world.members}
    tree = whole(FilesystemStore(world.small.store), HOLDER, world.small.volumes[1])
    found = {file.path: file.octets for file in tree if hashlib.sha512(file.octets).digest() in digests}
    assert len(found) == len(digests)
    return found


def _container(world: World, name: str, what: str, files: Files, *grown: Grown) -> Artefact:
    """Judged a day after its last token."""
    at = max(record.at for record in grown) + DAY
    proofs = [Proof(record.octets, "sha512") for record in grown]
    sink = io.BytesIO()
    writer.write(files.items(), proofs, sink)
    return Artefact(f"{name}.asice", what, Kind.CONTAINER, sink.getvalue(), at, world.anchors, world.crls(at))


def _part(files: Files) -> Files:
    message = next(path for path in files if path.startswith("messages/"))
    stem = message.removeprefix("messages/").removesuffix(".eml")
    kept = (message, f"metadata/{stem}.xml")
    return {path: octets for path, octets in files.items() if path in kept or path.startswith(("PIndex", "trust/"))}


def _altered(container: Artefact, name: str, what: str, changed: Mapping[str, bytes | None]) -> Artefact:
    entries: dict[str, bytes | None] = {**_entries(container.octets), **changed}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for path, octets in entries.items():
            if octets is not None:
                archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), octets)
    return container.altered(name, what, octets=sink.getvalue())


def _entries(octets: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return {path: archive.read(path) for path in archive.namelist()}


def _value(octets: bytes) -> bytes:
    return base64.b64encode(hashlib.sha512(octets).digest())


def _reference(path: str, octets: bytes) -> bytes:
    return (
        f'<asic:DataObjectReference URI="{path}">'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/>'
        f"<ds:DigestValue>{_value(octets).decode()}</ds:DigestValue></asic:DataObjectReference>"
    ).encode()
