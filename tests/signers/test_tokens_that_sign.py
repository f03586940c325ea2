"""A key in a token signs: every kind of key, many times in one session, in every process for itself."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from servers.softhsm import EC, EC384, PIN, RSA, SoftHsm
from support.certificates import Authority
from support.judges import openssl_cades

from archiver.adapters.signer import Pkcs11Signer, Token
from archiver.errors import ConfigError
from archiver.evidence.cms import open_signed

NOW = datetime.now(UTC).replace(microsecond=0)
CONTENT = b"<PIndex>un indice</PIndex>\r\n"
KINDS = {"P-256": EC, "P-384": EC384, "RSA": RSA}
PSS, PKCS1 = "rsassa_pss", "rsassa_pkcs1v15"


@pytest.fixture(scope="module")
def pec(hsm: SoftHsm, ca: Authority) -> SoftHsm:
    """A token `pec` with a key of each kind and the certificate beside it, named after the kind."""
    hsm.token("pec")
    for number, (name, kind) in enumerate(KINDS.items(), 1):
        key = hsm.key("pec", name, f"{number:02x}", kind)
        hsm.put("pec", ca.person(key=key).certificate, name, f"{number:02x}")
    return hsm


@pytest.fixture
def token(pec: SoftHsm, fresh: SoftHsm) -> Token:
    return Token(pec.module, token="pec", key="P-256", pin=lambda: PIN)


@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize(
    ("key", "mechanism", "expected"),
    [("P-256", "", "ecdsa"), ("P-384", "", "ecdsa"), ("RSA", "", PSS), ("RSA", "rsa-pkcs1", PKCS1)],
)
def test_openssl_verifies_what_a_token_signed_as_cades(token, ca, stamp, key, mechanism, expected, stamped):
    signer = Pkcs11Signer(replace(token, key=key, mechanism=mechanism))
    p7m = signer.sign(CONTENT, at=NOW, stamp=stamp if stamped else None)
    assert openssl_cades(p7m, ca.certificate) == CONTENT
    signed = open_signed(p7m)
    assert (signed.mechanism.name, signed.certificate) == (expected, signer.certificate)
    assert signed.signing_time == NOW
    assert len(signed.tokens) == stamped


@pytest.mark.parametrize(
    "wanted",
    [
        {"key": "P-256"},
        {"key": "", "key_id": "01"},
        {"key": "P-256", "key_id": "01"},
        {"token": "", "key": "P-256", "slot": True},
    ],
    ids=str,
)
def test_token_and_key_are_found_by_label_and_by_number(token, ca, wanted):
    if "slot" in wanted:
        wanted = {**wanted, "slot": slot_of("pec", token)}
    signer = Pkcs11Signer(replace(token, **wanted))
    assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT


def slot_of(label: str, token: Token) -> int:
    library = pkcs11.lib(str(token.module))
    return next(slot.slot_id for slot in library.get_slots(token_present=True) if slot.get_token().label == label)


def test_the_certificate_is_read_without_the_pin(token):
    def pin() -> str:
        raise AssertionError("the PIN was asked")

    signer = Pkcs11Signer(replace(token, pin=pin))
    assert b"RSSMRA80A41H501X" in signer.certificate
    assert signer.chain == ()


def test_the_certificate_is_found_by_the_id_of_the_key_where_its_label_is_another(token, pec, ca):
    key = pec.key("pec", "chiave", "77")
    certificate = ca.person("Certificato Altro", key=key).certificate
    pec.put("pec", certificate, "certificato", "77")
    signer = Pkcs11Signer(replace(token, key="chiave"))
    assert signer.certificate == certificate.public_bytes(Encoding.DER)


def test_certificate_and_chain_may_come_from_files_in_pem_and_in_der(token, ca, tmp_path):
    own = Pkcs11Signer(token).certificate
    (tmp_path / "firma.der").write_bytes(own)
    above = ca.certificate
    (tmp_path / "ca.pem").write_bytes(above.public_bytes(Encoding.PEM))
    signer = Pkcs11Signer(replace(token, certificate=tmp_path / "firma.der", chain=(tmp_path / "ca.pem",)))
    p7m = signer.sign(CONTENT, at=NOW, stamp=None)
    assert openssl_cades(p7m, above) == CONTENT
    assert signer.chain == (above.public_bytes(Encoding.DER),)
    assert signer.chain[0] in open_signed(p7m).certificates


def test_many_signatures_take_one_session_and_ask_the_pin_once(token, pec, ca):
    asked = []
    signer = Pkcs11Signer(replace(token, module=pec.faulty, pin=lambda: asked.append(1) or PIN))
    assert not pec.called("C_OpenSession"), "making a signer asks the token nothing"
    signer.certificate  # noqa: B018 - a session of its own, without PIN
    for _ in range(3):
        assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT
    assert (len(asked), pec.called("C_Login"), pec.called("C_OpenSession"), pec.called("C_SignInit")) == (1, 1, 2, 3)


def test_a_second_signer_in_the_process_finds_the_token_logged_in(token, ca):
    first, second = Pkcs11Signer(token), Pkcs11Signer(replace(token, key="RSA"))
    for signer in (first, second, first):
        assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT


def test_a_forked_process_opens_a_session_of_its_own(token, ca, pec, tmp_path):
    signer = Pkcs11Signer(replace(token, module=pec.faulty))
    signer.sign(CONTENT, at=NOW, stamp=None)
    before = (pec.called("C_Initialize"), pec.called("C_Login"))
    child = os.fork()
    if child == 0:
        try:
            (tmp_path / "p7m").write_bytes(signer.sign(CONTENT, at=NOW, stamp=None))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert openssl_cades((tmp_path / "p7m").read_bytes(), ca.certificate) == CONTENT
    assert (pec.called("C_Initialize"), pec.called("C_Login")) == (before[0] + 1, before[1] + 1)
    openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate)
    assert pec.called("C_Login") == before[1] + 1, "the parent's session stands"


def test_a_key_that_wants_the_pin_for_each_signature_gets_it(token, pec, ca):
    key = pec.key("pec", "qualificata", "55", EC, "--always-auth")
    pec.put("pec", ca.person(key=key).certificate, "qualificata", "55")
    signer = Pkcs11Signer(replace(token, module=pec.faulty, key="qualificata"))
    for _ in range(2):
        assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT
    assert pec.called("C_Login") == 3, "once for the session, once for each signature"


def test_a_session_that_is_lost_is_opened_again_once(token, pec, ca):
    asked = []
    signer = Pkcs11Signer(replace(token, pin=lambda: asked.append(1) or PIN))
    signer.sign(CONTENT, at=NOW, stamp=None)
    pec.restart()
    assert openssl_cades(signer.sign(CONTENT, at=NOW, stamp=None), ca.certificate) == CONTENT
    assert len(asked) == 1


def test_being_ready_is_to_be_logged_in_with_the_key_at_hand(token, pec):
    Pkcs11Signer(replace(token, module=pec.faulty)).ready()
    assert (pec.called("C_Login"), pec.called("C_SignInit")) == (1, 0)
    pec.restart()
    with pytest.raises(ConfigError, match="no private key 'altra'"):
        Pkcs11Signer(replace(token, key="altra")).ready()
