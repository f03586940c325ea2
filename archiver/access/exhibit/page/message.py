"""One message as people read it: what it says it is, its text, its HTML in a frame that can do nothing, its files."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from archiver.access.exhibit.page.style import FRAME_STYLE, frame_policy
from archiver.access.exhibit.page.text import both, digest, folded, foreign, moment, safe, table
from archiver.access.words import ANSWERS


def message(told: Mapping[str, Any], *, readable: bool) -> str:
    """One entry of a dossier's `messages`; folded. Without `readable` only what it is."""
    head = (
        f'<span class="kind">{safe(told["kind"])}</span> {moment(told.get("date"))}'
        f' <span class="subject">{foreign(told.get("subject") or "")}</span>'
    )
    inside = _facts(told) + (_readable(told) if readable else "")
    return folded(head, inside, kind="message")


def _facts(told: Mapping[str, Any]) -> str:
    rows = [
        (both("Da", "From"), _sender(told)),
        (both("A", "To"), "<br>".join(foreign(one) for one in told.get("to", ())) or "-"),
        ("Message-ID", foreign(told.get("message_id") or "-")),
        (both("Ingresso in archivio", "Taken into the archive"), moment(told.get("received"))),
        (both("Firma del gestore", "Provider's signature"), _answers(told.get("content"))),
        (both("Esistenza provata dal", "Proven to exist since"), _since(told)),
        ("SHA-256", digest(told["sha256"])),
        ("File", f"<code>{safe(told.get('path', ''))}</code> ({safe(told.get('size', '?'))} byte)"),
    ]
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in rows)}</dl>"


def _sender(told: Mapping[str, Any]) -> str:
    """Of a message received whoever wrote the one inside; the envelope is its provider's."""
    outside = foreign(told.get("from", ""))
    inner = told.get("inner") if told["kind"] in ("posta-certificata", "anomalia") else None
    wrote = next((value for name, value in (inner or {}).get("headers", ()) if str(name).lower() == "from"), "")
    if not wrote:
        return outside
    return f"{foreign(wrote)}<br><small>{both('busta di trasporto da', 'busta di trasporto from')} {outside}</small>"


def _since(told: Mapping[str, Any]) -> str:
    if told.get("since"):
        return moment(told["since"])
    return both(
        "non ancora provata: il messaggio attende il suo volume", "not proven yet: the message waits for its volume"
    )


def _answers(content: Mapping[str, str] | None) -> str:
    if not content:
        return both("nessuna", "none")
    names = ("integrity", "origin", "time", "algorithm")
    said = [words[content[name]] for name, words in zip(names, ANSWERS, strict=True) if content.get(name) in words]
    return both(", ".join(one[0] for one in said), ", ".join(one[1] for one in said))


def _readable(told: Mapping[str, Any]) -> str:
    """Headers, text, HTML, attachments; then the same of the message inside (postacert.eml)."""
    parts = [_body(told)]
    if told.get("whole") is False:
        cut = both("Mostrato in parte: il resto è nel file .eml.", "Shown in part: the rest is in the .eml file.")
        parts.append(f'<p class="note">{cut}</p>')
    parts.append(_attachments(told.get("attachments", ())))
    parts.append(_headers(told.get("headers", ())))
    if inner := told.get("inner"):
        title = both("Messaggio contenuto (postacert.eml)", "Message inside (postacert.eml)")
        named = {str(name).lower(): value for name, value in inner.get("headers", ())}
        subject = foreign(named.get("subject", ""))
        parts.append(folded(f"{title}: {subject}", _readable(inner), kind="inner"))
    return "".join(parts)


def _body(told: Mapping[str, Any]) -> str:
    text, html = told.get("text") or "", told.get("html") or ""
    shown = f'<pre class="text" dir="auto">{safe(text)}</pre>' if text.strip() else ""
    if not html:
        return shown or f'<p class="note">{both("Nessun testo.", "No text.")}</p>'
    title = both(
        "Vista HTML, senza stili, collegamenti e immagini remote", "HTML view, without styles, links and remote images"
    )
    return shown + folded(title, frame(html), opened=not shown, kind="extra" if shown else "")


def frame(html: str) -> str:
    """The sanitised HTML in a frame that may do nothing at all, with a policy of its own (HTML, 4.8.5 sandbox)."""
    document = (
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{frame_policy()}">'
        f"<style>{FRAME_STYLE}</style><body>{html}"
    )
    # nothing of it is markup of this page: the attribute's value is escaped as a whole
    value = escape(document.encode("utf-8", "replace").decode().replace("\0", "\ufffd"), quote=True)
    return f'<iframe sandbox="" loading="lazy" referrerpolicy="no-referrer" title="HTML" srcdoc="{value}"></iframe>'


def _attachments(files: Sequence[Mapping[str, Any]]) -> str:
    if not files:
        return ""
    rows = (
        (foreign(item.get("name") or "-"), safe(item["media_type"]), safe(item["size"]), digest(item["sha256"]))
        for item in files
    )
    head = (both("Allegato", "Attachment"), both("tipo", "type"), "byte", "SHA-256")
    return table(head, rows)


def _headers(headers: Sequence[Sequence[str]]) -> str:
    if not headers:
        return ""
    rows = "".join(f"<dt>{foreign(name)}</dt><dd>{foreign(value)}</dd>" for name, value in headers)
    return folded(both("Intestazioni", "Headers"), f'<dl class="headers">{rows}</dl>', kind="extra")
