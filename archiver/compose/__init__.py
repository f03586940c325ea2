"""The room that joins: it knows the configuration, the adapters and the errands, and nothing else knows all three."""

from archiver.access import lines
from archiver.access.attestation import attested
from archiver.access.continuity import Certificate
from archiver.compose.access import continuity, search, show, status, upgrade
from archiver.compose.archive import Archive, open_archive
from archiver.compose.doctor import doctor
from archiver.compose.init import Made, init
from archiver.compose.intake import Ingested, ingest
from archiver.compose.judge import verify
from archiver.compose.sealing import seal

__all__ = [
    "Archive",
    "Certificate",
    "Ingested",
    "Made",
    "attested",
    "continuity",
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
