"""Documents for people to finish: Word files (ISO/IEC 29500) with marked places; the same text gives the same bytes."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

_TODO = "[DA COMPLETARE: {}]"
_RED, _BLUE, _QUIET = "9B1C1C", "1F3A5F", "5B6570"
_FIXED = (1980, 1, 1, 0, 0, 0)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Place:
    """One place that a person has to fill in: in which chapter, and with what."""

    chapter: str
    wanted: str


class Editable:
    """One document under way. Whatever text it is given is text: nothing in it is ever read as markup."""

    def __init__(
        self, *, title: str, subject: str, author: str, at: datetime, mark: str = "", running: str = ""
    ) -> None:
        from docx import Document  # 20 MB that only who writes a manual needs
        from docx.shared import Cm, Pt

        self._document: Any = Document()
        self.places: list[Place] = []
        self._headings: list[tuple[int, str]] = []
        self._chapter = ""
        self._contents: Any = None
        self._empty: Any = None
        self._properties(title, subject, author, at)
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin, section.bottom_margin = Cm(2.2), Cm(2)
        self._styles(Pt)
        self._running(section, mark, running)

    def title(self, text: str, subtitle: str = "") -> None:
        """The first lines of the document."""
        self._document.add_heading(clean(text), level=0)
        if subtitle:
            self._document.add_paragraph(clean(subtitle), style="Subtitle")

    def contents(self, label: str) -> None:
        """The place of the table of contents: a field, which programs fill with page numbers; headings until then."""
        self._document.add_paragraph(
            clean(label), style="TOC Heading" if "TOC Heading" in self._names() else "Heading 2"
        )
        self._contents = self._document.add_paragraph()
        self._empty = deepcopy(self._contents._p)

    def heading(self, text: str, level: int = 1) -> None:
        """A heading; of level 1 it begins a chapter."""
        said = clean(text)
        if level == 1:
            self._chapter = said
        self._headings.append((level, said))
        self._document.add_heading(said, level=level)

    def text(self, text: str, *, bold: bool = False) -> None:
        """A paragraph. What stands in it as [DA COMPLETARE: ...] is marked, and counted."""
        self._filled(self._document.add_paragraph(), text, bold=bold)

    def note(self, text: str) -> None:
        """A reference, small and in italics."""
        from docx.shared import Pt, RGBColor

        run = self._document.add_paragraph().add_run(clean(text))
        run.italic, run.font.size, run.font.color.rgb = True, Pt(9), RGBColor.from_string(_QUIET)

    def warning(self, text: str) -> None:
        """A line in red."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import RGBColor

        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(clean(text))
        run.bold, run.font.color.rgb = True, RGBColor.from_string(_RED)

    def bullets(self, items: Iterable[str]) -> None:
        """A list."""
        for item in items:
            self._filled(self._document.add_paragraph(style="List Bullet"), item)

    def steps(self, items: Iterable[str]) -> None:
        """A list whose numbers are text, so that every program shows the same."""
        from docx.shared import Cm

        for number, item in enumerate(items, 1):
            paragraph = self._document.add_paragraph()
            paragraph.paragraph_format.left_indent = Cm(0.9)
            paragraph.paragraph_format.first_line_indent = Cm(-0.9)
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(0.9))
            self._filled(paragraph, f"{number}.\t{item}")

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float] = ()) -> None:
        """A table whose head is repeated on every page; `widths` in centimetres."""
        made = self._document.add_table(rows=1, cols=len(head), style="Light Grid Accent 1")
        made.autofit = not widths
        for cell, text in zip(made.rows[0].cells, head, strict=True):
            self._cell(cell, text)
        _repeated(made.rows[0])
        for row in rows:
            cells = made.add_row().cells
            for cell, text in zip(cells, row, strict=True):
                self._cell(cell, text)
        _set_widths(made, widths)
        self._document.add_paragraph()

    def pairs(self, rows: Iterable[tuple[str, str]], widths: tuple[float, float]) -> None:
        """Labels and values, without a head."""
        made = self._document.add_table(rows=0, cols=2, style="Table Grid")
        made.autofit = False
        for row in rows:
            for cell, text in zip(made.add_row().cells, row, strict=True):
                self._cell(cell, text)
        _set_widths(made, widths)
        self._document.add_paragraph()

    def page(self) -> None:
        """A new page."""
        self._document.add_page_break()

    def octets(self) -> bytes:
        """The file: the same for the same text, whenever it is made."""
        self._fill_contents()
        raw = io.BytesIO()
        self._document.save(raw)
        return _with_fixed_dates(raw.getvalue())

    def _filled(self, paragraph: "Paragraph", text: str, *, bold: bool = False) -> None:
        """Text with its marked places."""
        from docx.enum.text import WD_COLOR_INDEX

        for piece in re.split(r"(\[DA COMPLETARE: [^\]]*\])", clean(text)):
            if not piece:
                continue
            run = paragraph.add_run(piece)
            run.bold = bold or None
            if piece.startswith("[DA COMPLETARE: "):
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
                self.places.append(Place(self._chapter, piece[len("[DA COMPLETARE: ") : -1]))

    def _cell(self, cell: Any, text: str) -> None:
        from docx.shared import Pt

        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        self._filled(paragraph, text)
        for run in paragraph.runs:
            run.font.size = Pt(9)

    def _properties(self, title: str, subject: str, author: str, at: datetime) -> None:
        core = self._document.core_properties
        core.title, core.subject, core.author = clean(title)[:255], clean(subject)[:255], clean(author)[:255]
        core.last_modified_by, core.language, core.revision = clean(author)[:255], "it-IT", 1
        core.comments, core.keywords = "", "conservazione; PEC"
        core.created = core.modified = at.replace(tzinfo=None)

    def _styles(self, points: Any) -> None:
        from docx.oxml.ns import qn
        from docx.shared import RGBColor

        normal = self._document.styles["Normal"]
        normal.font.name, normal.font.size = "Calibri", points(10.5)
        normal.paragraph_format.space_after = points(6)
        for name, size in (("Title", 24), ("Heading 1", 15), ("Heading 2", 12), ("Heading 3", 11)):
            style = self._document.styles[name]
            style.font.size, style.font.color.rgb = points(size), RGBColor.from_string(_BLUE)
        for language in self._document.styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), "it-IT")

    def _running(self, section: Any, mark: str, running: str) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt, RGBColor

        head = section.header.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = head.add_run(mark)
        run.bold, run.font.size, run.font.color.rgb = True, Pt(9), RGBColor.from_string(_RED)
        foot = section.footer.paragraphs[0]
        foot.style.font.size = Pt(8.5)
        for piece in (f"{clean(running)}\tpagina ", "PAGE", " di ", "NUMPAGES"):
            run = foot.add_run() if piece.isupper() else foot.add_run(piece)
            run.font.size = Pt(8.5)
            if piece.isupper():
                _field(run, piece, "1")

    def _names(self) -> list[str]:
        return [style.name for style in self._document.styles]

    def _fill_contents(self) -> None:
        """The field, and as its result the headings there are."""
        if self._contents is None:
            return
        from docx.text.paragraph import Paragraph

        entries = [(level, text) for level, text in self._headings if level <= 2] or [(1, "")]
        at, line = self._contents, self._contents
        _mark(at.add_run(), "begin")
        _instruct(at.add_run(), ' TOC \\o "1-2" \\h \\z \\u ')
        _mark(at.add_run(), "separate")
        for number, (level, text) in enumerate(entries):
            if number:
                following = deepcopy(self._empty)
                line._p.addnext(following)
                line = Paragraph(following, at._parent)
            _entry(line, level, text)
        _mark(line.add_run(), "end")
        self._contents = None


