"""archiver.adapters.signer: seals that openssl believes, and certificates that are looked at first."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from archiver.adapters.authority import LocalAuthority, create
from archiver.adapters.signer import FileSigner, check_certificate, check_mechanism
from archiver.errors import ConfigError, Unavailable
from archiver.evidence.timestamp import query, token_of

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)  # openssl asks its own clock
CONTENT = b"<PIndex>un indice</PIndex>\r\n"
KEYS = {"P-256": lambda: ec.generate_private_key(ec.SECP256R1()), "RSA": lambda: rsa.generate_private_key(65537, 2048)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signer") / "locale"
    create(folder, at=NOW - DAY, holder_name="Studio Rossi")
    return folder


@pytest.fixture(scope="module", params=KEYS)
def own(request: pytest.FixtureRequest) -> tuple[x509.Certificate, CertificateIssuerPrivateKeyTypes]:
    key = KEYS[request.param]()
    return certificate(key), key


def certificate(
    key: CertificateIssuerPrivateKeyTypes, *, signing: bool = True, end: datetime = NOW + 365 * DAY
) -> x509.Certificate:
    """Self-signed, of the responsabile della conservazione."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Rossi Maria"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, "TINIT-RSSMRA80A41H501X"),
        ]
    )
    uses = ("digital_signature", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    usage = dict.fromkeys((*uses, "encipher_only", "decipher_only"), False)
    usage |= {"content_commitment": signing, "key_encipherment": not signing}
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(end)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def pem(key: CertificateIssuerPrivateKeyTypes, password: bytes | None = None) -> bytes:
    kept = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, kept)


def stamping(folder: Path):
    authority = LocalAuthority(folder, lambda: NOW)

    def stamp(algorithm: str, imprint: bytes) -> bytes:
        reply = authority.answer(query(algorithm, imprint, 9))
        return token_of(reply, algorithm=algorithm, imprint=imprint, nonce=9, at=NOW)

    return stamp


@pytest.mark.parametrize("stamped", [True, False])
def test_openssl_verifies_the_seal_as_cades_and_gives_the_content_back(own, folder, tmp_path, stamped):
    signer = FileSigner(der(own[0]), own[1])
    p7m = signer.sign(CONTENT, at=NOW, stamp=stamping(folder) if stamped else None)
    (tmp_path / "p7m").write_bytes(p7m)
    (tmp_path / "ca").write_bytes(own[0].public_bytes(Encoding.PEM))
    command = "openssl cms -verify -cades -binary -inform DER -in p7m -CAfile ca -purpose any -out content"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "CAdES Verification successful" in done.stderr
    assert (tmp_path / "content").read_bytes() == CONTENT


def test_rsa_signs_with_pss(folder):
    key = KEYS["RSA"]()
    p7m = FileSigner(der(certificate(key)), key).sign(CONTENT, at=NOW, stamp=None)
    pss = bytes.fromhex("06092a864886f70d01010a")
    assert p7m.count(pss) == 1


def test_the_demos_seal_carries_its_chain(folder):
    signer = FileSigner.from_pem(folder / "seal.pem", folder / "seal.key", chain=[folder / "ca.pem"])
    p7m = signer.sign(CONTENT, at=NOW, stamp=stamping(folder))
    assert len(signer.chain) == 1
    assert signer.chain[0] in p7m
    assert signer.certificate in p7m


def test_the_token_lies_in_the_seal_octet_for_octet_even_in_ber(own, folder):
    tokens = []

    def stamp(algorithm: str, imprint: bytes) -> bytes:
        token = stamping(folder)(algorithm, imprint)
        tokens.append(b"\x30\x80" + token[4:] + b"\x00\x00")
        return tokens[-1]

    assert FileSigner(der(own[0]), own[1]).sign(CONTENT, at=NOW, stamp=stamp).count(tokens[0]) == 1
    assert len(tokens) == 1, "one signature asks for one token"


def test_an_authority_that_is_away_is_told_as_such(own):
    def away(algorithm: str, imprint: bytes) -> bytes:
        raise Unavailable("TSA: no answer")

    with pytest.raises(Unavailable, match="no answer"):
        FileSigner(der(own[0]), own[1]).sign(CONTENT, at=NOW, stamp=away)


