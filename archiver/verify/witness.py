"""What evidence says for or against one object of its group, whoever is believed: only digests are compared."""

from datetime import datetime

from archiver.evidence.cms import digest
from archiver.evidence.policy import NOBODY
from archiver.evidence.record.judge import examine
from archiver.verdict import Finding, Severity

ALTERED = frozenset({"HASH_FAILURE", "FORMAT_FAILURE", "SIG_CRYPTO_FAILURE"})
"""What altered octets are known by; all else is about trust, and takes nothing from a digest."""


def witnessed(octets: bytes, record: bytes, *, at: datetime) -> bool | None:
    """Whether a record proves these octets (RFC 4998, 4.3 and 5.3); None: it is altered itself, and proves nothing.

    Other members of its group may be missing.
    """
    examined = examine(record, NOBODY, at=at, subject="")
    if examined.record is None or any(map(_altered, examined.findings)):
        return None
    hashes = {algorithm: digest(algorithm, octets) for algorithm in examined.algorithms}
    return not any(map(_altered, examined.covers({"": hashes}, partial=True)))


def _altered(found: Finding) -> bool:
    return found.severity is Severity.ERROR and found.sub_indication in ALTERED
