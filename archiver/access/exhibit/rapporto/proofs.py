"""The chapters behind the first page: recipients, messages, packages, every check, what remains open, fingerprints."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archiver.access.exhibit.rapporto.first import by_night, outcome
from archiver.access.exhibit.rapporto.words import (
    ANSWERS,
    CHECKS,
    CONTENTS,
    INDICATIONS,
    KINDS,
    REASONS,
    ROLES,
    say,
    word,
)  # fmt: skip
from archiver.access.printing.blocks import Block, Cell, cell, notes, pairs, prose, row, section, table
from archiver.access.printing.text import amount, day, moment

Told = Mapping[str, Any]

_TONES = {"PASSED": "good", "INDETERMINATE": "doubt", "FAILED": "bad"}
SPACIOUS = 20
"""Messages of one dossier that are listed with room about them."""

_ORDER = ("integrity", "origin", "time", "algorithm")


def recipients(dossier: Told, lang: str) -> Block:
    """Each recipient's outcome, as its receipts state it; of many without the digests, which the messages have."""
    many = len(dossier["recipients"]) > SPACIOUS
    head = [say(term, lang) for term in ("address", "state", "when", "receipt")]
    rows = (
        [
            _address(one, lang),
            outcome(one, lang),
            _when(one, lang),
            "; ".join(_plain(_receipt(one, lang, digest=False))) if many else _receipt(one, lang, digest=True),
        ]
        for one in dossier["recipients"]
    )
    return table((3.6, 1.7, 3, 3.2), head, rows)


def messages(dossier: Told, lang: str) -> Iterator[Block]:
    """The messages of one dossier that are shown: what each is, its digest, its provider's signature, its proof."""
    if len(dossier["messages"]) > SPACIOUS:
        yield from _tight(dossier["messages"], lang)
        return
    for number, item in enumerate(dossier["messages"], 1):
        yield pairs(
            (
                (f"{number}.", [cell(word(KINDS, item["kind"], lang), "strong"), item["subject"] or "-"]),
                (say("date", lang), moment(item["date"], lang)),
                ("SHA-256", cell(item["sha256"], "mono")),
                (say("file", lang), [cell(item["path"], "mono"), amount(item["size"], lang)]),
                (say("signature", lang), _signature(item["content"], lang)),
                (say("proof", lang), row(_proven(item, lang))),
            )
        )


def _tight(shown: Sequence[Told], lang: str) -> Iterator[Block]:
    """The same for many, without their paths: a file is called by its digest. What most have in common is said once."""
    told = [f"{_signature_in_brief(item['content'], lang)} · {' · '.join(_proven(item, lang))}" for item in shown]
    (usual, _), *_rest = Counter(told).most_common(1)
    yield prose(say("of all", lang, said=usual))
    rows = (
        [
            str(number),
            [
                f"{word(KINDS, item['kind'], lang)} · {moment(item['date'], lang)}",
                cell(item["sha256"], "mono"),
                *([] if said == usual else [said]),
            ],
        ]
        for number, (item, said) in enumerate(zip(shown, told, strict=True), 1)
    )
    yield table((0, 1), [say("number", lang), say("messages", lang)], rows)


def volumes(told: Told, lang: str) -> Iterator[Block]:
    """The packages that the messages come from, and every record over each of them."""
    qualified = {tsa["id"]: tsa.get("qualified") for tsa in told["tsas"]}
    for volume in told["volumes"]:
        yield pairs(
            (
                (say("volume", lang), cell(volume["id"], "mono")),
                (say("messages", lang), say("shown", lang, shown=volume["shown"], messages=volume["messages"])),
                (say("signer", lang), f"{volume['signer']} · {volume['level']} · {moment(volume['sealed_at'], lang)}"),
            )
        )
        head = [say(term, lang) for term in ("number", "authority", "when", "algorithm")]
        rows = (
            [
                str(record["number"]),
                f"{record['tsa']} ({say('qualified' if qualified.get(record['tsa']) else 'unqualified', lang)})",
                f"{moment(record['at'], lang)}; {say('until', lang, day=day(record['until']))}",
                record["algorithm"],
            ]
            for record in volume["records"]
        )
        yield table((0, 3, 4, 1.4), head, rows)


def checks(told: Told, lang: str) -> Block:
    """Every check that was made since the day of receipt, in time order."""
    if not told["checks"]:
        return prose(say("no checks", lang))
    head = [say(term, lang) for term in ("when", "check", "result", "detail")]
    rows = (
        [moment(item["at"], lang), word(CHECKS, item["kind"], lang), _indication(item["outcome"]), item[lang]]
        for item in _checks(told["checks"], lang)
    )
    return table((2.5, 1.5, 1.9, 5), head, rows)


