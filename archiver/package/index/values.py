"""What the index of a volume says (UNI 11386:2020): digests, kinds and dates; no address, no subject, no Message-ID.

Ids in the XML are URNs made of the ids here: `urn:pec-archiver:<what>:<id>`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Final

from archiver.digest import Sha256
from archiver.package import layout, rules
from archiver.package.agents import Parties, Retention

NAMESPACE: Final = "http://www.uni.com/U3011/sincro-v2/"
SCHEMA: Final = "http://www.uni.com/U3011/sincro-v2/PIndex.xsd"
VERSION: Final = "2.0"
MOREINFO_NAMESPACE: Final = "urn:pec-archiver:pindex-moreinfo:1"
MOREINFO_SCHEMA: Final = "schemas/pindex-moreinfo-1.xsd"
FORMAT: Final = "1"
MESSAGE_FORMAT: Final = "message/rfc822"
XML_FORMAT: Final = "application/xml"
RDV_GROUP: Final = "pdv"
TRUST_GROUP: Final = "trust"

RECORD: Final = "ers"
FORMATS: Final = {
    "eml": MESSAGE_FORMAT,
    "xml": XML_FORMAT,
    "xml.p7m": "application/pkcs7-mime",
    "cer": "application/pkix-cert",
    "crl": "application/pkix-crl",
    "ocsp": "application/ocsp-response",
}
"""Media type by extension."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KIND = re.compile(r"[a-z][a-z-]{0,39}")


class RelationType(StrEnum):
    """How a file stands to others of the same volume: a closed list, printed in the manual."""

    RICEVUTA_DI = "ricevuta-di"
    AVVISO_DI = "avviso-di"
    BUSTA_DI = "busta-di"
    ANOMALIA_DI = "anomalia-di"
    RISPOSTA_A = "risposta-a"


class Derivation(StrEnum):
    """How an index came of earlier ones."""

    ONE_TO_ONE = "onetoone"
    MANY_TO_ONE = "manytoone"
    ONE_TO_MANY = "onetomany"


class MetadataSchema(StrEnum):
    """The schema of a message's metadata document, by its path beside the package."""

    INFORMATICO = "schemas/documento-informatico.xsd"
    AMMINISTRATIVO = "schemas/documento-amministrativo-informatico.xsd"


@dataclass(frozen=True, slots=True)
class Application:
    """The software that made the index."""

    name: str
    version: str
    producer: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One object of the store with messages of the volume: `first` and `last` have the lowest and highest digest."""

    sha256: Sha256
    size: int
    messages: int
    first: Sha256
    last: Sha256

    def __post_init__(self) -> None:
        _check_object(self.sha256, self.size, self.messages, self.first, self.last)


@dataclass(frozen=True, slots=True)
class MetadataZip:
    """The volume's `metadata.zip`: `first` and `last` are the messages whose documents open and close it."""

    sha256: Sha256
    size: int
    documents: int
    first: Sha256
    last: Sha256

    def __post_init__(self) -> None:
        _check_object(self.sha256, self.size, self.documents, self.first, self.last)


@dataclass(frozen=True, slots=True)
class Volume:
    """The archival package: one mailbox, one retention class, one calendar year (Europe/Rome), whole segments.

    Its id is the digest of its first segment.
    """

    mailbox: str
    retention: Retention
    year: int
    segments: tuple[Segment, ...]
    metadata: MetadataZip

    def __post_init__(self) -> None:
        rules.opaque(self.mailbox)
        rules.at_least(1, self.year, "volume: year")
        digests = [segment.sha256 for segment in self.segments]
        if not digests or len(set(digests)) != len(digests):
            raise ValueError(
                f"volume: expected segments, each once, found {len(digests)}, {len(set(digests))} different"
            )

    @property
    def id(self) -> str:
        """64 hexadecimal digits."""
        return layout.volume_id(self.segments[0].sha256)


@dataclass(frozen=True, slots=True)
class Source:
    """An earlier volume that this one corrects or merges: its id, the path and SHA-256 of its sealed index."""

    volume: str
    path: str
    sha256: Sha256
    derivation: Derivation = Derivation.ONE_TO_ONE

    def __post_init__(self) -> None:
        rules.sha256(self.volume)
        rules.sha256(self.sha256)
        rules.path(self.path)


@dataclass(frozen=True, slots=True)
class Previous:
    """The digest that a file had in the index of an earlier `volume`."""

    sha256: Sha256
    volume: str

    def __post_init__(self) -> None:
        rules.sha256(self.sha256)
        rules.sha256(self.volume)


@dataclass(frozen=True, slots=True)
class Relation:
    """`type` towards the files whose ids are in `targets`."""

    type: RelationType
    targets: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.targets or len(set(self.targets)) != len(self.targets):
            raise ValueError(f"relation {self.type}: expected ids, each once, found {self.targets}")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata document of a message: the SHA-256 of its own bytes, and its schema."""

    sha256: Sha256
    schema: MetadataSchema = MetadataSchema.INFORMATICO

    def __post_init__(self) -> None:
        rules.sha256(self.sha256)


@dataclass(frozen=True, slots=True)
class Message:
    """What the index says about a message: its kind, the document's date, its size in bytes, its metadata."""

    kind: str
    date: datetime
    size: int
    metadata: Metadata

    def __post_init__(self) -> None:
        rules.moment(self.date)
        rules.at_least(0, self.size, "message: size")
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"message: kind expected [a-z][a-z-]*, found {self.kind!r}")


