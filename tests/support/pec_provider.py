"""A PEC provider of our own, valid now."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import algos, cms, parser
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.x509.oid import NameOID

from archiver.pec.providers import Providers

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SENDER = "posta-certificata@pec.example"


@dataclass(frozen=True)
class Provider:
    """A CA and a signer; `sign` makes the message that a provider would send."""

    ca: bytes
    signer: bytes
    key: Any

    @property
    def trust(self) -> Providers:
        return Providers.load([self.ca])

    def sign(
        self,
        content: bytes,
        headers: bytes = b"",
        *,
        algorithm: str = "sha256",
        pss: bool = False,
        by_key_id: bool = False,
        sender: str = SENDER,
        ber: bool = False,
    ) -> bytes:
        """A multipart/signed around `content`, a whole MIME entity with CRLF line ends."""
        der = _signed_data(self, content, algorithm, pss=pss, by_key_id=by_key_id)
        p7s = base64.encodebytes(_indefinite(der) if ber else der).replace(b"\n", b"\r\n")
        return b"".join(
            (
                headers,
                b"From: " + sender.encode() + b"\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n",
                b'Content-Type: multipart/signed; protocol="application/x-pkcs7-signature"; micalg=',
                algorithm.encode(),
                b'; boundary="outer"\r\n\r\nS/MIME\r\n\r\n--outer\r\n',
                content,
                b'\r\n--outer\r\nContent-Type: application/x-pkcs7-signature; name="smime.p7s"\r\n',
                b"Content-Transfer-Encoding: base64\r\n\r\n",
                p7s,
                b"\r\n--outer--\r\n",
            )
        )


def pec_provider(key: Any) -> Provider:
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("CA PEC di prova", "CA PEC di prova", ca_key.public_key(), ca_key, authority=True)
    signer = _certificate("Posta Certificata di prova", "CA PEC di prova", key.public_key(), ca_key, authority=False)
    der = serialization.Encoding.DER
    return Provider(ca.public_bytes(der), signer.public_bytes(der), key)


def _certificate(name: str, issuer: str, public: Any, key: Any, *, authority: bool) -> x509.Certificate:
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=300))
        .not_valid_after(NOW + timedelta(days=700))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, **usage),
            critical=True,
        )
    )
    if authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(SENDER)]), critical=False)
    return builder.sign(key, hashes.SHA256())


def _signed_data(provider: Provider, content: bytes, algorithm: str, *, pss: bool, by_key_id: bool) -> bytes:
    chosen = getattr(hashes, algorithm.upper())()
    digest = hashes.Hash(chosen)
    digest.update(content)
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": NOW})]},
            {"type": "message_digest", "values": [digest.finalize()]},
        ]
    )
    signature, named = _signature(provider.key, attributes.dump(), chosen, algorithm, pss=pss)
    certificate = asn1_x509.Certificate.load(provider.signer)
    if by_key_id:
        sid = cms.SignerIdentifier({"subject_key_identifier": certificate.key_identifier})
    else:
        sid = cms.SignerIdentifier(
            {
                "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                    {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                )
            }
        )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": sid,
            "digest_algorithm": {"algorithm": algorithm},
            "signed_attrs": attributes,
            "signature_algorithm": named,
            "signature": signature,
        }
    )
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": algorithm}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())


def _signature(key: Any, data: bytes, chosen: Any, algorithm: str, *, pss: bool) -> tuple[bytes, Any]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data), {"algorithm": "ed25519"}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(chosen)), {"algorithm": f"{algorithm}_ecdsa"}
    if not pss:
        return key.sign(data, padding.PKCS1v15(), chosen), {"algorithm": "rsassa_pkcs1v15"}
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": algorithm},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": algorithm}},
            "salt_length": 32,
        }
    )
    return key.sign(data, padding.PSS(padding.MGF1(chosen), 32), chosen), {
        "algorithm": "rsassa_pss",
        "parameters": parameters,
    }


def _indefinite(der: bytes) -> bytes:
    """The same ContentInfo with indefinite length for its two outer levels, as OpenSSL streams it."""
    contents = parser.parse(der)[4]
    kind = contents[: parser.peek(contents)]
    explicit = parser.parse(contents[len(kind) :])[4]
    return b"\x30\x80" + kind + b"\xa0\x80\x30\x80" + parser.parse(explicit)[4] + b"\0\0" * 3
