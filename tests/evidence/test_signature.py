"""archiver.evidence.signature: seals of ours and of others, whole and tampered with."""

import asyncio
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ReasonFlags, load_der_x509_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from archiver.adapters.authority import _key
from archiver.adapters.signer import FileSigner
from archiver.chain import Material
from archiver.evidence.cms import open_signed
from archiver.evidence.policy import Policy
from archiver.evidence.signature import Seal, judge_seal
from archiver.evidence.timestamp import token_of
from archiver.verdict import Indication

from .conftest import CONTENT, DAY, NOW, House, Issued, Liar, issue, revocations


@pytest.fixture(scope="module")
def sealed(house: House) -> bytes:
    return house.signer.sign(CONTENT, at=NOW, stamp=house.stamp)


def judged(
    p7m: bytes, house: House, *, anchors=(), crls=(), require_revocation: bool = False, **changed: object
) -> Seal:
    policy = Policy(Material(anchors or (house.anchor,), crls=tuple(crls)), require_revocation=require_revocation)
    return judge_seal(p7m, policy, **{"at": NOW, "subject": "PIndex.xml.p7m", **changed})


def codes(seal: Seal) -> list[str]:
    return [item.code for item in seal.verdict.findings]


def test_a_seal_passes_and_tells_what_it_holds_and_since_when(sealed, house):
    seal = judged(sealed, house, crls=[house.crl], require_revocation=True)
    assert codes(seal) == []
    assert (seal.content, seal.level, seal.proven_at) == (CONTENT, "B-T", NOW)
    assert seal.certificate == house.signer.certificate
    assert house.anchor in seal.certificates


def test_a_seal_without_timestamp_is_b_b_judged_now_and_says_so(house):
    bare = house.signer.sign(CONTENT, at=NOW, stamp=None)
    seal = judged(bare, house)
    assert (codes(seal), seal.level, seal.proven_at) == (["SEAL_WITHOUT_TIMESTAMP"], "B-B", None)
    assert seal.verdict.indication is Indication.PASSED
    assert judged(bare, house, at=NOW + 4 * 365 * DAY).verdict.sub_indication == "EXPIRED"


def test_a_timestamp_keeps_a_seal_beyond_its_certificates_end(sealed, house):
    assert judged(sealed, house, at=NOW + 4 * 365 * DAY).verdict.indication is Indication.PASSED


@pytest.mark.parametrize(
    ("days", "reason", "stamped", "indication"),
    [
        (-1, None, True, Indication.FAILED),
        (5, ReasonFlags.key_compromise, True, Indication.PASSED),
        (5, ReasonFlags.key_compromise, False, Indication.INDETERMINATE),
    ],
)
def test_a_stolen_key_harms_only_what_was_not_proven_before(house, days, reason, stamped, indication):
    ca = Issued(load_der_x509_certificate(house.anchor), _key(house.folder / "ca.key"))
    serial = load_der_x509_certificate(house.signer.certificate).serial_number
    listed = revocations(ca, {serial: (NOW + days * DAY, reason)}, NOW + 10 * DAY)
    p7m = house.signer.sign(CONTENT, at=NOW, stamp=house.stamp if stamped else None)
    assert judged(p7m, house, crls=[listed]).verdict.indication is indication


@pytest.mark.parametrize(("vouched", "passes"), [(None, False), (4, True), (5, False), (6, False)])
def test_a_stolen_key_does_no_harm_to_a_seal_that_something_else_proves_before_it_was_stolen(house, vouched, passes):
    """Level B-B under evidence: its time is that of the evidence, and the compromise shows later."""
    ca = Issued(load_der_x509_certificate(house.anchor), _key(house.folder / "ca.key"))
    serial = load_der_x509_certificate(house.signer.certificate).serial_number
    listed = revocations(ca, {serial: (NOW + 5 * DAY, ReasonFlags.key_compromise)}, NOW + 10 * DAY)
    bare = house.signer.sign(CONTENT, at=NOW, stamp=None)
    proof = None if vouched is None else NOW + vouched * DAY
    seal = judged(bare, house, crls=[listed], at=NOW, vouched=proof)
    harm = "CERTIFICATE_REVOKED_LATER" if passes else "CERTIFICATE_COMPROMISED_LATER"
    assert codes(seal) == ["SEAL_WITHOUT_TIMESTAMP", harm]
    assert seal.proven_at is None, "that is what a timestamp of its own gives"


