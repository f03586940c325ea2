"""The first page, for the judge: what the message is, who had it when, since when it is intact, what is not proven."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from archiver.access.exhibit.rapporto.words import INDICATIONS, KINDS, SENTENCES, STATES, say, word
from archiver.access.exhibit.timeline import night
from archiver.access.heading import DECLARED
from archiver.access.printing.blocks import Cell, cell
from archiver.access.printing.text import amount, day, moment

Told = Mapping[str, Any]

RECIPIENTS = 6
DOCUMENTS = 6
UNPROVEN = 6
MESSAGES = 4
"""How many of each stand on the first page; the rest is in the chapters behind."""

_TONES = {"PASSED": "good", "INDETERMINATE": "doubt", "FAILED": "bad"}
_STATES = {"delivered": "good", "failed": "bad", "refused": "bad", "expired": "bad"}


def first(told: Told, lang: str) -> dict[str, Any]:
    """What the template draws on page one."""
    indication = told["verdict"]["indication"]
    dossiers = told["dossiers"]
    unproven = list(dict.fromkeys(item[lang] for item in told["not_proven"]))
    rest = len(unproven) - UNPROVEN
    more = [say("more", lang, number=rest, title=say("open", lang))] if rest > 0 else []
    until = told["valid_until"]
    return {
        "title": say("title export" if told["kind"] == "export" else "title", lang),
        "subtitle": say("subtitle", lang),
        "tone": _TONES[indication],
        "indication": f"{indication} · {word(INDICATIONS, indication, lang)}",
        "sentence": word(SENTENCES, indication, lang),
        "heading": _heading(told, lang),
        "facts": _facts(dossiers[0], lang) if len(dossiers) == 1 else [],
        "valid": say("valid", lang, day=day(until)) if until else say("valid unknown", lang),
        "unproven": {
            "title": say("not proven", lang),
            "items": [*unproven[:UNPROVEN], *more] or [say("nothing unproven", lang)],
        },
        "nature": {"title": say("nature", lang), "text": say("duplicates", lang)},
        "made": {"title": say("by whom", lang), "rows": list(_made(told, lang))},
    }


def outcome(recipient: Told, lang: str) -> Cell:
    """A recipient's state, in its colour."""
    return cell(word(STATES, recipient["state"], lang), _STATES.get(recipient["state"], "doubt"))


def by_night(recipient: Told) -> bool:
    """Whether art. 147 c. 3 c.p.c. may matter: delivered between 21 and 7."""
    at = recipient["at"]
    return recipient["state"] == "delivered" and bool(at) and night(datetime.fromisoformat(at))


def documents(dossier: Told) -> list[Told]:
    """The attachments of the message itself; of what lies in the envelope or receipt where that is all there is."""
    if (dossier.get("original") or {}).get("source") == DECLARED:
        return []
    itself = _itself(dossier)
    return list(itself["attachments"]) if itself else []


def _itself(dossier: Told) -> Told | None:
    original = dossier.get("original") or {}
    found = next((item for item in dossier["messages"] if item["sha256"] == original.get("sha256")), None)
    inner: Told | None = found.get("inner") if found and found["kind"] != "inviato" else None
    return inner or found


def _sender(dossier: Told, lang: str) -> Sequence[Cell]:
    """Whoever wrote; in a busta di trasporto the provider's address is its own."""
    original = dossier.get("original") or {}
    found: list[Cell] = [original.get("from") or "-"]
    if original.get("source") == DECLARED:
        found.append(cell(say("declared", lang), "doubt"))
    if original.get("declared"):
        found.append(cell(say("declared other", lang, address=original["declared"]), "doubt"))
    if original.get("envelope"):
        found.append(cell(say("envelope", lang, address=original["envelope"]), "small"))
    return found


def _heading(told: Told, lang: str) -> str:
    number = len(told["dossiers"])
    if number == 1:
        return say("message", lang)
    if number:
        return f"{say('dossiers', lang)}: {number}"
    shown = sum(volume["shown"] for volume in told["volumes"]) + len(told["pending"])
    return f"{say('messages', lang)}: {shown}"


def _facts(dossier: Told, lang: str) -> list[tuple[str, Sequence[Cell]]]:
    original = dossier.get("original") or {}
    rows: list[tuple[str, Sequence[Cell]]] = [
        (say("subject", lang), [cell(dossier["subject"], "strong")]),
        (say("from", lang), _sender(dossier, lang)),
    ]
    people = [*original.get("to", ()), *original.get("cc", ())]
    if dossier["recipients"]:
        rows.append((say("accepted", lang), list(_accepted(dossier, lang))))
        rows.append((say("delivered", lang), list(_delivered(dossier, lang))))
    else:
        rows.append((say("to", lang), _some(people, RECIPIENTS, lang)))
        rows.append((say("received", lang), [moment(original.get("date"), lang)]))
    rows.append((say("documents", lang), list(_documents(dossier, lang))))
    if dossier.get("identificativo"):
        rows.append((say("identifier", lang), [cell(dossier["identificativo"], "mono")]))
    if len(dossier["messages"]) <= MESSAGES:
        digests = [_digest(item, lang) for item in dossier["messages"]]
        rows.append((say("messages", lang), [line for pair in digests for line in pair]))
    rows.append((say("intact since", lang), [_since(dossier, lang)]))
    if original.get("source") == DECLARED:
        rows.append(("", [cell(say("only receipts", lang), "doubt")]))
    if original.get("source") == "avvenuta-consegna":
        rows.append(("", [cell(say("carried", lang), "doubt")]))
    return rows


