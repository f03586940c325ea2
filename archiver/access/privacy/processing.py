"""The register of processing (GDPR, art. 30): one entry a mailbox, from the configuration; as a table or to be edited.

In Italian alone, as the manual: what the program cannot know is a marked place.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from archiver.access.printing import MARK
from archiver.access.printing.editable import Editable, Place, todo
from archiver.access.spreadsheet import sheet

Told = Mapping[str, Any]

PERMANENT = 9999

HEAD = (
    "trattamento",
    "titolare",
    "rappresentante, RPD",
    "finalità",
    "base giuridica",
    "categorie di interessati",
    "categorie di dati",
    "destinatari",
    "trasferimenti fuori UE",
    "termine di cancellazione",
    "misure di sicurezza (art. 32)",
)
"""What art. 30, par. 1, asks for."""

_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU = frozenset(re.findall("..", _MEMBERS.replace(" ", "")))


def rows(told: Told) -> list[tuple[str, ...]]:
    """One entry for each mailbox, in the order of HEAD."""
    return [_entry(told, box) for box in told["mailboxes"]]


def as_csv(told: Told) -> bytes:
    """For a spreadsheet."""
    return sheet(HEAD, rows(told))


def as_docx(told: Told) -> tuple[bytes, tuple[Place, ...]]:
    """To be edited; and the places that are left to fill in."""
    at = datetime.fromisoformat(told["made"]).replace(hour=0, minute=0, second=0)
    mark = "" if told["legal_value"] else MARK
    paper = Editable(
        title="Registro delle attività di trattamento",
        subject="Conservazione della posta elettronica certificata",
        author=told["software"],
        at=at,
        mark=mark,
        running=f"Registro delle attività di trattamento · {told['made'][:10]}",
    )
    paper.title("Registro delle attività di trattamento", "Conservazione della PEC: regolamento (UE) 2016/679, art. 30")
    if mark:
        paper.warning(mark)
    paper.note(f"Generato dalla configurazione (SHA-256 {told['configuration']}), {told['software']}.")
    for entry in rows(told):
        paper.heading(entry[0])
        paper.pairs(list(zip(HEAD[1:], entry[1:], strict=True)), (4.5, 12))
    return paper.octets(), tuple(paper.places)


def _entry(told: Told, box: Told) -> tuple[str, ...]:
    holder = next(one for one in told["holders"] if one["id"] == box["holder"])
    rule = next(one for one in told["retentions"] if one["name"] == box["class"])
    return (
        f"Conservazione della casella PEC {box['name']}",
        f"{holder['name']} ({', '.join(holder['codes'])})",
        todo("rappresentante e responsabile della protezione dei dati, con i recapiti; o «non nominato»"),
        "conservazione della corrispondenza come prova e per obbligo di legge; esibizione; difesa in giudizio",
        f"obbligo di legge (art. 6, par. 1, lett. c): {rule['basis']}; legittimo interesse (lett. f) per il resto",
        "mittenti e destinatari di messaggi PEC, persone citate, personale del titolare",
        "indirizzi, nomi, codici, oggetto, testo e allegati dei messaggi; gli allegati possono contenere categorie"
        " particolari (art. 9)" + ("; casella riservata" if box["riservato"] else ""),
        "; ".join(_recipients(told, box)),
        _transfers(told),
        _term(rule),
        "; ".join(_measures(told)),
    )


def _recipients(told: Told, box: Told) -> Iterator[str]:
    for store in told["stores"]:
        yield f"deposito {store['id']}: {store['operator']} ({store['country']}), responsabile ex art. 28 se terzo"
    tsas = [tsa["host"] for tsa in told["tsas"] if tsa["host"] and not tsa["retired"]]
    if tsas:
        yield f"autorità di marcatura temporale ({', '.join(tsas)}): solo impronte"
    if box["host"]:
        yield f"gestore della casella ({box['host']})"
    if told["service"]:
        yield f"responsabile del servizio: {told['service']['name']}"
    yield "autorità e controparti, su richiesta o in giudizio"


def _transfers(told: Told) -> str:
    outside = [f"{store['id']} ({store['country']})" for store in told["stores"] if store["country"] not in _EU]
    return f"{', '.join(outside)}: " + todo("garanzie, artt. 44-49") if outside else "nessuno"


def _term(rule: Told) -> str:
    if rule["years"] == PERMANENT:
        return f"nessuno: conservazione permanente ({rule['basis']})"
    return f"{rule['years']} anni da: {rule['event']}; poi scarto, salvo vincoli"


def _measures(told: Told) -> Iterator[str]:
    locks = [store["id"] for store in told["stores"] if store["lock"] in ("governance", "compliance")]
    yield "impronte, sigilli, marche temporali ed evidence record su ogni messaggio"
    yield f"copie in {len(told['stores'])} depositi, rilette entro {told['sweep']['days']} giorni"
    if locks:
        yield f"object lock: {', '.join(locks)}"
    yield "connessioni alle caselle con TLS; segreti fuori dalla configurazione"
    yield f"ruoli ({len(told['users'])} utenti elencati)" if told["users"] else "ruoli: nessun utente elencato"
    yield "registro degli accessi concatenato e coperto ogni notte dall'evidenza; motivo " + (
        "obbligatorio" if told["reason"] else "facoltativo"
    )
    yield "limitazione del trattamento senza cancellazione (art. 18)"
    yield todo("cifratura dei dischi, permessi, sede, formazione del personale")
