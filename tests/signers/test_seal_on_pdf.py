"""The seal on a PDF: PAdES that pyHanko and poppler believe, by every signer that can, refused by the others."""

import io
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import PdfSignatureStatus, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from servers.softhsm import EC, PIN, RSA, SoftHsm
from support import remote_client
from support.certificates import Authority, Pair, p256, rsa2048
from support.remote_signature import RemoteService, raw
from support.told_reports import told
from support.tools import tool

from archiver.access.exhibit.rapporto import rapporto
from archiver.adapters.signer import Command, CommandSigner, FileSigner, Pkcs11Signer, Token, sign_pdf, signs_pdf
from archiver.errors import ConfigError, Malformed, Unavailable
from archiver.ports import Signer, Stamp

NOW = datetime.now(UTC).replace(microsecond=0)
OTP = "314159"


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return rapporto(told())


@pytest.fixture(scope="module")
def pairs(ca: Authority) -> dict[str, Pair]:
    return {"P-256": ca.person(key=p256()), "RSA": ca.person(key=rsa2048())}


def from_file(pair: Pair, folder: Path) -> Signer:
    certificate, key, above = pair.pem(folder)
    return FileSigner.from_pem(certificate, key, chain=(above,))


def judged(pdf: bytes, ca: Authority) -> PdfSignatureStatus:
    """pyHanko's own judgement, with the test's CA as the only anchor; whoever stamped is another matter."""
    anchor = asn1_x509.Certificate.load(ca.certificate.public_bytes(Encoding.DER))
    (embedded,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(embedded, ValidationContext(trust_roots=[anchor], allow_fetching=False))


def signature(pdf: bytes) -> cms.SignedData:
    (embedded,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return embedded.signed_data


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_a_key_in_a_file_seals_a_pdf_that_pyhanko_believes(kind, pairs, ca, stamp, pdf, tmp_path):
    sealed = sign_pdf(pdf, from_file(pairs[kind], tmp_path), NOW, stamp)
    status = judged(sealed, ca)
    assert status.intact
    assert status.valid
    assert status.trusted
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.signer_reported_dt == NOW
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.intact
    assert status.timestamp_validity.valid


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_a_key_in_a_token_seals_a_pdf(kind, hsm: SoftHsm, fresh: SoftHsm, ca, stamp, pdf):
    hsm.token(f"pdf-{kind}")
    key = hsm.key(f"pdf-{kind}", kind, "01", {"P-256": EC, "RSA": RSA}[kind])
    hsm.put(f"pdf-{kind}", ca.person(key=key).certificate, kind, "01")
    signer = Pkcs11Signer(Token(hsm.module, token=f"pdf-{kind}", key=kind, pin=lambda: PIN))
    assert signs_pdf(signer)
    assert judged(sign_pdf(pdf, signer, NOW, stamp), ca).bottom_line is False, "nobody vouches for the TSA here"
    assert judged(sign_pdf(pdf, signer, NOW, None), ca).bottom_line


def test_a_program_that_signs_digests_seals_a_pdf_and_one_that_makes_whole_cms_is_refused(pairs, ca, pdf, tmp_path):
    certificate, _, _ = pairs["P-256"].pem(tmp_path)
    with RemoteService(OTP, partial(raw, pairs["P-256"])) as service:
        argv = (sys.executable, remote_client.__file__, service.url)
        command = Command(argv, "signature", certificate, secret=lambda: OTP, secret_name="FIRMA_OTP")
        environ = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
        assert judged(sign_pdf(pdf, CommandSigner(command, environ=environ), NOW, None), ca).bottom_line
        whole = CommandSigner(replace(command, answers="cms"), environ=environ)
        assert not signs_pdf(whole)
        with pytest.raises(ConfigError, match="answers = signature"):
            sign_pdf(pdf, whole, NOW, None)


def test_what_was_there_before_is_not_touched(pairs, stamp, pdf, tmp_path):
    sealed = sign_pdf(pdf, from_file(pairs["P-256"], tmp_path), NOW, stamp)
    assert sealed.startswith(pdf)


def test_the_token_stands_in_the_seal_octet_for_octet(pairs, stamp: Stamp, pdf, tmp_path):
    given: list[bytes] = []

    def keeping(algorithm: str, imprint: bytes) -> bytes:
        given.append(stamp(algorithm, imprint))
        return given[-1]

    sealed = sign_pdf(pdf, from_file(pairs["P-256"], tmp_path), NOW, keeping)
    assert len(given) == 1
    assert given[0].hex().encode() in sealed.lower()


def test_the_signed_attributes_are_those_of_pades(pairs, stamp, pdf, tmp_path):
    """EN 319 142-1, 6.3: signing-certificate-v2, and no signing-time, which stands in the PDF."""
    (signer,) = signature(sign_pdf(pdf, from_file(pairs["P-256"], tmp_path), NOW, stamp))["signer_infos"]
    found = {attribute["type"].native for attribute in signer["signed_attrs"]}
    assert found == {"content_type", "message_digest", "signing_certificate_v2"}


def test_a_byte_changed_in_a_sealed_report_breaks_its_seal(pairs, ca, pdf, tmp_path):
    sealed = bytearray(sign_pdf(pdf, from_file(pairs["P-256"], tmp_path), NOW, None))
    sealed[1000] ^= 1
    assert not judged(bytes(sealed), ca).intact


def test_a_token_too_large_for_its_place_is_refused_by_name(pairs, pdf, tmp_path, stamp):
    fat = b"\x30\x83\x00\x80\x00" + bytes(0x8000)
    with pytest.raises(Malformed, match="30720"):
        sign_pdf(pdf, from_file(pairs["P-256"], tmp_path), NOW, lambda algorithm, imprint: fat)


def test_no_pdf_is_refused(pairs, tmp_path):
    with pytest.raises(Malformed, match="expected a PDF"):
        sign_pdf(b"%PNG, by mistake", from_file(pairs["P-256"], tmp_path), NOW, None)


def test_what_the_authority_refuses_comes_out(pairs, pdf, tmp_path):
    def silent(algorithm: str, imprint: bytes) -> bytes:
        raise Unavailable("the TSA is silent")

    with pytest.raises(Unavailable, match="silent"):
        sign_pdf(pdf, from_file(pairs["P-256"], tmp_path), NOW, silent)


def test_poppler_finds_the_seal_valid_and_over_the_whole_file(pairs, stamp, pdf, tmp_path: Path):
    path = tmp_path / "rapporto.pdf"
    path.write_bytes(sign_pdf(pdf, from_file(pairs["P-256"], tmp_path), NOW, stamp))
    said = subprocess.run([tool("pdfsig"), "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "ETSI.CAdES.detached" in said
    assert "Total document signed" in said
    assert "Signature is Valid" in said
