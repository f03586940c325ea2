"""The blank attestazione di conformità, and the list of a court's deposit: names of files with their digests."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from archiver.access.exhibit.rapporto.words import FORM, KINDS, say, word
from archiver.access.printing.blocks import Block, cell, notes, prose, table
from archiver.access.printing.text import amount, moment

Told = Mapping[str, Any]

ROWS = 60
"""Files that the form lists; it is for the few that a lawyer attests, and the rest is in the manifest."""


def form(told: Told, lang: str) -> dict[str, Any]:
    """The form, in Italian whatever `lang` is: what the lawyer signs is Italian law."""
    return {
        "title": say("attestation", lang),
        "note": say("attestation note", lang),
        "text": [item.replace("{line}", "_" * 28) for item in FORM],
        "files": list(islice(_files(told), ROWS)),
        "place": "Luogo e data",
        "signature": "Firma",
    }


def deposit(told: Told, lang: str) -> Iterator[Block]:
    """What was prepared for a court, by sends; nothing where nothing was. `told["deposit"]` is `deposit.Plan.told`."""
    prepared = told.get("deposit")
    if not prepared:
        return
    court = prepared["court"]
    yield prose(say("deposit note", lang, system=court["name"], since=court["since"], source=court["source"]))
    head = [say("send", lang), f"{say('file', lang)} · SHA-256", say("kind", lang), say("size", lang)]
    rows = (
        [str(item["send"]), [item["name"], cell(item["sha256"], "mono")],
         word(KINDS, item["kind"], lang), amount(item["size"], lang)]
        for item in prepared["files"]
    )  # fmt: skip
    yield table((0, 7, 3, 1.4), head, rows)
    if prepared["left"]:
        yield notes(item[lang] for item in prepared["left"])
    exhibit = prepared.get("exhibit")
    if exhibit:
        yield prose(say("exhibit zip", lang, name=exhibit["name"], size=amount(exhibit["size"], lang)))
        yield prose(cell(exhibit["sha256"], "mono"))


def _files(told: Told) -> Iterator[list[str]]:
    """What each is, its name, and its digest where the name does not say it already."""
    if told.get("deposit"):
        for item in told["deposit"]["files"]:
            yield [word(KINDS, item["kind"], "it"), item["name"], f"SHA-256 {item['sha256']}"]
        return
    for dossier in told["dossiers"]:
        for item in dossier["messages"]:
            yield [f"{word(KINDS, item['kind'], 'it')} · {moment(item['date'], 'it')}", f"{item['sha256']}.eml", ""]
