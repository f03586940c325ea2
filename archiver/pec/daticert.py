"""daticert.xml, the certification data of a PEC message: what its provider states about it (RFC 6109, 4.4).

Hostile XML stays harmless: no DTD is loaded, no entity expanded, no network asked. Whatever departs from the DTD and
can still be read is read, with a finding. A missing DOCTYPE is no finding: no provider writes one.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from lxml import etree

from archiver.errors import Malformed
from archiver.pec.address import sane
from archiver.pec.words import clean
from archiver.plain import Plain
from archiver.verdict import Finding, finding

LIMIT = 1 << 20
"""Octets of a daticert.xml that are read; a genuine one has a few thousand."""

TIPI = frozenset(
    (
        "accettazione",
        "non-accettazione",
        "presa-in-carico",
        "avvenuta-consegna",
        "posta-certificata",
        "errore-consegna",
        "preavviso-errore-consegna",
        "rilevazione-virus",
    )
)
"""The values of postacert/@tipo."""

_ORDER = {
    "postacert": ("intestazione", "dati"),
    "intestazione": ("mittente", "destinatari", "risposte", "oggetto"),
    "dati": (
        "gestore-emittente",
        "data",
        "identificativo",
        "msgid",
        "ricevuta",
        "consegna",
        "ricezione",
        "errore-esteso",
    ),
    "data": ("giorno", "ora"),
}
_REQUIRED = (
    ("mittente", "intestazione"),
    ("destinatari", "intestazione"),
    ("gestore-emittente", "dati"),
    ("data", "dati"),
    ("identificativo", "dati"),
)
_DATE = re.compile(r"(\d\d?)/(\d\d?)/(\d{4}) (\d\d?):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", re.ASCII)
_PARSER = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_END = b"</postacert>"
_FREQUENT = 2000  # recipients of a list that may come again; providers allow fewer, and 64 endless ones fill the memory
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Recipient(Plain):
    """One address of the original's To or Cc; `certified` says whether the provider knows it as PEC."""

    address: str
    certified: bool


@dataclass(frozen=True, slots=True)
class Daticert(Plain):
    """The values as stated, trimmed and clean; empty where nothing is stated.

    `data` carries the offset that `zona` states. `msgid` is written as the client wrote it, angle brackets included.
    `ricevuta` is `completa`, `breve`, `sintetica` or empty.
    """

    tipo: str
    errore: str = "nessuno"
    mittente: str = ""
    destinatari: tuple[Recipient, ...] = ()
    risposte: str = ""
    oggetto: str = ""
    gestore: str = ""
    data: datetime | None = None
    identificativo: str = ""
    msgid: str = ""
    ricevuta: str = ""
    consegna: str = ""
    ricezione: tuple[str, ...] = ()
    errore_esteso: str = ""


