"""ASiC-E (EN 319 162-1): what is written is read by us and by `unzip`; what is not whole or not plain is refused."""

import base64
import hashlib
import io
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.tools import tool

from archiver.errors import Malformed
from archiver.package.asice import writer
from archiver.package.asice.reader import open_container, read_manifest
from archiver.package.asice.values import MIMETYPE, Manifest, Proof, Reference, manifest_path, record_path

FILES = {"PIndex.xml.p7m": b"index", "messages/a.eml": b"Subject: a\r\n\r\nciao", "messages/b.eml": b""}
PROOFS = (Proof(b"record one", "sha512"), Proof(b"record two", "sha256"))
Entries = dict[str, bytes]


def made(files: Mapping[str, bytes] = FILES, proofs: tuple[Proof, ...] = PROOFS) -> bytes:
    sink = io.BytesIO()
    writer.write(files.items(), proofs, sink)
    return sink.getvalue()


def entries(octets: bytes) -> Entries:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content: Entries, *, method: int = zipfile.ZIP_STORED, comment: bytes = b"", extra: bytes = b"") -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        archive.comment = comment
        for name, octets in content.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.extra, info.compress_type = extra, method
            archive.writestr(info, octets)
    return sink.getvalue()


def test_what_is_written_is_read_back_with_a_manifest_for_each_record() -> None:
    container = open_container(io.BytesIO(made()))
    assert container.files == {path: len(octets) for path, octets in FILES.items()}
    assert [container.read(path) for path in FILES] == list(FILES.values())
    for number, (manifest, proof) in enumerate(zip(container.manifests, PROOFS, strict=True), 1):
        digests = {path: hashlib.new(proof.algorithm, octets).digest() for path, octets in FILES.items()}
        assert manifest.record == record_path(number)
        assert container.read(manifest.record) == proof.octets
        assert manifest.references == tuple(
            Reference(path, proof.algorithm, digest) for path, digest in digests.items()
        )


def test_the_first_bytes_say_what_it_is() -> None:
    """EN 319 162-1, A.1: a file tool finds the media type at byte 38."""
    octets = made()
    assert octets[30:38] == b"mimetype"
    assert octets[38 : 38 + len(MIMETYPE)] == MIMETYPE.encode()
    assert octets[8:10] == b"\0\0"
    assert octets[28:30] == b"\0\0"


def test_the_same_files_give_the_same_container() -> None:
    assert made() == made()


