"""The names of everything in the store, in a package, and how ids are made. Names say nothing about people.

The store (one folder a holder) and the materialised PdA (paths relative to its root, as the index writes them) are
two trees. `parse` is the inverse of the functions that name objects of the store. All functions raise ValueError for
an id out of shape.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from archiver.digest import Sha256
from archiver.package import rules

PINDEX = "PIndex.xml.p7m"
METADATA = "metadata.zip"
MESSAGES = "messages/"
METADATA_DOCUMENTS = "metadata/"
EVIDENCE = "evidence/"
"""Folders of a materialised PdA."""


class Kind(StrEnum):
    """What an object of the store is."""

    SEGMENT = "segment"
    RDV = "rdv"
    RDV_RECORD = "rdv-record"
    TRUST = "trust"
    BATCH = "batch"
    BATCH_RECORD = "batch-record"
    INDEX = "index"
    METADATA = "metadata"
    VOLUME_RECORD = "volume-record"
    DISCARD = "discard"
    DISCARD_RECORD = "discard-record"
    ACT = "act"
    ACT_RECORD = "act-record"
    REPORT = "report"
    REPORT_RECORD = "report-record"
    TAKEOVER = "takeover"
    TAKEOVER_RECORD = "takeover-record"


RECORDS = frozenset(
    (
        Kind.RDV_RECORD,
        Kind.VOLUME_RECORD,
        Kind.BATCH_RECORD,
        Kind.DISCARD_RECORD,
        Kind.ACT_RECORD,
        Kind.REPORT_RECORD,
        Kind.TAKEOVER_RECORD,
    )
)
"""Evidence records, whatever they are about."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The parts of a name. `id` is the digest, the PdV's, the volume's or the discard's; the others where they apply.

    `extension` is that of trust material, and `xml` or `xml.p7m`, `json` or `json.p7m`, for what may be sealed;
    `package` the digest of a foreign index.
    """

    kind: Kind
    holder: str
    id: str = ""
    mailbox: str = ""
    tsa: str = ""
    number: int = 0
    extension: str = ""
    package: str = ""


# --- the store


def segment(holder: str, sha256: Sha256) -> str:
    """Messages, in a ZIP named by its own digest."""
    return f"{rules.opaque(holder)}/segments/{rules.sha256(sha256)[:2]}/{sha256}.zip"


def rdv(holder: str, mailbox: str, pdv: str, *, sealed: bool = False) -> str:
    """The rapporto di versamento of one poll."""
    return f"{_pdv(holder, mailbox, pdv)}.{_xml(sealed)}"


def rdv_record(holder: str, mailbox: str, pdv: str, *, tsa: str, number: int) -> str:
    """The rapporto's own evidence record, besides the volume's."""
    return f"{_pdv(holder, mailbox, pdv)}.{rules.opaque(tsa)}.{_number(number)}.ers"


def trust(holder: str, sha256: Sha256, extension: str) -> str:
    """A certificate, CRL, OCSP answer or trusted list."""
    return f"{rules.opaque(holder)}/{trust_path(sha256, extension)}"


def batch(holder: str, sha256: Sha256) -> str:
    """The manifest of a trust batch, named by its own digest: what a run collected and no index lists."""
    return f"{_batch(holder, sha256)}.txt"


def batch_record(holder: str, sha256: Sha256, *, tsa: str, number: int) -> str:
    """An evidence record over a trust batch: its manifest and all that this lists."""
    return f"{_batch(holder, sha256)}.{rules.opaque(tsa)}.{_number(number)}.ers"


def index(holder: str, volume: str) -> str:
    """The sealed index of a volume."""
    return f"{_volume(holder, volume)}/{PINDEX}"


def metadata(holder: str, volume: str) -> str:
    """The metadata of a volume's messages, a ZIP of stored entries."""
    return f"{_volume(holder, volume)}/{METADATA}"


def volume_record(holder: str, volume: str, *, tsa: str, number: int) -> str:
    """The volume's evidence record of one authority; `number` counts from 1, a renewal adds one."""
    return f"{_volume(holder, volume)}/{evidence_path(tsa, number)}"


def discard(holder: str, discard_id: str, *, sealed: bool = False) -> str:
    """The record of a destruction."""
    return f"{rules.opaque(holder)}/discards/{rules.opaque(discard_id)}/discard.{_xml(sealed)}"


