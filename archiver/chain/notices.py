"""What CRLs and OCSP responses say of one certificate, once they are known to come from its issuer.

RFC 5280, 5 and 6.3.3; RFC 6960, 3.2 and 4.2.2.2. Read whole, past their nextUpdate too: a revocation stays one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asn1crypto import algos, ocsp, x509

from archiver.chain.material import UNREADABLE, load_all
from archiver.chain.scope import covers, is_indirect

if TYPE_CHECKING:
    from cryptography.x509 import CertificateRevocationList, RevokedCertificate

COMPROMISED = frozenset({"absent", "keyCompromise", "cACompromise", "aACompromise"})
"""Reasons that spoil what the key signed earlier too; a list that gives no reason counts (RFC 3161, 4)."""

ON_HOLD, LIFTED = "certificateHold", "removeFromCRL"
_REASONS = {
    "key_compromise": "keyCompromise",
    "ca_compromise": "cACompromise",
    "affiliation_changed": "affiliationChanged",
    "superseded": "superseded",
    "cessation_of_operation": "cessationOfOperation",
    "certificate_hold": ON_HOLD,
    "remove_from_crl": LIFTED,
    "privilege_withdrawn": "privilegeWithdrawn",
    "aa_compromise": "aACompromise",
}
"""The names of RFC 5280, 5.3.1, for asn1crypto's; what is missing, `unspecified` included, is no reason."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One CRL or OCSP response that speaks of a certificate: made at `made`; revoked at `when`, or not (None)."""

    made: datetime
    when: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything that speaks of one certificate: the notices, who signed them, and the octets that they stand in.

    Lists that do not cover it give no notice by their silence; the validator, who puts parts together, has them too.
    """

    notices: tuple[Notice, ...]
    speakers: tuple[x509.Certificate, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    ocsps: tuple[bytes, ...] = field(repr=False)

    @property
    def revocations(self) -> tuple[Notice, ...]:
        """Those that revoke; a hold that a younger notice no longer knows is none."""
        newest = max((notice.made for notice in self.notices), default=None)
        return tuple(
            dict.fromkeys(
                notice
                for notice in self.notices
                if notice.when and notice.reason != LIFTED and (notice.reason != ON_HOLD or notice.made == newest)
            )
        )


class Lists:
    """CRLs and OCSP responses, opened once; those that cannot be read are passed over. `known` may have signed them.

    `indirect` are CRLs that speak of other CAs' certificates (RFC 5280, 5.2.5): they are left to the validator.
    """

    def __init__(self, crls: Iterable[bytes], ocsps: Iterable[bytes], known: tuple[x509.Certificate, ...]) -> None:
        opened = tuple((octets, crl, is_indirect(crl)) for octets, crl in _open_crls(crls))
        self._crls = tuple((octets, crl) for octets, crl, indirect in opened if not indirect)
        self._ocsps = tuple(_open_ocsps(ocsps))
        self.indirect = tuple(octets for octets, _, indirect in opened if indirect)
        self.known = known

    def about(self, certificate: x509.Certificate, issuer: x509.Certificate, above: x509.Certificate | None) -> Heard:
        """What `issuer`, or whom it entitled, says of `certificate`; `above` is the issuer's own issuer on the path."""
        notices: list[Notice] = []
        speakers, crls, ocsps = [], [], []
        for octets, crl in self._crls:
            if speaker := _list_maker(crl, certificate, issuer, above, self.known):
                speakers.append(speaker)
                crls.append(octets)
                notices += _entries(crl, certificate)
        for octets, basic in self._ocsps:
            told = tuple(_answers(basic, certificate, issuer))
            if told and (speaker := _responder(basic, issuer, self.known)):
                speakers.append(speaker)
                ocsps.append(octets)
                notices += told
        return Heard(tuple(notices), tuple(speakers), tuple(crls), tuple(ocsps))


def _open_crls(crls: Iterable[bytes]) -> "Iterator[tuple[bytes, CertificateRevocationList]]":
    from cryptography.x509 import InvalidVersion, load_der_x509_crl

    for octets in crls:
        try:
            crl = load_der_x509_crl(octets)
            # it is lazy: read now what is asked for later, so that nothing is raised then
            _ = crl.issuer, crl.last_update_utc, crl.next_update_utc
        except (ValueError, InvalidVersion):
            continue
        if octets.endswith(b"\0" + crl.signature):  # else it has unused bits, which nobody signed
            yield octets, crl


def _open_ocsps(ocsps: Iterable[bytes]) -> Iterator[tuple[bytes, ocsp.BasicOCSPResponse]]:
    for octets in ocsps:
        try:
            response = ocsp.OCSPResponse.load(octets, strict=True)
            if response["response_status"].native == "successful":
                basic = response.basic_ocsp_response
                # asn1crypto is lazy: read all of it now, so that nothing is raised later
                _ = basic["tbs_response_data"].native, basic["signature"].native, basic["signature_algorithm"].native
                yield octets, basic
        except UNREADABLE:
            continue


def _list_maker(
    crl: "CertificateRevocationList",
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    above: x509.Certificate | None,
    known: tuple[x509.Certificate, ...],
) -> x509.Certificate | None:
    """Who signed the list: the issuer, or another key that it or the CA above it gave the issuer's name.

    Two CAs may have one name: the name alone says nothing (RFC 5280, 6.3.3 f and g).
    """
    if crl.issuer.public_bytes() != certificate.issuer.dump():
        return None
    if _signed_list(crl, issuer):
        return issuer
    heirs = (one for one in known if one.subject == issuer.subject and _other_key(one, issuer))
    fathers = (issuer,) if above is None else (issuer, above)
    return next((one for one in heirs if _signed_list(crl, one) and any(issued(one, by) for by in fathers)), None)


