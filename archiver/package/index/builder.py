"""Writes the index of a volume: PIndex of UNI 11386:2020, valid against both copies of the schema in use.

Every attribute carries the prefix, as the schema's attributeFormDefault wants; each MoreInfo holds one element and no
text, because one copy of the schema asks for that; the language is written, because one copy asks for that.
"""

from datetime import datetime

from archiver.package import layout
from archiver.package.agents import Agent, AgentType, Parties
from archiver.package.index.values import (
    FORMAT,
    MOREINFO_NAMESPACE,
    MOREINFO_SCHEMA,
    NAMESPACE,
    RDV_GROUP,
    SCHEMA,
    TRUST_GROUP,
    VERSION,
    XML_FORMAT,
    File,
    Index,
    Message,
    Relation,
    Source,
    Volume,
)
from archiver.package.markup import Markup, boolean, instant

_LOCAL = {"sincro:scheme": "local"}
_HASH = {"sincro:hashFunction": "SHA-256", "sincro:canonicalXML": "false"}
_ROOT = {
    "xmlns:sincro": NAMESPACE,
    "xmlns:pec": MOREINFO_NAMESPACE,
    "sincro:language": "it",
    "sincro:uri": SCHEMA,
    "sincro:sincroVersion": VERSION,
}


def build(index: Index) -> bytes:
    """The index as UTF-8 XML; the same values give the same bytes. RdVs, trust material and relations are sorted."""
    xml = Markup()
    with xml.element("sincro:PIndex", _ROOT):
        _self_description(xml, index)
        _volume(xml, index)
        for group in index.groups:
            _group(xml, group.id, group.files)
        for name, files in ((RDV_GROUP, (*index.rdvs, *index.records)), (TRUST_GROUP, index.trust)):
            if files:
                _group(xml, name, tuple(sorted(files, key=lambda file: file.path)))
        process(xml, index.parties, at=index.at, stamped=index.stamped, laws=index.laws)
    return xml.bytes()


def process(xml: Markup, parties: Parties, *, at: datetime, stamped: bool, laws: str) -> None:
    """`Process`: who hands over, whose it is, who signs, when, under which laws."""
    with xml.element("sincro:Process"):
        _agent(xml, "Submitter", parties.submitter, {})
        for holder in parties.holders:
            _agent(xml, "Holder", holder.agent, {"sincro:holderRole": holder.role})
        for signer in parties.signers:
            _agent(xml, "AuthorizedSigner", signer.agent, {"sincro:signerRole": signer.role} if signer.role else {})
        with xml.element("sincro:TimeReference"):
            xml.leaf("sincro:TimeInfo", instant(at), {"sincro:attachedTimeStamp": boolean(stamped)})
        if laws:
            xml.leaf("sincro:LawsAndRegulations", laws)


def _self_description(xml: Markup, index: Index) -> None:
    with xml.element("sincro:SelfDescription"):
        _id(xml, "ID", _pindex_id(index.volume.id))
        with xml.element("sincro:CreatingApplication"):
            xml.leaf("sincro:Name", index.application.name)
            xml.leaf("sincro:Version", index.application.version)
            xml.leaf("sincro:Producer", index.application.producer)
        for source in index.sources:
            with xml.element("sincro:PIndexSource", {"sincro:derivation": source.derivation}):
                _id(xml, "ID", _pindex_id(source.volume))
                xml.leaf("sincro:Path", source.path)
                xml.leaf("sincro:Hash", source.sha256, _HASH)


def _volume(xml: Markup, index: Index) -> None:
    volume = index.volume
    with xml.element("sincro:PVolume"):
        _id(xml, "ID", f"urn:pec-archiver:volume:{volume.id}")
        for source in index.sources:
            _volume_source(xml, source)
        with xml.element("sincro:PVolumeGroup"):
            _id(xml, "ID", f"urn:pec-archiver:mailbox:{volume.mailbox}")
        with _more_info(xml, MOREINFO_SCHEMA), xml.element("sincro:EmbeddedMetadata"):
            _volume_facts(xml, volume)


def _volume_source(xml: Markup, source: Source) -> None:
    with xml.element("sincro:PVolumeSource"):
        _id(xml, "ID", f"urn:pec-archiver:volume:{source.volume}")
        _id(xml, "PIndexID", _pindex_id(source.volume))