def discard_record(holder: str, discard_id: str, *, tsa: str, number: int) -> str:
    """The evidence record over the record of a destruction, which outlives its seal."""
    stem = f"{rules.opaque(holder)}/discards/{rules.opaque(discard_id)}/discard"
    return f"{stem}.{rules.opaque(tsa)}.{_number(number)}.ers"


def act(holder: str, act_id: str) -> str:
    """What a person decided: `act_id` is its time and a word, `20261122t071500z-...`."""
    return f"{_act(holder, act_id)}.json"


def act_record(holder: str, act_id: str, *, tsa: str, number: int) -> str:
    """The evidence record over what a person decided."""
    return f"{_act(holder, act_id)}.{rules.opaque(tsa)}.{_number(number)}.ers"


def report(holder: str, report_id: str, *, sealed: bool = False) -> str:
    """What an errand did to what is kept: `report_id` is its time, a word, and the beginning of its own digest."""
    return f"{_report(holder, report_id)}.json{'.p7m' if sealed else ''}"


def report_record(holder: str, report_id: str, *, tsa: str, number: int) -> str:
    """The evidence record over a report."""
    return f"{_report(holder, report_id)}.{rules.opaque(tsa)}.{_number(number)}.ers"


def takeover(holder: str, package: Sha256, sha256: Sha256) -> str:
    """Files of a package that another conservatore made, in a ZIP named by its own digest.

    `package` is the SHA-256 of that package's index, as it was handed over.
    """
    return f"{rules.opaque(holder)}/takeovers/{rules.sha256(package)}/{rules.sha256(sha256)}.zip"


def takeover_record(holder: str, package: Sha256, sha256: Sha256, *, tsa: str, number: int) -> str:
    """The evidence record over such a ZIP."""
    stem = takeover(holder, package, sha256).removesuffix("zip")
    return f"{stem}{rules.opaque(tsa)}.{_number(number)}.ers"


def parse(name: str) -> Parsed | None:
    """What an object's name says, or None for a name that no function here gives."""
    for kind, pattern in _PATTERNS:
        if found := pattern.fullmatch(name):
            parts = found.groupdict()
            number = int(parts.pop("number", "0"))
            parts.pop("shard", None)
            return Parsed(kind, number=number, **parts)
    return None


# --- a materialised PdA: paths relative to its root


def message_path(sha256: Sha256) -> str:
    """A message, byte for byte."""
    return f"messages/{rules.sha256(sha256)}.eml"


def metadata_path(sha256: Sha256) -> str:
    """The metadata document about the message `sha256`."""
    return f"metadata/{rules.sha256(sha256)}.xml"


def trust_path(sha256: Sha256, extension: str) -> str:
    """A certificate, CRL or OCSP answer."""
    return f"trust/{rules.sha256(sha256)}.{rules.extension(extension)}"


def pdv_path(pdv: str, *, sealed: bool = False) -> str:
    """A rapporto di versamento."""
    return f"pdv/{rules.sha256(pdv)}.{_xml(sealed)}"


def pdv_record_path(pdv: str, *, tsa: str, number: int) -> str:
    """A rapporto's own evidence record."""
    return f"pdv/{rules.sha256(pdv)}.{rules.opaque(tsa)}.{_number(number)}.ers"


def listed(holder: str, mailbox: str, path: str) -> str:
    """Where a file that an index lists in `pdv/` lies in the store."""
    folder, _, name = path.partition("/")
    if folder != "pdv" or "/" in name:
        raise ValueError(f"{path}: expected a file in pdv/")
    return f"{rules.opaque(holder)}/pdv/{rules.opaque(mailbox)}/{name}"


def evidence_path(tsa: str, number: int) -> str:
    """An evidence record over the volume."""
    return f"evidence/{rules.opaque(tsa)}/{_number(number)}.ers"


# --- ids that are the same whenever the same work is begun again


def pdv_id(holder: str, mailbox: str, previous: str | None, cursor: str) -> str:
    """The id of the PdV that a poll of `mailbox` brings: SHA-256 (hexadecimal) of five lines of UTF-8.

    `pec-archiver pdv 1`, the holder, the mailbox, the id of the mailbox's previous PdV (empty for the first), and the
    cursor before the poll; each line but the last ends in a line feed. The cursor is last, so it may hold anything.
    """
    before = "" if previous is None else rules.sha256(previous)
    text = "\n".join(["pec-archiver pdv 1", rules.opaque(holder), rules.opaque(mailbox), before, cursor])
    return hashlib.sha256(text.encode()).hexdigest()


def volume_id(first_segment: Sha256) -> str:
    """The id of a volume: the digest of its first segment."""
    return rules.sha256(first_segment)


