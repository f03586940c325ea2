"""What is text: XML by its root element, HTML, mail, calendars; and text as such."""

import codecs
import re

HEAD = 1 << 16
"""Octets that are looked at."""

_ROOT = re.compile(
    r"\s*(?:<\?[^>]{0,2000}\?>\s*|<!--.{0,20000}?-->\s*|<!DOCTYPE[^>\[]{0,2000}(?:\[[^\]]{0,20000}\]\s*)?>\s*){0,20}+"
    r"<(?:([A-Za-z_][\w.-]{0,60}):)?([A-Za-z_][\w.-]{0,60})([^>]{0,8000})",
    re.DOTALL,
)
_ROOTS = {
    "FatturaElettronica": "fatturapa",
    "FatturaElettronicaSemplificata": "fatturapa",
    "postacert": "daticert",
    "Segnatura": "segnatura",
    "SegnaturaInformatica": "segnatura",
    "REMDispatch": "rem-evidence",
    "REMEvidence": "rem-evidence",
    "svg": "svg",
    "html": "html",
    "HTML": "html",
}
_SDI = re.compile(r"(?:Ricevuta|Notifica|Attestazione|MetadatiInvioFile|FileMetadati)\w*")
_SDI_SPACE = re.compile(
    r"http://(?:www\.fatturapa\.gov\.it/sdi|ivaservizi\.agenziaentrate\.gov\.it/docs/xsd/fattura)/messaggi/"
)
_SIGNATURE = re.compile(r"<(?:\w+:)?Signature\b")
_HTML = re.compile(
    rb"\s*(?:<!--.{0,4000}?-->\s*)?<(?:!doctype\s+html|html|head|body|meta|title|table|div|p|span|font|br)\b",
    re.I | re.S,
)
_MAIL = re.compile(rb"(?:(?:[A-Za-z][A-Za-z0-9-]{0,60}):[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){2}")
_MAIL_FIELD = re.compile(rb"^(?:received|return-path|message-id|from|mime-version|date|subject):", re.I | re.M)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_C1 = re.compile(r"[\x80-\x9f]")


def identified(octets: bytes) -> str:
    """`xml` and its kinds, `html`, `eml`, `mbox`, `ical`, `vcard`, `text`; empty when it is no text."""
    head = octets[:HEAD]
    text = _text(head, whole=len(octets) <= HEAD)
    if not text:
        return ""
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith("<"):
        return _html(head) or _xml(stripped) or "text"
    if stripped.startswith("BEGIN:VCALENDAR"):
        return "ical"
    if stripped.startswith("BEGIN:VCARD"):
        return "vcard"
    if head.startswith(b"From ") and _MAIL.match(head, head.find(b"\n") + 1):
        return "mbox"
    header = _MAIL.match(head)
    return "eml" if header and _MAIL_FIELD.search(header[0]) else "text"


def _text(head: bytes, *, whole: bool) -> str:
    """The text, in the encoding it seems to have; empty when it has controls that no text has."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if marked:
        text = head.decode(marked, "replace")
        return "" if _CONTROLS.search(text) else text
    try:
        text = codecs.getincrementaldecoder("utf-8")("strict").decode(head, final=whole)
    except ValueError:
        text = head.decode("cp1252", "replace")
        if "\ufffd" in text:
            text = head.decode("latin-1")
            return "" if _CONTROLS.search(text) or _C1.search(text) else text
    return "" if _CONTROLS.search(text) else text


def _html(head: bytes) -> str:
    return "html" if _HTML.match(head.removeprefix(codecs.BOM_UTF8)) else ""


def _xml(text: str) -> str:
    root = _ROOT.match(text)
    if root is None:
        return "xml" if text.startswith("<?xml") else ""
    name = _ROOTS.get(root[2], "")
    if name:
        return name
    if _SDI.fullmatch(root[2]) and _SDI_SPACE.search(root[3]):
        return "sdi"
    return "xml" if text.startswith("<?xml") or f"</{root[2]}>" in text or "xmlns" in root[3] else ""
