"""The sender's protocol in a PEC between administrations: segnatura.xml, in the three forms that are in use.

Circolare AIPA 28/2001 (DTD), Circolare AgID 60/2013, and the AgID guidelines on protocol messages: the elements that
matter have the same names in all of them. It tells what the sender registered, and binds nobody else.
"""

from dataclasses import dataclass

from lxml import etree

from archiver.pec import mime, parts, provider
from archiver.pec.words import clean

NAME = "segnatura.xml"
LIMIT = 1 << 20

_PARSER = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


@dataclass(frozen=True, slots=True)
class Segnatura:
    """The sender's registration, as stated; what is not stated is empty."""

    administration: str
    aoo: str
    register: str
    number: str
    date: str

    def __str__(self) -> str:
        stated = (
            ("amministrazione", self.administration),
            ("AOO", self.aoo),
            ("registro", self.register),
            ("numero", self.number),
            ("data", self.date),
        )
        return ", ".join(f"{name} {value}" for name, value in stated if value)


def find(raw: bytes) -> Segnatura | None:
    """The segnatura among the attachments of the original message in `raw`; None without one. Never raises."""
    part = provider.parts_of(raw).original
    attached = parts.to_message(raw, mime.entity(raw)) if part is None else parts.attached(raw, part)
    found = attached.content(NAME, LIMIT)
    return read(found) if found else None


def read(xml: bytes) -> Segnatura | None:
    """What `xml` says of the registration; None when it is no segnatura."""
    try:
        root = etree.fromstring(xml.strip(), _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None
    place = next((node for node in root.iter() if _local(node) == "Identificatore"), None)
    if place is None:
        return None
    stated = {_local(node): clean(node.text or "")[:200] for node in place if isinstance(node.tag, str)}
    found = Segnatura(
        administration=stated.get("CodiceAmministrazione", ""),
        aoo=stated.get("CodiceAOO", ""),
        register=stated.get("CodiceRegistro", ""),
        number=stated.get("NumeroRegistrazione", ""),
        date=stated.get("DataRegistrazione", ""),
    )
    return found if found.number else None


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""
