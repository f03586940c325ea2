"""What a PDF shows: the text of its pages, where its characters stand, what is attached to it (pdfium)."""

import io

import pypdfium2
from pyhanko.pdf_utils.reader import PdfFileReader


def pages(pdf: bytes) -> list[str]:
    """The text of each page, as somebody would copy it; breaks inside long words taken out."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return [" ".join(text.replace("\u200b", "").replace("\ufffe", "").split()) for text in found]


def text(pdf: bytes) -> str:
    """All of it on one line."""
    return " ".join(pages(pdf))


def overflowing(pdf: bytes) -> list[str]:
    """Lines that stand outside of their page, to the right, to the left, or below."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    try:
        for page in document:
            shown, width = page.get_textpage(), page.get_width()
            for index in range(shown.count_rects()):
                left, bottom, right, top = shown.get_rect(index)
                if right > width or left < 0 or bottom < 0:
                    found.append(shown.get_text_bounded(left, bottom, right, top))
    finally:
        document.close()
    return found


def attached(pdf: bytes) -> dict[str, bytes]:
    """The files in it, by name."""
    catalog = PdfFileReader(io.BytesIO(pdf)).root
    names = catalog.get("/Names", {}).get("/EmbeddedFiles", {}).get("/Names", [])
    specs = (names[at + 1].get_object() for at in range(0, len(names), 2))
    return {str(spec["/UF"]): bytes(spec["/EF"]["/F"].get_object().data) for spec in specs}
