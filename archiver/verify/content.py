"""The content verdict of one message: its provider's signature, in four answers, at the first proof of existence."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from archiver.evidence.algorithms import CATALOGUE, Catalogue
from archiver.package.rdv.values import Signature
from archiver.pec.message import read
from archiver.pec.providers import Providers
from archiver.pec.signature import Signature as Provided
from archiver.pec.signature import worst
from archiver.verdict import Finding, Indication, Severity, finding, verdict
from archiver.verify.report import UNSIGNED

MOST = 200
"""Findings about contents that a report lists; the counts are always whole."""


class Contents:
    """Counts outcomes, and keeps the findings of the first messages that did not pass."""

    def __init__(self, providers: Providers, catalogue: Catalogue = CATALOGUE) -> None:
        self.counts: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self._providers = providers
        self._catalogue = catalogue

    def judge(self, raw: bytes, *, proof: datetime, subject: str) -> None:
        """Reads the message and judges its signature as of `proof`."""
        signature = read(raw, own=frozenset(), providers=self._providers, proof=proof, subject=subject).signature
        if signature is None:
            self.counts[UNSIGNED] += 1
            return
        spent = tuple(self._spent(signature, proof, subject))
        self.counts[worst((signature.content, verdict(spent).indication))] += 1
        found = dict.fromkeys((*signature.findings, *spent))
        self._keep(item for item in found if item.severity in (Severity.ERROR, Severity.DOUBT))

    def _spent(self, signature: Provided, proof: datetime, subject: str) -> Iterator[Finding]:
        """Which algorithms could not be trusted any more at `proof`, unless the fourth answer is a doubt already."""
        for name, bits in signature.algorithms if signature.algorithm.indication is Indication.PASSED else ():
            doubt = self._catalogue.usable(name, bits, proof, subject=subject)
            if doubt:
                yield doubt

    def take(self, signature: Signature | None) -> None:
        """Counts what intake found and the rapporto says."""
        if signature is None:
            self.counts[UNSIGNED] += 1
            return
        answers = (signature.integrity, signature.origin, signature.time, signature.algorithm)
        self.counts[worst(Indication(answer) for answer in answers)] += 1

    def _keep(self, findings: Iterable[Finding]) -> None:
        for item in findings:
            if len(self.findings) < MOST:
                self.findings.append(item)
            elif len(self.findings) == MOST:
                self.findings.append(finding("CONTENTS_MORE", item.subject, found=MOST))
