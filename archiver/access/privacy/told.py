"""What a person is answered with: two tables for spreadsheets, and a document for people (GDPR, art. 15)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.access.exhibit.rapporto.words import KINDS as MESSAGES
from archiver.access.exhibit.rapporto.words import word
from archiver.access.printing import MARK, typeset
from archiver.access.printing.blocks import Block, Cells, cell, notes, pairs, prose, section, table
from archiver.access.printing.text import day, moment
from archiver.access.registered.words import KINDS
from archiver.access.spreadsheet import sheet

Told = Mapping[str, Any]

_TEMPLATE = Path(__file__).parent / "template" / "person.typ"
ROWS = 2000
"""Messages, and accesses, that the document prints; the tables have all of them."""

TERMS = {
    "title": ("Dati conservati di una persona", "Data kept of a person"),
    "subtitle": ("Risposta a una richiesta di accesso: regolamento (UE) 2016/679, art. 15",
                 "Answer to a request of access: Regulation (EU) 2016/679, art. 15"),
    "page": ("pagina", "page"),
    "of": ("di", "of"),
    "person": ("richiesta per", "asked for"),
    "controller": ("titolare del trattamento", "controller"),
    "responsible": ("responsabile della conservazione", "responsabile della conservazione"),
    "made": ("redatto", "made"),
    "software": ("programma", "software"),
    "found": ("messaggi", "messages"),
    "what": ("Che cosa si tratta, e perché", "What is processed, and why"),
    "purpose": (
        "Finalità: conservazione della corrispondenza di posta elettronica certificata, come prova e per obbligo di"
        " legge."
        " Dati: quelli che i messaggi contengono (mittente, destinatari, oggetto, testo, allegati) e i dati"
        " certificati dai"
        " gestori.",
        "Purpose: preservation of certified mail, as proof and by duty of law. Data: what the messages hold (sender,"
        " recipients, subject, text, attachments) and what the providers certify.",
    ),
    "source": (
        "Origine: le caselle PEC del titolare. Nessuna decisione automatizzata, nessuna profilazione.",
        "Source: the holder's own PEC mailboxes. No automated decision, no profiling.",
    ),
    "bases": ("Classi, fondamento, termine", "Classes, basis, term"),
    "rights": ("Diritti", "Rights"),
    "rights text": (
        "Rettifica, limitazione, opposizione, reclamo al Garante per la protezione dei dati personali. La"
        " cancellazione non"
        " si applica finché la conservazione è obbligo di legge o serve a un diritto in giudizio (art. 17, par. 3,"
        " lettere b"
        " ed e); decorso il termine si procede allo scarto.",
        "Rectification, restriction, objection, complaint to the supervisory authority. Erasure does not apply as"
        " long as"
        " preservation is a duty of law or serves legal claims (art. 17(3)(b) and (e)); after the term they are"
        " discarded.",
    ),
    "recipients": ("A chi sono comunicati", "Who receives them"),
    "stores": ("depositi", "stores"),
    "tsas": ("autorità di marcatura: solo impronte", "time stamping authorities: digests only"),
    "mail": ("gestori delle caselle", "providers of the mailboxes"),
    "messages": ("Messaggi", "Messages"),
    "messages note": (
        "Trovati per indirizzo, nome o codice in intestazioni e, per quanto letti, in testi e allegati. I contenuti si"
        " forniscono a parte: archiver evidence.",
        "Found by address, name or code in headers and, as far as these were read, in bodies and attachments. Their"
        " content"
        " is given separately: archiver evidence.",
    ),
    "unread": ("{number} messaggi dell'archivio non hanno ancora il testo pieno: `archiver catalog index`, poi"
    " ripetere.",
               "{number} messages of the archive have no full text yet: `archiver catalog index`, then again."),
    "date": ("data", "date"),
    "kind": ("tipo", "kind"),
    "who": ("da, a", "from, to"),
    "subject": ("oggetto e impronta", "subject and digest"),
    "kept": ("classe, fino al", "class, until"),
    "restricted": ("limitato (art. 18)", "restricted (art. 18)"),
    "for ever": ("senza termine", "for ever"),
    "accesses": ("Chi vi ha avuto accesso", "Who looked at them"),
    "accesses note": (
        "Dal registro degli accessi: consultazioni, esibizioni, limitazioni che nominano questi messaggi. Ricerche ed"
        " esportazioni vi nominano la domanda, non i singoli messaggi, e non sono comprese.",
        "From the register of accesses: dossiers shown, exhibits, restrictions that name these messages. Searches and"
        " exports name the question there, not the single messages, and are not included.",
    ),
    "no accesses": ("Nessun atto del registro nomina questi messaggi.", "No act of the register names these messages."),
    "act": ("atto", "act"),
    "by": ("chi", "who"),
    "reason": ("motivo", "reason"),
    "number": ("messaggi", "messages"),
    "more": ("e altri {number}: vedere le tabelle", "and {number} more: see the tables"),
    "class": ("classe", "class"),
    "basis": ("fondamento", "basis"),
    "until": ("fino al", "until"),
    "held": ("bloccato: non si scarta", "held: not to be discarded"),
}  # fmt: skip

ROLES = {
    "from": ("mittente", "sender"),
    "to": ("destinatario", "recipient"),
    "name": ("nome", "name"),
    "tax-code": ("codice", "code"),
    "text": ("citato", "mentioned"),
}


def messages_csv(told: Told, lang: str) -> bytes:
    """A line a message."""
    head = (
        "sha256",
        "date",
        "mailbox",
        "kind",
        "roles",
        "from",
        "to",
        "subject",
        "class",
        "basis",
        "until",
        "held",
        "restricted",
    )
    rows = (
        [item["sha256"], item["date"], item["mailbox"], item["kind"], " ".join(_roles(item, lang)), item["from"],
         ", ".join(item["to"]), item["subject"], item["class"], item["basis"], item["until"] or say("for ever", lang),
         int(item["held"]), int(item["restricted"])]
        for item in told["messages"]
    )  # fmt: skip
    return sheet(head, rows)


def accesses_csv(told: Told, lang: str) -> bytes:  # noqa: ARG001  (as the other table)
    """A line for each act and message."""
    head = ("at", "kind", "who", "role", "reason", "sha256", "act")
    rows = (
        [item["at"], item["kind"], item["who"], item["role"], item["reason"], digest, item["act"]]
        for item in told["accesses"]
        for digest in item["messages"]
    )
    return sheet(head, rows)


def page(told: Told) -> bytes:
    """The document, PDF/A-2b."""
    return typeset(_TEMPLATE, _view(told, told["lang"]))


def say(term: str, lang: str, **values: object) -> str:
    """One of this document's own terms. Raises KeyError for one that it does not have."""
    return TERMS[term][lang == "en"].format_map(values)


