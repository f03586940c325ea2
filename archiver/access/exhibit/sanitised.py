"""The HTML of a message made harmless: what was text stays to be read, and nothing in it can act, fetch or hide.

An allow-list (nh3), then what is left of links and pictures is written out as text: a link shows where it would have
led, a remote picture where it would have come from. No style is kept, so nothing that was there is invisible.
"""

import re
from html import escape
from typing import Final

import nh3

from archiver.access.exhibit.bounded import bearable
from archiver.access.text.markup import html_text

LIMIT: Final = 2_000_000
"""Characters of HTML that are read; a longer message is cut, and says so."""

BEYOND: Final = "[da qui solo il testo: HTML troppo annidato / from here text alone: HTML nested too deeply]"
"""Stands before what is shown as text alone."""

_KEPT_TAGS: Final = (
    "a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em h1 h2 h3 "
    "h4 h5 h6 hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr "
    "tt u ul var"
)
_DROPPED_TAGS: Final = "script style title head iframe frameset object embed applet noscript template svg math"
_TAGS: Final = frozenset(_KEPT_TAGS.split())
_DROPPED: Final = frozenset(_DROPPED_TAGS.split())
_ATTRIBUTES: Final = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
    "*": {"dir", "lang"},
}
_SCHEMES: Final = frozenset(("http", "https", "mailto", "tel", "data", "cid", "ftp"))
# nh3 writes every attribute in double quotes, and <, > and " inside as entities: one pattern is exact
_LINK: Final = re.compile(r"<a(?P<attributes>(?: [a-z]+=\"[^\"]*\")*)>|(?P<end></a>)")
_IMAGE: Final = re.compile(r"<img(?P<attributes>(?: [a-z]+=\"[^\"]*\")*)>")
_ATTRIBUTE: Final = re.compile(r" ([a-z]+)=\"([^\"]*)\"")
_EMBEDDED: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+", re.ASCII)


def sanitised(html: str) -> str:
    """A fragment of HTML without scripts, styles, forms, frames, links that lead anywhere or pictures from elsewhere.

    What is embedded (data: pictures of the four usual kinds) stays; a link's address and a remote picture's stand in
    square brackets. Nothing is raised for what the HTML holds; of more than LIMIT characters the rest is left out, and
    what is nested or left open beyond what a parser can bear stands below as text.
    """
    cut, html = len(html) > LIMIT, html[:LIMIT].replace("\0", "")
    place = bearable(html)
    clean = nh3.clean(
        html[:place],
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        link_rel=None,
        url_schemes=set(_SCHEMES),
        strip_comments=True,
    )
    shown = _IMAGE.sub(_image, _links(clean))
    rest = _text(html[place:]) if place < len(html) else ""
    return f"{shown}{rest}<p>[...]</p>" if cut else f"{shown}{rest}"


def _text(html: str) -> str:
    said = re.sub(r"[ \t]+", " ", html_text(html))
    return f"<p>{BEYOND}</p><pre>{escape(said)}</pre>"


def _links(clean: str) -> str:
    """Links as text, each followed by where it led, unless that is what it says anyway."""
    pieces, place, target, start = list[str](), 0, "", 0
    for found in _LINK.finditer(clean):
        pieces.append(clean[place : found.start()])
        place = found.end()
        if found["end"] is None:
            target, start = _attributes(found).get("href", ""), len(pieces)
        elif target and target != "".join(pieces[start:]).strip():
            pieces.append(f" [{target}]")
            target = ""
    return "".join((*pieces, clean[place:]))


def _image(found: re.Match[str]) -> str:
    said = _attributes(found)
    source, text = said.get("src", ""), said.get("alt", "")
    if _EMBEDDED.fullmatch(source):
        return f'<img src="{source}" alt="{text}">'
    told = ": ".join(part for part in ("img", text, source if not source.startswith("data:") else "") if part)
    return f"<span>[{told}]</span>"


def _attributes(found: re.Match[str]) -> dict[str, str]:
    return dict(_ATTRIBUTE.findall(found["attributes"] or ""))
