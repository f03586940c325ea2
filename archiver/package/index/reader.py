"""Reads the index of a volume strictly: what the schema of UNI 11386 says, and what it leaves unsaid.

Only indexes of this archive's own format are read. Digests are 64 hexadecimal digits of SHA-256, paths are relative
and plain, ids and paths come once, relations point to files that are there, times are in UTC, every agent has its
RelevantDocument.
"""

from datetime import datetime
from typing import Final

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import document, rules
from archiver.package.agents import Agent, AgentType, AuthorizedSigner, Holder, HolderRole, Parties, Retention
from archiver.package.document import Node
from archiver.package.index import swift
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
    Application,
    Derivation,
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

_BOOLEANS: Final = {"true": True, "false": False}
_URN: Final = "urn:pec-archiver:"


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
    pindex, application, sources = _self_description(root.take("SelfDescription"))
    volume = _volume(root.take("PVolume"), sources)
    if pindex != volume.id:
        raise ValueError(f"SelfDescription/ID: expected that of volume {volume.id}, found {pindex}")
    groups = [_group(node) for node in root.each("FileGroup")]
    trust = groups.pop().files if groups and groups[-1].id == TRUST_GROUP else ()
    rapporti = groups.pop().files if groups and groups[-1].id == RDV_GROUP else ()
    rdvs = tuple(file for file in rapporti if file.extension != RECORD)
    records = tuple(file for file in rapporti if file.extension == RECORD)
    parties, at, stamped, laws = process(root.take("Process"))
    root.end()
    return Index(application, volume, (*first, *groups), rdvs, trust, parties, at, stamped, laws, sources, records)


def process(node: Node) -> tuple[Parties, datetime, bool, str]:
    """`Process`: the parties, the system's clock, whether the seal carries a timestamp, the laws."""
    parties = _parties(node)
    time = node.take("TimeReference")
    info = time.take("TimeInfo")
    stamped, at = _boolean(info.attribute("attachedTimeStamp")), rules.instant(info.text())
    laws = node.maybe("LawsAndRegulations")
    text = laws.text() if laws is not None else ""
    for one in (time, node):
        one.end()
    return parties, at, stamped, text


def _self_description(node: Node) -> tuple[str, Application, tuple[Source, ...]]:
    pindex, creator = _pindex_id(_id(node.take("ID"))), node.take("CreatingApplication")
    application = Application(*(creator.take(tag).text() for tag in ("Name", "Version", "Producer")))
    creator.end()
    sources = tuple(_source(source) for source in node.each("PIndexSource"))
    node.end()
    return pindex, application, sources


def _source(node: Node) -> Source:
    derivation = Derivation(node.attribute("derivation"))
    volume, path = _pindex_id(_id(node.take("ID"))), node.take("Path").text()
    source = Source(volume, path, _hash(node.take("Hash")), derivation)
    node.end()
    return source


def _volume(node: Node, sources: tuple[Source, ...]) -> Volume:
    volume_id = _urn("volume", _id(node.take("ID")))
    earlier = [_volume_source(source) for source in node.each("PVolumeSource")]
    if earlier != (expected := [source.volume for source in sources]):
        raise ValueError(f"PVolumeSource: expected {expected}, found {earlier}")
    group = node.take("PVolumeGroup")
    mailbox = _urn("mailbox", _id(group.take("ID")))
    group.end()
    volume = _volume_facts(_embedded(node.take("MoreInfo"), "Volume"))
    node.end()
    if (volume.id, volume.mailbox) != (volume_id, mailbox):
        raise ValueError(f"PVolume: expected {volume.id} of {volume.mailbox}, found {volume_id} of {mailbox}")
    return volume


def _volume_source(node: Node) -> str:
    volume, pindex = _urn("volume", _id(node.take("ID"))), _pindex_id(_id(node.take("PIndexID")))
    node.end()
    if volume != pindex:
        raise ValueError(f"PVolumeSource: expected the index of volume {volume}, found {pindex}")
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
    group = _urn("group", _id(node.take("ID")))
    files = tuple(_file(file) for file in node.each("File"))
    node.end()
    return FileGroup(group, files)


