"""The register as people ask for it: who looked at what, who decided what, when and why."""

from archiver.access.registered.entry import Entry, Page, table
from archiver.access.registered.export import Exported, export
from archiver.access.registered.find import Filters, find
from archiver.access.registered.words import entry_lines, judged_lines

__all__ = [
    "Entry",
    "Exported",
    "Filters",
    "Page",
    "entry_lines",
    "export",
    "find",
    "judged_lines",
    "table",
]
