"""The room that joins: it knows the configuration, the adapters and the errands, and nothing else knows all three."""

from archiver.access import lines
from archiver.compose.access import search, show, status, upgrade
from archiver.compose.archive import Archive, open_archive
from archiver.compose.doctor import doctor
from archiver.compose.errands import Ingested, ingest, seal
from archiver.compose.init import Made, init
from archiver.compose.judge import verify

__all__ = [
    "Archive",
    "Ingested",
    "Made",
    "doctor",
    "ingest",
    "init",
    "lines",
    "open_archive",
    "seal",
    "search",
    "show",
    "status",
    "upgrade",
    "verify",
]
