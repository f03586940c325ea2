"""What the judge answers: the package's verdict, which decides, and the contents' verdicts beside it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archiver.evidence.record.members import Hashes
from archiver.verdict import Finding, Indication, Verdict, verdict

UNSIGNED = "UNSIGNED"
"""The outcome of a message that no provider signed: there is nothing to judge."""


@dataclass(frozen=True, slots=True)
class Report:
    """`content` counts messages by outcome; `contents` are the findings about them, which never change `verdict`.

    `until` is how long the evidence holds without a renewal, as far as can be told today; `members` are digests of the
    group's files, where they were asked for.
    """

    verdict: Verdict
    content: dict[str, int] = field(default_factory=dict)
    contents: tuple[Finding, ...] = ()
    proven: dict[str, datetime] = field(default_factory=dict)
    signers: tuple[str, ...] = ()
    until: datetime | None = None
    members: Mapping[str, Hashes] = field(default_factory=dict, repr=False)

    @property
    def proven_at(self) -> datetime | None:
        """Since when all of it is proven to exist: the earliest of `proven`, which has a time for each record."""
        return min(self.proven.values(), default=None)

    @property
    def indication(self) -> Indication:
        """The package's."""
        return self.verdict.indication

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        return {
            "indication": self.indication.value,
            "sub_indication": self.verdict.sub_indication,
            "content": self.content,
            "sealed_by": self.signers,
            "proven_at": self.proven_at.isoformat() if self.proven_at else None,
            "until": self.until.isoformat() if self.until else None,
            "findings": [found.as_json(lang) for found in self.verdict.findings],
            "contents": [found.as_json(lang) for found in self.contents],
        }


def together(reports: Iterable[Report], more: Iterable[Finding] = ()) -> Report:
    """One report of several."""
    findings: list[Finding] = []
    content: Counter[str] = Counter()
    contents: list[Finding] = []
    signers: dict[str, None] = {}
    ends: list[datetime] = []
    for report in reports:
        ends += (report.until,) if report.until else ()
        signers |= dict.fromkeys(report.signers)
        findings += report.verdict.findings
        content.update(report.content)
        contents += report.contents
    return Report(
        verdict((*findings, *more)),
        dict(content),
        tuple(contents),
        signers=tuple(signers),
        until=min(ends, default=None),
    )
