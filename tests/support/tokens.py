"""Time stamping authorities with keys of every kind, and the tokens that they give (RFC 3161, 5816)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import new, sha1, shake_256

from asn1crypto import algos, cms, core, ocsp, tsp
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
YEAR = timedelta(days=365)
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha3_256": hashes.SHA3_256(),
    "sha3_512": hashes.SHA3_512(),
}
RSA_WITH_SHA3 = {"sha3_256": "2.16.840.1.101.3.4.3.14", "sha3_512": "2.16.840.1.101.3.4.3.16"}
ID_RI_OCSP, CERTIFICATE_VALUES, REVOCATION_VALUES = (
    "1.3.6.1.5.5.7.16.2",
    "1.2.840.113549.1.9.16.2.23",
    "1.2.840.113549.1.9.16.2.24",
)


@dataclass(frozen=True)
class Tsa:
    """An authority whose certificate a CA of its own signed; it stamps at `at`."""

    key: Key
    ca: x509.Certificate
    ca_key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    at: datetime

    @classmethod
    def with_key(cls, key: Key, at: datetime, name: str = "Una TSA") -> "Tsa":
        """Valid from a year before `at` to a year after."""
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca = _certificate(f"CA di {name}", None, ca_key.public_key(), ca_key, at)
        return cls(key, ca, ca_key, _certificate(name, ca, key.public_key(), ca_key, at), at)

    @property
    def anchor(self) -> bytes:
        """The CA, DER."""
        return self.ca.public_bytes(Encoding.DER)

    @property
    def der(self) -> bytes:
        """The authority's certificate, DER."""
        return self.certificate.public_bytes(Encoding.DER)

    def stamp(
        self,
        imprint: bytes,
        *,
        algorithm: str = "sha512",
        digest: str = "sha256",
        pss: bool = False,
        version: int = 2,
        bag: Sequence[bytes] | None = None,
        crls: Sequence[bytes] = (),
        ocsps: Sequence[bytes] = (),
        values: tuple[Sequence[bytes], Sequence[bytes], Sequence[bytes]] = ((), (), ()),
    ) -> bytes:
        """The token, DER. `version`: of ESSCertID; `values`: certificates, CRLs, OCSPs as unsigned attributes."""
        info = {
            "version": "v1",
            "policy": "1.2.3",
            "message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": imprint},
            "serial_number": 1,
            "gen_time": self.at,
        }
        content = tsp.TSTInfo(info).dump()
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashed(digest, content)]},
                {"type": f"signing_certificate{'_v2' if version == 2 else ''}", "values": [self._meant(version)]},
            ]
        )
        own = asn1_x509.Certificate.load(self.der)
        signer = {
            "version": "v1",
            "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
            "digest_algorithm": {"algorithm": digest},
            "signed_attrs": attributes,
            "signature_algorithm": self._mechanism(digest, pss),
            "signature": self._sign(attributes.dump(), digest, pss),
        }
        unsigned = list(_unsigned(*values))
        if unsigned:
            signer["unsigned_attrs"] = unsigned
        revocations = [cms.RevocationInfoChoice("crl", asn1_crl.CertificateList.load(octets)) for octets in crls]
        revocations += [_other(octets) for octets in ocsps]
        signed = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": digest}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": [asn1_x509.Certificate.load(item) for item in ((self.der,) if bag is None else bag)],
            **({"crls": revocations} if revocations else {}),
            "signer_infos": [signer],
        }
        return cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()

    def _meant(self, version: int) -> tsp.SigningCertificate | tsp.SigningCertificateV2:
        if version == 1:
            return tsp.SigningCertificate({"certs": [{"cert_hash": sha1(self.der).digest()}]})
        return tsp.SigningCertificateV2({"certs": [{"cert_hash": new("sha256", self.der).digest()}]})

    def _mechanism(self, digest: str, pss: bool) -> algos.SignedDigestAlgorithm | dict[str, str]:
        match self.key:
            case ed25519.Ed25519PrivateKey():
                return {"algorithm": "ed25519"}
            case ed448.Ed448PrivateKey():
                return {"algorithm": "ed448"}
            case ec.EllipticCurvePrivateKey():
                return {"algorithm": f"{digest}_ecdsa"}
        if pss:
            hashing = {"algorithm": digest}
            mask = {"algorithm": "mgf1", "parameters": hashing}
            told = {"hash_algorithm": hashing, "mask_gen_algorithm": mask, "salt_length": 32}
            return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(told)})
        return {"algorithm": RSA_WITH_SHA3.get(digest, f"{digest}_rsa")}

    def _sign(self, data: bytes, digest: str, pss: bool) -> bytes:
        match self.key:
            case ed25519.Ed25519PrivateKey() | ed448.Ed448PrivateKey():
                return self.key.sign(data)
            case ec.EllipticCurvePrivateKey():
                return self.key.sign(data, ec.ECDSA(HASHES[digest]))
        if pss:
            return self.key.sign(data, padding.PSS(padding.MGF1(HASHES[digest]), 32), HASHES[digest])
        return self.key.sign(data, padding.PKCS1v15(), HASHES[digest])


def hashed(algorithm: str, data: bytes) -> bytes:
    """The digest, also of SHAKE256 with the 512 bits that Ed448 has it with."""
    return shake_256(data).digest(64) if algorithm == "shake256" else new(algorithm, data).digest()


def _certificate(
    name: str, issuer: x509.Certificate | None, key: object, signing: ec.EllipticCurvePrivateKey, at: datetime
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key)  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - YEAR)
        .not_valid_after(at + YEAR)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(signing, hashes.SHA256())


def _other(octets: bytes) -> cms.RevocationInfoChoice:
    """RFC 5940, 2.1: an OCSPResponse among the lists."""
    return cms.RevocationInfoChoice(
        "other", {"other_rev_info_format": ID_RI_OCSP, "other_rev_info": ocsp.OCSPResponse.load(octets)}
    )


def _unsigned(certificates: Sequence[bytes], crls: Sequence[bytes], ocsps: Sequence[bytes]) -> Sequence[core.Sequence]:
    """certificate-values and revocation-values (EN 319 122-1, A.1), where there are any; octets spliced."""
    found = []
    if certificates:
        found.append(_attribute(CERTIFICATE_VALUES, _tlv(0x30, b"".join(certificates))))
    if crls or ocsps:
        basics = [bytes(ocsp.OCSPResponse.load(item).basic_ocsp_response.dump()) for item in ocsps]
        parts = [(0xA0, crls), (0xA1, basics)]
        value = b"".join(_tlv(tag, _tlv(0x30, b"".join(items))) for tag, items in parts if items)
        found.append(_attribute(REVOCATION_VALUES, _tlv(0x30, value)))
    return found


def _attribute(kind: str, value: bytes) -> cms.CMSAttribute:
    return cms.CMSAttribute.load(_tlv(0x30, core.ObjectIdentifier(kind).dump() + _tlv(0x31, value)))


def _tlv(tag: int, content: bytes) -> bytes:
    return core.OctetString(content).dump().replace(b"\x04", bytes([tag]), 1)
