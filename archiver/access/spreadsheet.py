"""Results as a table for a spreadsheet, as Excel and LibreOffice open it in Italy by a double click.

UTF-8 with its mark (without it Excel reads Windows-1252), semicolons (the comma is the decimal sign there), CRLF. A
cell that a spreadsheet would take for a formula begins with an apostrophe: subjects are written by strangers.
"""

import csv
import io
from collections.abc import Iterable

from archiver.access.search import Hit

HEAD = ("data", "stato", "tipo", "mittente", "destinatari", "oggetto", "identificativo", "message_id", "casella",
        "dossier")  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a formula may begin with, full-width forms of it included once they are folded."""

_WIDE = str.maketrans("＝＋－＠", "=+-@")


def spreadsheet(hits: Iterable[Hit], *, head: bool = True) -> bytes:
    """The file, or without `head` and mark what is added to it."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, delimiter=";", lineterminator="\r\n")
    if head:
        writer.writerow(HEAD)
    for hit in hits:
        date = hit.date.isoformat(sep=" ", timespec="seconds")
        row = (date, hit.state, hit.kind, hit.sender, hit.to, hit.subject, hit.identificativo, hit.message_id)
        writer.writerow(map(cell, (*row, hit.mailbox, hit.dossier)))
    return sheet.getvalue().encode("utf-8-sig" if head else "utf-8", "replace")


def sheet(head: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Any table as such a file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(cell(str(value)) for value in row)
    return out.getvalue().encode("utf-8-sig", "replace")


def cell(text: str) -> str:
    """`text`, harmless in a spreadsheet."""
    return "'" + text if text.lstrip(" ").translate(_WIDE).startswith(FORMULA) else text