def _checks(made: Sequence[Told], lang: str) -> Iterator[Told]:
    """Of hundreds of messages taken in at once one line for each outcome: the list of messages has each of them."""
    taken = [item for item in made if item["kind"] == "intake"]
    groups: dict[tuple[str, str], list[Told]] = {}
    for item in taken if len(taken) > SPACIOUS else ():
        groups.setdefault((item["at"], item["outcome"]), []).append(item)
    for item in made:
        group = groups.get((item["at"], item["outcome"]), [item]) if item["kind"] == "intake" else [item]
        if item is group[0]:
            rest = say("taken too", lang, number=len(group) - 1, title=say("messages", lang))
            yield {**item, lang: f"{item[lang]} {rest}" if len(group) > 1 else item[lang]}


def open_points(told: Told, lang: str) -> Iterator[Block]:
    """What failed and what remains INDETERMINATE, of the package and of the contents, and what is not proven."""
    judged = told["verdict"]
    yield prose(f"{judged['indication']}: {word(INDICATIONS, judged['indication'], lang)}")
    for severity, term in (("error", "failed"), ("doubt", "open")):
        found = [*judged["findings"], *judged.get("contents", ())]
        texts = [_finding(item, lang) for item in found if item["severity"] == severity]
        if texts:
            yield section(say(term, lang), notes(dict.fromkeys(texts)))
        elif severity == "doubt":
            yield prose(say("none open", lang))
    if told["not_proven"]:
        yield section(say("not proven", lang), notes(dict.fromkeys(item[lang] for item in told["not_proven"])))
    warned = [_finding(item, lang) for item in judged["findings"] if item["severity"] in ("warning", "info")]
    if warned:
        yield section(say("other notes", lang), notes(dict.fromkeys(warned)))
    yield prose(say("contents", lang))


def noted(dossier: Told, lang: str) -> Block | None:
    """What reading the dossier itself brought up."""
    return notes(dict.fromkeys(_finding(item, lang) for item in dossier["findings"])) if dossier["findings"] else None


def anchors(told: Told, lang: str) -> Block:
    """What the party that exhibits trusts, to be compared elsewhere."""
    head = [say(term, lang) for term in ("role anchor", "name")]
    rows = (
        [say(item["role"], lang) if item["role"] in ("seal", "tsa", "providers") else item["role"], _certificate(item)]
        for item in told["anchors"]
    )
    return table((1.4, 8), head, rows)


def _certificate(item: Told) -> Sequence[Cell]:
    return [item["subject"], cell(f"SHA-256 {item['sha256']}", "mono")]


def _address(one: Told, lang: str) -> str:
    return f"{one['address']} ({word(ROLES, one['role'], lang)})"


def _when(one: Told, lang: str) -> Sequence[Cell]:
    return [moment(one["at"], lang), *([cell(say("night", lang), "small")] if by_night(one) else ())]


def _receipt(one: Told, lang: str, *, digest: bool) -> Sequence[Cell]:
    found: list[Cell] = []
    if one["receipt"] != "none":
        found.append(f"{one['receipt']}: {word(CONTENTS, one['content'], lang)}")
    if one["reason"]:
        found.append(word(REASONS, one["reason"], lang))
    if one["detail"]:
        found.append(cell(f"«{one['detail']}»", "small"))
    if one["contradiction"]:
        found.append(cell(say("contradiction", lang), "bad"))
    if one["trusted"] is False:
        found.append(cell(say("stranger", lang), "bad"))
    if one["sha256"] and digest:
        found.append(cell(one["sha256"][:16] + "…", "mono"))
    return found or ["-"]


def _plain(cells: Sequence[Cell]) -> Iterator[str]:
    yield from (item if isinstance(item, str) else str(item["t"]) for item in cells)


def _signature(content: Told | None, lang: str) -> Cell:
    if not content:
        return say("unsigned", lang)
    answers = zip(_ORDER, ANSWERS, strict=True)
    return row(cell(word(words, content[name], lang), _TONES.get(content[name], "")) for name, words in answers)


def _signature_in_brief(content: Told | None, lang: str) -> str:
    """The four answers as one text: each piece of its own is memory, hundreds of times."""
    if not content:
        return say("unsigned", lang)
    return " · ".join(word(words, content[name], lang) for name, words in zip(_ORDER, ANSWERS, strict=True))


def _proven(item: Told, lang: str) -> Iterator[str]:
    yield say("since", lang, at=moment(item["since"], lang)) if item["since"] else say("not stamped", lang)
    if item["until"]:
        yield say("until", lang, day=day(item["until"]))
    if not item["volume"]:
        yield say("pending", lang)


def _indication(outcome: str) -> Cell:
    return cell(outcome, _TONES.get(outcome, ""))


def _finding(item: Told, lang: str) -> str:
    clause = f" ({say('clause', lang)}: {item['clause']})" if item.get("clause") else ""
    return f"{item['subject']}: {item['text']}{clause}"
