"""Text on its way into the page: escaped, in two languages of which one is shown, and times for people."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape

_KEPT = "\t\n"


def safe(value: object) -> str:
    """As text of HTML: nothing in it is markup, and no control character is left."""
    text = "".join(one if one in _KEPT or one.isprintable() or one == "\u00a0" else _shown(one) for one in str(value))
    return escape(text, quote=True)


def foreign(value: object) -> str:
    """What somebody else wrote: set apart, so that its direction of writing changes nothing around it."""
    return f"<bdi>{safe(value)}</bdi>"


def both(italian: str, english: str) -> str:
    """A sentence in both languages, each marked; the page shows the one that it is in."""
    return f'<span lang="it">{safe(italian)}</span><span lang="en">{safe(english)}</span>'


def digest(value: str) -> str:
    """A digest, which may be broken anywhere."""
    return f'<code class="digest">{safe(value)}</code>'


def moment(value: str | None) -> str:
    """A time (ISO 8601) as it was stated, with its offset, and UTC beside where that is another."""
    if not value:
        return "-"
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return safe(value)
    if at.tzinfo is None:
        return safe(f"{at:%d/%m/%Y %H:%M:%S}")
    universal = f"{at.astimezone(UTC):%d/%m/%Y %H:%M:%S} UTC"
    if not at.utcoffset():
        return safe(universal)
    offset = f"{at:%z}"
    return f"{safe(f'{at:%d/%m/%Y %H:%M:%S}')} ({safe(offset)}) <small>{safe(universal)}</small>"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells are HTML already."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    shown = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0">{shown}</div>'


def folded(summary: str, inside: str, *, opened: bool = False, kind: str = "") -> str:
    """Something to be opened; both are HTML already."""
    attributes = (f' class="{kind}"' if kind else "") + (" open" if opened else "")
    return f"<details{attributes}><summary>{summary}</summary>{inside}</details>"


def _shown(control: str) -> str:
    """A character that nobody would see, by its number; what HTML may not hold, as the replacement character."""
    number = ord(control)
    if control == "\r":
        return ""
    if number < 0x20 or 0x7F <= number < 0xA0 or 0xD800 <= number < 0xE000 or number & 0xFFFE == 0xFFFE:
        return "\ufffd"
    if control.isspace():
        return " "
    return f"[U+{number:04X}]" if 0x200B <= number <= 0x206F or number == 0xFEFF else control
