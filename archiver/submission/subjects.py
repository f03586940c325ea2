"""What the catalog calls the things that have evidence: a sort, and an id that no other thing of any holder has.

Rapporti, volumes, acts and reports say in their own octets whose they are, so their digests differ. What several
holders were given, or met, is the same octets under the same digest: batches and packages are told apart by the holder.
"""

from archiver.package.layout import Kind, Parsed

BATCH, ACT, REPORT, TAKEOVER, DISCARD = "batch", "act", "report", "takeover", "discard"

SUBJECTS = {
    Kind.VOLUME_RECORD: "volume",
    Kind.RDV_RECORD: "pdv",
    Kind.BATCH_RECORD: BATCH,
    Kind.ACT_RECORD: ACT,
    Kind.REPORT_RECORD: REPORT,
    Kind.TAKEOVER_RECORD: TAKEOVER,
    Kind.DISCARD_RECORD: DISCARD,
}
"""The sort of what a record is about, by the record's kind."""


def batch_id(holder: str, digest: str) -> str:
    """A trust batch."""
    return f"{holder}/{digest}"


def takeover_id(holder: str, package: str, digest: str) -> str:
    """A ZIP of a foreign package: another package may have one that is the same, too."""
    return f"{holder}/{package}/{digest}"


def discard_id(holder: str, discard: str) -> str:
    """The record of a destruction: ids of discards are unique for a holder."""
    return f"{holder}/{discard}"


def subject_id(parsed: Parsed) -> str:
    """The id of a thing, from its name or from that of one of its records."""
    match parsed.kind:
        case Kind.BATCH | Kind.BATCH_RECORD:
            return batch_id(parsed.holder, parsed.id)
        case Kind.TAKEOVER | Kind.TAKEOVER_RECORD:
            return takeover_id(parsed.holder, parsed.package, parsed.id)
        case Kind.DISCARD | Kind.DISCARD_RECORD:
            return discard_id(parsed.holder, parsed.id)
        case _:
            return parsed.id
