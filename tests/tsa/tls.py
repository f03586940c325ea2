"""A CA of the web, a server's certificate for 127.0.0.1 and a client's, as PEM files; and a server's context."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PASSWORD = "chiave-del-client"


@dataclass(frozen=True)
class Web:
    """The folder with ca.pem; server.pem and .key; elsewhere.pem and .key, for another host; client.pem and .key.

    The client's key is under PASSWORD.
    """

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Web":
        web, ca = cls(folder), ec.generate_private_key(ec.SECP256R1())
        _write(folder / "ca", _signed("CA del web", ca, ca, names=None), ca)
        for name, alternative in (
            ("server", x509.IPAddress(IPv4Address("127.0.0.1"))),
            ("elsewhere", x509.DNSName("altrove.example.it")),
            ("client", x509.DNSName("client.example.it")),
        ):
            key = ec.generate_private_key(ec.SECP256R1())
            _write(folder / name, _signed(name, key, ca, names=alternative), key, locked=name == "client")
        return web

    def __getitem__(self, name: str) -> Path:
        return self.folder / name

    def context(self, name: str = "server", *, clients: bool = False) -> ssl.SSLContext:
        """For a server; with `clients` it asks them for a certificate of the CA."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self[f"{name}.pem"], self[f"{name}.key"])
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self["ca.pem"])
        return context


def _signed(
    name: str, key: ec.EllipticCurvePrivateKey, ca: ec.EllipticCurvePrivateKey, *, names: x509.GeneralName | None
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("CA del web"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.public_key()), critical=False)
    )
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([names]), critical=False)
    return builder.sign(ca, hashes.SHA256())


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, *, locked: bool = False) -> None:
    lock = BestAvailableEncryption(PASSWORD.encode()) if locked else NoEncryption()
    path.with_suffix(".pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    path.with_suffix(".key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
