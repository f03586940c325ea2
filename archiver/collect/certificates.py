"""What a certificate says of itself, and where it says that news of it is to be had."""

from datetime import UTC, datetime

from asn1crypto import x509
from asn1crypto.core import VOID

from archiver.errors import Malformed

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What asn1crypto raises for octets that are not what they should be."""

_WEB = ("http://", "https://")


def load(octets: bytes) -> x509.Certificate:
    """The certificate (DER). Raises Malformed."""
    try:
        certificate = x509.Certificate.load(octets, strict=True)
        # asn1crypto is lazy: read all of it now, so that nothing is raised later
        _ = certificate.native, certificate.critical_extensions
    except UNREADABLE as error:
        raise Malformed(f"certificate: {error}") from error
    return certificate


def called(name: x509.Name) -> str:
    """What people call it: its common name, else all of it."""
    common = name.native.get("common_name")
    return common if isinstance(common, str) else str(name.human_friendly)


def whole(name: x509.Name) -> str:
    """All of a name, in one line."""
    return str(name.human_friendly)


def term(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """From when until when it says that it is good, UTC."""
    since, until = certificate.not_valid_before, certificate.not_valid_after
    return since.astimezone(UTC), until.astimezone(UTC)


def list_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Where its lists of revocations are (RFC 5280, 4.2.1.13): web addresses first to last, then any others."""
    points = certificate.crl_distribution_points_value
    found = [
        str(name.native)
        for point in points or ()
        if point["distribution_point"] is not VOID and point["distribution_point"].name == "full_name"
        for name in point["distribution_point"].chosen
        if name.name == "uniform_resource_identifier"
    ]
    return _web_first(found)


def responder_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Where one may ask about it (RFC 5280, 4.2.2.1, id-ad-ocsp)."""
    found = [
        str(item["access_location"].native)
        for item in certificate.authority_information_access_value or ()
        if item["access_method"].native == "ocsp" and item["access_location"].name == "uniform_resource_identifier"
    ]
    return _web_first(found)


def is_web(url: str) -> bool:
    """Whether it can be asked at all: CAs also name directories (ldap)."""
    return url.lower().startswith(_WEB)


def _web_first(urls: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sorted(urls, key=lambda url: not is_web(url))))