def _volume_facts(xml: Markup, volume: Volume) -> None:
    term = volume.retention.term(volume.year)
    facts = {
        "formato": FORMAT,
        "casella": volume.mailbox,
        "classe": volume.retention.name,
        "anno": str(volume.year),
        "anni": str(volume.retention.years),
        "evento": volume.retention.event,
        "base": volume.retention.basis,
    }
    with xml.element("pec:Volume", facts | ({"termine": term.isoformat()} if term else {})):
        for segment in volume.segments:
            xml.leaf(
                "pec:Segmento",
                "",
                _object(segment.sha256, segment.size, "messaggi", segment.messages)
                | {"primo": segment.first, "ultimo": segment.last},
            )
        zipped = volume.metadata
        xml.leaf(
            "pec:Metadati",
            "",
            {"nome": layout.METADATA}
            | _object(zipped.sha256, zipped.size, "documenti", zipped.documents)
            | {"primo": zipped.first, "ultimo": zipped.last},
        )


def _object(sha256: str, size: int, what: str, count: int) -> dict[str, str]:
    return {"sha256": sha256, "dimensione": str(size), what: str(count)}


def _group(xml: Markup, group: str, files: tuple[File, ...]) -> None:
    with xml.element("sincro:FileGroup"):
        _id(xml, "ID", f"urn:pec-archiver:group:{group}")
        for file in files:
            _file(xml, file)


def _file(xml: Markup, file: File) -> None:
    with xml.element("sincro:File", _encoding(file.extension, file.format)):
        _id(xml, "ID", f"urn:pec-archiver:file:{file.id}")
        xml.leaf("sincro:Path", file.path)
        xml.leaf("sincro:Hash", file.sha256, _HASH)
        if file.previous:
            related = {"sincro:relatedPIndex": _pindex_id(file.previous.volume)}
            xml.leaf("sincro:PreviousHash", file.previous.sha256, _HASH | related)
        for relation in sorted(file.relations, key=lambda relation: (relation.type, sorted(relation.targets))):
            _relation(xml, relation)
        if file.message:
            _metadata(xml, file, file.message)


def _relation(xml: Markup, relation: Relation) -> None:
    with xml.element("sincro:Relation"):
        xml.leaf("sincro:Type", relation.type)
        for target in sorted(relation.targets):
            xml.leaf("sincro:Value", f"urn:pec-archiver:file:{target}")


def _metadata(xml: Markup, file: File, message: Message) -> None:
    facts = {"tipo": message.kind, "data": instant(message.date), "dimensione": str(message.size)}
    with (
        _more_info(xml, message.metadata.schema),
        xml.element("sincro:ExternalMetadata", _encoding("xml", XML_FORMAT)),
    ):
        _id(xml, "ID", f"urn:pec-archiver:file:metadata:{file.sha256}")
        xml.leaf("sincro:Path", layout.metadata_path(file.sha256))
        xml.leaf("sincro:Hash", message.metadata.sha256, _HASH)
        with _more_info(xml, MOREINFO_SCHEMA), xml.element("sincro:EmbeddedMetadata"):
            xml.leaf("pec:Messaggio", "", facts)


def _agent(xml: Markup, tag: str, agent: Agent, role: dict[str, str]) -> None:
    with xml.element(f"sincro:{tag}", {"sincro:agentType": agent.kind} | role):
        for code in agent.ids:
            xml.leaf("sincro:AgentID", code)
        with xml.element("sincro:AgentName"):
            if agent.kind is AgentType.LEGAL_PERSON:
                xml.leaf("sincro:FormalName", agent.formal_name)
            else:
                with xml.element("sincro:NameAndSurname"):
                    xml.leaf("sincro:FirstName", agent.first_name)
                    xml.leaf("sincro:LastName", agent.last_name)
        for document in agent.relevant_documents:
            xml.leaf("sincro:RelevantDocument", document)


def _more_info(xml: Markup, schema: str) -> Markup:
    return xml.element("sincro:MoreInfo", {"sincro:xmlSchema": schema})


def _encoding(extension: str, media_type: str) -> dict[str, str]:
    return {"sincro:encoding": "binary", "sincro:extension": extension, "sincro:format": media_type}


def _id(xml: Markup, tag: str, value: str) -> None:
    xml.leaf(f"sincro:{tag}", value, _LOCAL)


def _pindex_id(volume: str) -> str:
    return f"urn:pec-archiver:pindex:{volume}:1"
