"""`riepilogo.html`: the export on one page for people: what was asked, what is missing and why, figures, the draw.

No script and no foreign resource: it opens anywhere. Subjects and addresses do not stand in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

from archiver.access.export import plots
from archiver.access.export.consistency import WORDS, Standing
from archiver.access.export.plots import Bar
from archiver.access.words import STATES

Told = Mapping[str, Any]

_STYLE = (
    "body{font:16px/1.5 sans-serif;color:#1f2933;max-width:800px;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{border:1px solid #c5ced6;padding:.25em .6em;"
    "text-align:left;vertical-align:top}td.n{text-align:right}code{font-size:85%;overflow-wrap:anywhere}"
    "svg{max-width:100%;height:auto;margin:.5em 0 1em}.warn{border-left:4px solid #b7791f;padding-left:.8em}"
)
_CLASSES = {
    "it": ("< 1 min", "1-5 min", "5-30 min", "30 min-2 h", "2-12 h", "12-24 h", "> 24 h"),
    "en": ("< 1 min", "1-5 min", "5-30 min", "30 min-2 h", "2-12 h", "12-24 h", "> 24 h"),
}
_W = {
    "it": {
        "title": "Esportazione per verifica: riepilogo",
        "asked": "Che cosa è stato chiesto",
        "list": "Elenco di consistenza",
        "state": "stato",
        "messages": "messaggi",
        "bytes": "byte",
        "missing": "Che cosa manca, e perché",
        "nothing": "Nulla: tutto ciò che è stato chiesto è incluso.",
        "restricted": "Messaggi chiesti e non inclusi perché a trattamento limitato (GDPR, art. 18): {count}.",
        "more": "e altri {count}: consistenza.csv",
        "parts": "Parti",
        "part": "parte",
        "verdict": "verdetto",
        "figures": "Statistiche del periodo",
        "per": "Messaggi per {step}",
        "bytes_per": "Megabyte per {step}",
        "day": "giorno",
        "week": "settimana (dal giorno indicato)",
        "month": "mese",
        "kinds": "Tipi di messaggio",
        "outcomes": "Esiti per destinatario",
        "accepting": "Dall'invio all'accettazione",
        "delivering": "Dall'accettazione alla consegna",
        "providers": "Per gestore",
        "provider": "gestore",
        "accepted": "accettati",
        "delivered": "consegnati",
        "failed": "falliti",
        "median": "mediana",
        "sample": "Campione",
        "drawn": "{count} messaggi estratti da {population} con il seme «{seed}».",
        "again": "Per rifare l'estrazione",
        "times": "mediana {median}, 90% entro {p90}, 99% entro {p99}, massimo {max} ({count} casi)",
        "demo": "SENZA VALORE LEGALE / WITHOUT LEGAL VALUE: archivio dimostrativo.",
        "sent": "Le ore di invio sono quelle dichiarate dal programma di posta del mittente; accettazione e consegna"
        " quelle attestate dai gestori.",
        "sendings": "invii del periodo",
    },
    "en": {
        "title": "Auditor's export: summary",
        "asked": "What was asked",
        "list": "Consistency list",
        "state": "state",
        "messages": "messages",
        "bytes": "bytes",
        "missing": "What is missing, and why",
        "nothing": "Nothing: all that was asked for is included.",
        "restricted": "Asked for and not included, since their processing is restricted (GDPR, art. 18): {count}.",
        "more": "and {count} more: consistenza.csv",
        "parts": "Parts",
        "part": "part",
        "verdict": "verdict",
        "figures": "Statistics of the period",
        "per": "Messages per {step}",
        "bytes_per": "Megabytes per {step}",
        "day": "day",
        "week": "week (from the day given)",
        "month": "month",
        "kinds": "Kinds of messages",
        "outcomes": "Outcomes by recipient",
        "accepting": "From sending to accettazione",
        "delivering": "From accettazione to consegna",
        "providers": "By provider",
        "provider": "provider",
        "accepted": "accepted",
        "delivered": "delivered",
        "failed": "failed",
        "median": "median",
        "sample": "Sample",
        "drawn": "{count} messages drawn from {population} with the seed “{seed}”.",
        "again": "To draw them again",
        "times": "median {median}, 90% within {p90}, 99% within {p99}, longest {max} ({count} cases)",
        "demo": "SENZA VALORE LEGALE / WITHOUT LEGAL VALUE: demonstration archive.",
        "sent": "Times of sending are what the sender's mail program claims; those of accettazione and consegna are"
        " what the providers attest.",
        "sendings": "sendings of the period",
    },
}
_ASKED = {
    "mailboxes": {"it": "caselle", "en": "mailboxes"},
    "format": {"it": "formato", "en": "format"},
    "part_size": {"it": "dimensione delle parti", "en": "size of the parts"},
    "full": {"it": "con i rapporti di versamento", "en": "with the rapporti di versamento"},
    "sample": {"it": "messaggi del campione", "en": "messages of the sample"},
    "seed": {"it": "seme", "en": "seed"},
    "terms": {"it": "parole", "en": "words"},
    "conditions": {"it": "condizioni", "en": "conditions"},
    "kind": {"it": "tipo", "en": "kind"},
    "state": {"it": "stato del fascicolo", "en": "state of the dossier"},
    "since": {"it": "dal", "en": "from"},
    "until": {"it": "prima del", "en": "before"},
    "dossiers": {"it": "fascicoli", "en": "dossiers"},
}
SHOWN = 100
"""Missing messages that the page names; the list has all."""


def summary(told: Told, lang: str) -> bytes:
    """The page. `told` is what `consistenza.json` holds, with `statistics`."""
    words = _W[lang]
    body = [
        f"<h1>{escape(words['title'])}</h1>",
        *([] if told["legal_value"] else [f'<p class="warn"><strong>{escape(words["demo"])}</strong></p>']),
        f"<h2>{escape(words['asked'])}</h2>",
        _table((), list(_question(told["question"], lang))),
        f"<h2>{escape(words['list'])}</h2>",
        _counts(told, words, lang),
        f"<h2>{escape(words['missing'])}</h2>",
        _missing(told, words, lang),
        f"<h2>{escape(words['parts'])}</h2>",
        _parts(told, words),
        *_sample(told, words),
        f"<h2>{escape(words['figures'])}</h2>",
        *_figures(told["statistics"], words, lang),
    ]
    head = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(words['title'])}</title><style>{_STYLE}</style></head><body>"
    )
    return (head + "\n".join(body) + "</body></html>\n").encode()


def _counts(told: Told, words: Mapping[str, str], lang: str) -> str:
    rows = [(WORDS[Standing(name)][lang], str(count)) for name, count in sorted(told["counts"].items()) if count]
    return _table((words["state"], words["messages"]), rows)


def _missing(told: Told, words: Mapping[str, str], lang: str) -> str:
    missing, limited = told["missing"], told.get("restricted", 0)
    said = f"<p>{escape(words['restricted'].format(count=limited))}</p>" if limited else ""
    if not missing:
        return said or f"<p>{escape(words['nothing'])}</p>"
    rows = [(item["sha256"], WORDS[Standing(item["state"])][lang], item["reason"]) for item in missing[:SHOWN]]
    more = told["missing_count"] - len(rows)
    note = f"<p>{escape(words['more'].format(count=more))}</p>" if more > 0 else ""
    return said + _table(("SHA-256", words["state"], ""), rows) + note


def _parts(told: Told, words: Mapping[str, str]) -> str:
    rows = [
        (part["name"], str(part["messages"]), str(part["bytes"]), part["indication"], part["sha256"])
        for part in told["parts"]
    ]
    return _table((words["part"], words["messages"], words["bytes"], words["verdict"], "SHA-256"), rows)


def _sample(told: Told, words: Mapping[str, str]) -> list[str]:
    sample = told.get("sample")
    if not sample:
        return []
    said = words["drawn"].format(count=len(sample["drawn"]), population=sample["population"], seed=sample["seed"])
    return [
        f"<h2>{escape(words['sample'])}</h2><p>{escape(said)}</p>",
        f"<p>{escape(words['again'])}:</p><pre><code>{escape(sample['again'])}</code></pre>",
    ]


def _figures(figures: Told, words: Mapping[str, str], lang: str) -> list[str]:
    days = [(date.fromisoformat(day), count, size) for day, count, size in figures["days"]]
    many = plots.by_time([(day, count) for day, count, _ in days])
    large = plots.by_time([(day, size / 1e6) for day, _, size in days])
    kinds = [Bar(kind, count, f"{count} ({_size(size)})") for kind, (count, size) in figures["kinds"].items()]
    outcomes = [Bar(STATES[state][lang == "en"], count, str(count)) for state, count in figures["outcomes"].items()]
    step = words[plots.step([day for day, _, _ in days]).value]
    found = [
        plots.columns(words["per"].format(step=step), [Bar(name, value, f"{value:.0f}") for name, value in many]),
        plots.columns(
            words["bytes_per"].format(step=step), [Bar(name, value, f"{value:.1f} MB") for name, value in large]
        ),
        plots.rows(words["kinds"], kinds),
    ]
    if figures["sendings"]:
        found.append(plots.rows(f"{words['outcomes']} ({figures['sendings']} {words['sendings']})", outcomes))
        for name in ("accepting", "delivering"):
            found += _times(figures[name], words, words[name], lang)
        found += [f"<p>{escape(words['sent'])}</p>", _providers(figures["providers"], words)]
    return found


def _times(times: Told, words: Mapping[str, str], title: str, lang: str) -> list[str]:
    if not times["count"]:
        return []
    bars = [Bar(name, count, str(count)) for name, count in zip(_CLASSES[lang], times["classes"], strict=True)]
    quantiles = {name: _duration(times[name]) for name in ("median", "p90", "p99", "max")}
    return [plots.rows(title, bars), f"<p>{escape(words['times'].format(count=times['count'], **quantiles))}</p>"]


def _providers(providers: Iterable[Told], words: Mapping[str, str]) -> str:
    rows = [
        (
            one["name"],
            *(str(one[key]) for key in ("accepted", "delivered", "failed")),
            _duration(one["delivering"]["median"]),
        )
        for one in providers
    ]
    head = (words["provider"], words["accepted"], words["delivered"], words["failed"], words["median"])
    return f"<h3>{escape(words['providers'])}</h3>" + _table(head, rows) if rows else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>" if any(head) else ""
    lines = (f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>{top}{''.join(lines)}</table>"


def _cell(text: str) -> str:
    if text.isdecimal() and len(text) < 20:
        return f'<td class="n">{text}</td>'
    return (
        f"<td><code>{escape(text)}</code></td>" if len(text) == 64 and " " not in text else f"<td>{escape(text)}</td>"
    )


def _question(question: Told, lang: str) -> Iterator[tuple[str, str]]:
    for name, value in question.items():
        if value not in (None, "", [], False):
            yield _ASKED.get(name, {}).get(lang, name), _shown(name, value)


def _shown(name: str, value: Any) -> str:
    if name == "part_size":
        return _size(int(value))
    if name == "conditions":
        return ", ".join(f"{key}: {one}" for key, one in value)
    if value is True:
        return "+"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def _size(octets: int) -> str:
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if octets >= size:
            return f"{octets / size:.1f} {unit}"
    return f"{octets} byte"