def _file(node: Node) -> File:
    extension, media_type = _encoding(node)
    file_id, path = _urn("file", _id(node.take("ID"))), node.take("Path").text()
    sha256, previous = _hash(node.take("Hash")), _previous(node.maybe("PreviousHash"))
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
    volume = _pindex_id(node.attribute("relatedPIndex"))
    return Previous(_hash(node), volume)


def _relation(node: Node) -> Relation:
    kind = RelationType(node.take("Type").text())
    targets = tuple(_urn("file", value.text()) for value in node.each("Value"))
    node.end()
    return Relation(kind, targets)


def _message(more: Node, about: Sha256) -> Message:
    """The facts in ExternalMetadata of the message `about`."""
    schema, node = MetadataSchema(more.attribute("xmlSchema")), more.take("ExternalMetadata")
    more.end()
    found = (*_encoding(node), _urn("file", _id(node.take("ID"))), node.take("Path").text())
    expected = ("xml", XML_FORMAT, f"metadata:{about}", f"metadata/{about}.xml")
    if found != expected:
        raise ValueError(f"metadata of {about}: expected {expected}, found {found}")
    digest = _hash(node.take("Hash"))
    facts = _embedded(node.take("MoreInfo"), "Messaggio")
    node.end()
    date, size = rules.instant(facts.attribute("data")), rules.number(facts.attribute("dimensione"))
    message = Message(facts.attribute("tipo"), date, size, Metadata(digest, schema))
    facts.end()
    return message


def _parties(process: Node) -> Parties:
    submitter = _agent(process.take("Submitter"))
    holders = []
    for node in process.each("Holder"):
        role = HolderRole(node.attribute("holderRole"))
        holders.append(Holder(_agent(node), role))
    signers = []
    for node in process.each("AuthorizedSigner"):
        signer_role = node.optional("signerRole")
        signers.append(AuthorizedSigner(_agent(node), signer_role or ""))
    return Parties(submitter, tuple(holders), tuple(signers))


def _agent(node: Node) -> Agent:
    kind = AgentType(node.attribute("agentType"))
    ids, name = tuple(code.text() for code in node.each("AgentID")), node.take("AgentName")
    formal = first = last = ""
    if (both := name.maybe("NameAndSurname")) is not None:
        first, last = both.take("FirstName").text(), both.take("LastName").text()
        both.end()
    else:
        formal = name.take("FormalName").text()
    name.end()
    documents = tuple(item.text() for item in node.each("RelevantDocument"))
    node.end()
    return Agent(kind, documents, ids, formal, first, last)


def _embedded(more: Node, tag: str) -> Node:
    """The one element of ours inside MoreInfo/EmbeddedMetadata."""
    more.fixed("xmlSchema", MOREINFO_SCHEMA)
    embedded = more.take("EmbeddedMetadata")
    node = embedded.foreign(tag, namespace=MOREINFO_NAMESPACE)
    embedded.end()
    more.end()
    return node


def _encoding(node: Node) -> tuple[str, str]:
    node.fixed("encoding", "binary")
    return node.attribute("extension"), node.attribute("format")


def _hash(node: Node) -> Sha256:
    node.fixed("hashFunction", "SHA-256")
    node.fixed("canonicalXML", "false")
    return rules.sha256(node.text())


def _id(node: Node) -> str:
    node.fixed("scheme", "local")
    return node.text()


def _pindex_id(text: str) -> str:
    volume, _, version = _urn("pindex", text).partition(":")
    if version != "1":
        raise ValueError(f"id of an index: expected version 1, found {text!r}")
    return rules.sha256(volume)


def _urn(kind: str, text: str) -> str:
    prefix = f"{_URN}{kind}:"
    if not text.startswith(prefix):
        raise ValueError(f"id: expected {prefix}..., found {text[:120]!r}")
    return text.removeprefix(prefix)


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError(f"boolean: expected true or false, found {text!r}")
    return _BOOLEANS[text]
