"""The whole report as plain data in one language: the first page, the chapters, the copies, the form."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.access.exhibit.rapporto import proofs
from archiver.access.exhibit.rapporto.copies import copies
from archiver.access.exhibit.rapporto.events import drawn
from archiver.access.exhibit.rapporto.first import first, outcome
from archiver.access.exhibit.rapporto.form import deposit, form
from archiver.access.exhibit.rapporto.words import MARK, say
from archiver.access.printing.blocks import Block, section, table
from archiver.access.printing.text import moment

Told = Mapping[str, Any]


def view(told: Told, lang: str) -> dict[str, Any]:
    """What the template draws. Raises KeyError for a report that lacks what the format promises."""
    made = datetime.fromisoformat(told["made"]).astimezone(UTC)
    return {
        "lang": lang,
        "date": [made.year, made.month, made.day, made.hour, made.minute, made.second],
        "mark": "" if told["legal_value"] else MARK,
        "running": f"{told['holder']['name']} · {moment(told['made'], lang)}",
        "page": say("page", lang),
        "of": say("of", lang),
        "first": first(told, lang),
        "sections": list(_sections(told, lang)),
        "copies": copies(told, lang),
        "form": form(told, lang),
    }


def _sections(told: Told, lang: str) -> Iterator[Block]:
    dossiers = told["dossiers"]
    if len(dossiers) > 1:
        yield section(say("dossiers", lang), _listed(told, lang), fresh=True)
    for number, dossier in enumerate(dossiers, 1):
        several = f"{say('dossier', lang)} {number}: {dossier['subject']} · " if len(dossiers) > 1 else ""
        yield from _dossier(dossier, several, lang, fresh=number == 1)
    filed = list(deposit(told, lang))
    if filed:
        yield section(say("deposit", lang), *filed)
    yield section(say("volumes", lang), *proofs.volumes(told, lang))
    yield section(say("checks", lang), proofs.checks(told, lang))
    yield section(say("outcome", lang), *proofs.open_points(told, lang))
    yield section(say("anchors", lang), proofs.anchors(told, lang), note=say("anchors note", lang))


def _dossier(dossier: Told, several: str, lang: str, *, fresh: bool) -> Iterator[Block]:
    if dossier["timeline"]:
        happened = drawn(dossier["timeline"], lang)
        yield section(several + say("timeline", lang), happened, note=say("timeline note", lang), fresh=fresh)
    if dossier["recipients"]:
        yield section(several + say("recipients", lang), proofs.recipients(dossier, lang))
    yield section(several + say("messages", lang), *proofs.messages(dossier, lang))
    noted = proofs.noted(dossier, lang)
    if noted:
        yield section(several + say("notes", lang), noted)


def _listed(told: Told, lang: str) -> Block:
    """The dossiers, where there are several: a line each."""
    head = [say(term, lang) for term in ("number", "subject", "date", "state")]
    rows = []
    for number, dossier in enumerate(told["dossiers"], 1):
        original = dossier.get("original") or {}
        about = [dossier["subject"], original.get("from") or "-"]
        rows.append([str(number), about, moment(original.get("date"), lang), outcome(dossier, lang)])
    return table((0, 5, 3, 2), head, rows)
