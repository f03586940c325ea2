"""Documents on paper: PDF/A set by typst, from templates and fonts that are shipped.

Whatever came from a message or a configuration goes to a template as data (JSON), never as markup. The same view gives
the same bytes.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archiver.access.printing.coverage import FONTS
from archiver.access.printing.text import cleaned

__all__ = ["MARK", "canonical", "typeset"]

MARK = "SENZA VALORE LEGALE / WITHOUT LEGAL VALUE"

_ROOT = Path(__file__).parent.parent
"""Templates of all documents lie below: typst reads nothing else."""


def canonical(value: Mapping[str, Any]) -> bytes:
    """Keys sorted, UTF-8, no blanks, one line end. Lone surrogates, which UTF-8 has not, become U+FFFD."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode("utf-8", "replace")


def typeset(template: Path, view: Mapping[str, Any], attached: str = "") -> bytes:
    """The document that a template draws from its view, unsigned.

    With text `attached` (the template says under which name): PDF/A-3b (ISO 19005-3), else PDF/A-2b. Every string of
    the view is made fit for printing first.
    """
    import typst  # 30 MB that only who prints needs

    try:
        return _set(template, cleaned(view), attached)
    except typst.TypstError:  # a mark over a letter of another font: rather a poorer print than none
        return _set(template, cleaned(view, strict=True), attached)


def _set(template: Path, shown: Any, attached: str) -> bytes:
    import typst

    made: bytes = typst.compile(
        str(template),
        root=str(_ROOT),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        package_path=str(template.parent),
        package_cache_path=str(template.parent),
        pdf_standards=["a-3b" if attached else "a-2b"],
        sys_inputs={"view": json.dumps(shown), "told": attached},
    )
    return made
