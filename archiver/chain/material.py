"""What a judgement of certificates rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import x509


@dataclass(frozen=True, slots=True)
class Material:
    """What a judgement of certificates rests on, all of it DER: whom one believes, and what lies beside.

    An anchor may be an intermediate. `certificates` are those that a path may lead through; `crls` and `ocsps` (OCSP
    responses, RFC 6960, 4.2.1) tell of revocations. What cannot be read is passed over.
    """

    anchors: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def plus(
        self, *, certificates: Iterable[bytes] = (), crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()
    ) -> "Material":
        """The same, with more beside."""
        more = (self.certificates, certificates), (self.crls, crls), (self.ocsps, ocsps)
        return Material(self.anchors, *(tuple(dict.fromkeys((*old, *new))) for old, new in more))


NOTHING = Material()

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""Whatever asn1crypto raises in bad octets."""


@lru_cache(maxsize=128)
def load(octets: bytes) -> x509.Certificate | None:
    """A certificate, all of it readable; else None. The same few come again and again: nobody changes what he gets."""
    try:
        certificate = x509.Certificate.load(octets, strict=True)
        # asn1crypto is lazy: read all of it now, so that nothing is raised later
        _ = certificate.native, certificate.public_key.algorithm, certificate.critical_extensions
        # and prepare its names, which the validator compares (RFC 5280, 7.1)
        _ = certificate.subject.hashable, certificate.issuer.hashable
        # and its place among others, which it writes in decimal: Python refuses a serial number of over 4,300 digits
        _ = certificate.issuer_serial
        _key_reads(certificate)
    except UNREADABLE:
        return None
    return certificate


def load_all(certificates: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """Those that can be read, and whose key is of a kind that can be asked: another one has signed nothing for us."""
    return tuple(item for item in map(load, certificates) if item is not None and _key_reads(item))


def _key_reads(certificate: x509.Certificate) -> bool:
    """Whether its kind is known. Raises ValueError for a key that is none, which the validator would do later."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        load_der_public_key(certificate.public_key.dump())
    except UnsupportedAlgorithm:
        return False
    return True


def name_of(certificate: x509.Certificate) -> str:
    """What people call its subject."""
    return called(certificate.subject)


def called(name: x509.Name) -> str:
    """What people call it: its common name, else all of it."""
    common = name.native.get("common_name")
    return common if isinstance(common, str) else str(name.human_friendly)
