"""Documents that the responsabile signs: the verbale of the periodic check, and the yearly integrity report.

PDF/A-3b with what they tell attached, octet for octet, for machines.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archiver.access.printing import canonical, typeset
from archiver.access.printing.blocks import Block
from archiver.access.reports import integrity as _integrity
from archiver.access.reports import verifica as _verifica
from archiver.access.reports.front import front, signature

__all__ = ["integrity", "verifica"]

_TEMPLATE = Path(__file__).parent / "template" / "document.typ"


def verifica(told: Mapping[str, Any]) -> bytes:
    """The verbale of the periodic check (AgID guidelines, 4.7), unsigned. Raises KeyError for what is not whole."""
    return _drawn(told, _verifica.sections(told, told["lang"]), form=True)


def integrity(told: Mapping[str, Any]) -> bytes:
    """The integrity report of a year, unsigned. Raises KeyError for what is not whole."""
    return _drawn(told, _integrity.sections(told, told["lang"]), form=False)


def _drawn(told: Mapping[str, Any], sections: Sequence[Block], *, form: bool) -> bytes:
    view = {**front(told, told["lang"]), "sections": list(sections), "sign": signature(told, form=form)}
    return typeset(_TEMPLATE, view, canonical(told).decode())