def _other_key(one: x509.Certificate, other: x509.Certificate) -> bool:
    return bool(one.public_key.dump() != other.public_key.dump())


def _signed_list(crl: "CertificateRevocationList", by: x509.Certificate) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        return crl.is_signature_valid(load_der_public_key(by.public_key.dump()))  # type: ignore[arg-type]
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return False


def _entries(crl: "CertificateRevocationList", certificate: x509.Certificate) -> Iterator[Notice]:
    """What the list says of the certificate; a delta or a part of a list that is silent on it says nothing."""
    made = crl.last_update_utc
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is not None:
        reason, when = _reason(entry), entry.revocation_date_utc
        yield Notice(made, min(when, _invalid_since(entry) or when) if reason in COMPROMISED else when, reason)
    elif covers(crl, certificate):
        yield Notice(made)


def _reason(entry: "RevokedCertificate") -> str:
    from cryptography.x509 import CRLReason, DuplicateExtension, ExtensionNotFound, UnsupportedGeneralNameType

    try:
        return entry.extensions.get_extension_for_class(CRLReason).value.reason.value
    except (ExtensionNotFound, DuplicateExtension, UnsupportedGeneralNameType, ValueError):
        return "absent"


def _invalid_since(entry: "RevokedCertificate") -> datetime | None:
    """Since when the key is known or thought to be lost (RFC 5280, 5.3.2)."""
    from cryptography.x509 import DuplicateExtension, ExtensionNotFound, InvalidityDate, UnsupportedGeneralNameType

    try:
        return entry.extensions.get_extension_for_class(InvalidityDate).value.invalidity_date_utc
    except (ExtensionNotFound, DuplicateExtension, UnsupportedGeneralNameType, ValueError):
        return None


def _answers(
    basic: ocsp.BasicOCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> Iterator[Notice]:
    """The SingleResponses about this certificate of this issuer."""
    for single in basic["tbs_response_data"]["responses"]:
        if _meant(single["cert_id"], certificate, issuer):
            made, status = single["this_update"].native, single["cert_status"]
            if status.name == "good":
                yield Notice(made)
            elif status.name == "revoked":
                told = status.chosen["revocation_reason"].native
                reason, when = _REASONS.get(told, "absent"), status.chosen["revocation_time"].native
                yield Notice(made, min(when, _lost(single) or when) if reason in COMPROMISED else when, reason)


def _lost(single: ocsp.SingleResponse) -> datetime | None:
    """The invalidityDate, which a response may carry as CRL entries do (RFC 6960, 4.4.5)."""
    extensions = single["single_extensions"]
    found = [item for item in extensions or () if item["extn_id"].dotted == "2.5.29.24"]
    try:
        from asn1crypto.core import GeneralizedTime

        return next((GeneralizedTime.load(item["extn_value"].contents).native for item in found), None)
    except UNREADABLE:
        return None


def _meant(identifier: ocsp.CertId, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Serial number, and the digests of the issuer's name and key (RFC 6960, 4.1.1)."""
    from hashlib import new

    algorithm = identifier["hash_algorithm"]["algorithm"].native
    try:
        name = new(algorithm, certificate.issuer.dump()).digest()
        key = new(algorithm, bytes(issuer.public_key["public_key"])).digest()
    except (ValueError, TypeError):
        return False
    return bool(
        identifier["serial_number"].native == certificate.serial_number
        and identifier["issuer_name_hash"].native == name
        and identifier["issuer_key_hash"].native == key
    )


def _responder(
    basic: ocsp.BasicOCSPResponse, issuer: x509.Certificate, known: tuple[x509.Certificate, ...]
) -> x509.Certificate | None:
    """Who signed the response: the issuer, or somebody whom it made a responder (RFC 6960, 4.2.2.2)."""
    if _signed(basic, issuer):
        return issuer
    enclosed = load_all(item.dump() for item in basic["certs"] or ())
    delegates = (one for one in (*enclosed, *known) if _may_respond(one, basic))
    return next((one for one in delegates if _signed(basic, one) and issued(one, issuer)), None)


def _may_respond(one: x509.Certificate, basic: ocsp.BasicOCSPResponse) -> bool:
    """For signing OCSP responses, and valid when this one was made."""
    usage, made = one.extended_key_usage_value, basic["tbs_response_data"]["produced_at"].native
    return bool(usage and "ocsp_signing" in usage.native and one.not_valid_before <= made <= one.not_valid_after)


def _signed(basic: ocsp.BasicOCSPResponse, by: x509.Certificate) -> bool:
    return _fits(
        basic["signature"].native, basic["tbs_response_data"].dump(), by.public_key, basic["signature_algorithm"]
    )


def issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    """Whether it carries the other one's name as its issuer's, and was signed with that one's key."""
    if certificate.issuer != by.subject:
        return False
    signed = certificate["tbs_certificate"].dump()
    return _fits(certificate["signature_value"].native, signed, by.public_key, certificate["signature_algorithm"])


def _fits(signature: bytes, data: bytes, key: Any, algorithm: algos.SignedDigestAlgorithm) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from pyhanko_certvalidator.errors import AlgorithmNotSupported, PSSParameterMismatch
    from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

    try:
        DefaultSignatureValidator().validate_signature(
            signature=signature, signed_data=data, public_key_info=key, signature_algorithm=algorithm
        )
    except (
        InvalidSignature,
        UnsupportedAlgorithm,
        PSSParameterMismatch,
        AlgorithmNotSupported,
        AssertionError,
        *UNREADABLE,
    ):
        return False
    return True