def test_of_a_timestamp_and_something_else_the_earlier_one_vouches(sealed, house):
    ca = Issued(load_der_x509_certificate(house.anchor), _key(house.folder / "ca.key"))
    serial = load_der_x509_certificate(house.signer.certificate).serial_number
    listed = revocations(ca, {serial: (NOW + 5 * DAY, ReasonFlags.key_compromise)}, NOW + 10 * DAY)
    seal = judged(sealed, house, crls=[listed], at=NOW + 20 * DAY, vouched=NOW + 9 * DAY)
    assert codes(seal) == ["CERTIFICATE_REVOKED_LATER"]


def test_no_flipped_octet_changes_what_a_passed_seal_says(sealed, house):
    honest = judged(sealed, house)
    passed = 0
    for place in range(0, len(sealed), 11):
        flipped = bytearray(sealed)
        flipped[place] ^= 1 << place % 7
        seal = judged(bytes(flipped), house)
        if seal.verdict.indication is Indication.PASSED:
            passed += 1
            assert (seal.content, seal.certificate) == (honest.content, honest.certificate)
            lost = (None, "B-B", ["SEAL_WITHOUT_TIMESTAMP"])  # no one signs a signature timestamp's label
            assert (seal.proven_at, seal.level, codes(seal)) in (lost, (NOW, "B-T", []))
    assert passed < len(sealed) / 11 / 3, "only the certificates in the bag and what no one signs may change"


def test_every_octet_of_the_content_and_the_signature_counts(sealed, house):
    signer = cms.ContentInfo.load(sealed)["content"]["signer_infos"][0]
    for guarded, code in ((CONTENT, "CMS_DIGEST"), (signer["signature"].native, "CMS_SIGNATURE")):
        start = sealed.index(guarded)
        for place in range(start + 8, start + len(guarded), 5):
            flipped = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
            assert code in codes(judged(flipped, house))


def test_a_timestamp_of_another_signature_is_refused(house):
    other = house.stamp("sha256", bytes(32))
    seal = judged(house.signer.sign(CONTENT, at=NOW, stamp=lambda algorithm, imprint: other), house)
    assert (codes(seal), seal.proven_at) == (["TOKEN_IMPRINT"], None)


def test_a_timestamp_that_cannot_be_trusted_proves_no_time(house, liar: Liar):
    def stamp(algorithm: str, imprint: bytes) -> bytes:
        return token_of(liar.tell(imprint, algorithm=algorithm), algorithm=algorithm, imprint=imprint, nonce=7, at=NOW)

    seal = judged(house.signer.sign(CONTENT, at=NOW, stamp=stamp), house)
    assert (codes(seal), seal.proven_at, seal.level) == (["CHAIN_NOT_FOUND"], None, "B-T")
    assert judged(house.signer.sign(CONTENT, at=NOW, stamp=stamp), house, anchors=(house.anchor, liar.ca.der)).proven_at


def test_a_seal_of_a_stranger_is_in_doubt(house):
    stranger = issue("Uno qualunque", usage=[ExtendedKeyUsageOID.EMAIL_PROTECTION])
    p7m = FileSigner(stranger.der, stranger.key).sign(CONTENT, at=NOW, stamp=house.stamp)
    assert judged(p7m, house).verdict.sub_indication in ("NO_CERTIFICATE_CHAIN_FOUND", "CHAIN_CONSTRAINTS_FAILURE")


@pytest.mark.parametrize("rubbish", [b"", b"<PIndex/>", b"\x30\x03\x02\x01\x00", bytes(100)])
def test_what_is_no_seal_is_a_finding(house, rubbish):
    assert codes(judged(rubbish, house)) == ["SEAL_UNREADABLE"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("-cades -nodetach", None),
        ("-cades -nodetach -indef -stream", None),
        ("-cades", "SEAL_DETACHED"),
        ("-nodetach", "CMS_REFERENCE_ABSENT"),
        ("-cades -nodetach -keyid", None),
        ("-cades -nodetach -md sha1", "SEAL_REFERENCE_VERSION"),
    ],
)
def test_signatures_made_by_openssl_are_read(house, tmp_path, options, code):
    seal = judged(openssl_signs(house, tmp_path, "seal", options), house)
    assert (code in codes(seal)) if code else (codes(seal) == ["SEAL_WITHOUT_TIMESTAMP"])
    assert seal.content == (None if code == "SEAL_DETACHED" else CONTENT)


def test_a_certificate_that_may_not_sign_documents_is_in_doubt(house, tmp_path):
    assert "SEAL_KEY_USAGE" in codes(judged(openssl_signs(house, tmp_path, "ca", "-cades -nodetach"), house))


def openssl_signs(house: House, folder: Path, name: str, options: str) -> bytes:
    (folder / "content").write_bytes(CONTENT)
    command = f"openssl cms -sign -binary -outform DER -in content -out p7m {options}"
    keys = ["-signer", str(house.folder / f"{name}.pem"), "-inkey", str(house.folder / f"{name}.key")]
    subprocess.run([*command.split(), *keys], cwd=folder, check=True, capture_output=True)
    return (folder / "p7m").read_bytes()


