"""Reads the index of an exhibit strictly: only what this format writes, each thing in its one place."""

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import document, rules
from archiver.package.document import Node
from archiver.package.exhibit.values import FORMAT, MOREINFO_NAMESPACE, MOREINFO_SCHEMA, File, Genre, Pdd
from archiver.package.index import nodes
from archiver.package.index.values import NAMESPACE, SCHEMA, VERSION, Source


def read(xml: bytes) -> Pdd:
    """The index that these bytes say. Raises Malformed, naming what."""
    try:
        return _read(document.root(xml, "PIndex", namespace=NAMESPACE, qualified=True))
    except ValueError as error:
        raise Malformed(f"PdD: {error}") from error


def _read(root: Node) -> Pdd:
    for name, value in (("language", "it"), ("uri", SCHEMA), ("sincroVersion", VERSION)):
        root.fixed(name, value)
    named, application, sources = nodes.described(root.take("SelfDescription"))
    own = rules.sha256(nodes.urn("pdd-pindex", named))
    genre, holder, whole, messages = _volume(root.take("PVolume"), own, sources)
    files = tuple(file for group in root.each("FileGroup") for file in _group(group))
    parties, at, stamped, _ = nodes.process(root.take("Process"))
    root.end()
    return Pdd(own, genre, holder, whole, messages, application, parties, at, stamped, files, sources)


def _volume(node: Node, own: Sha256, sources: tuple[Source, ...]) -> tuple[Genre, str, bool, int]:
    if (found := nodes.urn("pdd", nodes.identifier(node))) != own:
        raise ValueError(f"PVolume: expected {own}, found {found}")
    nodes.sources(node, sources)
    group = node.take("PVolumeGroup")
    holder = nodes.urn("holder", nodes.identifier(group))
    group.end()
    more = node.take("MoreInfo")
    more.fixed("xmlSchema", MOREINFO_SCHEMA)
    embedded = more.take("EmbeddedMetadata")
    facts = embedded.foreign("Distribuzione", namespace=MOREINFO_NAMESPACE)
    facts.fixed("formato", FORMAT)
    genre, whole = Genre(facts.attribute("genere")), nodes.boolean(facts.attribute("integrale"))
    messages = rules.number(facts.attribute("messaggi"))
    for one in (facts, embedded, more, node):
        one.end()
    return genre, holder, whole, messages


def _group(node: Node) -> tuple[File, ...]:
    group = nodes.urn("group", nodes.identifier(node))
    files = tuple(_file(file, group) for file in node.each("File"))
    node.end()
    return files


def _file(node: Node, group: str) -> File:
    extension, media = nodes.encoding(node)
    named = nodes.urn("file", nodes.identifier(node))
    file = File(node.take("Path").text(), nodes.digest(node.take("Hash")))
    node.end()
    expected, found = (file.extension, file.media, file.id, file.group), (extension, media, named, group)
    if found != expected:
        raise ValueError(f"{file.path}: expected {expected}, found {found}")
    return file
