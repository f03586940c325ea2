"""One dossier: what it is, its timeline, each recipient's outcome, its messages."""

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.access.exhibit.page.message import message
from archiver.access.exhibit.page.text import both, foreign, moment, safe, table
from archiver.access.exhibit.page.timeline import drawn
from archiver.access.heading import DECLARED
from archiver.access.words import CONTENTS, REASONS, ROLES, STATES, Words


def dossier(told: Mapping[str, Any], number: int, *, readable: bool, lang: str) -> str:
    """One entry of `dossiers`, a section; `number` from 1."""
    title = f'<h2 id="d{number}">{foreign(told.get("subject") or "-")}</h2>'
    name = "Timeline" if lang == "en" else "Cronologia"
    parts = [
        title,
        _facts(told),
        _heading(both("Cronologia", "Timeline")),
        drawn(told.get("timeline", ()), name=name),
        *_recipients(told),
        *_related(told),
        _heading(both("Messaggi", "Messages")),
        *(message(item, readable=readable) for item in told.get("messages", ())),
    ]
    return f'<section class="dossier" aria-labelledby="d{number}">{"".join(parts)}</section>'


def _heading(text: str) -> str:
    return f"<h3>{text}</h3>"


def _facts(told: Mapping[str, Any]) -> str:
    original = told.get("original") or {}
    state = _word(STATES, told.get("state"))
    if told.get("contradiction"):
        state += f" ({both('con contraddizioni', 'contradictory')})"
    rows = [
        (both("Stato", "State"), f'<strong class="state {safe(told.get("state", ""))}">{state}</strong>'),
        (both("Da", "From"), _sender(original)),
        (both("A", "To"), "<br>".join(map(foreign, original.get("to") or ())) or "-"),
        ("Cc", "<br>".join(map(foreign, original.get("cc") or ()))),
        ("Identificativo", foreign(told.get("identificativo") or "-")),
        ("Message-ID", foreign(told.get("message_id") or "-")),
    ]
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in rows if value)}</dl>"


def _sender(original: Mapping[str, Any]) -> str:
    """Whoever wrote, and who says so where the message itself does not."""
    lines = [foreign(original.get("from") or "-")]
    if original.get("source") == DECLARED:
        lines.append(both("dichiarato dal gestore (daticert.xml)", "as the provider states (daticert.xml)"))
    if original.get("declared"):
        lines.append(
            both("il gestore dichiara (daticert.xml):", "the provider states (daticert.xml):")
            + f" {foreign(original['declared'])}"
        )
    if original.get("envelope"):
        lines.append(f"{both('busta di trasporto da', 'busta di trasporto from')} {foreign(original['envelope'])}")
    return lines[0] + "".join(f"<br><small>{line}</small>" for line in lines[1:])


def _recipients(told: Mapping[str, Any]) -> Iterator[str]:
    if not told.get("recipients"):
        return
    yield _heading(both("Esito per destinatario", "Outcome of each recipient"))
    head = (
        both("Destinatario", "Recipient"),
        both("ruolo", "role"),
        both("esito", "outcome"),
        both("quando", "when"),
        both("ricevuta", "receipt"),
        both("motivo", "reason"),
    )
    yield table(head, map(_recipient, told["recipients"]))


def _recipient(item: Mapping[str, Any]) -> tuple[str, ...]:
    state = f'<strong class="state {safe(item["state"])}">{_word(STATES, item["state"])}</strong>'
    if item.get("contradiction"):
        state += f"<br>{both('altre ricevute dicono il contrario', 'other receipts say otherwise')}"
    if item.get("trusted") is False:
        state += f"<br>{both('gestore NON riconosciuto', 'provider NOT known')}"
    receipt = f"{safe(item['receipt'])}<br><small>{_word(CONTENTS, item['content'])}</small>"
    receipt = receipt if item.get("receipt") not in (None, "none") else "-"
    reason = _word(REASONS, item["reason"]) if item.get("reason") else ""
    detail = f"<br><small>{foreign(item['detail'])}</small>" if item.get("detail") else ""
    at = moment(item.get("at"))
    return foreign(item["address"]), _word(ROLES, item["role"]), state, at, receipt, reason + detail or "-"


def _related(told: Mapping[str, Any]) -> Iterator[str]:
    if not told.get("related"):
        return
    yield _heading(both("Collegati, non parte del dossier", "Related, not part of the dossier"))
    items = (
        f"<li>{foreign(item.get('subject', ''))} <code>{safe(item.get('sha256', ''))}</code></li>"
        for item in told["related"]
    )
    yield f"<ul>{''.join(items)}</ul>"


def _word(words: Words, key: object) -> str:
    return both(*words.get(str(key), (str(key), str(key))))
