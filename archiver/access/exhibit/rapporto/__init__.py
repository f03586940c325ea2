"""rapporto.pdf: what a judge reads. PDF/A-3b with the machine's own report attached, or PDF/A-2b with nothing in it.

typst sets it, from a template and fonts that are shipped; whatever came from a message goes to it as data (JSON),
never as markup. The same report gives the same bytes.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archiver.access.exhibit.rapporto.coverage import FONTS
from archiver.access.exhibit.rapporto.text import cleaned
from archiver.access.exhibit.rapporto.view import view
from archiver.access.exhibit.told import canonical

__all__ = ["rapporto"]

_TEMPLATE = Path(__file__).parent / "template"


def rapporto(told: Mapping[str, Any], *, embed: bool = True) -> bytes:
    """The report of an exhibit (`data/dossier.json`, parsed), unsigned.

    `embed`: PDF/A-3b with dossier.json attached, octet for octet (ISO 19005-3); else PDF/A-2b. `told["lang"]` is
    `it` or `en`. Raises KeyError when the report lacks what its format promises.
    """
    import typst  # 30 MB that only who exhibits needs

    shown = view(told, "en" if told["lang"] == "en" else "it")
    attached = canonical(told).decode() if embed else ""
    try:
        return _set(cleaned(shown), attached)
    except typst.TypstError:  # a mark over a letter of another font: rather a poorer print than none
        return _set(cleaned(shown, strict=True), attached)


def _set(shown: Mapping[str, Any], attached: str) -> bytes:
    import typst

    made: bytes = typst.compile(
        str(_TEMPLATE / "rapporto.typ"),
        root=str(_TEMPLATE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        package_path=str(_TEMPLATE),
        package_cache_path=str(_TEMPLATE),
        pdf_standards=["a-3b" if attached else "a-2b"],
        sys_inputs={"view": json.dumps(shown), "told": attached},
    )
    return made
