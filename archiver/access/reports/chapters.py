"""The chapters that both documents have: what is held, what was read, what is readable, what was renewed, findings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archiver.access.exhibit.rapporto.words import KINDS, word
from archiver.access.printing.blocks import Block, Cell, Cells, cell, notes, prose, section, table
from archiver.access.printing.text import amount, day
from archiver.access.reports.words import say
from archiver.access.words import ANSWERS

Told = Mapping[str, Any]

SWEEPS = 40
FEW = 30
"""Rows that are printed; what is more stands in the attached data."""

_TONES = {"error": "bad", "doubt": "doubt", "warning": "doubt", "info": ""}


def held(told: Told, lang: str) -> Block:
    """What is kept, by mailbox, class and year, with the end of each term."""
    rows = told["held"]
    if not rows:
        return section(say("held", lang), prose(say("nothing held", lang)))
    head = [say(term, lang) for term in ("mailbox", "class", "year", "messages", "size", "volumes", "kept until")]
    lines: list[Sequence[Cells]] = [
        [row["mailbox"], row["class"], str(row["year"]), number(row["messages"], lang), amount(row["bytes"], lang),
         number(row["volumes"], lang), _date(row["until"]) or say("for ever", lang)]
        for row in rows
    ]  # fmt: skip
    total = told["totals"]
    lines.append(
        [cell(say("total", lang), "strong"), "", "", cell(number(total["messages"], lang), "strong"),
         cell(amount(total["bytes"], lang), "strong"), cell(number(total["volumes"], lang), "strong"), ""]
    )  # fmt: skip
    blocks = [table((2.2, 2.4, 0.9, 1.3, 1.4, 1.3, 2), head, lines)]
    if total["pending"]:
        blocks.append(prose(say("pending note", lang, pending=number(total["pending"], lang))))
    return section(say("held", lang), *blocks, kinds(told, lang), contents(told, lang))


def kinds(told: Told, lang: str) -> Block:
    """How many messages of each kind."""
    head = [say("kind", lang), say("messages", lang)]
    rows = [[word(KINDS, kind, lang), number(count, lang)] for kind, count in told["kinds"].items()]
    return section(say("kinds", lang), table((6, 2), head, rows) if rows else prose(say("nothing held", lang)))


def contents(told: Told, lang: str) -> Block:
    """What was said of the providers' signatures at intake."""
    head = [say("outcome", lang), say("messages", lang)]
    rows = [[_content(text, lang), number(count, lang)] for text, count in told["contents"].items()]
    note = say("contents note", lang)
    return section(say("contents", lang), table((6, 2), head, rows) if rows else prose("-"), note=note)


def copies(told: Told, lang: str) -> Block:
    """What of each copy was read, and the sweeps that did it."""
    head = [say(term, lang) for term in ("store", "objects", "size", "read in period", "oldest")]
    rows = [
        [row["store"], number(row["objects"], lang), amount(row["bytes"], lang),
         _share(row, lang), day(row["oldest"])]
        for row in told["copies_read"]
    ]  # fmt: skip
    note = say("copies note", lang, days=told["sweep"]["days"], copies=told["copies"])
    return section(
        say("copies", lang), table((2, 1.5, 1.5, 2.2, 2), head, rows), sweeps(told, lang), repairs(told, lang),
        open_damages(told, lang), note=note,
    )  # fmt: skip


def sweeps(told: Told, lang: str) -> Block:
    """The checks one by one, the newest of very many."""
    if not told["sweeps"]:
        return section(say("sweeps", lang), prose(say("no sweeps", lang)))
    head = [say(term, lang) for term in ("date", "listed", "read", "size", "opened", "found")]
    rows = [
        [minute(one["at"]), number(one["listed"], lang), number(one["read"], lang), amount(one["bytes"], lang),
         number(one["messages"], lang), list(_found(one, lang))]
        for one in told["sweeps"][-SWEEPS:]
    ]  # fmt: skip
    blocks = [table((2.1, 1.2, 1.2, 1.3, 1.3, 3), head, rows)]
    if len(told["sweeps"]) > SWEEPS:
        blocks.append(prose(say("more sweeps", lang, number=len(told["sweeps"]) - SWEEPS)))
    return section(say("sweeps", lang), *blocks, note=say("sweeps note", lang))


def repairs(told: Told, lang: str) -> Block:
    """What was put right."""
    if not told["repairs"]:
        return section(say("repairs", lang), prose(say("no repairs", lang)))
    head = [say(term, lang) for term in ("date", "store", "damage", "from", "object")]
    rows = [
        [minute(item["at"]), item["store"], item["code"], item["from"], cell(item["name"], "mono")]
        for item in told["repairs"][:FEW]
    ]
    left = told["repaired"] - len(rows)
    blocks = [table((2.6, 1.2, 1.2, 1.2, 5), head, rows), *_more(left, lang)]
    return section(say("repairs", lang), *blocks, note=say("repairs note", lang))