def _view(told: Told, lang: str) -> dict[str, Any]:
    made = datetime.fromisoformat(told["made"]).astimezone(UTC)
    return {
        "lang": lang,
        "date": [made.year, made.month, made.day, made.hour, made.minute, made.second],
        "title": say("title", lang),
        "subtitle": say("subtitle", lang),
        "mark": "" if told["legal_value"] else MARK,
        "running": moment(told["made"], lang),
        "page": say("page", lang),
        "of": say("of", lang),
        "sections": [_first(told, lang), _what(told, lang), _messages(told, lang), _accesses(told, lang)],
    }


def _first(told: Told, lang: str) -> Block:
    controllers = [f"{one['name']} ({', '.join(one['codes'])})" for one in told["controllers"]]
    rows = pairs(
        [
            (say("person", lang), told["asked"]),
            (say("controller", lang), controllers),
            (say("responsible", lang), told["responsible"] or "-"),
            (say("found", lang), str(len({item["sha256"] for item in told["messages"]}))),
            (say("made", lang), moment(told["made"], lang)),
            (say("software", lang), told["software"]),
        ]
    )
    return section(say("subtitle", lang), rows)


def _what(told: Told, lang: str) -> Block:
    classes = dict.fromkeys((item["class"], item["basis"], item["until"]) for item in told["messages"])
    head = [say(term, lang) for term in ("class", "basis", "until")]
    terms = table((2, 4, 2), head, [[name, basis, _date(until, lang)] for name, basis, until in classes])
    where = told["recipients"]
    stores = ", ".join(f"{one['operator']} ({one['country']})" for one in where["stores"])
    received = pairs(
        [
            (say("stores", lang), stores),
            (say("tsas", lang), ", ".join(where["tsas"]) or "-"),
            (say("mail", lang), ", ".join(where["mail"]) or "-"),
        ]
    )
    return section(
        say("what", lang), notes([say("purpose", lang), say("source", lang)]), section(say("bases", lang), terms),
        section(say("recipients", lang), received), section(say("rights", lang), prose(say("rights text", lang))),
    )  # fmt: skip


def _messages(told: Told, lang: str) -> Block:
    head = [say(term, lang) for term in ("date", "kind", "who", "subject", "kept")]
    rows = [_row(item, lang) for item in told["messages"][:ROWS]]
    blocks = [table((1.5, 2, 3.2, 4, 1.8), head, rows), *_more(len(told["messages"]), lang)]
    if told["unread"]:
        blocks.append(prose(cell(say("unread", lang, number=told["unread"]), "doubt")))
    return section(say("messages", lang), *blocks, note=say("messages note", lang))


def _row(item: Told, lang: str) -> list[Cells]:
    limited = [cell(say(term, lang), "doubt") for term in ("held", "restricted") if item[term]]
    return [
        [day(item["date"]), cell(item["mailbox"], "small")],
        [word(MESSAGES, item["kind"], lang), cell(", ".join(_roles(item, lang)), "small")],
        [item["from"], *item["to"][:5]],
        [item["subject"], cell(item["sha256"], "small")],
        [item["class"], _date(item["until"], lang), *limited],
    ]


def _accesses(told: Told, lang: str) -> Block:
    note = say("accesses note", lang)
    if not told["accesses"]:
        return section(say("accesses", lang), prose(say("no accesses", lang)), note=note)
    head = [say(term, lang) for term in ("date", "act", "by", "reason", "number")]
    rows = [
        [moment(item["at"], lang), KINDS.get(item["kind"], (item["kind"] or "?",) * 2)[lang == "en"],
         f"{item['who']} ({item['role']})", item["reason"] or "-", str(len(item["messages"]))]
        for item in told["accesses"][:ROWS]
    ]  # fmt: skip
    return section(
        say("accesses", lang), table((2.4, 2.6, 2, 3, 1.2), head, rows), *_more(len(told["accesses"]), lang), note=note
    )


def _more(count: int, lang: str) -> tuple[Block, ...]:
    return (prose(say("more", lang, number=count - ROWS)),) if count > ROWS else ()


def _roles(item: Told, lang: str) -> list[str]:
    return [ROLES[role][lang == "en"] for role in item["roles"]]


def _date(stated: str | None, lang: str) -> str:
    return f"{stated[8:10]}/{stated[5:7]}/{stated[:4]}" if stated else say("for ever", lang)