def _accepted(dossier: Told, lang: str) -> Iterator[Cell]:
    found = [item for item in dossier["messages"] if item["kind"] == "accettazione"]
    yield from (moment(item["date"], lang) for item in found[:3])
    if not found:
        yield cell(say("no acceptance", lang), "doubt")


def _delivered(dossier: Told, lang: str) -> Iterator[Cell]:
    """Each recipient's outcome while there are few; else how many of each, and when."""
    everyone = dossier["recipients"]
    if len(everyone) <= RECIPIENTS:
        for one in everyone:
            yield {**_strong(outcome(one, lang)), "t": f"{one['address']}: {word(STATES, one['state'], lang)}"}
            if one["at"]:
                night = f" ({say('night', lang)})" if by_night(one) else ""
                yield cell(f"{moment(one['at'], lang)}{night}", "small")
    else:
        yield from (
            {**_strong(outcome({"state": state}, lang)), "t": f"{number} × {word(STATES, state, lang)}"}
            for state, number in dossier["counts"].items()
        )
        times = sorted(one["at"] for one in everyone if one["at"] and one["state"] == "delivered")
        if times and len(times) == len(everyone):
            first, last = moment(times[0], lang), moment(times[-1], lang)
            yield cell(say("all delivered", lang, first=first, last=last), "small")
        yield cell(say("see list", lang, title=say("recipients", lang)), "small")
    if dossier["contradiction"]:
        yield cell(say("contradiction", lang), "bad")


def _strong(shown: Cell) -> dict[str, str]:
    return dict(shown) if isinstance(shown, Mapping) else {"t": shown, "k": ""}


def _documents(dossier: Told, lang: str) -> Iterator[Cell]:
    attached = documents(dossier)
    for item in attached[:DOCUMENTS]:
        yield f"{item['name'] or '-'} ({amount(item['size'], lang)})"
        yield cell(f"SHA-256 {item['sha256']}", "mono")
    if len(attached) > DOCUMENTS:
        title = say("copies", lang)
        yield cell(say("more", lang, number=len(attached) - DOCUMENTS, title=title), "small")
    if not attached:
        declared = (dossier.get("original") or {}).get("source") == DECLARED
        yield cell(say("documents unknown", lang), "doubt") if declared else say("no documents", lang)


def _digest(item: Told, lang: str) -> tuple[Cell, Cell]:
    return word(KINDS, item["kind"], lang), cell(f"SHA-256 {item['sha256']}", "mono")


def _since(dossier: Told, lang: str) -> Cell:
    """The moment since which every message shown is proven: the latest of their first time stamps."""
    starts = [item["since"] for item in dossier["messages"]]
    if not starts or not all(starts):
        return cell(say("not stamped", lang), "doubt")
    latest = max(starts, key=datetime.fromisoformat)
    return cell(f"{moment(latest, lang)} ({say('first stamp', lang)})", "good")


def _made(told: Told, lang: str) -> Iterator[tuple[str, Sequence[Cell]]]:
    holder = told["holder"]
    codes = ", ".join(holder.get("codes", ()))
    yield say("holder", lang), [f"{holder['name']}{f' ({codes})' if codes else ''}"]
    yield say("responsible", lang), [told["responsible"] or "-"]
    by = told["by"]
    yield say("made", lang), [moment(told["made"], lang)]
    yield say("operator", lang), [f"{by['login']} ({say('role', lang)}: {by['role']})"]
    yield say("reason", lang), [told["reason"] or "-"]
    if told.get("recipient"):
        yield say("recipient", lang), [told["recipient"]]
    yield say("act", lang), [cell(told["act"] or "-", "mono")]
    yield say("software", lang), [told["software"]]
    sealed = told["sealed"]
    yield say("sealed", lang), [say("sealed yes", lang) if sealed else cell(say("sealed no", lang), "bad")]


def _some(people: Sequence[str], limit: int, lang: str) -> list[Cell]:
    rest = len(people) - limit
    more = [cell(say("more", lang, number=rest, title=say("copies", lang)), "small")] if rest > 0 else []
    return [*people[:limit], *more] or ["-"]
