"""The transactions of an index that is written just as this archive writes it: read by their text, ten times as fast.

Sound because it takes whole lines only where they can be nothing but elements: a document that begins with this
archive's own root, in which nothing is a comment, a CDATA section or a further processing instruction, and only right
after the end tag of PVolume, which the strict reader gets too. Whatever is written otherwise is left to it.
"""

import re

from archiver.digest import Sha256
from archiver.package import rules
from archiver.package.index.values import (
    MESSAGE_FORMAT,
    MOREINFO_NAMESPACE,
    MOREINFO_SCHEMA,
    NAMESPACE,
    SCHEMA,
    VERSION,
    XML_FORMAT,
    File,
    FileGroup,
    Message,
    Metadata,
    MetadataSchema,
    Relation,
    RelationType,
)

_ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<sincro:PIndex xmlns:sincro="{NAMESPACE}" xmlns:pec="{MOREINFO_NAMESPACE}"'
    f' sincro:language="it" sincro:uri="{SCHEMA}" sincro:sincroVersion="{VERSION}">\n'
).encode()
_BEFORE = b" </sincro:PVolume>\n"
_END = b" </sincro:FileGroup>\n"
_URN = "urn:pec-archiver:file:"
_HASH = '<sincro:Hash sincro:hashFunction="SHA-256" sincro:canonicalXML="false">'
_DIGEST, _ID = "[0-9a-f]{64}", '<sincro:ID sincro:scheme="local">'
_RELATION = (
    "   <sincro:Relation>\n    <sincro:Type>{}</sincro:Type>\n"
    rf"(?:    <sincro:Value>{_URN}[a-z0-9:-]+</sincro:Value>\n)+"
    "   </sincro:Relation>\n"
)
_GROUP = re.compile(
    rf" <sincro:FileGroup>\n  {_ID}urn:pec-archiver:group:([a-z0-9][a-z0-9-]{{0,63}})</sincro:ID>\n".encode()
)
_FILE = re.compile(
    (
        rf'  <sincro:File sincro:encoding="binary" sincro:extension="eml" sincro:format="{MESSAGE_FORMAT}">\n'
        rf"   {_ID}{_URN}messages:({_DIGEST})</sincro:ID>\n"
        r"   <sincro:Path>messages/\1\.eml</sincro:Path>\n"
        rf"   {_HASH}\1</sincro:Hash>\n"
        rf"((?:{_RELATION.format('[a-z-]+')})*)"
        r'   <sincro:MoreInfo sincro:xmlSchema="(schemas/[a-z.-]+)">\n'
        rf'    <sincro:ExternalMetadata sincro:encoding="binary" sincro:extension="xml" sincro:format="{XML_FORMAT}">\n'
        rf"     {_ID}{_URN}metadata:\1</sincro:ID>\n"
        r"     <sincro:Path>metadata/\1\.xml</sincro:Path>\n"
        rf"     {_HASH}({_DIGEST})</sincro:Hash>\n"
        rf'     <sincro:MoreInfo sincro:xmlSchema="{re.escape(MOREINFO_SCHEMA)}">\n'
        r"      <sincro:EmbeddedMetadata>\n"
        r'       <pec:Messaggio tipo="([a-z-]+)" data="([0-9TZ:-]+)" dimensione="([0-9]+)"/>\n'
        r"      </sincro:EmbeddedMetadata>\n"
        r"     </sincro:MoreInfo>\n"
        r"    </sincro:ExternalMetadata>\n"
        r"   </sincro:MoreInfo>\n"
        r"  </sincro:File>\n"
    ).encode()
)
_ONE = re.compile(_RELATION.format("([a-z-]+)").encode())
_VALUE = re.compile(f"{_URN}([a-z0-9:-]+)<".encode())


def taken(xml: bytes) -> tuple[tuple[FileGroup, ...], bytes]:
    """The first transactions, as many as can be read so, and the document without them.

    Raises ValueError as the values do.
    """
    start = xml.find(_BEFORE) + len(_BEFORE)
    if start < len(_BEFORE) or not xml.startswith(_ROOT) or b"<!" in xml or xml.count(b"<?") > 1:
        return (), xml
    groups: list[FileGroup] = []
    at = start
    while found := _group(xml, at):
        group, at = found
        groups.append(group)
    return tuple(groups), xml[:start] + xml[at:]


def _group(xml: bytes, at: int) -> tuple[FileGroup, int] | None:
    head = _GROUP.match(xml, at)
    if not head:
        return None
    files, at = list[File](), head.end()
    while found := _FILE.match(xml, at):
        files.append(_file(*found.groups()))
        at = found.end()
    if not files or not xml.startswith(_END, at):
        return None
    return FileGroup(head[1].decode(), tuple(files)), at + len(_END)


def _file(about: bytes, related: bytes, schema: bytes, digest: bytes, kind: bytes, date: bytes, size: bytes) -> File:
    sha256 = Sha256(about.decode())
    metadata = Metadata(Sha256(digest.decode()), MetadataSchema(schema.decode()))
    message = Message(kind.decode(), rules.instant(date.decode()), rules.number(size.decode()), metadata)
    relations = tuple(map(_relation, _ONE.finditer(related))) if related else ()
    return File(f"messages/{sha256}.eml", sha256, "eml", MESSAGE_FORMAT, message, relations)


def _relation(found: re.Match[bytes]) -> Relation:
    targets = (value.decode() for value in _VALUE.findall(found[0]))
    return Relation(RelationType(found[1].decode()), tuple(targets))