@dataclass(frozen=True, slots=True)
class File:
    """One file of the package. Use `message`, `rdv` and `trust` to make one: they know path, extension and format."""

    path: str
    sha256: Sha256
    extension: str
    format: str
    message: Message | None = None
    relations: tuple[Relation, ...] = ()
    previous: Previous | None = None

    def __post_init__(self) -> None:
        rules.sha256(self.sha256)
        rules.path(self.path)
        if not self.path.endswith(f".{self.extension}"):
            raise ValueError(f"{self.path}: expected to end in .{self.extension}")
        folder = self.path.partition("/")[0]
        if folder in {"messages", "trust"} and self.path != (own := f"{folder}/{self.sha256}.{self.extension}"):
            raise ValueError(f"{self.path}: named by its digest, expected {own}")
        if (self.message is not None) != (folder == "messages"):
            raise ValueError(f"{self.path}: expected facts about a message in messages/, and there only")

    @property
    def id(self) -> str:
        """The file's id: its path without the extension, which is unique in the package."""
        return self.path.removesuffix(f".{self.extension}").replace("/", ":")

    @property
    def metadata_path(self) -> str | None:
        """Where the message's metadata document lies, None for other files."""
        return layout.metadata_path(self.sha256) if self.message else None


@dataclass(frozen=True, slots=True)
class FileGroup:
    """The files of one PEC transaction, under an opaque id."""

    id: str
    files: tuple[File, ...]

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"group: id expected [a-z0-9-]{{1,64}}, found {self.id!r}")
        if not self.files:
            raise ValueError(f"group {self.id}: expected at least one file, found none")


@dataclass(frozen=True, slots=True)
class Index:
    """The whole index. `groups` are the PEC transactions in the one order that the evidence follows too.

    `records` are evidence records of rapporti. `at` is the system's clock, `stamped` says that the seal will carry a
    signature timestamp (CAdES-B-T). Raises ValueError for ids or paths that come twice,
    relations to what is not there, counts that do not agree.
    """

    application: Application
    volume: Volume
    groups: tuple[FileGroup, ...]
    rdvs: tuple[File, ...]
    trust: tuple[File, ...]
    parties: Parties
    at: datetime
    stamped: bool
    laws: str = ""
    sources: tuple[Source, ...] = ()
    records: tuple[File, ...] = ()

    def __post_init__(self) -> None:
        rules.moment(self.at)
        self._check_places()
        self._check_relations()
        self._check_counts()

    @property
    def messages(self) -> Iterator[File]:
        """The messages, in the order of the index."""
        return chain.from_iterable(group.files for group in self.groups)

    @property
    def files(self) -> Iterator[File]:
        """Every file: messages, rapporti, trust material; metadata documents are reached through their messages."""
        return chain(self.messages, self.rdvs, self.records, self.trust)

    def _check_places(self) -> None:
        folders = (("messages/", self.messages), ("pdv/", self.rdvs), ("pdv/", self.records), ("trust/", self.trust))
        for folder, files in folders:
            for file in files:
                if not file.path.startswith(folder):
                    raise ValueError(f"{file.path}: expected in {folder}")
        _once("file", (file.id for file in self.files))  # the id is the path without its extension: no path comes twice
        _once("group", (*(group.id for group in self.groups), RDV_GROUP, TRUST_GROUP))

    def _check_relations(self) -> None:
        known = {file.id for file in self.files}
        volumes = {source.volume for source in self.sources}
        for file in self.files:
            for relation in file.relations:
                if wrong := [target for target in relation.targets if target not in known or target == file.id]:
                    raise ValueError(f"{file.path}: {relation.type} expected other files of the package, found {wrong}")
            if file.previous and file.previous.volume not in volumes:
                raise ValueError(f"{file.path}: PreviousHash of {file.previous.volume}, which is no PIndexSource")

    def _check_counts(self) -> None:
        found = sum(1 for _ in self.messages)
        segments, documents = sum(segment.messages for segment in self.volume.segments), self.volume.metadata.documents
        if (segments, documents) != (found, found):
            raise ValueError(f"messages: segments say {segments}, metadata.zip says {documents}, found {found}")


def message(sha256: Sha256, facts: Message, *relations: Relation, previous: Previous | None = None) -> File:
    """A message of the volume."""
    return File(layout.message_path(sha256), sha256, "eml", MESSAGE_FORMAT, facts, relations, previous)


def message_id(sha256: Sha256) -> str:
    """The id of a message's file, as relations name it."""
    return f"messages:{rules.sha256(sha256)}"


def rdv(pdv: str, sha256: Sha256, *, sealed: bool = False) -> File:
    """A rapporto di versamento that brought messages of the volume."""
    extension = "xml.p7m" if sealed else "xml"
    return File(layout.pdv_path(pdv, sealed=sealed), sha256, extension, FORMATS[extension])


def record(path: str, sha256: Sha256) -> File:
    """An evidence record of a rapporto, made before the volume was sealed."""
    return File(path, sha256, RECORD, "application/octet-stream")


def trust(sha256: Sha256, extension: str) -> File:
    """A certificate (`cer`), CRL (`crl`) or OCSP answer (`ocsp`)."""
    kind = FORMATS.get(extension, "application/octet-stream")
    return File(layout.trust_path(sha256, extension), sha256, extension, kind)


def _check_object(sha256: Sha256, size: int, entries: int, first: Sha256, last: Sha256) -> None:
    for digest in (sha256, first, last):
        rules.sha256(digest)
    rules.at_least(1, size, f"{sha256}: size")
    rules.at_least(1, entries, f"{sha256}: entries")
    if first > last:
        raise ValueError(f"{sha256}: first {first} after last {last}")


def _once(what: str, names: Iterator[str] | tuple[str, ...]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name}: expected once, found twice")
        seen.add(name)
