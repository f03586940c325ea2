"""A provider's signature as four answers: integrity, origin, time, algorithm. An old one is not a broken one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from archiver.errors import Malformed
from archiver.verdict import Finding, Indication, Verdict

_WORST_FIRST = (Indication.FAILED, Indication.INDETERMINATE, Indication.PASSED)


@dataclass(frozen=True, slots=True)
class Signature:
    """`integrity`: are these the octets that were signed? `origin`: by a provider we trust? `time`: is it proven that
    the certificate was valid then? `algorithm`: was it strong enough? `claimed_time` is what the signer says.
    `algorithms` are those that it rests on by asn1crypto's names, the mechanism with the bits of the key, the others
    with 0: for those who know until when each may be trusted.
    """

    integrity: Verdict
    origin: Verdict
    time: Verdict
    algorithm: Verdict
    signer: str
    certificate: bytes | None
    certificates: tuple[bytes, ...]
    claimed_time: datetime | None
    algorithms: tuple[tuple[str, int], ...] = ()

    @property
    def answers(self) -> tuple[Verdict, Verdict, Verdict, Verdict]:
        """The four, in this order."""
        return self.integrity, self.origin, self.time, self.algorithm

    @property
    def outcomes(self) -> str:
        """The four indications, separated by blanks: `PASSED PASSED INDETERMINATE PASSED`."""
        return " ".join(answer.indication for answer in self.answers)

    @property
    def content(self) -> Indication:
        """The worst of the four: the content verdict of the message."""
        return worst(answer.indication for answer in self.answers)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of the four, each once."""
        return tuple(dict.fromkeys(item for answer in self.answers for item in answer.findings))


def worst(indications: Iterable[Indication]) -> Indication:
    """FAILED before INDETERMINATE before PASSED; PASSED when there is none."""
    found = frozenset(indications)
    return next((item for item in _WORST_FIRST if item in found), Indication.PASSED)


@lru_cache(maxsize=256)
def read_outcomes(text: str) -> tuple[Indication, Indication, Indication, Indication]:
    """The inverse of `Signature.outcomes`. Raises Malformed for anything but four indications."""
    try:
        integrity, origin, time, algorithm = map(Indication, text.split())
    except ValueError as error:
        raise Malformed(f"outcomes: expected four of {' '.join(Indication)}, found {text!r}") from error
    return integrity, origin, time, algorithm