def test_a_pkcs12_signs_like_its_files(own):
    content = pkcs12.serialize_key_and_certificates(b"x", own[1], own[0], [], BestAvailableEncryption(b"segreto"))
    signer = FileSigner.from_pkcs12(content, password=b"segreto", source="firma.p12")
    assert signer.certificate == der(own[0])
    with pytest.raises(ConfigError, match=r"firma\.p12: cannot be opened, is the password right"):
        FileSigner.from_pkcs12(content, password=b"sbagliata", source="firma.p12")
    with pytest.raises(ConfigError, match="rubbish"):
        FileSigner.from_pkcs12(b"rubbish", password=None, source="rubbish")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda at: (at / "key").unlink(), r"key: cannot be read \(No such file"),
        (lambda at: (at / "cert").unlink(), r"cert: cannot be read \(No such file"),
        (lambda at: (at / "cert").write_text("rubbish"), "cert: expected certificates in PEM, found none"),
        (lambda at: (at / "key").write_text("rubbish"), "key: key cannot be read"),
        (lambda at: (at / "key").write_bytes(pem(KEYS["P-256"](), b"altra")), "is the password right"),
        (lambda at: (at / "key").write_bytes(pem(KEYS["P-256"](), b"segreto")), "does not belong to the certificate"),
        (lambda at: write(at, ed25519.Ed25519PrivateKey.generate()), "expected an EC or RSA key, found Ed25519"),
        (lambda at: write(at, KEYS["P-256"](), signing=False), "found key_encipherment; ask for one"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_with_the_file_and_the_reason(tmp_path, spoil, reason):
    write(tmp_path, KEYS["P-256"]())
    FileSigner.from_pem(tmp_path / "cert", tmp_path / "key", password=b"segreto")
    spoil(tmp_path)
    with pytest.raises(ConfigError, match=reason) as refusal:
        FileSigner.from_pem(tmp_path / "cert", tmp_path / "key", password=b"segreto")
    assert str(tmp_path) in str(refusal.value)


def write(folder: Path, key: CertificateIssuerPrivateKeyTypes, *, signing: bool = True) -> None:
    (folder / "cert").write_bytes(certificate(key, signing=signing).public_bytes(Encoding.PEM))
    (folder / "key").write_bytes(pem(key, b"segreto"))


@pytest.mark.parametrize(
    ("days", "expected", "codes"),
    [
        (0, "Rossi Maria", []),
        (0, "ROSSI MARIA", []),
        (0, "RSSMRA80A41H501X", []),
        (0, "TINIT-RSSMRA80A41H501X", []),
        (0, None, []),
        (0, "Rossi", ["SIGNER_OTHER"]),
        (0, "BNCLRA80A41H501X", ["SIGNER_OTHER"]),
        (-2, None, ["SIGNER_NOT_YET_VALID"]),
        (304, None, []),
        (306, None, ["SIGNER_EXPIRING"]),
        (364, None, ["SIGNER_EXPIRING"]),
        (366, None, ["SIGNER_EXPIRED"]),
    ],
)
def test_a_certificate_is_looked_at_before_it_signs(days, expected, codes):
    octets = der(certificate(KEYS["P-256"]()))
    found = check_certificate(octets, at=NOW + days * DAY, expected_subject=expected)
    assert [item.code for item in found] == codes


def test_a_certificate_that_may_not_sign_is_found_before_it_signs():
    octets = der(certificate(KEYS["P-256"](), signing=False))
    assert [item.code for item in check_certificate(octets, at=NOW)] == ["SIGNER_KEY_USAGE"]


RSA_KEYS = {bits: rsa.generate_private_key(65537, bits) for bits in (2048, 3072)}


@pytest.mark.parametrize(
    ("key", "wanted", "year", "codes"),
    [
        (KEYS["P-256"](), "", 2026, []),
        (KEYS["P-256"](), "", 2036, []),
        (RSA_KEYS[3072], "", 2036, []),
        (RSA_KEYS[2048], "", 2026, ["SIGNER_ALGORITHM"]),
        (RSA_KEYS[3072], "rsa-pkcs1", 2026, ["SIGNER_ALGORITHM"]),
        (RSA_KEYS[3072], "rsa-pkcs1", 2029, ["ALGORITHM_SPENT"]),
        (RSA_KEYS[2048], "", 2029, ["ALGORITHM_SPENT"]),
    ],
)
def test_a_way_of_signing_that_ends_is_said_before_it_signs(key, wanted, year, codes):
    found = check_mechanism(der(certificate(key)), wanted, at=datetime(year, 1, 1, tzinfo=UTC))
    assert [item.code for item in found] == codes
    if codes == ["SIGNER_ALGORITHM"]:
        assert "2028-12-31" in found[0].text("en")
        assert "2028-12-31" in found[0].text("it")


def test_a_way_of_signing_that_the_key_has_not_is_refused():
    with pytest.raises(ConfigError, match="mechanism rsa-pkcs1: the certificate's key is EC"):
        check_mechanism(der(certificate(KEYS["P-256"]())), "rsa-pkcs1", at=NOW)


def test_a_certificate_may_lie_in_der(tmp_path):
    key = KEYS["P-256"]()
    (tmp_path / "cert.der").write_bytes(der(certificate(key)))
    (tmp_path / "key").write_bytes(pem(key))
    FileSigner.from_pem(tmp_path / "cert.der", tmp_path / "key").ready()
