"""Verdicts with three outcomes, and the findings that explain them.

The outcomes are those of EN 319 102-1: PASSED, INDETERMINATE, FAILED. A verdict is never a bare boolean: it can be
asked why, and answers with findings, each with a code, the clause of the standard, and a text in Italian and English.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from archiver.verdict.table import TABLE


class Indication(StrEnum):
    """EN 319 102-1, 5.1.3."""

    PASSED = "PASSED"
    INDETERMINATE = "INDETERMINATE"
    FAILED = "FAILED"


class Severity(StrEnum):
    """What a finding does to its verdict: `error` fails it, `doubt` leaves it open, the others do nothing."""

    INFO = "info"
    WARNING = "warning"
    DOUBT = "doubt"
    ERROR = "error"


_ALTERED = frozenset({"HASH_FAILURE", "FORMAT_FAILURE", "SIG_CRYPTO_FAILURE"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed about one subject (a path or a digest); `values` fill the text of the table.

    Raises KeyError when built with a code that the table does not have.
    """

    code: str
    subject: str
    values: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        TABLE[self.code]

    @property
    def severity(self) -> Severity:
        """The severity that the table gives to this code."""
        return Severity(TABLE[self.code].severity)

    @property
    def sub_indication(self) -> str:
        """The sub-indication of EN 319 102-1 that goes with this code, may be empty."""
        return TABLE[self.code].sub

    @property
    def clause(self) -> str:
        """The clause of the standard or law behind it; may be empty."""
        return TABLE[self.code].clause

    @property
    def altered(self) -> bool:
        """Whether it says that octets are no longer what they were: not that an authority has fallen since."""
        if self.sub_indication == "NO_SIGNING_CERTIFICATE_FOUND":
            return True  # it came with the signature, always
        return self.severity is Severity.ERROR and self.sub_indication in _ALTERED

    def text(self, lang: str = "it") -> str:
        """The sentence for people, `lang` being `it` or `en`."""
        row = TABLE[self.code]
        sentence = row.english if lang == "en" else row.italian
        return sentence.format_map(_Values(self.values))

    def as_json(self, lang: str = "it") -> dict[str, str]:
        """For machines."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "subject": self.subject,
            "clause": self.clause,
            "text": self.text(lang),
        }


def finding(code: str, subject: str, **values: object) -> Finding:
    """A finding with its values as keywords."""
    return Finding(code, subject, tuple((name, str(value)) for name, value in values.items()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one subject. Its indication is that of its worst finding; no findings means PASSED.

    `sub_indication` is the code of EN 319 102-1 (NO_POE, EXPIRED, HASH_FAILURE, ...) of the first finding that decided.
    """

    findings: tuple[Finding, ...] = field(default=())

    @property
    def indication(self) -> Indication:
        """PASSED, INDETERMINATE or FAILED."""
        if not self.findings:
            return Indication.PASSED
        severities = {item.severity for item in self.findings}
        if Severity.ERROR in severities:
            return Indication.FAILED
        return Indication.INDETERMINATE if Severity.DOUBT in severities else Indication.PASSED

    @property
    def sub_indication(self) -> str:
        """The sub-indication of the first finding that decided, empty for PASSED."""
        deciding = {Indication.FAILED: Severity.ERROR, Indication.INDETERMINATE: Severity.DOUBT}.get(self.indication)
        return next((TABLE[item.code].sub for item in self.findings if item.severity is deciding), "")

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(self.findings + other.findings)


PASSED = Verdict()


def verdict(findings: Iterable[Finding]) -> Verdict:
    """A verdict of these findings, each kept once."""
    return Verdict(tuple(dict.fromkeys(findings)))


class _Values(dict[str, str]):
    """Values of a finding; one that is missing shows as a question mark instead of raising at the worst moment."""

    def __missing__(self, key: str) -> str:
        return "?"
