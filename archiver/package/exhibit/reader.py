"""Reads the index of an exhibit strictly: only what this format writes, each thing in its one place."""

from typing import Final

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import document, rules
from archiver.package.document import Node
from archiver.package.exhibit.values import FORMAT, MOREINFO_NAMESPACE, MOREINFO_SCHEMA, File, Genre, Pdd
from archiver.package.index.reader import process
from archiver.package.index.values import NAMESPACE, SCHEMA, VERSION, Application, Derivation, Source

_URN: Final = "urn:pec-archiver:"
_BOOLEANS: Final = {"true": True, "false": False}


def read(xml: bytes) -> Pdd:
    """The index that these bytes say. Raises Malformed, naming what."""
    try:
        return _read(document.root(xml, "PIndex", namespace=NAMESPACE, qualified=True))
    except ValueError as error:
        raise Malformed(f"PdD: {error}") from error


def _read(root: Node) -> Pdd:
    for name, value in (("language", "it"), ("uri", SCHEMA), ("sincroVersion", VERSION)):
        root.fixed(name, value)
    own, application, sources = _self_description(root.take("SelfDescription"))
    genre, holder, whole, messages = _volume(root.take("PVolume"), own, sources)
    files = tuple(file for group in root.each("FileGroup") for file in _group(group))
    parties, at, stamped, _ = process(root.take("Process"))
    root.end()
    return Pdd(own, genre, holder, whole, messages, application, parties, at, stamped, files, sources)


def _self_description(node: Node) -> tuple[Sha256, Application, tuple[Source, ...]]:
    own, creator = rules.sha256(_urn("pdd-pindex", _id(node))), node.take("CreatingApplication")
    application = Application(*(creator.take(tag).text() for tag in ("Name", "Version", "Producer")))
    creator.end()
    sources = tuple(_source(source) for source in node.each("PIndexSource"))
    node.end()
    return own, application, sources


def _source(node: Node) -> Source:
    derivation = Derivation(node.attribute("derivation"))
    volume = _pindex(_id(node))
    source = Source(volume, node.take("Path").text(), _hash(node.take("Hash")), derivation)
    node.end()
    return source


def _volume(node: Node, own: Sha256, sources: tuple[Source, ...]) -> tuple[Genre, str, bool, int]:
    if (found := _urn("pdd", _id(node))) != own:
        raise ValueError(f"PVolume: expected {own}, found {found}")
    volumes = [_volume_source(source) for source in node.each("PVolumeSource")]
    if volumes != (expected := [source.volume for source in sources]):
        raise ValueError(f"PVolumeSource: expected {expected}, found {volumes}")
    group = node.take("PVolumeGroup")
    holder = _urn("holder", _id(group))
    group.end()
    more = node.take("MoreInfo")
    more.fixed("xmlSchema", MOREINFO_SCHEMA)
    embedded = more.take("EmbeddedMetadata")
    facts = embedded.foreign("Distribuzione", namespace=MOREINFO_NAMESPACE)
    facts.fixed("formato", FORMAT)
    genre, whole = Genre(facts.attribute("genere")), facts.attribute("integrale")
    if whole not in _BOOLEANS:
        raise ValueError(f"integrale: expected true or false, found {whole[:20]!r}")
    messages = rules.number(facts.attribute("messaggi"))
    for one in (facts, embedded, more, node):
        one.end()
    return genre, holder, _BOOLEANS[whole], messages


def _volume_source(node: Node) -> str:
    volume = _urn("volume", _id(node))
    if (pindex := _pindex(_local(node.take("PIndexID")))) != volume:
        raise ValueError(f"PVolumeSource: expected the index of volume {volume}, found {pindex}")
    node.end()
    return volume


def _group(node: Node) -> tuple[File, ...]:
    group = _urn("group", _id(node))
    files = tuple(_file(file, group) for file in node.each("File"))
    node.end()
    return files


def _file(node: Node, group: str) -> File:
    node.fixed("encoding", "binary")
    extension, media = node.attribute("extension"), node.attribute("format")
    named = _urn("file", _id(node))
    file = File(node.take("Path").text(), _hash(node.take("Hash")))
    node.end()
    expected, found = (file.extension, file.media, file.id, file.group), (extension, media, named, group)
    if found != expected:
        raise ValueError(f"{file.path}: expected {expected}, found {found}")
    return file


def _hash(node: Node) -> Sha256:
    node.fixed("hashFunction", "SHA-256")
    node.fixed("canonicalXML", "false")
    return rules.sha256(node.text())


def _id(node: Node) -> str:
    return _local(node.take("ID"))


def _local(node: Node) -> str:
    node.fixed("scheme", "local")
    return node.text()


def _pindex(text: str) -> str:
    volume, _, version = _urn("pindex", text).partition(":")
    if version != "1":
        raise ValueError(f"id of an index: expected version 1, found {text[:120]!r}")
    return rules.sha256(volume)


def _urn(kind: str, text: str) -> str:
    prefix = f"{_URN}{kind}:"
    if not text.startswith(prefix):
        raise ValueError(f"id: expected {prefix}..., found {text[:120]!r}")
    return text.removeprefix(prefix)
