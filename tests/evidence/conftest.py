"""An authority of our own, and one that lies on demand."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from archiver.adapters.authority import LocalAuthority, create, crl
from archiver.adapters.signer import FileSigner
from archiver.evidence.timestamp import query, token_of

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CONTENT = b"<PIndex>un indice</PIndex>\r\n"


@dataclass(frozen=True)
class House:
    """The local authority at NOW, its anchor and CRL, and a signer with its seal."""

    folder: Path
    authority: LocalAuthority
    anchor: bytes
    crl: bytes
    signer: FileSigner

    def stamp(self, algorithm: str, imprint: bytes) -> bytes:
        reply = self.authority.answer(query(algorithm, imprint, 7))
        return token_of(reply, algorithm=algorithm, imprint=imprint, nonce=7, at=NOW)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house") / "authority"
    create(folder, at=NOW - DAY, holder_name="Studio Rossi")
    signer = FileSigner.from_pem(folder / "seal.pem", folder / "seal.key", chain=[folder / "ca.pem"])
    return House(folder, LocalAuthority(folder, lambda: NOW), signer.chain[0], crl(folder, NOW), signer)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    start: datetime = NOW - 365 * DAY,
    end: datetime = NOW + 365 * DAY,
    usage: list[x509.ObjectIdentifier] | None = None,
    critical: bool = True,
    serial: int | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
    identified: bool = False,
    more: tuple[x509.ExtensionType, ...] = (),
) -> Issued:
    """A CA when there is no issuer or no usage, else an end certificate with these extended usages.

    `identified`: with the identifiers of its own key and of its issuer's.
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
    )
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=critical)
    for extension in more:
        builder = builder.add_extension(extension, critical=False)
    signing = issuer.key if issuer else key
    if identified:
        own, above = key.public_key(), signing.public_key()
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
    return Issued(builder.sign(signing, hashes.SHA256()), key)


def revocations(issuer: Issued, entries: dict[int, tuple[datetime, x509.ReasonFlags | None]], made: datetime) -> bytes:
    """The issuer's CRL, DER: serial number -> when and why."""
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, made, made + 30 * DAY)
    for serial, (when, reason) in entries.items():
        entry = x509.RevokedCertificateBuilder(serial, when)
        if reason:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Liar:
    """A TSA that answers as told: `tell` says the truth unless it is told otherwise."""

    ca: Issued
    tsa: Issued

    def tell(
        self,
        imprint: bytes,
        *,
        algorithm: str = "sha512",
        nonce: int | None = 7,
        at: datetime = NOW,
        tsa: Issued | None = None,
        bound: bytes | None = None,
        signers: int = 1,
        spoil: Callable[[bytes], bytes] = bytes,
        certificates: tuple[bytes, ...] | None = None,
        status: str = "granted",
    ) -> bytes:
        by = tsa or self.tsa
        signed = asn1_x509.Certificate.load(by.der)
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3",
                "message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": imprint},
                "serial_number": 1,
                "gen_time": at,
                **({} if nonce is None else {"nonce": nonce}),
            }
        ).dump()
        meant = {"certs": [{"cert_hash": hashlib.sha256(bound or by.der).digest()}]}
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(info).digest()]},
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2(meant)]},
            ]
        )
        signer = {
            "version": "v1",
            "sid": {"issuer_and_serial_number": {"issuer": signed.issuer, "serial_number": signed.serial_number}},
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": spoil(by.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))),
        }
        bag = (by.der,) if certificates is None else certificates
        content = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
            "certificates": [asn1_x509.Certificate.load(octets) for octets in bag],
            "signer_infos": [signer] * signers,
        }
        token = cms.ContentInfo({"content_type": "signed_data", "content": content})
        return tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": token}).dump()


@pytest.fixture(scope="session")
def liar() -> Liar:
    ca = issue("Una CA")
    return Liar(ca, issue("Una TSA", ca, usage=[ExtendedKeyUsageOID.TIME_STAMPING]))
