"""What an authority says instead of a token, fit to be shown: the first words of a page."""

import re
from html import unescape

_READ = 1 << 16
_LONGEST = 120
_UNSEEN = re.compile(r"<(script|style|title|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_TEXT = ("text/", "application/json", "application/problem", "application/xml", "application/xhtml")


def words(body: bytes, content_type: str) -> str:
    """The words of a text or an HTML page, in one line; nothing for what is not text. An unnamed type is looked at."""
    if not content_type.startswith(_TEXT) and (content_type or not body.isascii()):
        return ""
    said = unescape(_UNSEEN.sub(" ", body[:_READ].decode("utf-8", "replace")))
    return " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())


def short(said: str) -> str:
    """Its beginning."""
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."
