"""Reads foreign indexes, tolerantly: what is needed must be there, in whatever order and with whatever beside it.

Names are compared without their namespace and attributes with or without one; the namespace of the root must be one of
the two of UNI 11386. No DTD, no entity, no network. A v1 hash without a function is SHA-1: the schema says so.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Final

from lxml import etree

from archiver.errors import Malformed
from archiver.package.foreign.values import DIGESTS, ForeignIndex, Listed

NAMESPACES: Final = {
    "http://www.uni.com/U3011/sincro-v2/": ("PIndex", 2),
    "http://www.uni.com/U3011/sincro/": ("IdC", 1),
}
MARK: Final = b"http://www.uni.com/U3011/sincro"
"""What every index has in its first bytes, and hardly another file."""

MOST: Final = 1_000_000
"""Files of one index."""

_LONGEST = 4096


def read(xml: bytes) -> ForeignIndex:
    """The index. Raises Malformed for what is none of UNI 11386, or lists no file."""
    if b"<!DOCTYPE" in xml:
        raise Malformed("DOCTYPE: expected none, found one")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise Malformed(f"not well-formed XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:  # in another encoding than the one looked at above
        raise Malformed("DOCTYPE: expected none, found one")
    namespace, _, tag = str(root.tag).removeprefix("{").rpartition("}")
    expected, generation = NAMESPACES.get(namespace, ("", 0))
    if tag != expected:
        raise Malformed(f"expected a PIndex or IdC of UNI 11386, found {str(root.tag)[:120]}")
    own, volume = _child(root, "SelfDescription"), _child(root, "PVolume" if generation == 2 else "VdC")
    process = _child(root, "Process")
    files = tuple(_files(root))
    if not files:
        raise Malformed(f"{tag}: expected files, found none")
    if len(files) > MOST:
        raise Malformed(f"{tag}: expected at most {MOST} files, found {len(files)}")
    creating = _child(own, "CreatingApplication")
    return ForeignIndex(
        generation=generation,
        id=_text(own, "ID"),
        package=_text(volume, "ID"),
        application=" ".join(filter(None, (_text(creating, "Name"), _text(creating, "Version")))),
        holders=tuple(_agents(process, "Holder", "Submitter")) if generation == 2 else (),
        signers=tuple(_agents(process, "AuthorizedSigner", "Agent")),
        time=_time(process),
        stamp=_stamp(process),
        files=files,
        sources=tuple(_listed(one, metadata=False) for one in _every(own, "PIndexSource", "SourceIdC")),
    )


def _files(root: "etree._Element") -> Iterator[Listed]:
    """The files of all groups, and the metadata documents that lie beside them."""
    for group in _every(root, "FileGroup"):
        for file in _every(group, "File"):
            yield _listed(file, metadata=False)
            yield from _metadata(file)
        yield from _metadata(group)
    for place in ("SelfDescription", "PVolume", "VdC", "Process"):
        part = _child(root, place)
        if part is not None:
            yield from _metadata(part)


def _metadata(element: "etree._Element") -> Iterator[Listed]:
    for more in _every(element, "MoreInfo"):
        for external in _every(more, "ExternalMetadata"):
            yield _listed(external, metadata=True)
            yield from _metadata(external)


def _listed(file: "etree._Element", *, metadata: bool) -> Listed:
    hashed = _child(file, "Hash")
    function = _attribute(hashed, "hashFunction") or _attribute(hashed, "function")
    v1 = str(file.tag).startswith("{http://www.uni.com/U3011/sincro/}")
    function = function or ("SHA-1" if v1 else "")
    algorithm = DIGESTS.get("".join(sign for sign in function.lower() if sign.isalnum()), "")
    written = _text(file, "Hash")
    return Listed(
        id=_text(file, "ID"),
        path=_text(file, "Path"),
        function=function,
        algorithm=algorithm,
        digest=_digest(written, algorithm),
        written=written[:200],
        canonical=_attribute(hashed, "canonicalXML") in ("true", "1"),
        format=_attribute(file, "format"),
        extension=_attribute(file, "extension").lower().lstrip("."),
        metadata=metadata,
    )


def _digest(written: str, algorithm: str) -> bytes:
    """Hexadecimal, or base64; empty for what is neither, or of another length."""
    size = hashlib.new(algorithm).digest_size if algorithm in hashlib.algorithms_available else 0
    compact = "".join(written.split())
    for decoded in (_hexadecimal(compact), _base64(compact)):
        if size and len(decoded) == size:
            return decoded
    return b""


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _agents(process: "etree._Element | None", *tags: str) -> Iterator[str]:
    for element in _every(process, *tags):
        agent = _child(element, "Agent")
        name = _child(agent if agent is not None else element, "AgentName")
        for leaf in name.iter() if name is not None else ():
            if _tag(leaf) == "FormalName":
                yield _clean(leaf.text)
            elif _tag(leaf) == "NameAndSurname":
                yield " ".join(filter(None, (_text(leaf, "FirstName"), _text(leaf, "LastName"))))


def _time(process: "etree._Element | None") -> str:
    reference = _child(process, "TimeReference")
    for element in reference if reference is not None else ():
        normal = _attribute(element, "normal")
        if normal or _tag(element) == "TimeInfo":
            return normal or _clean(element.text)
    return ""


def _stamp(process: "etree._Element | None") -> str:
    reference = _child(process, "TimeReference")
    for element in reference if reference is not None else ():
        if _tag(element) in ("TimeStamp", "DetachedTimestamp"):
            return _clean(element.text)
    return ""


def _tag(element: "etree._Element") -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: "etree._Element | None", tag: str) -> "etree._Element | None":
    return next(_every(element, tag), None)


def _every(element: "etree._Element | None", *tags: str) -> "Iterator[etree._Element]":
    for child in element if element is not None else ():
        if _tag(child) in tags:
            yield child


def _text(element: "etree._Element | None", tag: str) -> str:
    found = _child(element, tag)
    return _clean(found.text) if found is not None else ""


def _clean(text: "str | None") -> str:
    return (text or "").strip()[:_LONGEST]


def _attribute(element: "etree._Element | None", name: str) -> str:
    """With or without the document's namespace: implementers differ."""
    for key, value in element.items() if element is not None else ():
        if str(key).rpartition("}")[2] == name:
            return str(value).strip()
    return ""