def read(xml: bytes, subject: str) -> tuple[Daticert | None, tuple[Finding, ...]]:
    """The daticert in `xml`, None when there is none to be had, and what is odd about it. Never raises."""
    if not xml or len(xml) > LIMIT:
        return None, (finding("DATICERT_UNREADABLE", subject, reason=f"{len(xml)} byte, da 1 a {LIMIT}"),)
    document = xml.strip()
    cut = document.rfind(_END) + len(_END)
    findings = []
    if len(_END) <= cut < len(document):
        findings.append(finding("DATICERT_TRAILING", subject, octets=len(document) - cut))
        document = document[:cut]
    try:
        root = etree.fromstring(document, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, (*findings, finding("DATICERT_UNREADABLE", subject, reason=clean(str(error))))
    refusal = _refusal(root)
    if refusal:
        return None, (*findings, finding("DATICERT_UNREADABLE", subject, reason=refusal))
    levels = _levels(root)
    found = _daticert(levels)
    return found, (*findings, *_oddities(levels, found, subject))


def to_json(daticert: Daticert) -> str:
    """One compact JSON object; what is empty is left out, but for the two attributes."""
    values = {name: getattr(daticert, name) for name in Daticert.__slots__}
    values["destinatari"] = [[item.address, item.certified] for item in daticert.destinatari]
    values["data"] = daticert.data.isoformat() if daticert.data else ""
    kept = {name: value for name, value in values.items() if value or name in ("tipo", "errore")}
    return _JSON.encode(kept)


def from_json(text: str) -> Daticert:
    """The inverse of `to_json`. Raises Malformed for anything else."""
    try:
        values: dict[str, Any] = json.loads(text)
        pairs = tuple(map(tuple, values.pop("destinatari", ())))
        recipients = (_all_listed if len(pairs) <= _FREQUENT else _all_listed.__wrapped__)(pairs)
        stated = values.pop("data", "")
        received = tuple(map(str, values.pop("ricezione", ())))
        plain: dict[str, Any] = {name: str(value) for name, value in values.items()}
        data = datetime.fromisoformat(stated) if stated else None
        return Daticert(**plain, destinatari=recipients, data=data, ricezione=received)
    except (ValueError, TypeError, AttributeError) as error:
        raise Malformed(f"daticert: expected the JSON of to_json, found {text[:80]!r}") from error


@lru_cache(maxsize=64)
def _all_listed(pairs: tuple[tuple[Any, ...], ...]) -> tuple[Recipient, ...]:
    """One value for one list: a send to 500 has 500 receipts with the same."""
    return tuple(Recipient(str(address), bool(flag)) for address, flag in pairs)


def _refusal(root: etree._Element) -> str:
    """Why a document that parses is not read all the same; empty when it is."""
    internal: Any = root.getroottree().docinfo.internalDTD
    if internal is not None and next(internal.iterentities(), None) is not None:
        return "DOCTYPE con entità interne"
    name = _name(root)
    return "" if name == "postacert" else f"radice attesa postacert, trovata {name}"


@dataclass(frozen=True, slots=True)
class _Level:
    """One element whose children the DTD orders: their names as they come, the children by name, the text between."""

    element: etree._Element
    names: list[str]
    children: dict[str, list[etree._Element]]
    between: str

    def text(self, name: str) -> str:
        return _own_text(self.children[name][0]) if name in self.children else ""

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(map(_own_text, self.children.get(name, ())))

    def attribute(self, name: str, attribute: str) -> str:
        return clean(self.children[name][0].get(attribute, "")) if name in self.children else ""


def _levels(root: etree._Element) -> dict[str, _Level]:
    """The levels of the document by name; one that is absent is there, and empty."""
    levels = {"postacert": _level(root)}
    for name, above in (("intestazione", "postacert"), ("dati", "postacert"), ("data", "dati")):
        found = levels[above].children.get(name)
        levels[name] = _level(found[0]) if found else _Level(root, [], {}, "")
    return levels


def _level(element: etree._Element) -> _Level:
    found = list(element)
    tags: list[Any] = [child.tag for child in found]  # few different ones, of hundreds of children
    local = {tag: _local(tag) for tag in set(tags)}
    names = [local[tag] for tag in tags]
    children: dict[str, list[etree._Element]] = {}
    for name, child in zip(names, found, strict=True):
        children.setdefault(name, []).append(child)
    between = "".join([element.text or "", *[child.tail or "" for child in found]]).strip()
    return _Level(element, names, children, between)


def _daticert(levels: dict[str, _Level]) -> Daticert:
    root, header, data = levels["postacert"], levels["intestazione"], levels["dati"]
    stated = tuple([(one.text, one.get("tipo")) for one in header.children.get("destinatari", ())])
    return Daticert(
        tipo=clean(root.element.get("tipo", "")),
        errore=clean(root.element.get("errore", "nessuno")),  # the DTD's default: the DTD itself is not loaded
        mittente=header.text("mittente"),
        destinatari=(_recipients if len(stated) <= _FREQUENT else _recipients.__wrapped__)(stated),
        risposte=header.text("risposte"),
        oggetto=header.text("oggetto"),
        gestore=data.text("gestore-emittente"),
        data=_moment(levels),
        identificativo=data.text("identificativo").strip("<>"),
        msgid=data.text("msgid"),
        ricevuta=data.attribute("ricevuta", "tipo"),
        consegna=data.text("consegna"),
        ricezione=data.texts("ricezione"),
        errore_esteso=data.text("errore-esteso"),
    )


@lru_cache(maxsize=64)
def _recipients(stated: tuple[tuple[str | None, str | None], ...]) -> tuple[Recipient, ...]:
    """Text and `tipo` of each; a send to 500 has a thousand receipts with the same."""
    return tuple(Recipient(clean(text or ""), (tipo or "certificato").strip() != "esterno") for text, tipo in stated)


def _written_date(levels: dict[str, _Level]) -> str:
    data = levels["data"]
    return f"{data.text('giorno')} {data.text('ora')} {levels['dati'].attribute('data', 'zona')}"


def _moment(levels: dict[str, _Level]) -> datetime | None:
    """Local time with the offset stated beside it: `zona` is east of UTC, +hhmm."""
    stated = _DATE.fullmatch(_written_date(levels))
    if not stated:
        return None
    day, month, year, hour, minute, second, ahead, behind = map(int, stated.group(1, 2, 3, 4, 5, 6, 8, 9))
    minutes = (60 * ahead + behind) * (-1 if stated[7] == "-" else 1)
    try:
        return sane(datetime(year, month, day, hour, minute, second, tzinfo=_zone(minutes)))
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _zone(minutes: int) -> timezone:
    """One value for one offset: to send a zone to another process costs more than the rest of a moment."""
    return timezone(timedelta(minutes=minutes))


def _oddities(levels: dict[str, _Level], found: Daticert, subject: str) -> list[Finding]:
    odd = []
    if found.tipo not in TIPI:
        odd.append(finding("DATICERT_TIPO_UNKNOWN", subject, found=found.tipo))
    missing = [name for name, above in _REQUIRED if name not in levels[above].children]
    if missing:
        odd.append(finding("DATICERT_INCOMPLETE", subject, missing=", ".join(missing)))
    if found.data is None and "data" not in missing:
        odd.append(finding("DATICERT_DATE_UNREADABLE", subject, found=_written_date(levels)))
    for name, level in levels.items():
        odd += _structure(name, level, subject) if level.names else ()
    return odd


def _structure(name: str, level: _Level, subject: str) -> list[Finding]:
    odd = []
    if level.between:
        odd.append(finding("DATICERT_STRAY_TEXT", subject, element=name, found=clean(level.between)[:80]))
    if not _in_order(_ORDER[name], level.names):
        odd.append(finding("DATICERT_ORDER", subject, element=name, expected=" ".join(_ORDER[name])))
    return odd


def _in_order(order: tuple[str, ...], names: list[str]) -> bool:
    """Whether `names` has nothing but what `order` knows, and in that order."""
    if not set(names).issubset(order):
        return False
    places = [order.index(name) for name in names]
    return places == sorted(places)


def _name(element: etree._Element) -> str:
    return _local(element.tag)


def _local(tag: Any) -> str:
    """The local name; empty for what is no element (an entity that was not expanded)."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _own_text(element: etree._Element) -> str:
    return clean(element.text or "")
