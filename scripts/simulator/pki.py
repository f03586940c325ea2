"""The providers' certificates: one root, and one three-year signing certificate each, after RFC 6109 5.5.

The keys are fixed and published (`keys/*.pem`, TEST ONLY), so the same start date gives the same certificates.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from simulator.cms import INTEGER, SEQUENCE, Signer, der

KEYS = Path(__file__).parent / "keys"
EPOCH = datetime(2010, 1, 1, tzinfo=UTC)
ROOT_TERM = timedelta(days=365 * 40)
SIGNER_TERM = timedelta(days=3 * 365)
ROOT_NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SIMULATORE PEC - SENZA VALORE LEGALE"),
        x509.NameAttribute(NameOID.COMMON_NAME, "CA PEC SIMULATA"),
    ]
)


def root() -> x509.Certificate:
    """The certificate of the simulated authority, self-signed, valid 2010 to 2049."""
    key = _key("ca")
    basic, usage = x509.BasicConstraints(ca=True, path_length=0), _usage(key_cert_sign=True, crl_sign=True)
    builder = _builder(ROOT_NAME, key.public_key(), serial=1, since=EPOCH, term=ROOT_TERM)
    return builder.add_extension(basic, critical=True).add_extension(usage, critical=True).sign(key, hashes.SHA256())


def signer(slug: str, name: str, mailbox: str, *, serial: int, digest: str, since: datetime) -> Signer:
    """The signer of one provider: key `keys/<slug>.pem`, certificate for `mailbox`, valid three years from `since`."""
    authority, key = root(), _key(slug)
    subject = _provider_name(slug, name)
    certificate = (
        _builder(subject, key.public_key(), serial=serial, since=since, term=SIGNER_TERM)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(mailbox)]), critical=False)
        .sign(_key("ca"), hashes.SHA256())
    )
    return Signer(
        key=key,
        certificate=certificate.public_bytes(serialization.Encoding.DER),
        authority=authority.public_bytes(serialization.Encoding.DER),
        issuer_and_serial=der(SEQUENCE, ROOT_NAME.public_bytes(), der(INTEGER, _unsigned(serial))),
        digest=digest,
    )


@cache
def person() -> Signer:
    """Who signs messages himself, with S/MIME: a certificate of his own making, of which no provider knows."""
    key, name = _key("utente"), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Utente SIMULATO")])
    certificate = _builder(name, key.public_key(), serial=2, since=EPOCH, term=ROOT_TERM, issuer=(name, "utente"))
    octets = certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return Signer(key, octets, b"", der(SEQUENCE, name.public_bytes(), der(INTEGER, _unsigned(2))))


def _builder(
    subject: x509.Name,
    public: rsa.RSAPublicKey,
    *,
    serial: int,
    since: datetime,
    term: timedelta,
    issuer: tuple[x509.Name, str] = (ROOT_NAME, "ca"),
) -> x509.CertificateBuilder:
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(_key(issuer[1]).public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0])
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(since)
        .not_valid_after(since + term)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(issuer_key, critical=False)
    )


def _provider_name(slug: str, name: str) -> x509.Name:
    common = f"Posta Certificata SIMULATORE {slug.rpartition('-')[2].upper()}"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def _key(slug: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(
        (KEYS / f"{slug}.pem").read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{slug}.pem: expected an RSA key, found {type(key).__name__}")
    return key


def _unsigned(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")
