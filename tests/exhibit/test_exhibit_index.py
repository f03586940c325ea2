"""The index of an exhibit: valid against every copy of the norm's schema, and read in one way only."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.exhibits import Shelf, exhibited, unzipped
from support.small import Files
from support.tools import ROOT, shared

from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.package.exhibit import bag, builder, manifest, reader
from archiver.package.exhibit.values import File, Pdd, ordered
from archiver.package.index.values import Derivation


@pytest.fixture(scope="module")
def xml(files: Files) -> bytes:
    return open_signed(files["PdD.xml.p7m"]).content or b""


def valid(schema: Path, xml: bytes) -> None:
    etree.XMLSchema(etree.parse(schema)).assertValid(etree.fromstring(xml))


def test_it_is_valid_against_every_copy_of_the_schema(xml: bytes) -> None:
    valid(ROOT / "schemas/pindex-2.0.xsd", xml)
    for copy in ("PIndex.parer.xsd", "PIndex.7zpus.xsd"):
        valid(shared("schemas/sincro-v2") / copy, xml)
    embedded = etree.fromstring(xml).find(".//{urn:pec-archiver:exhibit-moreinfo:1}Distribuzione")
    valid(ROOT / "schemas/exhibit-moreinfo-1.xsd", etree.tostring(embedded))


def test_it_lists_every_file_but_the_frame_and_says_what_it_came_of(files: Files, xml: bytes) -> None:
    pdd = reader.read(xml)
    frame = ("PdD.", "bag", "manifest-", "tagmanifest-")
    assert {file.path: file.sha256 for file in pdd.files} == {
        path: sha256(octets) for path, octets in files.items() if not path.startswith(frame)
    }
    assert pdd.id == sha256(files["data/dossier.json"])
    assert [source.path for source in pdd.sources] == sorted(path for path in files if path.endswith("PIndex.xml.p7m"))
    assert [source.derivation for source in pdd.sources] == [Derivation.ONE_TO_MANY]
    told = json.loads(files["data/dossier.json"])
    assert (pdd.holder, pdd.messages) == (told["holder"]["id"], len(told["dossiers"][0]["messages"]))


def test_it_names_nobody_but_the_parties(files: Files, xml: bytes) -> None:
    assert b"@" not in xml
    assert json.loads(files["data/dossier.json"])["dossiers"][0]["subject"].encode() not in xml


def test_what_is_read_is_written_again_the_same(xml: bytes) -> None:
    assert builder.build(reader.read(xml)) == xml


Edit = Callable[[bytes], bytes]
EDITS: dict[str, Edit] = {
    "no xml": lambda xml: b"PdD",
    "doctype": lambda xml: xml.replace(b"<sincro:PIndex", b"<!DOCTYPE x><sincro:PIndex", 1),
    "another root": lambda xml: xml.replace(b":PIndex ", b":IdC ").replace(b"</sincro:PIndex>", b"</sincro:IdC>"),
    "another format": lambda xml: xml.replace(b'formato="1"', b'formato="2"'),
    "another genre": lambda xml: xml.replace(b'genere="esibizione"', b'genere="altro"'),
    "a path upwards": lambda xml: xml.replace(b"<sincro:Path>data/dossier.json", b"<sincro:Path>../dossier.json"),
    "another digest": lambda xml: xml.replace(b'hashFunction="SHA-256"', b'hashFunction="SHA-1"', 1),
    "an id of another file": lambda xml: xml.replace(b"file:LEGGIMI.txt", b"file:index.html"),
    "a type that is not its own": lambda xml: xml.replace(b'format="text/plain"', b'format="text/html"'),
    "the frame listed": lambda xml: xml.replace(b"LEGGIMI.txt", b"bagit.txt"),
    "one more element": lambda xml: xml.replace(b"</sincro:PVolume>", b"<x/></sincro:PVolume>"),
    "one more attribute": lambda xml: xml.replace(b"<sincro:PVolume>", b'<sincro:PVolume x="1">'),
    "cut": lambda xml: xml[:-30],
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_any_other_way_of_writing_it_is_refused(xml: bytes, edit: str) -> None:
    edited = EDITS[edit](xml)
    assert edited != xml
    with pytest.raises(Malformed, match="PdD"):
        reader.read(edited)


def test_files_come_in_one_order_and_once(xml: bytes) -> None:
    pdd = reader.read(xml)
    for files in ((), pdd.files[::-1], (*pdd.files, pdd.files[-1])):
        with pytest.raises(ValueError, match="by group and path"):
            replace(pdd, files=files)
    with pytest.raises(ValueError, match="cannot be listed"):
        bare(pdd, File("bagit.txt", pdd.id))


def bare(pdd: Pdd, *files: File) -> Pdd:
    return replace(pdd, files=ordered({file.path: file.sha256 for file in (*pdd.files, *files)}))


def test_manifests_are_read_as_they_are_written_and_no_other_way() -> None:
    digests = {"data/b": "b" * 64, "data/a": "a" * 64}
    written = manifest.manifest(digests)
    assert written == b"a" * 64 + b"  data/a\n" + b"b" * 64 + b"  data/b\n"
    assert bag.read_manifest(written, "sha256") == digests
    assert bag.read_manifest(b"a" * 64 + b" *data/a\n", "sha256") == {"data/a": "a" * 64}
    for octets in (
        written.replace(b"\n", b"\r\n") + b"x",
        b"a" * 63 + b"  data/a\n",
        b"A" * 64 + b"  x\n",
        b"\n",
        b"x",
    ):
        with pytest.raises(Malformed):
            bag.read_manifest(octets, "sha256")
    with pytest.raises(Malformed):
        bag.read_manifest(written, "sha512")
    bag.check_declaration(manifest.DECLARATION)
    bag.check_declaration(manifest.DECLARATION.replace(b"\n", b"\r\n"))
    for octets in (
        b"",
        manifest.DECLARATION.replace(b"1.0", b"0.97"),
        manifest.DECLARATION.replace(b"UTF-8", b"UTF-16"),
    ):
        with pytest.raises(Malformed, match=r"bagit\.txt"):
            bag.check_declaration(octets)


def test_a_bag_says_how_much_it_holds() -> None:
    written = manifest.information({"Who": "a\nb: c"}, octets=12, files=3)
    assert written == b"Who: a b: c\nPayload-Oxum: 12.3\n"
    assert bag.read_oxum(written) == (12, 3)
    assert bag.read_oxum(b"Who: a\n") is None


def test_a_part_of_several_volumes_came_of_many(shelf: Shelf, tmp_path: Path) -> None:
    files = unzipped(exhibited(shelf, tmp_path / "all.zip", *dict.fromkeys(shelf.dossiers[:12]), unsigned=True))
    sources = reader.read(files["PdD.xml"]).sources
    assert len(sources) > 1
    assert {source.derivation for source in sources} == {Derivation.MANY_TO_ONE}