def _set_widths(table: Any, widths: Sequence[float]) -> None:
    """Centimetres, for Word, which asks the cells, and for LibreOffice, which asks the columns."""
    from docx.shared import Cm

    if not widths:
        return
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)


def todo(wanted: str) -> str:
    """A place for a person, as text; square brackets in it become round."""
    return _TODO.format(wanted.replace("[", "(").replace("]", ")"))


def clean(text: str) -> str:
    """Text that XML takes; what it does not becomes U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


def _entry(line: Any, level: int, text: str) -> None:
    from docx.shared import Cm, Pt

    line.paragraph_format.space_after = Pt(1)
    line.paragraph_format.left_indent = Cm(0.6 * (level - 1))
    line.add_run(text)


def _repeated(row: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    marked = OxmlElement("w:tblHeader")
    marked.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(marked)


def _field(run: Any, instruction: str, shown: str) -> None:
    """A field within one run, with what it shows until a program counts."""
    _mark(run, "begin")
    _instruct(run, f" {instruction} ")
    _mark(run, "separate")
    run.add_text(shown)
    _mark(run, "end")


def _mark(run: Any, kind: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement("w:fldChar")
    made.set(qn("w:fldCharType"), kind)
    run._r.append(made)


def _instruct(run: Any, instruction: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement("w:instrText")
    made.set(qn("xml:space"), "preserve")
    made.text = instruction
    run._r.append(made)


def _with_fixed_dates(octets: bytes) -> bytes:
    """The same ZIP with the dates of its entries taken out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(octets)) as source, zipfile.ZipFile(made, "w") as target:
        for item in source.infolist():
            entry = zipfile.ZipInfo(item.filename, _FIXED)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            target.writestr(entry, source.read(item))
    return made.getvalue()
