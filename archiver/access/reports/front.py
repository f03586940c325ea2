"""The first page of a document, and the place where the responsabile signs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from archiver.access.printing import MARK
from archiver.access.printing.blocks import Cells, cell
from archiver.access.printing.text import moment
from archiver.access.reports.words import say

Told = Mapping[str, Any]

_ROME = ZoneInfo("Europe/Rome")
_TONES = {"PASSED": "good", "INDETERMINATE": "doubt", "FAILED": "bad"}


def front(told: Told, lang: str) -> dict[str, Any]:
    """All of the view but the chapters and the signature."""
    made = datetime.fromisoformat(told["made"]).astimezone(UTC)
    kind, indication = told["kind"], told["indication"]
    return {
        "lang": lang,
        "date": [made.year, made.month, made.day, made.hour, made.minute, made.second],
        "attached": f"{kind}.json",
        "title": say(f"{kind} title", lang, year=told.get("year", "")),
        "subtitle": say(f"{kind} subtitle", lang),
        "mark": "" if told["legal_value"] else MARK,
        "running": f"{told['holder']['name']} · {moment(told['made'], lang)}",
        "page": say("page", lang),
        "of": say("of", lang),
        "tone": _TONES[indication],
        "indication": f"{indication} · {say(indication, lang)}",
        "sentence": say(f"{indication} sentence", lang),
        "facts": [
            [label, [value] if isinstance(value, str | Mapping) else list(value)] for label, value in _facts(told, lang)
        ],
    }


def signature(told: Told, *, form: bool) -> dict[str, Any]:
    """The end of the document; with `form`, what the responsabile declares, to be signed by hand or digitally."""
    lang = told["lang"]
    text = [say("declares", lang, name=told["responsible"] or "_" * 28)] if form else [say("by system", lang)]
    text.append(say("sealed" if told["sealed"] else "not sealed", lang))
    return {
        "title": say("signature", lang),
        "text": text,
        "lines": [say("place", lang), say("responsible signs", lang)],
    }


def rome(stated: str) -> str:
    """The day of a time where the archive is kept (Europe/Rome), day first."""
    return f"{datetime.fromisoformat(stated).astimezone(_ROME):%d/%m/%Y}"


def _facts(told: Told, lang: str) -> list[tuple[str, Cells]]:
    holder = told["holder"]
    since = rome(told["since"]) if told["since"] else say("beginning", lang)
    rows: list[tuple[str, Cells]] = [
        (say("holder", lang), [holder["name"], cell(" · ".join([*holder["codes"], holder["id"]]), "small")]),
        (say("responsible", lang), told["responsible"] or say("nobody", lang)),
    ]
    if told["asked"]:
        rows.append((say("mailbox", lang), ", ".join(told["asked"])))
    rows += [
        (say("period", lang), say("from to", lang, since=since, until=moment(told["until"], lang))),
        (say("made", lang), moment(told["made"], lang)),
        (say("by", lang), f"{told['by']['login']} ({told['by']['role']})"),
        (say("manual", lang), told["manual"]),
        (say("software", lang), told["software"]),
        (say("configuration", lang), cell(f"SHA-256 {told['configuration']}", "mono")),
    ]
    return rows
