"""index.html: the exhibit to be read, and to be verified in the browser of whoever reads it, without a network.

Everything that is to be read is written out here, so the page can be read and printed without a program; the program
(src/, bundled by scripts/page) only verifies the files that are handed to it, changes the language, and opens what is
folded before it is printed. Nothing else may run: see `style.policy`.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from archiver.access.exhibit.limits import left_out
from archiver.access.exhibit.page import proofs
from archiver.access.exhibit.page.dossier import dossier
from archiver.access.exhibit.page.style import licenses, policy, program, style
from archiver.access.exhibit.page.text import both, folded, foreign, moment, safe
from archiver.access.exhibit.page.words import words

READABLE: Final = 1_000
"""Messages of an exhibit that the page shows with their texts; of more it shows what they are."""

__all__ = ["READABLE", "page"]


def page(told: Mapping[str, Any]) -> bytes:
    """The page, UTF-8; `told` is what `data/dossier.json` holds. The same `told` gives the same bytes."""
    lang = "en" if told.get("lang") == "en" else "it"
    dossiers = told.get("dossiers", ())
    readable = sum(len(item.get("messages", ())) for item in dossiers) <= READABLE
    sections = [
        _header(told),
        _verify(),
        *(dossier(item, number, readable=readable, lang=lang) for number, item in enumerate(dossiers, start=1)),
        _section("not-proven", both("Che cosa non è provato", "What is not proven"), proofs.not_proven(told)),
        _section("volumes", both("Volumi ed evidenza", "Volumes and evidence"), proofs.volumes(told)),
        _section(
            "checks", both("Controlli dal giorno dell'ingresso", "Checks since the day of intake"), proofs.checks(told)
        ),
        _section("anchors", both("Ancore di fiducia", "Trust anchors"), proofs.anchors(told)),
        _section("by-hand", both("Verificare a mano", "Verifying by hand"), proofs.by_hand(told)),
        folded(
            both("Licenze delle librerie di questa pagina", "Licences of this page's libraries"),
            f"<pre>{safe(licenses())}</pre>",
        ),
    ]
    return _document(told, lang, "".join(sections)).encode("utf-8", "replace")


def _document(told: Mapping[str, Any], lang: str, body: str) -> str:
    title = safe(f"{_title(told)[lang == 'en']} - {told.get('holder', {}).get('name', '')}")
    facts = {key: told.get(key) for key in ("made", "act", "kind")}
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{style()}</style>\n</head>\n<body>\n"
        f'<main>\n{body}\n</main>\n<script type="application/json" id="words">{_json(words())}</script>\n'
        f'<script type="application/json" id="told">{_json(facts)}</script>\n'
        f"<script>{program()}</script>\n</body>\n</html>\n"
    )


def _header(told: Mapping[str, Any]) -> str:
    holder, by = told.get("holder", {}), told.get("by", {})
    codes = ", ".join(holder.get("codes", ()))
    rows = [
        (both("Titolare", "Holder"), foreign(holder.get("name", "-")) + (f" ({safe(codes)})" if codes else "")),
        ("Responsabile della conservazione", foreign(told.get("responsible") or "-")),
        (both("Prodotto il", "Made on"), moment(told.get("made"))),
        (both("Da", "By"), f"{foreign(by.get('login', '-'))} ({safe(by.get('role', '-'))})"),
        (both("Motivo", "Reason"), foreign(told.get("reason") or "-")),
        (both("Atto nel registro", "Act in the register"), f"<code>{safe(told.get('act') or '-')}</code>"),
        (both("Esito dell'archivio", "Verdict of the archive"), _verdict(told)),
        (both("Prova verificabile fino al", "Proof can be verified until"), _until(told)),
    ]
    facts = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    return f"<header>{_language()}<h1>{both(*_title(told))}</h1>{_banners(told)}<dl>{facts}</dl></header>"


def _title(told: Mapping[str, Any]) -> tuple[str, str]:
    if told.get("kind") == "export":
        return "Esportazione di PEC conservate", "Export of preserved PEC messages"
    return "Fascicolo di esibizione di PEC conservate", "Exhibit of preserved PEC messages"


def _language() -> str:
    return (
        '<p class="language" role="group" aria-label="Lingua / Language"><button type="button" data-lang="it">Italiano'
        '</button> <button type="button" data-lang="en">English</button></p>'
    )


def _banners(told: Mapping[str, Any]) -> str:
    found = []
    if told.get("legal_value") is not True:
        text = both(
            "Firme e marche temporali vengono da un'autorità dimostrativa.",
            "Signatures and time stamps come from a demonstration authority.",
        )
        found.append(f"<strong>{both('SENZA VALORE LEGALE', 'WITHOUT LEGAL VALUE')}</strong> {text}")
    if told.get("sealed") is False:
        text = both(
            "Nessuno garantisce quel che dicono questa pagina, rapporto.pdf e dossier.json; valgono i soli .eml con i"
            " loro volumi.",
            "Nobody vouches for what this page, rapporto.pdf and dossier.json say; only the .eml files with their"
            " volumes count.",
        )
        found.append(f"<strong>{both('NON FIRMATO', 'NOT SIGNED')}</strong> {text}")
    found += (both(said["it"], said["en"]) for said in left_out(told.get("dossiers", ())))
    if number := len(told.get("pending") or ()):
        found.append(
            both(
                f"{number} messaggi attendono ancora il loro volume: INDETERMINATE.",
                f"{number} messages still wait for their volume: INDETERMINATE.",
            )
        )
    if told.get("recipient"):
        only = both("Mostrato il solo destinatario", "Shown for one recipient only")
        found.append(f"{only} {foreign(told['recipient'])}")
    return "".join(f'<p class="banner">{text}</p>' for text in found)


def _verdict(told: Mapping[str, Any]) -> str:
    verdict = told.get("verdict") or {}
    said = str(verdict.get("indication", "-"))
    names = ", ".join(name for name in (said, verdict.get("sub_indication")) if name)
    return f"{proofs.outcome(said)} ({safe(names)})"


def _until(told: Mapping[str, Any]) -> str:
    if not told.get("valid_until"):
        return "-"
    later = both("; poi chiedere un esibito aggiornato", "; then ask for a new exhibit")
    return f"{moment(told['valid_until'])}{later}"


def _verify() -> str:
    """Where the exhibit is handed to the page; what it says of it comes into `result`."""
    words = {
        "title": both("Verifica", "Verify"),
        "what": both(
            "Questa pagina ricalcola nel browser, senza rete, ogni impronta, firma, marca temporale ed evidence record "
            "dei file che le si consegnano. Nessun file lascia questo computer.",
            "This page computes anew, in the browser and without a network, every digest, signature, time stamp and "
            "evidence record of the files that are handed to it. No file leaves this computer.",
        ),
        "drop": both(
            "Trascinare qui il fascicolo (ZIP o cartella), oppure:", "Drop the exhibit here (ZIP or folder), or:"
        ),
        "zip": both("Scegliere lo ZIP", "Choose the ZIP"),
        "folder": both("Scegliere la cartella", "Choose the folder"),
        "inside": both(
            "Aperta dentro uno ZIP? Estrarre prima lo ZIP in una cartella, poi riaprire index.html.",
            "Opened inside a ZIP? Extract the ZIP to a folder first, then open index.html again.",
        ),
        "without": both(
            "Senza JavaScript la pagina si legge, ma non verifica: usare verify.py o i comandi in fondo.",
            "Without JavaScript the page can be read, but does not verify: use verify.py or the commands below.",
        ),
        "means": both(
            "Verde: ricalcolato e giusto. Rosso: alterato, mancante o in più. Giallo: giusto, ma riposa su qualcosa "
            "che va confrontato altrove o che qui non si può provare.",
            "Green: computed anew and right. Red: altered, missing or added. Yellow: right, but it rests on something "
            "that has to be compared elsewhere or cannot be proven here.",
        ),
    }
    return (
        f'<section id="verify" aria-labelledby="verify-title"><h2 id="verify-title">{words["title"]}</h2>'
        f'<p>{words["what"]}</p><p class="note" id="inside">{words["inside"]}</p>'
        f'<div id="drop"><p>{words["drop"]}</p>'
        f'<label class="pick">{words["zip"]}<input type="file" id="zip" accept=".zip,application/zip"></label> '
        f'<label class="pick">{words["folder"]}<input type="file" id="folder" webkitdirectory multiple></label></div>'
        f'<noscript><p class="banner">{words["without"]}</p></noscript>'
        f'<div id="result" role="status" aria-live="polite"></div><p class="note">{words["means"]}</p></section>'
    )


def _section(name: str, title: str, inside: str) -> str:
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{inside}</section>' if inside else ""


def _json(value: Any) -> str:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
