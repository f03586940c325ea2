"""A list of revocations, looked at before it is kept (RFC 5280, 5 and 6.3.3)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from asn1crypto import pem, x509

from archiver.chain import scope
from archiver.collect.certificates import called
from archiver.errors import Malformed

if TYPE_CHECKING:
    from cryptography.x509 import CertificateRevocationList, IssuingDistributionPoint

SKEW = timedelta(minutes=5)
"""So far clocks may differ."""


def in_der(octets: bytes) -> bytes:
    """The list, its armour taken off where a CA publishes it in PEM. Raises Malformed for armour around nothing."""
    try:
        return pem.unarmor(octets)[2] if pem.detect(octets) else octets
    except (ValueError, TypeError) as error:
        raise Malformed(f"CRL: PEM illeggibile (unreadable PEM): {error}") from error


def check(octets: bytes, issuer: x509.Certificate, *, at: datetime) -> None:
    """Nothing, if it is a whole list of this issuer that is current at `at` (aware). Raises Malformed.

    A list that is due (nextUpdate) is not current, one without nextUpdate breaks RFC 5280, 5.1.2.5. One of some reasons
    only, of attribute certificates, or of several issuers (5.2.5) is not whole for anybody.
    """
    crl = _load(octets)
    if crl.issuer.public_bytes() != issuer.subject.dump():
        raise Malformed(f"CRL di altri (another issuer): atteso {called(issuer.subject)}, trovato {_name(crl)}")
    if not _signed(crl, issuer):
        raise Malformed(f"CRL: la firma non è di {called(issuer.subject)} (signature does not fit)")
    if _has_delta(crl):
        raise Malformed("CRL: è una delta CRL, non un elenco intero (a delta)")
    part = _part(crl)
    if part and (part.only_some_reasons or part.only_contains_attribute_certs or part.indirect_crl):
        raise Malformed("CRL: non è l'elenco intero (not the whole list): solo alcuni motivi, attributi o indiretta")
    since, until = crl.last_update_utc, crl.next_update_utc
    if since > at + SKEW:
        raise Malformed(f"CRL dal futuro (from the future): thisUpdate {since}, ora {at}")
    if until is None:
        raise Malformed("CRL senza nextUpdate (without nextUpdate)")
    if until <= at:
        raise Malformed(f"CRL scaduta (stale): nextUpdate {until}, ora {at}")


def check_covers(octets: bytes, certificate: x509.Certificate) -> None:
    """Nothing, if the list speaks of this certificate (RFC 5280, 5.2.5 and 6.3.3), and not only of others.

    Of a certificate that names no address any part is kept that may speak of it: the judge decides. Raises Malformed.
    """
    crl = _load(octets)
    part = _part(crl)
    if part is None:
        return
    others = part.only_contains_user_certs if certificate.ca else part.only_contains_ca_certs
    if others or (certificate.crl_distribution_points_value and not scope.covers(crl, certificate)):
        raise Malformed("CRL: non è l'elenco intero (not the whole list): non parla di questo certificato")


def covers(octets: bytes, certificate: x509.Certificate) -> bool:
    """Whether `check_covers` lets it pass."""
    try:
        check_covers(octets, certificate)
    except Malformed:
        return False
    return True


def check_newer(octets: bytes, before: bytes) -> None:
    """Nothing, if the list is not older than the one from the same place that was there before. Raises Malformed.

    Numbers only grow (RFC 5280, 5.2.3). A CA that begins anew with them signs with a later thisUpdate, which nobody
    who replays an old list can; without numbers thisUpdate alone decides.
    """
    new, old = _load(octets), _load(before)
    numbers = _number(new), _number(old)
    if numbers[0] is not None and numbers[1] is not None:
        if numbers[0] < numbers[1] and new.last_update_utc <= old.last_update_utc:
            raise Malformed(f"CRL più vecchia di quella già conservata (rolled back): {numbers[0]} < {numbers[1]}")
    elif new.last_update_utc < old.last_update_utc:
        raise Malformed(
            "CRL più vecchia di quella già conservata (rolled back): "
            f"thisUpdate {new.last_update_utc} < {old.last_update_utc}"
        )


def term(octets: bytes) -> tuple[datetime, datetime | None]:
    """thisUpdate and nextUpdate, UTC. Raises Malformed."""
    crl = _load(octets)
    return crl.last_update_utc, crl.next_update_utc


def issuer_of(octets: bytes) -> x509.Name:
    """Whose list it says that it is. Raises Malformed."""
    return x509.Name.load(_load(octets).issuer.public_bytes())


def _load(octets: bytes) -> "CertificateRevocationList":
    from cryptography.x509 import InvalidVersion, load_der_x509_crl

    try:
        crl = load_der_x509_crl(octets)
        _ = crl.extensions, crl.issuer, crl.last_update_utc, crl.next_update_utc  # lazy
    except (ValueError, InvalidVersion) as error:
        raise Malformed(f"CRL illeggibile (unreadable): {error}") from error
    return crl


def _name(crl: "CertificateRevocationList") -> str:
    return called(x509.Name.load(crl.issuer.public_bytes()))


def _signed(crl: "CertificateRevocationList", issuer: x509.Certificate) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    usage = issuer.key_usage_value
    if usage is not None and "crl_sign" not in usage.native:
        return False
    try:
        return crl.is_signature_valid(load_der_public_key(issuer.public_key.dump()))  # type: ignore[arg-type]
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return False


def _part(crl: "CertificateRevocationList") -> "IssuingDistributionPoint | None":
    from cryptography.x509 import ExtensionNotFound, IssuingDistributionPoint

    try:
        return crl.extensions.get_extension_for_class(IssuingDistributionPoint).value
    except ExtensionNotFound:
        return None


def _has_delta(crl: "CertificateRevocationList") -> bool:
    from cryptography.x509.oid import ExtensionOID

    return any(item.oid == ExtensionOID.DELTA_CRL_INDICATOR for item in crl.extensions)


def _number(crl: "CertificateRevocationList") -> int | None:
    from cryptography.x509 import CRLNumber, ExtensionNotFound

    try:
        return crl.extensions.get_extension_for_class(CRLNumber).value.crl_number
    except ExtensionNotFound:
        return None
