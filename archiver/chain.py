"""One certificate, judged at one moment: does a path lead from it to an anchor, and was it revoked?

The path is built and checked by pyHanko's certvalidator (RFC 5280, 6), offline: it sees the certificates and lists it
is handed, nothing else. Algorithms are judged elsewhere: a CA of 2011 that signed with SHA-1 breaks no path.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asn1crypto import x509

from archiver.verdict import Finding, Indication, Verdict, finding

if TYPE_CHECKING:
    from cryptography.x509 import CertificateRevocationList, RevokedCertificate

COMPROMISED = frozenset({"absent", "keyCompromise", "cACompromise", "aACompromise"})
"""Reasons that spoil what the key signed earlier too; a list that gives no reason counts (RFC 3161, 4)."""


@dataclass(frozen=True, slots=True)
class ChainResult:
    """The judgement, and the path that carried it: DER, the certificate first, its anchor last; empty without one."""

    verdict: Verdict
    path: tuple[bytes, ...]


def validate(
    certificate: bytes,
    *,
    intermediates: Iterable[bytes],
    anchors: Iterable[bytes],
    at: datetime,
    crls: Iterable[bytes] = (),
    key_usage: frozenset[str] = frozenset(),
    extended_key_usage: frozenset[str] = frozenset(),
    require_revocation: bool = False,
    proven: bool = False,
    subject: str,
) -> ChainResult:
    """Whether `certificate` was good at `at` (aware): RFC 5280, 6; EN 319 102-1, 5.2.6.

    Certificates and CRLs are DER; those that cannot be read are passed over, an unreadable `certificate` is a finding.
    An anchor may be an intermediate, or the certificate itself; an anchor above the certificate is asked neither for
    its validity nor for its revocation. All of `key_usage` and `extended_key_usage` must be allowed; both take
    asn1crypto's names (`digital_signature`, `time_stamping`). `proven` says that `at` rests on something other than
    this key, so that a compromise which came to light later does no harm. Nothing is raised for bad input. Costs 3 ms,
    and half a second once for the import.
    """
    leaf = _load(certificate)
    if leaf is None:
        return ChainResult(Verdict((finding("CERTIFICATE_UNREADABLE", subject),)), ())
    trusted = _all(anchors)
    case = _Case(leaf, (*_all(intermediates), *trusted), trusted, _load_lists(crls), at, subject)
    refusal, path = _path(case, key_usage, extended_key_usage)
    if refusal is not None:
        return ChainResult(Verdict((_explain(refusal, case),)), ())
    notes = _dates(case) if len(path) == 1 else _revocations(case, path, proven=proven)
    if require_revocation and Verdict(notes).indication is Indication.PASSED:
        notes += _uncovered(case)
    return ChainResult(Verdict(notes), tuple(item.dump() for item in path))


@dataclass(frozen=True, slots=True)
class _Case:
    """All that one judgement looks at. `known` holds the anchors too; a list stands beside its octets."""

    leaf: x509.Certificate
    known: tuple[x509.Certificate, ...]
    trusted: tuple[x509.Certificate, ...]
    lists: "tuple[tuple[bytes, CertificateRevocationList], ...]"
    at: datetime
    subject: str


def _all(certificates: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    return tuple(item for item in map(_load, certificates) if item is not None)


def _load(octets: bytes) -> x509.Certificate | None:
    try:
        certificate = x509.Certificate.load(octets, strict=True)
        # asn1crypto is lazy: read all of it now, so that nothing is raised later
        _ = certificate.native, certificate.public_key.algorithm, certificate.critical_extensions
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
        return None
    return certificate


def _name(certificate: x509.Certificate) -> str:
    return _called(certificate.subject)


def _called(name: x509.Name) -> str:
    """What people call it: its common name, else all of it."""
    common = name.native.get("common_name")
    return common if isinstance(common, str) else str(name.human_friendly)


def _load_lists(crls: Iterable[bytes]) -> tuple[tuple[bytes, "CertificateRevocationList"], ...]:
    from cryptography.x509 import InvalidVersion, load_der_x509_crl

    loaded = []
    for octets in crls:
        try:
            loaded.append((octets, load_der_x509_crl(octets)))
        except (ValueError, InvalidVersion):
            continue
    return tuple(loaded)


def _path(
    case: _Case, key_usage: frozenset[str], extended_key_usage: frozenset[str], revocation: str = "soft-fail"
) -> tuple[Exception | None, tuple[x509.Certificate, ...]]:
    import asyncio

    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import PathError, ValidationError
    from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

    context = ValidationContext(
        trust_roots=list(case.trusted),
        other_certs=case.known,
        moment=case.at,
        crls=[octets for octets, _ in case.lists],
        allow_fetching=False,
        revocation_mode=revocation,
        retroactive_revinfo=True,  # a list made after `at` is better proof than one made before
        algorithm_usage_policy=AcceptAllAlgorithms(),
    )
    validator: Any = CertificateValidator(case.leaf, validation_context=context)
    try:
        found = asyncio.run(validator.async_validate_usage(set(key_usage), set(extended_key_usage) or None))
    except (ValidationError, PathError) as error:
        return error, ()
    return None, tuple(reversed(tuple(found.iter_certs(include_root=True))))


def _explain(error: Exception, case: _Case) -> Finding:
    """The finding for what the validator raised."""
    from pyhanko_certvalidator import errors

    leaf, at, subject = case.leaf, case.at, case.subject
    name = _name(leaf)
    match error:
        case errors.RevokedError():
            return finding(
                "CERTIFICATE_REVOKED",
                subject,
                name=name,
                revoked=error.revocation_dt,
                reason=error.reason.native,
                at=at,
            )
        case errors.ExpiredError():
            return finding("CERTIFICATE_EXPIRED", subject, name=name, end=error.expired_dt, at=at)
        case errors.NotYetValidError():
            return finding("CERTIFICATE_NOT_YET_VALID", subject, name=name, start=error.valid_from, at=at)
        case errors.PathBuildingError():
            return finding("CHAIN_NOT_FOUND", subject, name=name, issuer=_called(leaf.issuer))
        case _:
            return finding("CHAIN_REFUSED", subject, name=name, reason=error)


def _dates(case: _Case) -> tuple[Finding, ...]:
    """The dates of a certificate that is its own anchor: the validator asks no anchor for them."""
    start, end = case.leaf.not_valid_before, case.leaf.not_valid_after
    if case.at > end:
        return (finding("CERTIFICATE_EXPIRED", case.subject, name=_name(case.leaf), end=end, at=case.at),)
    if case.at < start:
        return (finding("CERTIFICATE_NOT_YET_VALID", case.subject, name=_name(case.leaf), start=start, at=case.at),)
    return ()


def _revocations(case: _Case, path: tuple[x509.Certificate, ...], *, proven: bool) -> tuple[Finding, ...]:
    """What the lists say of each certificate below the anchor, whenever it was revoked.

    The validator is silent on revocations after `at`, and on lists past their nextUpdate: both are read here.
    """
    found = []
    for certificate in path[:-1]:
        for _, crl in case.lists:
            entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry and _reason(entry) != "removeFromCRL" and _speaks_of(crl, certificate, case.known):
                found.append(_revoked(entry, certificate, case, proven=proven))
    return tuple(dict.fromkeys(found))


def _speaks_of(
    crl: "CertificateRevocationList", certificate: x509.Certificate, known: tuple[x509.Certificate, ...]
) -> bool:
    """Whether the list comes from the certificate's issuer: same name, and signed by a key of that name."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    if crl.issuer.public_bytes() != certificate.issuer.dump():
        return False
    for issuer in known:
        if issuer.subject == certificate.issuer:
            try:
                if crl.is_signature_valid(load_der_public_key(issuer.public_key.dump())):  # type: ignore[arg-type]
                    return True
            except (UnsupportedAlgorithm, ValueError, TypeError):
                continue
    return False