@pytest.mark.parametrize(
    ("key", "padding", "mechanism"),
    [
        ("rsa:2048", "", "rsassa_pkcs1v15"),
        ("rsa:3072", "-keyopt rsa_padding_mode:pss", "rsassa_pss"),
        ("ec:group.pem", "", "ecdsa"),
    ],
)
def test_each_kind_of_key_is_checked(tmp_path, key, padding, mechanism):
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "c.cnf").write_text("[req]\ndistinguished_name=dn\n[dn]\n")
    for command in (
        "ecparam -name secp384r1 -out group.pem",
        f"req -x509 -config c.cnf -subj /CN=Chi -newkey {key} -nodes -keyout key -out cert -days 9000",
        "x509 -in cert -outform DER -out der",
        f"cms -sign -binary -cades -nodetach -outform DER -in content -out p7m -signer cert -inkey key {padding}",
    ):
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    p7m, anchor = (tmp_path / "p7m").read_bytes(), (tmp_path / "der").read_bytes()
    at = load_der_x509_certificate(anchor).not_valid_before_utc
    assert open_signed(p7m).mechanism.name == mechanism
    seal = judge_seal(p7m, Policy(Material((anchor,))), at=at, subject="x")
    assert (codes(seal), seal.content) == (["SEAL_WITHOUT_TIMESTAMP"], CONTENT)
    signature = open_signed(p7m).signature
    forged = p7m.replace(signature, signature[:-1] + bytes([signature[-1] ^ 1]))
    assert "CMS_SIGNATURE" in codes(judge_seal(forged, Policy(Material((anchor,))), at=at, subject="x"))


@pytest.mark.parametrize(
    ("make", "digest", "mechanism"),
    [
        (ed25519.Ed25519PrivateKey.generate, "sha512", "ed25519"),
        (ed448.Ed448PrivateKey.generate, "shake256", "ed448"),
        (lambda: ec.generate_private_key(ec.BrainpoolP384R1()), "sha384", "ecdsa"),
        (lambda: ec.generate_private_key(ec.SECP521R1()), "sha3_512", "ecdsa"),
    ],
)
def test_signatures_made_by_pyhanko_are_read(make, digest, mechanism):
    key = make()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Chi")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5, NOW - DAY, NOW + DAY)
    hashing = hashes.SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None
    anchor = builder.sign(key, hashing).public_bytes(Encoding.DER)
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(asn1_x509.Certificate.load(anchor), keys.PrivateKeyInfo.load(pkcs8), SimpleCertificateStore())
    settings = PdfCMSSignedAttributes(signing_time=NOW)
    made = signer.async_sign_general_data(
        CONTENT, digest, detached=False, use_cades=True, signed_attr_settings=settings
    )
    p7m = asyncio.run(made).dump()
    assert open_signed(p7m).mechanism.name == mechanism
    seal = judge_seal(p7m, Policy(Material((anchor,))), at=NOW, subject="x")
    assert (codes(seal), seal.content) == (["SEAL_WITHOUT_TIMESTAMP"], CONTENT)
    signature = open_signed(p7m).signature
    forged = p7m.replace(signature, signature[:-1] + bytes([signature[-1] ^ 1]))
    assert "CMS_SIGNATURE" in codes(judge_seal(forged, Policy(Material((anchor,))), at=NOW, subject="x"))


def test_a_seal_in_ber_is_read_with_a_token_in_ber(house):
    def stamp(algorithm: str, imprint: bytes) -> bytes:
        return in_ber(house.stamp(algorithm, imprint))

    p7m = house.signer.sign(CONTENT, at=NOW, stamp=stamp)
    seal = judged(p7m, house)
    assert (codes(seal), seal.proven_at) == ([], NOW)
    assert seal.token is not None
    assert seal.token.octets.startswith(b"\x30\x80")
    assert seal.token.octets in p7m


def in_ber(der: bytes) -> bytes:
    """The same value with an indefinite length outside."""
    header = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    return b"\x30\x80" + der[header:] + b"\x00\x00"


def test_the_signing_time_is_a_claim_and_is_not_believed(house):
    claimed = NOW - timedelta(days=2000)
    seal = judged(house.signer.sign(CONTENT, at=claimed, stamp=house.stamp), house)
    assert seal.proven_at == NOW


def test_the_verifier_shares_no_module_with_the_signer():
    source = (Path(__file__).parents[2] / "archiver" / "evidence" / "signature.py").read_text()
    assert "adapters" not in source
    assert "pyhanko" not in source.lower()
