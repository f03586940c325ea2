"""Courtesy copies: what each message says, printed to be read, marked as a copy, long texts cut with a note.

Of hundreds of receipts, each of which holds the message once more, the first few are printed; of the others the list of
messages has a line each.
"""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from archiver.access.exhibit.rapporto.words import KINDS, say, word
from archiver.access.printing.text import amount, cut, moment
from archiver.pec.kind import RECEIPTS

Told = Mapping[str, Any]

LONGEST = 12_000
"""Characters of one message's text."""

PAGES = 120_000
"""Characters of all texts together: what comes after is left out, and counted."""

RECEIPTS_PRINTED = 6
"""Receipts that are printed; the one whose postacert.eml stands in for the message is among them, wherever it lies."""

_FEWEST = 600  # a message costs this much, empty as it may be
_INLINE = frozenset(
    ("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i", "img", "ins", "kbd", "q", "s")
) | {"samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var"}


def copies(told: Told, lang: str) -> dict[str, Any]:
    """The copies that the template prints, in the order of the dossiers, and the note on those left out."""
    room, made, left = PAGES, [], 0
    brief = _brief(told)
    for item in _messages(told):
        if item["sha256"] in brief:
            continue
        if room <= 0:
            left += 1
            continue
        printed = _copy(item, lang, word(KINDS, item["kind"], lang))
        room -= _FEWEST + _weight(printed)
        made.append(printed)
    note = say("copies cut", lang, number=left) if left else ""
    rest = say("brief", lang, number=len(brief), title=say("messages", lang)) if brief else ""
    return {
        "title": say("copies", lang),
        "note": say("copies note", lang),
        "copies": made,
        "left": [line for line in (rest, note) if line],
        "mark": say("copy", lang),
    }


def as_text(html: str) -> str:
    """The words of some HTML, a line for each block; nothing of it is followed."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return re.sub(r"[ \t]+", " ", "".join(reader.found)).strip()


def _brief(told: Told) -> frozenset[str]:
    """The receipts, by digest, that are not printed: their lines in the list of messages say what each is."""
    kept = {(dossier.get("original") or {}).get("sha256") for dossier in told["dossiers"]}
    receipts = [item["sha256"] for item in _messages(told) if item["kind"] in RECEIPTS]
    room = max(0, RECEIPTS_PRINTED - len(kept.intersection(receipts)))
    return frozenset([one for one in receipts if one not in kept][room:])


def _messages(told: Told) -> Iterator[Told]:
    seen: set[str] = set()
    for dossier in told["dossiers"]:
        for item in dossier["messages"]:
            if item["sha256"] not in seen:
                seen.add(item["sha256"])
                yield item


def _copy(item: Told, lang: str, title: str) -> dict[str, Any]:
    inner = item.get("inner")
    return {
        "title": title,
        "digest": item.get("sha256", ""),
        "when": moment(item["date"], lang) if item.get("date") else "",
        "headers": [[name, value] for name, value in item["headers"]],
        **_body(item, lang),
        "attached": say("attachments", lang),
        "attachments": [
            [one["name"] or "-", one["media_type"], amount(one["size"], lang), one["sha256"]]
            for one in item["attachments"]
        ],
        "inner": [_copy({"headers": (), "attachments": (), **inner}, lang, say("inner", lang))] if inner else [],
    }


def _body(item: Told, lang: str) -> dict[str, str]:
    whole, source = item.get("text") or "", ""
    if not whole.strip() and item.get("html"):
        whole, source = as_text(item["html"]), say("html", lang)
    text, rest = cut(whole, LONGEST)
    if not text.strip():
        return {"text": "", "source": "", "rest": say("no text", lang)}
    short = say("cut", lang, number=rest) if rest else ""
    return {"text": text, "source": source, "rest": short or ("" if item.get("whole", True) else say("partial", lang))}


def _weight(printed: Told) -> int:
    return len(printed["text"]) + sum(map(_weight, printed["inner"])) + 120 * len(printed["attachments"])


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag in ("script", "style"):
            self._silent += 1
        elif tag not in _INLINE:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent = max(0, self._silent - 1)
        elif tag not in _INLINE:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(" ".join(re.split(r"\s+", data)))
