"""One certificate, judged at one moment: does a path lead from it to an anchor, and was it revoked?

The path is built and checked by pyHanko's certvalidator (RFC 5280, 6), offline: it sees the certificates, lists and
OCSP responses that it is handed, nothing else. Algorithms are judged elsewhere: a CA of 2011 that signed with SHA-1
breaks no path.
"""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509

from archiver.chain.lasting import lasting
from archiver.chain.material import NOTHING, Material, load, load_all, name_of
from archiver.chain.notices import COMPROMISED, Heard, Lists, Notice
from archiver.chain.path import built, explained, is_revoked, told, uncovered
from archiver.verdict import Finding, Indication, Severity, Verdict, finding

__all__ = ["COMPROMISED", "NOTHING", "ChainResult", "Material", "lasting", "validate"]

_UNKNOWN = "REVOCATION_UNKNOWN"


@dataclass(frozen=True, slots=True)
class ChainResult:
    """The judgement, and the path that carried it: DER, the certificate first, its anchor last; empty without one.

    `silent` are the certificates of the path (their names) of which no list and no OCSP response at hand speaks.
    """

    verdict: Verdict
    path: tuple[bytes, ...]
    silent: tuple[str, ...] = ()


def validate(
    certificate: bytes,
    material: Material,
    *,
    at: datetime,
    vouched: datetime | None = None,
    key_usage: frozenset[str] = frozenset(),
    extended_key_usage: frozenset[str] = frozenset(),
    require_revocation: bool = False,
    subject: str,
) -> ChainResult:
    """Whether `certificate` was good at `at` (aware): RFC 5280, 6; EN 319 102-1, 5.2.6.

    An unreadable `certificate` is a finding. An anchor may be the certificate itself; an anchor above the certificate
    is asked neither for its validity nor for its revocation. All of `key_usage` and `extended_key_usage` must be
    allowed; both take asn1crypto's names (`digital_signature`, `time_stamping`). From `vouched` on something that does
    not rest on this key proves what it signed: a compromise that shows later does no harm; None: nothing does.
    Nothing is raised for bad input. Costs 3 ms, and half a second once for the import.
    """
    leaf = load(certificate)
    if leaf is None:
        return ChainResult(Verdict((finding("CERTIFICATE_UNREADABLE", subject),)), ())
    trusted, others = load_all(material.anchors), load_all(material.certificates)
    lists = Lists(material.crls, material.ocsps, (*others, *trusted))
    case = _Case(leaf, lists, at, vouched, require_revocation, subject)
    first: ChainResult | None = None
    while True:
        refusal, path = built(leaf, trusted, others, at=at, key_usage=key_usage, extended_key_usage=extended_key_usage)
        if refusal is not None:
            return first or ChainResult(Verdict((explained(refusal, leaf, at=at, subject=subject),)), ())
        result, dead = _judged(case, path)
        first = first or result
        if not dead:
            return result
        # a revoked CA is on this path: another one may lead around it (RFC 5280, 6.1)
        others = tuple(one for one in others if one.dump() not in dead)


@dataclass(frozen=True, slots=True)
class _Case:
    """All that one judgement looks at."""

    leaf: x509.Certificate
    lists: Lists
    at: datetime
    vouched: datetime | None
    required: bool
    subject: str


def _judged(case: _Case, path: tuple[x509.Certificate, ...]) -> tuple[ChainResult, frozenset[bytes]]:
    """The judgement over one path, and the CAs on it that were revoked, DER."""
    octets = tuple(item.dump() for item in path)
    if len(path) == 1:
        return ChainResult(Verdict(_dates(case)), octets), frozenset()
    found: list[Finding] = []
    doubts: list[Finding] = []
    silent = []
    dead = set()
    for place, certificate in enumerate(path[:-1]):
        heard = case.lists.about(certificate, path[place + 1], path[place + 2] if place + 2 < len(path) else None)
        said = _said(case, certificate, path[place:], heard)
        found += [item for item in said if item.code != _UNKNOWN]
        doubts += [item for item in said if item.code == _UNKNOWN]
        silent += [] if heard.notices else [name_of(certificate)]
        if place and any(item.severity is Severity.ERROR for item in said):
            dead.add(octets[place])
    if case.required and Verdict(tuple(found)).indication is Indication.PASSED:
        found += doubts[:1]
    return ChainResult(Verdict(tuple(dict.fromkeys(found))), octets, tuple(silent)), frozenset(dead)


def _dates(case: _Case) -> tuple[Finding, ...]:
    """The dates of a certificate that is its own anchor: the validator asks no anchor for them."""
    start, end = case.leaf.not_valid_before, case.leaf.not_valid_after
    if case.at > end:
        return (finding("CERTIFICATE_EXPIRED", case.subject, name=name_of(case.leaf), end=end, at=case.at),)
    if case.at < start:
        return (finding("CERTIFICATE_NOT_YET_VALID", case.subject, name=name_of(case.leaf), start=start, at=case.at),)
    return ()


def _said(
    case: _Case, certificate: x509.Certificate, path: tuple[x509.Certificate, ...], heard: Heard
) -> tuple[Finding, ...]:
    """Of one certificate and the path above it: its revocations, whenever they came, and whether it is covered.

    The validator is silent on revocations after `at`, and on lists past their nextUpdate: both are read by us.
    """
    said = tuple(_revoked(notice, certificate, case) for notice in heard.revocations)
    if any(item.severity is Severity.ERROR for item in said) or not (case.required or case.lists.indirect):
        return said
    error = uncovered(path, heard, case.lists, at=case.at)
    if error is None:
        return said
    if is_revoked(error):
        return (*said, explained(error, certificate, at=case.at, subject=case.subject))
    return (*said, finding(_UNKNOWN, case.subject, name=name_of(certificate), at=case.at, reason=told(error)))


def _revoked(notice: Notice, certificate: x509.Certificate, case: _Case) -> Finding:
    when, reason = notice.when, notice.reason
    assert when is not None  # `Heard.revocations` gives no others
    if when <= case.at:
        code = "CERTIFICATE_REVOKED"
    elif reason in COMPROMISED and (case.vouched is None or when <= case.vouched):
        code = "CERTIFICATE_COMPROMISED_LATER"
    else:
        code = "CERTIFICATE_REVOKED_LATER"
    return finding(code, case.subject, name=name_of(certificate), revoked=when, reason=reason, at=case.at)
