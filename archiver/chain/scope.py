"""What a CRL covers: a list that says nothing of a certificate shows only of those it covers that they are good.

RFC 5280, 5.2.4 (delta lists), 5.2.5 (parts of a list) and 6.3.3. A revocation counts wherever it stands.
"""

from typing import TYPE_CHECKING

from asn1crypto import x509

if TYPE_CHECKING:
    from cryptography.x509 import CertificateRevocationList, GeneralName, IssuingDistributionPoint, Name
    from cryptography.x509 import RelativeDistinguishedName as Rdn


def is_indirect(crl: "CertificateRevocationList") -> bool:
    """Whether it may speak of other CAs' certificates; also one whose extensions cannot be read."""
    from cryptography.x509 import DuplicateExtension, UnsupportedGeneralNameType

    try:
        part = _part(crl)
    except (ValueError, DuplicateExtension, UnsupportedGeneralNameType):
        return True  # the validator may read more in it
    return part is not None and part.indirect_crl


def covers(crl: "CertificateRevocationList", certificate: x509.Certificate) -> bool:
    """Whether the certificate would stand on the list, were it revoked for whatever reason; not for indirect ones."""
    from cryptography.x509 import DeltaCRLIndicator, UnrecognizedExtension

    for item in crl.extensions:
        if isinstance(item.value, DeltaCRLIndicator):
            return False
        if item.critical and isinstance(item.value, UnrecognizedExtension):
            return False  # nobody knows what else limits it (5.2)
    part = _part(crl)
    if part is None:
        return True
    if part.only_contains_attribute_certs or part.only_some_reasons:
        return False
    if part.only_contains_user_certs if certificate.ca else part.only_contains_ca_certs:
        return False
    named = _named(part, crl)
    return not named or bool(named & _points(certificate))


def _part(crl: "CertificateRevocationList") -> "IssuingDistributionPoint | None":
    from cryptography.x509 import ExtensionNotFound, IssuingDistributionPoint

    try:
        return crl.extensions.get_extension_for_class(IssuingDistributionPoint).value
    except ExtensionNotFound:
        return None


def _named(part: "IssuingDistributionPoint", crl: "CertificateRevocationList") -> "frozenset[GeneralName]":
    """The names of the distribution point that the list belongs to; none when it belongs to all."""
    return _names(part.full_name, part.relative_name, crl.issuer)


def _points(certificate: x509.Certificate) -> "frozenset[GeneralName]":
    """Where its revocation would be published; without a word the issuer's own name (6.3.3)."""
    from cryptography.x509 import (
        CRLDistributionPoints,
        DirectoryName,
        DuplicateExtension,
        ExtensionNotFound,
        UnsupportedGeneralNameType,
        load_der_x509_certificate,
    )

    try:
        read = load_der_x509_certificate(certificate.dump())
        points = read.extensions.get_extension_for_class(CRLDistributionPoints).value
        return frozenset().union(*(_names(point.full_name, point.relative_name, read.issuer) for point in points))
    except ExtensionNotFound:
        return frozenset({DirectoryName(read.issuer)})
    except (ValueError, DuplicateExtension, UnsupportedGeneralNameType):
        return frozenset()  # not shown rather than believed


def _names(full: "list[GeneralName] | None", relative: "Rdn | None", issuer: "Name") -> "frozenset[GeneralName]":
    from cryptography.x509 import DirectoryName, Name

    if relative is not None:
        return frozenset({DirectoryName(Name([*issuer.rdns, relative]))})
    return frozenset(full or ())
