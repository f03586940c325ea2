"""What every PIndex of ours says in the same words: ids, digests, sources, and who took part in the process."""

from datetime import datetime
from typing import Final

from archiver.digest import Sha256
from archiver.package import rules
from archiver.package.agents import Agent, AgentType, AuthorizedSigner, Holder, HolderRole, Parties
from archiver.package.document import Node
from archiver.package.index.values import Application, Derivation, Source

_BOOLEANS: Final = {"true": True, "false": False}
_URN: Final = "urn:pec-archiver:"


def described(node: Node) -> tuple[str, Application, tuple[Source, ...]]:
    """`SelfDescription`: the id of the index, what made it, and the indexes that it follows from."""
    own, creator = identifier(node), node.take("CreatingApplication")
    application = Application(*(creator.take(tag).text() for tag in ("Name", "Version", "Producer")))
    creator.end()
    sources = tuple(_source(source) for source in node.each("PIndexSource"))
    node.end()
    return own, application, sources


def sources(node: Node, expected: tuple[Source, ...]) -> None:
    """`PVolumeSource` of a `PVolume`: the volumes of the same indexes. Raises ValueError."""
    found = [_volume_source(source) for source in node.each("PVolumeSource")]
    if found != (volumes := [source.volume for source in expected]):
        raise ValueError(f"PVolumeSource: expected {volumes}, found {found}")


def process(node: Node) -> tuple[Parties, datetime, bool, str]:
    """`Process`: the parties, the system's clock, whether the seal carries a timestamp, the laws."""
    parties = _parties(node)
    time = node.take("TimeReference")
    info = time.take("TimeInfo")
    stamped, at = boolean(info.attribute("attachedTimeStamp")), rules.instant(info.text())
    laws = node.maybe("LawsAndRegulations")
    text = laws.text() if laws is not None else ""
    for one in (time, node):
        one.end()
    return parties, at, stamped, text


def identifier(node: Node, tag: str = "ID") -> str:
    """The id in this child, in the one scheme of ours. Raises ValueError."""
    node = node.take(tag)
    node.fixed("scheme", "local")
    return node.text()


def digest(node: Node) -> Sha256:
    """`Hash`: SHA-256 of the octets as they are. Raises ValueError."""
    node.fixed("hashFunction", "SHA-256")
    node.fixed("canonicalXML", "false")
    return rules.sha256(node.text())


def encoding(node: Node) -> tuple[str, str]:
    """The extension and the media type of a file of octets. Raises ValueError."""
    node.fixed("encoding", "binary")
    return node.attribute("extension"), node.attribute("format")


def pindex(text: str) -> str:
    """The volume whose index has this id. Raises ValueError."""
    volume, _, version = urn("pindex", text).partition(":")
    if version != "1":
        raise ValueError(f"id of an index: expected version 1, found {text[:120]!r}")
    return rules.sha256(volume)


def urn(kind: str, text: str) -> str:
    """What one of our ids names, which must be of this kind. Raises ValueError."""
    prefix = f"{_URN}{kind}:"
    if not text.startswith(prefix):
        raise ValueError(f"id: expected {prefix}..., found {text[:120]!r}")
    return text.removeprefix(prefix)


def boolean(text: str) -> bool:
    """Raises ValueError."""
    if text not in _BOOLEANS:
        raise ValueError(f"boolean: expected true or false, found {text[:20]!r}")
    return _BOOLEANS[text]


def _source(node: Node) -> Source:
    derivation = Derivation(node.attribute("derivation"))
    volume, path = pindex(identifier(node)), node.take("Path").text()
    source = Source(volume, path, digest(node.take("Hash")), derivation)
    node.end()
    return source


def _volume_source(node: Node) -> str:
    volume, indexed = urn("volume", identifier(node)), pindex(identifier(node, "PIndexID"))
    node.end()
    if volume != indexed:
        raise ValueError(f"PVolumeSource: expected the index of volume {volume}, found {indexed}")
    return volume


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
