"""What a signer's certificate says, read once: a provider signs millions of messages with the same one."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from archiver.pec.words import clean

UGLY = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What asn1crypto lets out for crafted octets: it reads lazily, and is frozen."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate. `issuer` is the DER of the name, `key` a public key of `cryptography`, None when unsupported.

    `emails` are the rfc822Name of its subjectAltName, lower case; `bits` the size of an RSA key, 0 for the others.
    """

    der: bytes
    issuer: bytes
    serial: int
    key_id: bytes
    name: str
    emails: frozenset[str]
    not_before: datetime
    not_after: datetime
    authority: bool
    key: Any
    bits: int


@lru_cache(maxsize=1024)
def read(der: bytes) -> Certificate | None:
    """The certificate in `der`, None when it cannot be read."""
    try:
        return _read(x509.Certificate.load(der), der)
    except UGLY:
        return None


def _read(parsed: x509.Certificate, der: bytes) -> Certificate:
    key = _key(parsed.public_key.dump())
    constraints = parsed.basic_constraints_value
    return Certificate(
        der=der,
        issuer=parsed.issuer.dump(),
        serial=parsed.serial_number,
        key_id=parsed.key_identifier or b"",
        name=_name(parsed),
        emails=_emails(parsed),
        not_before=parsed.not_valid_before,
        not_after=parsed.not_valid_after,
        authority=bool(constraints and constraints["ca"].native),
        key=key,
        bits=key.key_size if isinstance(key, RSAPublicKey) else 0,
    )


def _name(parsed: x509.Certificate) -> str:
    subject = parsed.subject.native
    stated = subject.get("common_name") or subject.get("organization_name") or parsed.subject.human_friendly
    return clean(stated if isinstance(stated, str) else str(stated[0]))


def _emails(parsed: x509.Certificate) -> frozenset[str]:
    names = parsed.subject_alt_name_value or ()
    return frozenset(clean(item.native).lower() for item in names if item.name == "rfc822_name")


def _key(info: bytes) -> Any:
    try:
        return load_der_public_key(info)
    except (ValueError, UnsupportedAlgorithm):
        return None