def test_unzip_finds_nothing_wrong(tmp_path: Path) -> None:
    path = tmp_path / "volume.asice"
    path.write_bytes(made())
    done = subprocess.run([tool("unzip"), "-t", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No errors detected" in done.stdout


@pytest.mark.parametrize("path", ["mimetype", "META-INF/x.xml", "../x", "/x", "a b", "è.eml", "a//b", ""])
def test_a_path_that_another_reader_could_see_elsewhere_is_not_written(path: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        made({path: b"x"})


def test_a_path_is_written_once() -> None:
    with pytest.raises(ValueError, match="still free"):
        writer.write([("a", b"1"), ("a", b"2")], PROOFS, io.BytesIO())


def test_without_a_record_nothing_is_proven_and_nothing_written() -> None:
    with pytest.raises(ValueError, match="evidence record"):
        made(proofs=())


def renamed(content: Entries, old: str, new: str) -> Entries:
    return {new if name == old else name: octets for name, octets in content.items()}


def without(content: Entries, *names: str) -> Entries:
    return {name: octets for name, octets in content.items() if name not in names}


ALTERED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no zip": (lambda octets: b"PK nothing", "no ZIP file"),
    "mimetype not first": (
        lambda octets: zipped({"a": b"", **entries(octets)}),
        "expected mimetype as the first entry",
    ),
    "another media type": (
        lambda octets: zipped({**entries(octets), "mimetype": b"application/vnd.etsi.asic-s+zip"}),
        "mimetype: expected",
    ),
    "compressed": (
        lambda octets: zipped({**entries(octets), "bomb": bytes(1 << 20)}, method=zipfile.ZIP_DEFLATED),
        "found it compressed",
    ),
    "extra field": (lambda octets: zipped(entries(octets), extra=b"\x01\x00\x04\x00abcd"), "extra field"),
    "comment": (lambda octets: zipped(entries(octets), comment=b"x"), "comment"),
    "bytes before": (lambda octets: b"#!/bin/sh\n" + octets, "at byte 0"),
    "bytes behind": (lambda octets: octets + b"x", "to end at byte|no ZIP file"),
    "a path upwards": (lambda octets: zipped(renamed(entries(octets), "messages/a.eml", "../a.eml")), "path: expected"),
    "no record": (lambda octets: zipped(without(entries(octets), record_path(1))), "one manifest for each"),
    "no manifest": (lambda octets: zipped(without(entries(octets), manifest_path(1))), "one manifest for each"),
    "neither": (
        lambda octets: zipped({name: one for name, one in entries(octets).items() if not name.startswith("META")}),
        "one manifest for each",
    ),
    "something else in META-INF": (
        lambda octets: zipped({**entries(octets), "META-INF/signature.p7s": b""}),
        "found META-INF/signature.p7s",
    ),
    "a manifest that is none": (
        lambda octets: zipped({**entries(octets), manifest_path(1): b"<x/>"}),
        "expected .*ASiCManifest",
    ),
    "an entity": (
        lambda octets: zipped({**entries(octets), manifest_path(1): b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        "DOCTYPE",
    ),
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_container_that_is_not_strictly_one_is_refused_by_name(name: str) -> None:
    alter, words = ALTERED[name]
    with pytest.raises(Malformed, match=words):
        open_container(io.BytesIO(alter(made())))


def test_an_entry_twice_is_refused() -> None:
    content = entries(made())
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, octets in content.items():
            archive.writestr(zipfile.ZipInfo(name), octets)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(zipfile.ZipInfo("messages/a.eml"), b"another")
    with pytest.raises(Malformed, match="found it twice"):
        open_container(io.BytesIO(sink.getvalue()))


def test_a_flipped_byte_of_a_stored_file_is_seen_when_it_is_read() -> None:
    octets = bytearray(made())
    octets[octets.index(b"ciao")] ^= 1
    container = open_container(io.BytesIO(bytes(octets)))
    with pytest.raises(Malformed, match="CRC"):
        container.read("messages/a.eml")


@pytest.mark.parametrize(
    ("uri", "path"),
    [("messages/a.eml", "messages/a.eml"), ("messages%2Fa.eml", "messages/a.eml"), ("%61.eml", "a.eml")],
)
def test_uris_are_compared_decoded(uri: str, path: str) -> None:
    octets = writer.xml(Manifest(record_path(1), (Reference("x", "sha256", b"d"),))).replace(
        b'"x"', f'"{uri}"'.encode()
    )
    assert read_manifest(octets, "m").references[0].path == path


MANIFESTS = {
    "no reference": (lambda xml: xml[: xml.index(b"<asic:DataO")] + b"</asic:ASiCManifest>", "one at least"),
    "a path twice": (lambda xml: xml.replace(b'"y"', b'"x"'), "each path once"),
    "an unknown digest": (lambda xml: xml.replace(b"#sha256", b"#md5"), "a digest that is known"),
    "no base64": (lambda xml: xml.replace(base64.b64encode(b"d"), b"?"), "DigestValue"),
    "a URI upwards": (lambda xml: xml.replace(b'"y"', b'"%2e%2e/y"'), "path: expected"),
    "another element": (lambda xml: xml.replace(b"</asic:ASiCManifest>", b"<x/></asic:ASiCManifest>"), "nothing more"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_with_something_wrong_is_refused_by_name(name: str) -> None:
    alter, words = MANIFESTS[name]
    references = tuple(Reference(path, "sha256", b"d") for path in ("x", "y"))
    with pytest.raises(Malformed, match=words):
        read_manifest(alter(writer.xml(Manifest(record_path(1), references))), "m")
