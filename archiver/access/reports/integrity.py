"""The chapters of the yearly integrity report (eIDAS 45j, CEN/TS 18170), and what it plainly is not (readings 42)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from archiver.access.printing.blocks import Block, Cells, cell, notes, pairs, prose, section, table
from archiver.access.printing.text import amount, day
from archiver.access.registered.words import KINDS
from archiver.access.reports import chapters
from archiver.access.reports.chapters import minute, number
from archiver.access.reports.integrity_words import TERMS
from archiver.access.reports.words import say as say_all
from archiver.access.trust import called

Told = Mapping[str, Any]

PERMANENT = 9999
MET = 60
"""Certificates that are printed; what is more stands in the attached data."""


def say(term: str, lang: str, **values: object) -> str:
    """A term of this report, or one that all documents share. Raises KeyError for one that they do not have."""
    if term not in TERMS:
        return say_all(term, lang, **values)
    italian, english = TERMS[term]
    return (english if lang == "en" else italian).format_map(values)


def sections(told: Told, lang: str) -> list[Block]:
    """All of them."""
    return [
        _nature(lang),
        _numbered("2", chapters.held(told, lang)),
        _policy(told, lang),
        _algorithms(told, lang),
        _numbered("5", chapters.evidence(told, lang), _ahead(told, lang)),
        _numbered("6", chapters.copies(told, lang), chapters.readability(told, lang)),
        _events(told, lang),
        _availability(told, lang),
        _incidents(told, lang),
        _changes(told, lang),
        _numbered("11", chapters.findings(told, lang)),
    ]


def _numbered(mark: str, chapter: Block, *more: Block) -> Block:
    return {**chapter, "title": f"{mark}. {chapter['title']}", "blocks": [*chapter["blocks"], *more]}


def _nature(lang: str) -> Block:
    items = notes(say(f"not {index}", lang) for index in range(1, 5))
    return section(say("nature", lang), prose(say("nature text", lang)), section(say("not", lang), items))


def _policy(told: Told, lang: str) -> Block:
    signer = told["signer"]
    seal = [f"{signer['name']} ({signer['role']}), CAdES {signer['level']}"]
    if signer["certificate"]:
        seal.append(say("certificate until", lang) + f" {day(signer['certificate']['until'])}")
    rules = pairs(
        [
            (say("digests", lang), say("digests text", lang)),
            (say("seal", lang), seal),
            (say("renewal", lang), say("renewal text", lang)),
            (say("reading", lang), say("reading text", lang, days=told["sweep"]["days"], copies=told["copies"])),
            (say("suspicion", lang), say("suspicion text", lang)),
        ]
    )
    head = [say(term, lang) for term in ("class", "years", "event", "basis")]
    rows = [[one["name"], _years(one["years"], lang), one["event"], one["basis"]] for one in told["retentions"]]
    classes = section(say("classes", lang), table((2, 1, 3, 3), head, rows))
    return section(say("policy", lang), rules, classes, note=say("policy note", lang))


def _algorithms(told: Told, lang: str) -> Block:
    catalogue = told["catalogue"]
    head = [say("algorithm", lang), say("key", lang), say("until", lang)]
    rows = [
        [
            row["name"],
            f"{row['bits']} bit" if row["bits"] else "-",
            _last_day(row["until"]) if row["until"] else say("no end", lang),
        ]
        for row in catalogue["rows"]
        if row["name"] in _USED
    ]
    note = say("algorithms note", lang, source=catalogue["source"])
    return section(say("algorithms", lang), table((3, 2, 3), head, rows), _authorities(told, lang), note=note)


_USED = frozenset(
    ("sha256", "sha384", "sha512", "sha3_256", "sha3_512", "rsassa_pkcs1v15", "rsassa_pss", "secp256r1", "secp384r1")
)
"""What a reader of this archive's evidence may meet; the whole catalogue stands in the attached data."""


def _authorities(told: Told, lang: str) -> Block:
    head = ["TSA", say("last token", lang), say("certificate until", lang), ""]
    rows: list[Sequence[Cells]] = []
    for tsa in told["tsas"]:
        token = tsa["token"] or {}
        where = say("local", lang) if tsa["kind"] == "local" else tsa["host"]
        name = [tsa["id"], cell(called(token.get("subject") or "-"), "small")]
        rows.append(
            [
                name,
                day(token.get("last")),
                day(token.get("until")),
                [where, *([say("retired", lang)] if tsa["retired"] else [])],
            ]
        )
    return section(say("tokens", lang), table((4, 1.6, 1.8, 2.4), head, rows))