def _pdv(holder: str, mailbox: str, pdv: str) -> str:
    return f"{rules.opaque(holder)}/pdv/{rules.opaque(mailbox)}/{rules.sha256(pdv)}"


def _batch(holder: str, sha256: Sha256) -> str:
    return f"{rules.opaque(holder)}/trust/batches/{rules.sha256(sha256)}"


def _volume(holder: str, volume: str) -> str:
    return f"{rules.opaque(holder)}/volumes/{rules.sha256(volume)}"


def _act(holder: str, act_id: str) -> str:
    if not re.fullmatch(_ACT, act_id):
        raise ValueError(f"id of an act: expected its time and a word, found {act_id[:80]!r}")
    return f"{rules.opaque(holder)}/acts/{act_id}"


def _report(holder: str, report_id: str) -> str:
    if not re.fullmatch(_REPORT, report_id):
        raise ValueError(f"id of a report: expected its time, a word and a digest, found {report_id[:80]!r}")
    return f"{rules.opaque(holder)}/reports/{report_id}"


def _xml(sealed: bool) -> str:
    return "xml.p7m" if sealed else "xml"


def _number(number: int) -> str:
    if not 1 <= number <= 999_999:
        raise ValueError(f"number of a record: expected 1 to 999999, found {number}")
    return f"{number:06}"


_REPORT = r"[0-9]{8}t[0-9]{6}z-[a-z]{1,12}-[0-9a-f]{32}"
_ACT = r"[0-9]{8}t[0-9]{6}z-[a-z0-9-]{1,48}"


def _pattern(rest: str) -> re.Pattern[str]:
    opaque, digest = r"[a-z0-9][a-z0-9-]{0,39}", r"[0-9a-f]{64}"
    for name in ("mailbox", "tsa"):
        rest = rest.replace(f"<{name}>", f"(?P<{name}>{opaque})")
    rest = rest.replace("<opaque>", f"(?P<id>{opaque})").replace("<digest>", f"(?P<id>{digest})")
    rest = rest.replace("<number>", r"(?P<number>(?!000000)[0-9]{6})").replace("<xml>", r"(?P<extension>xml(?:\.p7m)?)")
    return re.compile(f"(?P<holder>{opaque})/{rest}")


_PATTERNS = (
    (Kind.SEGMENT, _pattern(r"segments/(?P<shard>[0-9a-f]{2})/(?=(?P=shard))<digest>\.zip")),
    (Kind.RDV, _pattern(r"pdv/<mailbox>/<digest>\.<xml>")),
    (Kind.RDV_RECORD, _pattern(r"pdv/<mailbox>/<digest>\.<tsa>\.<number>\.ers")),
    (Kind.TRUST, _pattern(r"trust/<digest>\.(?P<extension>[a-z0-9]{1,8})")),
    (Kind.BATCH, _pattern(r"trust/batches/<digest>\.txt")),
    (Kind.BATCH_RECORD, _pattern(r"trust/batches/<digest>\.<tsa>\.<number>\.ers")),
    (Kind.INDEX, _pattern(r"volumes/<digest>/PIndex\.xml\.p7m")),
    (Kind.METADATA, _pattern(r"volumes/<digest>/metadata\.zip")),
    (Kind.VOLUME_RECORD, _pattern(r"volumes/<digest>/evidence/<tsa>/<number>\.ers")),
    (Kind.DISCARD, _pattern(r"discards/<opaque>/discard\.<xml>")),
    (Kind.DISCARD_RECORD, _pattern(r"discards/<opaque>/discard\.<tsa>\.<number>\.ers")),
    # named by the first format, written by later errands: holds, confirmations, accesses
    (Kind.ACT, _pattern(rf"acts/(?P<id>{_ACT})\.json")),
    (Kind.ACT_RECORD, _pattern(rf"acts/(?P<id>{_ACT})\.<tsa>\.<number>\.ers")),
    (Kind.REPORT, _pattern(rf"reports/(?P<id>{_REPORT})\.(?P<extension>json(?:\.p7m)?)")),
    (Kind.REPORT_RECORD, _pattern(rf"reports/(?P<id>{_REPORT})\.<tsa>\.<number>\.ers")),
    (Kind.TAKEOVER, _pattern(r"takeovers/(?P<package>[0-9a-f]{64})/<digest>\.zip")),
    (Kind.TAKEOVER_RECORD, _pattern(r"takeovers/(?P<package>[0-9a-f]{64})/<digest>\.<tsa>\.<number>\.ers")),
)
