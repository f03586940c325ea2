"""A night in words: what failed first, what to do next, figures last. Italian or English, and nobody's name in it."""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from archiver.nightly.values import Alert, Night, Result, Step

ROME = ZoneInfo("Europe/Rome")

STEPS = {
    "open": {"it": "apertura", "en": "opening"},
    "ingest": {"it": "acquisizione", "en": "ingest"},
    "seal": {"it": "chiusura", "en": "sealing"},
    "replicate": {"it": "copie", "en": "copies"},
    "renew": {"it": "rinnovo", "en": "renewal"},
    "sweep": {"it": "rilettura", "en": "sweep"},
    "index": {"it": "ricerca", "en": "search"},
    "alarms": {"it": "avvisi", "en": "alarms"},
    "metrics": {"it": "metriche", "en": "metrics"},
    "notify": {"it": "notifica", "en": "notice"},
    "record": {"it": "annotazione", "en": "record"},
}

_FIGURES = {
    "ingest": {
        "it": "{new} nuovi, {known} già in archivio, {failed} non letti, {bytes} byte",
        "en": "{new} new, {known} known, {failed} failed, {bytes} bytes",
    },
    "seal": {
        "it": "{volumes} volumi, {messages} messaggi, {rapporti} rapporti coperti, {tokens} marche",
        "en": "{volumes} volumes, {messages} messages, {rapporti} rapporti covered, {tokens} time stamps",
    },
    "replicate": {
        "it": "{copied} oggetti copiati, {read} riletti; {safe} messaggi al sicuro, {unsafe} non ancora",
        "en": "{copied} objects copied, {read} read back; {safe} messages safe, {unsafe} not yet",
    },
    "renew": {
        "it": "{renewed} evidence record rinnovati su {due}, {tokens} marche",
        "en": "{renewed} evidence records renewed of {due}, {tokens} time stamps",
    },
    "sweep": {
        "it": "{listed} oggetti elencati, {objects} riletti: {missing} mancanti, {corrupt} alterati, {unexpected}"
        " estranei, {repaired} riparati",
        "en": "{listed} objects listed, {objects} read: {missing} missing, {corrupt} altered, {unexpected} unexpected,"
        " {repaired} repaired",
    },
    "index": {"it": "{read} messaggi letti per la ricerca", "en": "{read} messages read for search"},
    "alarms": {"it": "{errors} errori, {warnings} avvisi", "en": "{errors} errors, {warnings} warnings"},
}

_OUTCOME = {
    0: {"it": "tutto fatto", "en": "all done"},
    1: {"it": "alcune unità non riuscite", "en": "some units failed"},
    2: {"it": "configurazione da correggere", "en": "the configuration must be mended"},
    3: {
        "it": "servizi non disponibili: la prossima notte riprende",
        "en": "services down: the next night goes on",
    },
    4: {"it": "CONFLITTO: c'è qualcosa che non deve esserci", "en": "CONFLICT: something is there that must not be"},
}
_DEMO = {"it": "SENZA VALORE LEGALE", "en": "WITHOUT LEGAL VALUE"}
_STEP = {
    Result.DONE: {"it": "fatto", "en": "done"},
    Result.FAILED: {"it": "NON RIUSCITO", "en": "FAILED"},
    Result.SKIPPED: {"it": "saltato", "en": "skipped"},
}
_SHOWN = 20
"""Alerts that a notice tells one by one; `archiver status --alerts` has all."""


def title(night: Night, lang: str) -> str:
    """One line."""
    day = f"{night.at.astimezone(ROME):%d/%m/%Y}" if lang == "it" else f"{night.at.astimezone(ROME):%Y-%m-%d}"
    what = {"it": f"Archivio PEC, notte del {day}", "en": f"PEC archive, night of {day}"}[lang]
    mark = f" - {_DEMO[lang]}" if night.demo else ""
    return f"{what}: {_OUTCOME[night.code][lang]}{mark}"


def summary(night: Night, lang: str) -> Iterator[str]:
    """The lines of a notice: what failed and what to do, what wants attention, figures."""
    yield title(night, lang)
    at, end = (moment.astimezone(ROME) for moment in (night.at, night.ended))
    spent = {"it": "dalle {} alle {} (Europe/Rome)", "en": "from {} to {} (Europe/Rome)"}[lang]
    yield spent.format(f"{at:%H:%M:%S}", f"{end:%H:%M:%S}")
    if night.failed:
        yield ""
        yield {"it": "NON RIUSCITO", "en": "FAILED"}[lang]
        for step in night.steps:
            yield from _failures(step, lang)
    if night.alerts:
        yield ""
        yield {"it": "DA GUARDARE", "en": "TO LOOK AT"}[lang]
        yield from _alerts(night, lang)
    yield ""
    yield {"it": "CIFRE", "en": "FIGURES"}[lang]
    for step in night.steps:
        yield f"  {line(step, lang)}"
        yield from _boxes(step, lang)
    yield ""
    yield {"it": f"esecuzione {night.id}, codice {night.code}", "en": f"run {night.id}, code {night.code}"}[lang]


def line(step: Step, lang: str) -> str:
    """One step on one line."""
    told = f"{STEPS[step.name][lang]}: {_STEP[step.result][lang]}"
    if step.name in _FIGURES and step.figures:
        told += f": {_FIGURES[step.name][lang].format_map(step.figures)}"
    return f"{told} ({step.seconds:.1f} s)"


def _failures(step: Step, lang: str) -> Iterator[str]:
    if step.result is Result.SKIPPED:
        yield f"- {STEPS[step.name][lang]}: {_STEP[Result.SKIPPED][lang]}"
    for failure in step.failures:
        subject = "" if failure.subject == step.name else f" {failure.subject}:"
        yield f"- {STEPS[step.name][lang]}:{subject} {failure.reason}"
        if failure.next:
            yield f"    {failure.next}"


def _alerts(night: Night, lang: str) -> Iterator[str]:
    ordered = sorted(night.alerts, key=lambda alert: alert.level != "error")
    for alert in ordered[:_SHOWN]:
        yield f"{'!' if alert.level == 'error' else '-'} {alert.text}"
        yield from _next(alert)
    if len(ordered) > _SHOWN:
        more = {"it": "e altri {}: archiver status --alerts", "en": "and {} more: archiver status --alerts"}[lang]
        yield more.format(len(ordered) - _SHOWN)


def _next(alert: Alert) -> Iterator[str]:
    if alert.next and alert.next not in alert.text:
        yield f"    {alert.next}"


def _boxes(step: Step, lang: str) -> Iterator[str]:
    """Each mailbox, where there are any."""
    boxes: Mapping[str, Mapping[str, Any]] = step.figures.get("mailboxes", {})
    text = {
        "it": "{new} nuovi, {known} già in archivio, {failed} non letti",
        "en": "{new} new, {known} known, {failed} failed",
    }[lang]
    for name, figures in boxes.items():
        result = _STEP[Result(figures["result"])][lang]
        yield f"    {name}: {result}: {text.format_map(figures)}"
