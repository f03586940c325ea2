"""rapporto.pdf: what a judge reads. PDF/A-3b with the machine's own report attached, or PDF/A-2b with nothing in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archiver.access.exhibit.rapporto.view import view
from archiver.access.exhibit.told import canonical
from archiver.access.printing import typeset

__all__ = ["rapporto"]

_TEMPLATE = Path(__file__).parent / "template" / "rapporto.typ"


def rapporto(told: Mapping[str, Any], *, embed: bool = True) -> bytes:
    """The report of an exhibit (`data/dossier.json`, parsed), unsigned; the same report gives the same bytes.

    `embed`: PDF/A-3b with dossier.json attached, octet for octet (ISO 19005-3); else PDF/A-2b. `told["lang"]` is
    `it` or `en`. Raises KeyError when the report lacks what its format promises.
    """
    shown = view(told, "en" if told["lang"] == "en" else "it")
    return typeset(_TEMPLATE, shown, canonical(told).decode() if embed else "")
