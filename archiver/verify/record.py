"""An evidence record alone, beside the data that somebody brings: files or digests (RFC 4998, 4.3 and 5.3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import x509

from archiver.evidence.policy import Policy
from archiver.evidence.record.judge import Examined, Stamp, examine
from archiver.evidence.record.members import Hashes
from archiver.evidence.record.tokens import Tokens
from archiver.evidence.timestamp import Token
from archiver.verdict import Finding, Indication, verdict
from archiver.verify.anchors import believing, package_anchors
from archiver.verify.files import Trust
from archiver.verify.report import Report


@dataclass(frozen=True, slots=True)
class RecordReport(Report):
    """The verdict on a record, and its steps: one `Stamp` for each ArchiveTimeStamp, in order of time.

    `ends_by` is what ends at `until`: the TSA's certificate, or an algorithm, by name.
    """

    stamps: tuple[Stamp, ...] = ()
    ends_by: str = ""

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        stamps = [
            {
                "chain": stamp.chain,
                "number": stamp.number,
                "time": stamp.token.gen_time.isoformat(),
                "tsa": authority(stamp.token),
                "algorithm": stamp.algorithm,
                "indication": stamp.verdict.indication.value,
                "sub_indication": stamp.verdict.sub_indication,
            }
            for stamp in self.stamps
        ]
        # named: a dataclass with slots is made anew, and loses what `super()` would look for
        return Report.as_json(self, lang) | {"ends_by": self.ends_by, "stamps": stamps}


def judge_record(
    octets: bytes,
    name: str,
    hashed: Callable[[tuple[str, ...]], Mapping[str, Hashes]],
    *,
    trust: Trust,
    at: datetime,
) -> RecordReport:
    """A record (DER) at `at`; `hashed` answers with the digests of the data, by name, in the algorithms asked for.

    The data may be a part of the record's group; without any nothing is proven: INDETERMINATE. Without anchors the CAs
    that the tokens carry are believed, and the verdict says so.
    """
    tokens, notes = Tokens(), tuple[Finding, ...]()
    examined = examine(octets, trust.policy, at=at, subject=name, tokens=tokens)
    if not trust.policy.material.anchors and examined.stamps:
        policy, notes = _own_anchors(examined, name, trust)
        examined = examine(octets, policy, at=at, subject=name, tokens=tokens)
    members = hashed(examined.algorithms)
    judged = verdict((*examined.findings, *notes, *examined.covers(members, partial=True)))
    since = examined.since if judged.indication is Indication.PASSED else None
    return RecordReport(
        judged,
        proven={} if since is None else {name: since},
        until=examined.until,
        stamps=examined.stamps,
        ends_by="" if examined.end is None else examined.end.name,
    )


def authority(token: Token) -> str:
    """What people call the TSA; empty when its certificate is not at hand."""
    if token.certificate is None:
        return ""
    subject = x509.Certificate.load(token.certificate).subject
    return str(subject.native.get("common_name", subject.human_friendly))


def _own_anchors(examined: Examined, name: str, trust: Trust) -> tuple[Policy, tuple[Finding, ...]]:
    carried = dict.fromkeys(octets for stamp in examined.stamps for octets in stamp.token.certificates)
    material = {f"{name} (certificate {number}).cer": octets for number, octets in enumerate(carried, 1)}
    anchors, notes = package_anchors(material, strict=trust.strict)
    return believing(trust, anchors).policy, notes
