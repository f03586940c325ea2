"""A program signs: raw or CMS, in every form that a service may answer in, and openssl as it is."""

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding
from support import remote_client
from support.certificates import Authority, Pair, p256, rsa2048
from support.judges import openssl_cades
from support.remote_signature import Cades, RemoteService, in_a_row, raw
from support.tools import tool

from archiver.adapters.signer import Command, CommandSigner
from archiver.evidence.cms import open_signed
from archiver.evidence.unsigned import with_timestamp

NOW = datetime.now(UTC).replace(microsecond=0)
CONTENT = b"<PIndex>un indice</PIndex>\r\n"
OTP = "314159"
ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "SEGRETO": "di casa"}
KEYS = {"P-256": p256, "P-384": lambda: ec.generate_private_key(ec.SECP384R1()), "RSA": rsa2048}


@pytest.fixture(scope="module")
def pairs(ca: Authority) -> dict[str, Pair]:
    return {name: ca.person(key=make()) for name, make in KEYS.items()}


@pytest.fixture
def service() -> Iterator[RemoteService]:
    with RemoteService(OTP, lambda digest: b"") as server:
        yield server


@pytest.fixture
def command(service: RemoteService, pairs: dict[str, Pair], tmp_path: Path) -> Callable[..., CommandSigner]:
    """A signer of a pair's certificate that asks the service."""

    def made(answers: str, key: str = "P-256", **more: object) -> CommandSigner:
        certificate, _, _ = pairs[key].pem(tmp_path)
        argv = (sys.executable, remote_client.__file__, service.url)
        asked = Command(argv, answers, certificate, secret=lambda: OTP, secret_name="FIRMA_OTP")
        return CommandSigner(replace(asked, **more), environ=ENVIRON)

    return made


FORMS = {
    "octets": lambda signature: signature,
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "hexadecimal": lambda signature: signature.hex().encode(),
    "HEXADECIMAL with a line end": lambda signature: signature.hex().upper().encode() + b"\r\n",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", KEYS)
def test_openssl_verifies_a_raw_signature_in_every_form_of_answer(service, command, pairs, ca, stamp, key, form):
    service.answer = lambda digest: FORMS[form](raw(pairs[key], digest))
    p7m = command("signature", key).sign(CONTENT, at=NOW, stamp=stamp)
    assert openssl_cades(p7m, ca.certificate) == CONTENT
    signed = open_signed(p7m)
    assert service.asked == [sha256(signed.signed_octets).digest()]
    assert (signed.signing_time, len(signed.tokens)) == (NOW, 1)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("key", "octets"), [("P-256", 32), ("P-384", 48)])