def open_damages(told: Told, lang: str) -> Block:
    """What is wrong now: each damage, and by store how many things of other kinds want a look."""
    if not told["open"] and not told["noted"]:
        return section(say("open", lang), prose(say("nothing open", lang)))
    head = [say(term, lang) for term in ("store", "since", "finding", "object")]
    rows: list[Sequence[Cells]] = [
        [item["store"], day(item["since"]), cell(item[lang], _TONES[item["severity"]]), cell(item["name"], "mono")]
        for item in told["open"][:FEW]
    ]
    rows += (
        [
            item["store"],
            day(item["since"]),
            item[lang],
            say("objects number", lang, number=number(item["number"], lang)),
        ]
        for item in told["noted"]
    )
    return section(say("open", lang), table((1, 1.4, 3, 4.5), head, rows), *_more(len(told["open"]) - FEW, lang))


def readability(told: Told, lang: str) -> Block:
    """What was opened, and what people can read."""
    opened = told["opened"]
    names = ("segments", "messages", "headers", "mime")
    counts = table(
        (6, 2),
        (say("opened what", lang), ""),
        [[say(f"{name} opened", lang), number(opened[name], lang)] for name in names],
    )
    head = [say("outcome", lang), say("attachments", lang), say("formats", lang)]
    rows = [
        [cell(say(name, lang), "good" if name == "readable" else "doubt" if count else ""), number(count, lang),
         ", ".join(f"{form} {number(n, lang)}" for form, n in opened["formats"][name]) or "-"]
        for name, count in opened["classes"].items()
    ]  # fmt: skip
    note = say("readability note", lang, table=_date(opened["table"]))
    return section(say("readability", lang), counts, table((2, 1.3, 6), head, rows), note=note)


def evidence(told: Told, lang: str) -> Block:
    """What was renewed, and what ends next."""
    return section(say("evidence", lang), _renewed(told, lang), _due(told, lang), note=say("due note", lang))


def findings(told: Told, lang: str) -> Block:
    """What is to be done."""
    if not told["findings"]:
        return section(say("findings", lang), prose(say("no findings", lang)))
    head = [say("severity", lang), say("object", lang), say("finding", lang)]
    rows = [
        [cell(say(item["severity"], lang), _TONES[item["severity"]]), item["subject"],
         [item[lang], cell(item["clause"], "small")] if item["clause"] else item[lang]]
        for item in told["findings"]
    ]  # fmt: skip
    return section(say("findings", lang), table((1.6, 1.8, 7), head, rows))


def number(value: int, lang: str) -> str:
    """A whole number for people."""
    return f"{value:,}".replace(",", "." if lang == "it" else ",")


def minute(stated: str) -> str:
    """A time to the minute, in UTC."""
    return f"{day(stated)} {stated[11:16]} UTC"


def _renewed(told: Told, lang: str) -> Block:
    if not told["renewed"]:
        return section(say("renewed", lang), prose(say("no renewals", lang)))
    head = [say(term, lang) for term in ("date", "tsa", "algorithm", "records")]
    rows = [
        [minute(row["at"]), row["tsa"], row["algorithm"], number(row["records"], lang)]
        for row in told["renewed"][-FEW:]
    ]
    return section(
        say("renewed", lang), table((2, 3, 2, 2), head, rows), *_more(len(told["renewed"]) - len(rows), lang)
    )


def _due(told: Told, lang: str) -> Block:
    if not told["due"]:
        return section(say("due", lang), prose(say("no evidence", lang)))
    head = [say(term, lang) for term in ("until", "reason", "tsa", "algorithm", "records")]
    rows = [
        [cell(day(row["until"]), "bad" if row["past"] else "doubt" if row["near"] else ""),
         say(f"reason {row['reason']}", lang), row["tsa"], row["algorithm"], number(row["records"], lang)]
        for row in told["due"][:FEW]
    ]  # fmt: skip
    return section(say("due", lang), table((2, 2, 3, 2, 2), head, rows), *_more(len(told["due"]) - len(rows), lang))


def _more(left: int, lang: str) -> tuple[Block, ...]:
    return (notes([say("more", lang, number=number(left, lang))]),) if left > 0 else ()


def _found(one: Told, lang: str) -> Iterator[Cell]:
    """What came of one check, a line each."""
    if one["open"]:
        yield cell(say("open number", lang, number=one["open"]), "bad")
    else:
        yield cell(say("clean", lang), "good")
    if one["noted"]:
        yield cell(say("noted number", lang, number=one["noted"]), "small")
    if one["repairs"]:
        yield say("repaired number", lang, number=len(one["repairs"]))
    if one["failures"]:
        yield cell(say("incomplete", lang), "doubt")
    if not one["kept"]:
        yield cell(say("promise broken", lang), "doubt")
    if not one["signed"]:
        yield cell(say("report unsigned", lang), "small")


def _content(text: str, lang: str) -> str:
    if not text:
        return say("unsigned", lang)
    said = (words.get(one, (one, one))[lang == "en"] for words, one in zip(ANSWERS, text.split(), strict=False))
    return ", ".join(said)


def _share(row: Told, lang: str) -> Cell:
    """How many were read, in the colour of whether any is late."""
    part, whole = row["read"], row["objects"]
    return cell(f"{number(part, lang)} ({100 * part // whole if whole else 100} %)", "doubt" if row["late"] else "good")


def _date(stated: str | None) -> str:
    return f"{stated[8:10]}/{stated[5:7]}/{stated[:4]}" if stated else ""
