"""The room that joins: it knows the configuration, the adapters and the errands, and nothing else knows all three."""

from archiver.access import lines
from archiver.access.attestation import attested
from archiver.access.continuity import Certificate
from archiver.access.trust import Entry, called
from archiver.access.trust_words import trust_lines
from archiver.compose.access import continuity, search, show, status, upgrade
from archiver.compose.archive import Archive, open_archive
from archiver.compose.assumed import Assumed
from archiver.compose.doctor import doctor
from archiver.compose.init import Made, init
from archiver.compose.intake import Ingested, ingest
from archiver.compose.judge import Judged, verify
from archiver.compose.lone import Shown
from archiver.compose.purging import purge
from archiver.compose.rebuilding import rebuild
from archiver.compose.renewing import renew, simulate
from archiver.compose.sealing import seal
from archiver.compose.sweeping import replicate, sweep
from archiver.compose.trust import trust_decide, trust_list, trust_show

__all__ = [
    "Archive",
    "Assumed",
    "Certificate",
    "Entry",
    "Ingested",
    "Judged",
    "Made",
    "Shown",
    "attested",
    "called",
    "continuity",
    "doctor",
    "ingest",
    "init",
    "lines",
    "open_archive",
    "purge",
    "rebuild",
    "renew",
    "replicate",
    "seal",
    "search",
    "show",
    "simulate",
    "status",
    "sweep",
    "trust_decide",
    "trust_lines",
    "trust_list",
    "trust_show",
    "upgrade",
    "verify",
]