def test_r_and_s_in_a_row_are_an_ecdsa_signature_too(service, command, pairs, ca, key, octets, form):
    service.answer = lambda digest: FORMS[form](in_a_row(raw(pairs[key], digest), octets))
    assert openssl_cades(command("signature", key).sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT


def test_rsa_pkcs1_is_used_where_the_configuration_says_so(service, command, pairs, ca):
    service.answer = lambda digest: raw(pairs["RSA"], digest, salt=padding.PKCS1v15())
    p7m = command("signature", "RSA", mechanism="rsa-pkcs1").sign(CONTENT, at=NOW, stamp=None)
    assert openssl_cades(p7m, ca.certificate) == CONTENT


CMS_FORMS = {
    "DER": lambda octets: octets,
    "base64": base64.encodebytes,
    "PEM": lambda octets: b"-----BEGIN CMS-----\n" + base64.encodebytes(octets) + b"-----END CMS-----\n",
    "PEM of old": lambda octets: b"-----BEGIN PKCS7-----\n" + base64.encodebytes(octets) + b"-----END PKCS7-----\n",
}


@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize("form", CMS_FORMS)
def test_openssl_verifies_a_cms_with_the_content_put_in(service, command, pairs, ca, stamp, form, stamped):
    made = []

    def answer(digest: bytes) -> bytes:
        made.append(Cades(pairs["P-256"])(digest))
        return CMS_FORMS[form](made[-1])

    service.answer = answer
    p7m = command("cms").sign(CONTENT, at=NOW, stamp=stamp if stamped else None)
    assert openssl_cades(p7m, ca.certificate) == CONTENT
    assert service.asked == [sha256(CONTENT).digest()]
    before, after = open_signed(made[0]), open_signed(p7m)
    assert (before.signed_octets, before.signature) == (after.signed_octets, after.signature)
    assert len(after.tokens) == stamped


def test_a_cms_in_ber_keeps_its_octets(service, command, pairs, ca):
    service.answer = lambda digest: in_ber(Cades(pairs["P-256"])(digest))
    assert openssl_cades(command("cms").sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT


def in_ber(der: bytes) -> bytes:
    """The outermost value with an indefinite length."""
    assert der[:2] == b"\x30\x82"
    return b"\x30\x80" + der[4:] + b"\x00\x00"


def test_a_timestamp_that_the_service_brings_along_is_not_paid_for_twice(service, command, pairs, ca, stamp):
    asked = []

    def ours(algorithm: str, imprint: bytes) -> bytes:
        asked.append(imprint)
        return stamp(algorithm, imprint)

    def complete(digest: bytes) -> bytes:
        made = Cades(pairs["P-256"])(digest)
        return with_timestamp(made, stamp("sha256", sha256(open_signed(made).signature).digest()))

    service.answer = complete
    p7m = command("cms").sign(CONTENT, at=NOW, stamp=ours)
    assert openssl_cades(p7m, ca.certificate) == CONTENT
    assert (len(open_signed(p7m).tokens), asked) == (1, [])


@pytest.mark.parametrize(
    ("key", "options", "mechanism"),
    [
        ("P-256", "", ""),
        ("P-384", "", ""),
        ("RSA", "-pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest", ""),
        ("RSA", "", "rsa-pkcs1"),
    ],
)
def test_openssl_is_a_program_that_signs(pairs, ca, tmp_path, key, options, mechanism):
    certificate, private, _ = pairs[key].pem(tmp_path)
    argv = f"{tool('openssl')} pkeyutl -sign -inkey {private} -pkeyopt digest:sha256 {options}".split()
    signer = CommandSigner(Command(tuple(argv), "signature", certificate, mechanism=mechanism), environ=ENVIRON)
    assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT


def test_the_program_sees_of_the_environment_only_what_it_needs_and_its_secret(pairs, ca, tmp_path):
    certificate, private, _ = pairs["P-256"].pem(tmp_path)
    script = tmp_path / "firma"
    script.write_text(
        f"#!/bin/sh\nenv >{tmp_path}/env\nexec openssl pkeyutl -sign -inkey {private} -pkeyopt digest:sha256\n"
    )
    script.chmod(0o755)
    asked = Command((str(script),), "signature", certificate, secret=lambda: OTP, secret_name="FIRMA_OTP")
    signer = CommandSigner(asked, environ=ENVIRON)
    assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT
    seen = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert {name for name in seen if name not in ("PWD", "SHLVL", "_", "OLDPWD")} == {
        "PATH",
        "HOME",
        "LANG",
        "FIRMA_OTP",
    }


def test_words_of_the_command_reach_the_program_as_they_are(pairs, tmp_path, ca):
    certificate, private, _ = pairs["P-256"].pem(tmp_path, name="fir ma; $(touch x) *")
    argv = (tool("openssl"), "pkeyutl", "-sign", "-inkey", str(private), "-pkeyopt", "digest:sha256")
    signer = CommandSigner(Command(argv, "signature", certificate), environ=ENVIRON)
    assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT


def test_the_secret_is_asked_anew_for_each_signature(service, command, pairs):
    otps = iter(["111111", "222222"])
    signer = command("signature", secret=lambda: next(otps))
    service.answer = lambda digest: raw(pairs["P-256"], digest)
    for otp in ("111111", "222222"):
        service.otp = otp
        signer.sign(CONTENT, at=NOW, stamp=None)
    assert len(service.asked) == 2


def test_certificate_and_chain_are_those_of_the_files(command, pairs, ca, tmp_path):
    above = tmp_path / "ca.der"
    above.write_bytes(pairs["P-256"].ca.public_bytes(Encoding.DER))
    signer = command("cms", chain=(above,))
    assert signer.certificate == pairs["P-256"].certificate.public_bytes(Encoding.DER)
    assert signer.chain == (above.read_bytes(),)


def test_a_program_that_leaves_another_running_is_not_waited_for(pairs, ca, tmp_path):
    certificate, private, _ = pairs["P-256"].pem(tmp_path)
    script = tmp_path / "firma"
    script.write_text(f"#!/bin/sh\nsleep 30 &\necho $! >{tmp_path}/pid\nexec openssl pkeyutl -sign -inkey {private}\n")
    script.chmod(0o755)
    signer = CommandSigner(Command((str(script),), "signature", certificate, timeout=20), environ=ENVIRON)
    before = datetime.now(UTC)
    assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT
    assert (datetime.now(UTC) - before).total_seconds() < 10
    subprocess.run(["kill", (tmp_path / "pid").read_text().strip()], check=True)
