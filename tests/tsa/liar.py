"""A time stamping authority that answers questions truthfully, or with one lie; it shares nothing with ours.

liar = Liar()
liar.tell(query)                            # the truth
liar.tell(query, nonce=None)                # one lie
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import algos, cms, core, parser, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
STAMPING, SIGNING_CODE = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING
POLICY = "1.3.6.1.4.1.99999.1"
ASKED: Any = object()
"""As the question has it."""


@dataclass(frozen=True)
class Held:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True)
class House:
    """A CA that gives certificates for stamping, of any quality, as of `at`."""

    name: str = "CA che mente"
    at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def ca(self) -> Held:
        name = _name(self.name)
        builder = _builder(name, name, self.key, self.at - 1000 * DAY, self.at + 5000 * DAY).serial_number(1)
        basic = x509.BasicConstraints(ca=True, path_length=None)
        return Held(builder.add_extension(basic, critical=True).sign(self.key, hashes.SHA256()), self.key)

    def give(
        self,
        name: str = "TSA che mente",
        *,
        usage: tuple[x509.ObjectIdentifier, ...] = (STAMPING,),
        critical: bool = True,
        days: tuple[int, int] = (-30, 365),
    ) -> Held:
        """A certificate, valid `days` before and after now."""
        key = ec.generate_private_key(ec.SECP256R1())
        since, until = (self.at + day * DAY for day in days)
        builder = _builder(_name(name), _name(self.name), key, since, until)
        builder = builder.serial_number(x509.random_serial_number())
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=critical)
        return Held(builder.sign(self.key, hashes.SHA256()), key)

    def revoking(self, held: Held, reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise) -> bytes:
        """A list of revocations, DER, in which `held` has stood since yesterday."""
        builder = x509.CertificateRevocationListBuilder(_name(self.name), self.at - DAY, self.at + 30 * DAY)
        entry = x509.RevokedCertificateBuilder(held.certificate.serial_number, self.at - DAY)
        entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        return builder.add_revoked_certificate(entry.build()).sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Liar:
    """A TSA of `house`; `tsa` is its honest certificate."""

    house: House = field(default_factory=House)
    tsa: Held = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tsa", self.house.give())

    @property
    def anchor(self) -> bytes:
        return self.house.ca.der

    def tell(
        self,
        query: bytes,
        *,
        by: Held | None = None,
        imprint: bytes = ASKED,
        algorithm: str = ASKED,
        nonce: int | None = ASKED,
        policy: str = ASKED,
        version: str = "v1",
        late: timedelta = timedelta(0),
        kind: str = "tst_info",
        digested: bytes | None = None,
        named: Held | None = None,
        named_by: str = "v2",
        signers: int = 1,
        digest: str = "sha256",
        spoil: Callable[[bytes], bytes] = bytes,
        certificates: tuple[bytes, ...] | None = None,
        status: str = "granted",
    ) -> bytes:
        """A TimeStampResp; each argument is a lie about what it names. `named_by`: v1, v2 or nothing."""
        asked, by = tsp.TimeStampReq.load(query), by or self.tsa
        of = asked["message_imprint"]
        info = {
            "version": version,
            "policy": (asked["req_policy"].native or POLICY) if policy is ASKED else policy,
            "message_imprint": {
                "hash_algorithm": {
                    "algorithm": of["hash_algorithm"]["algorithm"].native if algorithm is ASKED else algorithm
                },
                "hashed_message": of["hashed_message"].native if imprint is ASKED else imprint,
            },
            "serial_number": int.from_bytes(hashlib.sha256(query).digest()[:8]),
            "gen_time": datetime.now(UTC).replace(microsecond=0) + late,
        }
        if (nonce := asked["nonce"].native if nonce is ASKED else nonce) is not None:
            info["nonce"] = nonce
        content = tsp.TSTInfo(info).dump()
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": [kind]},
                {"type": "message_digest", "values": [hashlib.new(digest, digested or content).digest()]},
                *_naming(named or by, named_by),
            ]
        )
        signature = by.key.sign(attributes.dump(), ec.ECDSA(getattr(hashes, digest.upper())()))
        token = _token(content, attributes, spoil(signature), by, kind, digest, signers, certificates)
        return tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": token}).dump()


def refusal(status: str, fault: str, reason: str) -> bytes:
    """A TimeStampResp without a token."""
    said = {"status": status, "status_string": [reason], "fail_info": {fault}}
    return bytes(parser.emit(0, 1, 16, tsp.PKIStatusInfo(said).dump()))


def in_ber(reply: bytes) -> bytes:
    """The same, the token with an indefinite length: BER, which says the same and is not DER."""
    status, token = parts(reply)
    return bytes(parser.emit(0, 1, 16, status + b"\x30\x80" + parser.parse(token)[4] + b"\0\0"))


def with_more_inside(reply: bytes, more: bytes) -> bytes:
    """The same, with octets behind the token, within the reply."""
    return bytes(parser.emit(0, 1, 16, parser.parse(reply)[4] + more))


def parts(reply: bytes) -> tuple[bytes, bytes]:
    """The status and the token."""
    inside = parser.parse(reply)[4]
    length = parser.peek(inside)
    return inside[:length], inside[length:]


def _token(
    content: bytes,
    attributes: cms.CMSAttributes,
    signature: bytes,
    by: Held,
    kind: str,
    digest: str,
    signers: int,
    certificates: tuple[bytes, ...] | None,
) -> cms.ContentInfo:
    held = asn1_x509.Certificate.load(by.der)
    signer = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": held.issuer, "serial_number": held.serial_number}},
        "digest_algorithm": {"algorithm": digest},
        "signed_attrs": attributes,
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"}),
        "signature": signature,
    }
    bag = (by.der,) if certificates is None else certificates
    whole = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {"content_type": kind, "content": core.ParsableOctetString(content)},
        "certificates": [asn1_x509.Certificate.load(octets) for octets in bag],
        "signer_infos": [signer] * signers,
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": whole})


def _naming(held: Held, how: str) -> list[dict[str, Any]]:
    """ESSCertID (RFC 2634), ESSCertIDv2 (RFC 5035), or neither."""
    if how == "v1":
        meant = tsp.SigningCertificate({"certs": [{"cert_hash": hashlib.sha1(held.der).digest()}]})
        return [{"type": "signing_certificate", "values": [meant]}]
    if how == "v2":
        meant = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(held.der).digest()}]})
        return [{"type": "signing_certificate_v2", "values": [meant]}]
    return []


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.not_valid_before(since).not_valid_after(until)
