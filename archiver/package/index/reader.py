"""Reads the index of a volume strictly: what the schema of UNI 11386 says, and what it leaves unsaid.

Only indexes of this archive's own format are read. Digests are 64 hexadecimal digits of SHA-256, paths are relative
and plain, ids and paths come once, relations point to files that are there, times are in UTC, every agent has its
RelevantDocument.
"""

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import document, rules
from archiver.package.agents import Retention
from archiver.package.document import Node
from archiver.package.index import nodes, swift
from archiver.package.index.values import (
    FORMAT,
    MOREINFO_NAMESPACE,
    MOREINFO_SCHEMA,
    NAMESPACE,
    RDV_GROUP,
    RECORD,
    SCHEMA,
    TRUST_GROUP,
    VERSION,
    XML_FORMAT,
    File,
    FileGroup,
    Index,
    Message,
    Metadata,
    MetadataSchema,
    MetadataZip,
    Previous,
    Relation,
    RelationType,
    Segment,
    Source,
    Volume,
)


def read(xml: bytes) -> Index:
    """The index that these bytes say. Raises Malformed, naming what."""
    try:
        first, rest = swift.taken(xml)
        return _read(document.root(rest, "PIndex", namespace=NAMESPACE, qualified=True), first)
    except ValueError as error:
        raise Malformed(f"PIndex: {error}") from error


def _read(root: Node, first: tuple[FileGroup, ...]) -> Index:
    for name, value in (("language", "it"), ("uri", SCHEMA), ("sincroVersion", VERSION)):
        root.fixed(name, value)
    named, application, earlier = nodes.described(root.take("SelfDescription"))
    volume = _volume(root.take("PVolume"), earlier)
    if (own := nodes.pindex(named)) != volume.id:
        raise ValueError(f"SelfDescription/ID: expected that of volume {volume.id}, found {own}")
    groups = [_group(node) for node in root.each("FileGroup")]
    trust = groups.pop().files if groups and groups[-1].id == TRUST_GROUP else ()
    rapporti = groups.pop().files if groups and groups[-1].id == RDV_GROUP else ()
    rdvs = tuple(file for file in rapporti if file.extension != RECORD)
    records = tuple(file for file in rapporti if file.extension == RECORD)
    parties, at, stamped, laws = nodes.process(root.take("Process"))
    root.end()
    return Index(application, volume, (*first, *groups), rdvs, trust, parties, at, stamped, laws, earlier, records)


def _volume(node: Node, sources: tuple[Source, ...]) -> Volume:
    volume_id = nodes.urn("volume", nodes.identifier(node))
    nodes.sources(node, sources)
    group = node.take("PVolumeGroup")
    mailbox = nodes.urn("mailbox", nodes.identifier(group))
    group.end()
    volume = _volume_facts(_embedded(node.take("MoreInfo"), "Volume"))
    node.end()
    if (volume.id, volume.mailbox) != (volume_id, mailbox):
        raise ValueError(f"PVolume: expected {volume.id} of {volume.mailbox}, found {volume_id} of {mailbox}")
    return volume


def _volume_facts(node: Node) -> Volume:
    node.fixed("formato", FORMAT)
    years, year = rules.number(node.attribute("anni")), rules.number(node.attribute("anno"))
    retention = Retention(node.attribute("classe"), years, node.attribute("evento"), node.attribute("base"))
    mailbox, term, expected = node.attribute("casella"), node.optional("termine"), retention.term(year)
    if term != (expected and expected.isoformat()):
        raise ValueError(f"Volume: termine expected {expected}, found {term}")
    segments = tuple(_segment(segment) for segment in node.each("Segmento"))
    metadata = _metadata_zip(node.take("Metadati"))
    node.end()
    return Volume(mailbox, retention, year, segments, metadata)


def _segment(node: Node) -> Segment:
    return Segment(*_object(node, "messaggi"))


def _metadata_zip(node: Node) -> MetadataZip:
    node.fixed("nome", "metadata.zip")
    return MetadataZip(*_object(node, "documenti"))


def _object(node: Node, counted: str) -> tuple[Sha256, int, int, Sha256, Sha256]:
    facts = (
        rules.sha256(node.attribute("sha256")),
        rules.number(node.attribute("dimensione")),
        rules.number(node.attribute(counted)),
        rules.sha256(node.attribute("primo")),
        rules.sha256(node.attribute("ultimo")),
    )
    node.end()
    return facts


def _group(node: Node) -> FileGroup:
    group = nodes.urn("group", nodes.identifier(node))
    files = tuple(_file(file) for file in node.each("File"))
    node.end()
    return FileGroup(group, files)


def _file(node: Node) -> File:
    extension, media_type = nodes.encoding(node)
    file_id, path = nodes.urn("file", nodes.identifier(node)), node.take("Path").text()
    sha256, previous = nodes.digest(node.take("Hash")), _previous(node.maybe("PreviousHash"))
    relations = tuple(_relation(relation) for relation in node.each("Relation"))
    more = node.maybe("MoreInfo")
    message = None if more is None else _message(more, sha256)
    node.end()
    file = File(path, sha256, extension, media_type, message, relations, previous)
    if file.id != file_id:
        raise ValueError(f"{path}: ID expected {file.id}, found {file_id}")
    return file


def _previous(node: Node | None) -> Previous | None:
    if node is None:
        return None
    volume = nodes.pindex(node.attribute("relatedPIndex"))
    return Previous(nodes.digest(node), volume)


def _relation(node: Node) -> Relation:
    kind = RelationType(node.take("Type").text())
    targets = tuple(nodes.urn("file", value.text()) for value in node.each("Value"))
    node.end()
    return Relation(kind, targets)


def _message(more: Node, about: Sha256) -> Message:
    """The facts in ExternalMetadata of the message `about`."""
    schema, node = MetadataSchema(more.attribute("xmlSchema")), more.take("ExternalMetadata")
    more.end()
    found = (*nodes.encoding(node), nodes.urn("file", nodes.identifier(node)), node.take("Path").text())
    expected = ("xml", XML_FORMAT, f"metadata:{about}", f"metadata/{about}.xml")
    if found != expected:
        raise ValueError(f"metadata of {about}: expected {expected}, found {found}")
    digest = nodes.digest(node.take("Hash"))
    facts = _embedded(node.take("MoreInfo"), "Messaggio")
    node.end()
    date, size = rules.instant(facts.attribute("data")), rules.number(facts.attribute("dimensione"))
    message = Message(facts.attribute("tipo"), date, size, Metadata(digest, schema))
    facts.end()
    return message


def _embedded(more: Node, tag: str) -> Node:
    """The one element of ours inside MoreInfo/EmbeddedMetadata."""
    more.fixed("xmlSchema", MOREINFO_SCHEMA)
    embedded = more.take("EmbeddedMetadata")
    node = embedded.foreign(tag, namespace=MOREINFO_NAMESPACE)
    embedded.end()
    more.end()
    return node
