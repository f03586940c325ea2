"""What pyHanko's certvalidator says of a path (RFC 5280, 6) and of who is on it, offline and in the past."""

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import datetime
from typing import Any

from asn1crypto import ocsp, x509

from archiver.chain.material import called, name_of
from archiver.chain.notices import Heard, Lists
from archiver.verdict import Finding, finding


def built(
    leaf: x509.Certificate,
    trusted: tuple[x509.Certificate, ...],
    others: tuple[x509.Certificate, ...],
    *,
    at: datetime,
    key_usage: frozenset[str],
    extended_key_usage: frozenset[str],
) -> tuple[Exception | None, tuple[x509.Certificate, ...]]:
    """A path that was good at `at`, revocations left aside: the certificate first, its anchor last; or why none is."""
    from pyhanko_certvalidator import CertificateValidator
    from pyhanko_certvalidator.errors import PathError, ValidationError

    context = _context(trusted, (*others, *trusted), at)
    validator: Any = CertificateValidator(leaf, validation_context=context)
    try:
        found = _run(validator.async_validate_usage(set(key_usage), set(extended_key_usage) or None))
    except (ValidationError, PathError) as error:
        return error, ()
    return None, tuple(reversed(tuple(found.iter_certs(include_root=True))))


def uncovered(path: tuple[x509.Certificate, ...], heard: Heard, lists: Lists, *, at: datetime) -> Exception | None:
    """Why no list and no OCSP response shows that the first of `path` was not revoked at `at`; None: one does.

    One made after `at` is better proof than one made before. Of indirect lists the validator finds the issuer.
    """
    from pyhanko_certvalidator.authority import CertTrustAnchor
    from pyhanko_certvalidator.errors import CRLValidationError, OCSPValidationError, RevokedError, ValidationError
    from pyhanko_certvalidator.path import ValidationPath
    from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
    from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

    leaf, chain = path[0], ValidationPath(CertTrustAnchor(path[-1]), path[-2:0:-1], path[0])
    known = (*path, *heard.speakers, *(lists.known if lists.indirect else ()))
    crls = (*heard.crls, *lists.indirect)
    asked: list[tuple[Any, dict[str, bool], datetime, tuple[bytes, ...]]] = []
    if crls:
        asked.append((verify_crl, {"use_deltas": False}, at, ()))
    for octets in heard.ocsps:
        # its responder is judged when it answered, which may be years after `at`
        asked.append((verify_ocsp_response, {}, max(at, _produced(octets)), (octets,)))
    refusal: Exception | None = None
    for verify, options, moment, ocsps in asked:
        try:
            _run(verify(leaf, chain, _context(path[-1:], known, moment, crls, ocsps), **options))
        except RevokedError as error:
            if error.revocation_dt <= at:
                return error
        except (CRLValidationError, OCSPValidationError, ValidationError) as error:
            refusal = error
            continue
        return None
    return refusal or LookupError("no list and no OCSP response at hand speaks of it")


def told(error: Exception) -> str:
    """What the validator says, without the octets that it says it of."""
    failures = getattr(error, "failures", None) or ()
    return "; ".join(dict.fromkeys(str(words) for words, _ in failures)) or str(error.args[0] if error.args else error)


def is_revoked(error: Exception) -> bool:
    """Whether the validator found a revocation, rather than nothing."""
    from pyhanko_certvalidator.errors import RevokedError

    return isinstance(error, RevokedError)


def explained(error: Exception, certificate: x509.Certificate, *, at: datetime, subject: str) -> Finding:
    """The finding for what the validator raised about `certificate`."""
    from pyhanko_certvalidator import errors

    name = name_of(certificate)
    match error:
        case errors.RevokedError():
            when, reason = error.revocation_dt, error.reason.native
            return finding("CERTIFICATE_REVOKED", subject, name=name, revoked=when, reason=reason, at=at)
        case errors.ExpiredError():
            return finding("CERTIFICATE_EXPIRED", subject, name=name, end=error.expired_dt, at=at)
        case errors.NotYetValidError():
            return finding("CERTIFICATE_NOT_YET_VALID", subject, name=name, start=error.valid_from, at=at)
        case errors.PathBuildingError():
            return finding("CHAIN_NOT_FOUND", subject, name=name, issuer=called(certificate.issuer))
        case _:
            return finding("CHAIN_REFUSED", subject, name=name, reason=told(error))


def _context(
    trusted: Iterable[x509.Certificate],
    others: Iterable[x509.Certificate],
    at: datetime,
    crls: Iterable[bytes] = (),
    ocsps: Iterable[bytes] = (),
) -> Any:
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

    return ValidationContext(
        trust_roots=list(trusted),
        other_certs=tuple(others),
        moment=at,
        crls=list(crls),
        ocsps=list(ocsps),
        allow_fetching=False,
        revocation_mode="soft-fail",
        retroactive_revinfo=True,
        algorithm_usage_policy=AcceptAllAlgorithms(),
    )


def _produced(octets: bytes) -> datetime:
    response = ocsp.OCSPResponse.load(octets)
    produced: datetime = response.basic_ocsp_response["tbs_response_data"]["produced_at"].native
    return produced


def _run(question: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(question)
