"""The verbale's chapters, in the order in which the responsabile reads them: the outcome and what to do come first."""

from collections.abc import Mapping
from typing import Any

from archiver.access.printing.blocks import Block
from archiver.access.reports import chapters


def sections(told: Mapping[str, Any], lang: str) -> list[Block]:
    """All of them."""
    parts = (
        chapters.findings,
        chapters.copies,
        chapters.readability,
        chapters.evidence,
        chapters.held,
    )
    return [part(told, lang) for part in parts]