def _revoked(entry: "RevokedCertificate", certificate: x509.Certificate, case: _Case, *, proven: bool) -> Finding:
    when, reason = entry.revocation_date_utc, _reason(entry)
    if when <= case.at:
        code = "CERTIFICATE_REVOKED"
    elif reason in COMPROMISED and not proven:
        code = "CERTIFICATE_COMPROMISED_LATER"
    else:
        code = "CERTIFICATE_REVOKED_LATER"
    return finding(code, case.subject, name=_name(certificate), revoked=when, reason=reason, at=case.at)


def _reason(entry: "RevokedCertificate") -> str:
    from cryptography.x509 import CRLReason, DuplicateExtension, ExtensionNotFound, UnsupportedGeneralNameType

    try:
        return entry.extensions.get_extension_for_class(CRLReason).value.reason.value
    except (ExtensionNotFound, DuplicateExtension, UnsupportedGeneralNameType, ValueError):
        return "absent"


def _uncovered(case: _Case) -> tuple[Finding, ...]:
    """A doubt when some certificate of every path has no list that was current at the moment."""
    error, _ = _path(case, frozenset(), frozenset(), revocation="require")
    if error is None:
        return ()
    return (finding("REVOCATION_UNKNOWN", case.subject, name=_name(case.leaf), at=case.at, reason=error),)
