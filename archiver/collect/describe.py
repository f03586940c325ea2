"""A piece of trust material as the catalog tells of it: what it says of itself, claims all of it."""

import tomllib
from datetime import UTC, datetime
from typing import NamedTuple

from asn1crypto import x509

from archiver.collect import crl, ocsp, trusted_list
from archiver.collect.certificates import load, term, whole
from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.submission.rows import TrustRow

CERTIFICATE = "cer"
NOT_SAID = datetime(1970, 1, 1, tzinfo=UTC)
"""The beginning of what says no beginning: the same whenever, and from whatever copy, the row is made."""
_KINDS = {"crl": "crl", "ocsp": "ocsp", "xml": "list", "toml": "list"}


def described(holder: str, octets: bytes, extension: str, *, kind: str = "", at: datetime) -> TrustRow:
    """The row of an object first seen at `at`. Nothing is raised: what cannot be read has no name.

    Without `kind` a certificate's is told from what it may be used for.
    """
    try:
        said = _said(octets, extension)
    except Malformed:
        said = _Said("", "", NOT_SAID, None)
    return TrustRow(
        holder=holder,
        sha256=sha256(octets),
        extension=extension,
        kind=kind or _KINDS.get(extension) or said.kind,
        name=said.name,
        issuer=said.issuer,
        since=said.since,
        until=said.until,
        at=at,
    )


class _Said(NamedTuple):
    name: str
    issuer: str
    since: datetime
    until: datetime | None
    kind: str = "signer"


def _said(octets: bytes, extension: str) -> _Said:
    """Raises Malformed."""
    match extension:
        case "cer":
            certificate = load(octets)
            return _Said(
                whole(certificate.subject), whole(certificate.issuer), *term(certificate), kind=_kind(certificate)
            )
        case "crl":
            issuer = whole(crl.issuer_of(octets))
            return _Said(issuer, issuer, *crl.term(octets))
        case "ocsp":
            return _Said(f"{ocsp.serial_of(octets):x}", "", *ocsp.term(octets))
        case "xml":
            said = trusted_list.read(octets)
            return _Said(said.name, said.territory, said.since or NOT_SAID, said.until)
        case "toml":
            return _Said(_toml_name(octets), "", NOT_SAID, None)
        case _:
            return _Said("", "", NOT_SAID, None)


def _kind(certificate: x509.Certificate) -> str:
    if certificate.ca:
        return "ca"
    usage = certificate.extended_key_usage_value
    names = usage.native if usage is not None else []
    if "time_stamping" in names:
        return "tsa"
    return "provider" if "email_protection" in names else "signer"


def _toml_name(octets: bytes) -> str:
    try:
        values = tomllib.loads(octets.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"TOML: {error}") from error
    return str(values.get("source") or values.get("name") or "")
