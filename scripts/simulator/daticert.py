"""daticert.xml: the certification data that every envelope and receipt carries (RFC 6109 4.4, the Italian DTD)."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from simulator.mime import ROME
from simulator.original import Original


@dataclass(frozen=True, slots=True)
class Facts:
    """What one daticert.xml certifies; what is empty is left out."""

    tipo: str
    errore: str
    gestore: str
    at: datetime
    identificativo: str
    ricevuta: str = ""
    consegna: str = ""
    ricezione: tuple[str, ...] = ()
    esteso: str = ""


def daticert(original: Original, facts: Facts) -> bytes:
    """The document in UTF-8, LF line ends, elements in the order of the DTD."""
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<postacert tipo="{facts.tipo}" errore="{facts.errore}">',
        "    <intestazione>",
        *_intestazione(original),
        "    </intestazione>",
        "    <dati>",
        *(f"        {row}" for row in _dati(original, facts)),
        "    </dati>",
        "</postacert>",
    ]
    return ("\n".join(rows) + "\n").encode("utf-8")


@lru_cache(maxsize=16)
def _intestazione(original: Original) -> list[str]:
    """The same in every notice about an original; to 500 recipients, long."""
    rows = [
        _element("mittente", original.sender.address),
        *(f'<destinatari tipo="{each.tipo}">{escape(each.address)}</destinatari>' for each in original.recipients),
        _element("risposte", original.sender.address),
        _element("oggetto", original.subject),
    ]
    return [f"        {row}" for row in rows]


def _dati(original: Original, facts: Facts) -> list[str]:
    local = facts.at.astimezone(ROME)
    optional = (
        _element("msgid", f"<{original.msgid}>") if original.msgid else "",
        f'<ricevuta tipo="{facts.ricevuta}" />' if facts.ricevuta else "",
        _element("consegna", facts.consegna) if facts.consegna else "",
        *(_element("ricezione", each) for each in facts.ricezione),
        _element("errore-esteso", facts.esteso) if facts.esteso else "",
    )
    return [
        _element("gestore-emittente", facts.gestore),
        f'<data zona="{local:%z}">',
        f"    <giorno>{local:%d/%m/%Y}</giorno>",
        f"    <ora>{local:%H:%M:%S}</ora>",
        "</data>",
        _element("identificativo", facts.identificativo),
        *filter(None, optional),
    ]


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
