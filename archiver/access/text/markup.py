"""HTML and XML as plain text, for a search: in one pass, whatever is thrown at it, and never to be shown."""

import html
import re

_INLINE = "a|abbr|b|bdi|bdo|big|code|em|font|i|ins|kbd|mark|s|small|span|strong|sub|sup|tt|u|wbr"
# every alternative matches wherever it begins: what is not closed is taken to the next sign, or to the end
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head)\b[^<>]*>?.*?(?:</\1\b[^<>]*>?|\Z)", re.DOTALL | re.IGNORECASE
)
_WITHIN = re.compile(rf"</?(?:{_INLINE})(?![\w-])[^<>]*>?", re.IGNORECASE)
_TAG = re.compile(r"<[/!?A-Za-z][^<>]*>?")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_RUN = re.compile(r"\S{200,}")


def html_text(source: str) -> str:
    """The words of a page that a reader would see: no scripts, no styles, no comments."""
    shown = _HIDDEN.sub(" ", source)
    return html.unescape(_TAG.sub(" ", _WITHIN.sub("", shown)))


def xml_text(source: str) -> str:
    """The texts between the tags; what goes on for long without a blank (base64) is no text."""
    return _RUN.sub(" ", html.unescape(_TAG.sub(" ", _CDATA.sub(" ", source))))