def _ahead(told: Told, lang: str) -> Block:
    title = say("ahead", lang, day=day(told["ahead"]))
    if not told["steps"]:
        return section(title, prose(say("no steps", lang)))
    head = [say(term, lang) for term in ("date", "tsa", "reason", "records", "token number")]
    rows = [
        [
            _date(step["day"]),
            step["tsa"],
            say(f"reason {step['reason']}", lang),
            number(step["records"], lang),
            str(step["tokens"]),
        ]
        for step in told["steps"][: chapters.FEW]
    ]
    return section(title, table((2, 3, 2, 2, 1.4), head, rows), note=say("ahead note", lang))


def _events(told: Told, lang: str) -> Block:
    closed = prose(say("closed", lang, **{name: number(count, lang) for name, count in told["closed"].items()}))
    if not told["acts"]:
        return section(say("events", lang), closed, prose(say("no acts", lang)))
    head = [say("act", lang), say("number", lang)]
    rows = [[KINDS.get(kind, (kind, kind))[lang == "en"], number(count, lang)] for kind, count in told["acts"].items()]
    return section(say("events", lang), closed, table((6, 2), head, rows), note=say("events note", lang))


def _availability(told: Told, lang: str) -> Block:
    silent = Counter(
        store["id"] for sweep in told["sweeps"] for store in told["stores"]
        if any(text.startswith(f"store {store['id']}:") for text in sweep["failures"])
    )  # fmt: skip
    head = [say(term, lang) for term in ("store", "answers", "silent sweeps")]
    rows = [
        [store["id"], _answers(store["id"] in told["answering"], lang), str(silent[store["id"]])]
        for store in told["stores"]
    ]
    polls = [
        [box["name"], minute(told["polls"][box["name"]]) if box["name"] in told["polls"] else say("never", lang)]
        for box in told["mailboxes"] if box["holder"] == told["holder"]["id"]
    ]  # fmt: skip
    boxes = table((3, 4), [say("mailbox", lang), say("last poll", lang)], polls)
    return section(say("availability", lang), table((3, 2, 3), head, rows), boxes, note=say("availability note", lang))


def _incidents(told: Told, lang: str) -> Block:
    head = [say("date", lang), say("finding", lang)]
    rows: list[Sequence[Cells]] = [[minute(sweep["at"]), list(_incident(sweep, lang))] for sweep in told["sweeps"]]
    rows = [row for row in rows if row[1]]
    found = table((2, 7), head, rows[-chapters.SWEEPS :]) if rows else prose(say("no incidents", lang))
    return section(say("incidents", lang), found, note=say("incidents note", lang))


def _incident(sweep: Told, lang: str) -> Iterator[Any]:
    if sweep["open"]:
        yield cell(say("incident sweep", lang, number=sweep["open"]), "bad")
    if sweep["repairs"]:
        yield say("incident repair", lang, number=len(sweep["repairs"]))
    yield from (cell(text, "small") for text in sweep["failures"])


def _changes(told: Told, lang: str) -> Block:
    names = {"signer": say("signer", lang), "provider": say("provider", lang), "tsa": "TSA"}
    head = [say("date", lang), say("kind", lang), say("object", lang), say("until", lang)]
    rows = [
        [
            day(row["at"]),
            names[row["kind"]],
            [called(row["name"]), cell(f"SHA-256 {row['sha256']}", "mono")],
            day(row["until"]),
        ]
        for row in told["met"][:MET]
    ]
    met = section(say("met", lang), table((1.5, 1.6, 6, 1.5), head, rows) if rows else prose(say("no met", lang)))
    versions = ", ".join(dict.fromkeys(sweep["software"] for sweep in told["sweeps"])) or told["software"]
    head = [say(term, lang) for term in ("store", "operator", "country", "lock", "size")]
    sizes = {row["store"]: row["bytes"] for row in told["copies_read"]}
    stores = [
        [_called(store, lang), store["operator"], store["country"], _lock(store, lang),
         amount(sizes.get(store["id"], 0), lang)]
        for store in told["stores"]
    ]  # fmt: skip
    return section(
        say("changes", lang),
        section(say("stores", lang), table((2.2, 3, 1.2, 1.6, 1.6), head, stores)),
        met,
        section(say("versions", lang), prose(versions)),
    )


def _answers(there: bool, lang: str) -> Cells:
    return cell(say("yes", lang), "good") if there else cell(say("no", lang), "bad")


def _called(store: Told, lang: str) -> str:
    return f"{store['id']} ({say('primary', lang)})" if store["primary"] else str(store["id"])


def _lock(store: Told, lang: str) -> str:
    return say("none", lang) if store["lock"] in ("none", "off") else str(store["lock"])


def _years(years: int, lang: str) -> str:
    return say("for ever", lang) if years == PERMANENT else str(years)


def _last_day(end: str) -> str:
    """The last day of an end, which is exclusive."""
    return day((datetime.fromisoformat(end) - timedelta(seconds=1)).isoformat())


def _date(stated: str) -> str:
    return f"{stated[8:10]}/{stated[5:7]}/{stated[:4]}"
