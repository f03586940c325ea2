"""Certificates that messages brought: a provider's, an attachment's signer's, and what is said of one never seen."""

from dataclasses import dataclass
from typing import Final

from asn1crypto import x509

from archiver.digest import Sha256, sha256
from archiver.pec import certificate
from archiver.pec.certificate import UGLY, Certificate
from archiver.pec.providers import Providers
from archiver.pec.signature import Signature
from archiver.pec.words import clean
from archiver.verdict import Finding, Indication, finding

CERTIFICATE: Final = "cer"
PROVIDER: Final = "provider"
SIGNER: Final = "signer"
AUTHORITY: Final = "ca"
SHORT = 16
"""Digits of a fingerprint that people are shown in a line; `archiver trust show` has all of them."""


@dataclass(frozen=True, slots=True)
class Met:
    """One certificate (DER) and what it is: PROVIDER, SIGNER of an attachment, or AUTHORITY above one of these."""

    kind: str
    octets: bytes

    @property
    def sha256(self) -> Sha256:
        """Its fingerprint."""
        return sha256(self.octets)


def provider_of(signature: Signature, providers: Providers) -> Met | None:
    """The certificate behind an intact signature, when it leads to a provider's CA that is configured."""
    read = certificate.read(signature.certificate) if signature.certificate else None
    if read is None or signature.integrity.indication is not Indication.PASSED:
        return None
    others = tuple(der for der in signature.certificates if der != read.der)
    return Met(PROVIDER, read.der) if providers.origin(read, others).path else None


def never_seen(met: Met) -> Finding:
    """Asks for confirmation of a provider's certificate."""
    read = certificate.read(met.octets)
    end = f"{read.not_after:%Y-%m-%d}" if read else "?"
    name, issuer = (read.name, issuer_name(read)) if read else ("?", "?")
    short = met.sha256[:SHORT]
    return finding("PROVIDER_NEW", f"sha256:{met.sha256}", name=name, issuer=issuer, end=end, short=short)


def issuer_name(read: Certificate) -> str:
    """What people call the issuer: its common name, else all of it."""
    try:
        named = x509.Name.load(read.issuer)
        common = named.native.get("common_name")
        return clean(common if isinstance(common, str) else str(named.human_friendly))
    except UGLY:
        return ""
