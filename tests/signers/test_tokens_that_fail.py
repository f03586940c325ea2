"""A token that cannot sign says what is wrong and what to do, and never spends a PIN: tokens lock themselves."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from servers.softhsm import PIN, SoftHsm
from support.certificates import Authority, p256, rsa2048
from support.judges import openssl_cades

from archiver.adapters.signer import Pkcs11Signer, Token
from archiver.errors import ArchiverError, ConfigError, Unavailable

NOW = datetime.now(UTC).replace(microsecond=0)
CONTENT = b"<PIndex>un indice</PIndex>\r\n"
WRONG = "000000"

PIN_INCORRECT, PIN_INVALID, PIN_LEN_RANGE, PIN_EXPIRED, PIN_LOCKED = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4
GENERAL, DEVICE_ERROR, DEVICE_MEMORY, DEVICE_REMOVED, TOKEN_NOT_PRESENT = 0x05, 0x30, 0x31, 0x32, 0xE0
SESSION_CLOSED, SESSION_HANDLE_INVALID, USER_NOT_LOGGED_IN, NOT_INITIALIZED = 0xB0, 0xB3, 0x101, 0x190
NOT_PERMITTED, MECHANISM_INVALID, KEY_TYPE, VENDOR = 0x68, 0x70, 0x63, 0x80000001
COUNT_LOW, FINAL_TRY, LOCKED, PAD = 0x10000, 0x20000, 0x40000, 0x100

labels = (f"prova-{number}" for number in count(1))


@pytest.fixture
def token(fresh: SoftHsm, ca: Authority, tmp_path: Path) -> Token:
    """A token of the test's own, behind a library that can fail; key and certificate `firma`."""
    label = next(labels)
    tmp_path.joinpath("folder").write_text(str(fresh.token(label)))
    fresh.put(label, ca.person(key=fresh.key(label, "firma", "01")).certificate, "firma", "01")
    return Token(fresh.faulty, token=label, key="firma", pin=lambda: PIN)


def sign(token: Token, signer: Pkcs11Signer | None = None) -> bytes:
    return (signer or Pkcs11Signer(token)).sign(CONTENT, at=NOW, stamp=None)


def refusal(kind: type[ArchiverError], reason: str, act: Callable[[], object], *, pin: str = PIN) -> str:
    """The error's text, which never holds the PIN."""
    with pytest.raises(kind, match=reason) as found:
        act()
    assert pin not in str(found.value)
    return str(found.value)


def test_a_wrong_pin_is_given_once_and_never_again(token, fresh, ca):
    signer = Pkcs11Signer(replace(token, pin=lambda: WRONG))
    text = refusal(ConfigError, "the PIN is wrong; it is not given again", lambda: sign(token, signer), pin=WRONG)
    assert all(name in text for name in (str(token.module), token.token, "'firma'", "pkcs11-tool --login"))
    refusal(ConfigError, "the PIN is wrong", lambda: sign(token, signer), pin=WRONG)
    refusal(ConfigError, "the PIN is wrong", signer.ready, pin=WRONG)
    assert fresh.called("C_Login") == 1
    fresh.restart()
    refusal(ConfigError, "a wrong PIN was given and few tries are left", lambda: sign(token))
    assert not fresh.called("C_Login"), "the next night gives none either, not even the right one"
    fresh.tool(token.token, "--list-objects")
    fresh.restart()
    assert openssl_cades(sign(token), ca.certificate) == CONTENT


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (COUNT_LOW, "few tries are left: none is given automatically"),
        (FINAL_TRY, "one try is left: none is given automatically"),
        (LOCKED, "the PIN is locked after wrong ones; unlock it"),
    ],
)
def test_a_token_that_counts_wrong_pins_gets_none(token, fresh, flags, reason):
    signer = Pkcs11Signer(token)
    signer.certificate  # noqa: B018 - read while all is well
    fresh.fail("C_GetTokenInfo", flags, times=99)
    refusal(ConfigError, reason, lambda: sign(token, signer))
    assert not fresh.called("C_Login")


@pytest.mark.parametrize(
    ("call", "code", "kind", "reason"),
    [
        ("C_Login", PIN_INCORRECT, ConfigError, "the PIN is wrong"),
        ("C_Login", PIN_INVALID, ConfigError, "the PIN is none that this token can have"),
        ("C_Login", PIN_LEN_RANGE, ConfigError, "the PIN is too short or too long"),
        ("C_Login", PIN_EXPIRED, ConfigError, "the PIN has expired"),
        ("C_Login", PIN_LOCKED, ConfigError, "the PIN is locked after wrong ones"),
        ("C_Login", DEVICE_ERROR, Unavailable, r"log in: the token does not answer as it should \(DeviceError\)"),
        ("C_OpenSession", TOKEN_NOT_PRESENT, Unavailable, "TokenNotPresent"),
        ("C_GetSlotList", GENERAL, Unavailable, r"the library shows no tokens \(GeneralError\); try again"),
        ("C_SignInit", MECHANISM_INVALID, ConfigError, "sign: the token cannot sign in this way; see `mechanism`"),
        ("C_SignInit", NOT_PERMITTED, ConfigError, "sign: the key may not sign"),
        ("C_SignInit", KEY_TYPE, ConfigError, "sign: the key is of another kind"),
        ("C_Initialize", DEVICE_MEMORY, Unavailable, r"the library does not start \(DeviceMemory\)"),
    ],
)
def test_what_a_token_answers_is_told_apart_by_who_can_mend_it(token, fresh, call, code, kind, reason):
    signer = Pkcs11Signer(token)
    if call != "C_Initialize":
        signer.certificate  # noqa: B018 - read while all is well
    fresh.fail(call, code)
    text = refusal(kind, reason, lambda: sign(token, signer))
    assert str(token.module) in text
    logins = fresh.called("C_Login")
    if kind is ConfigError:
        refusal(kind, reason, lambda: sign(token, signer))
        assert fresh.called("C_Login") == logins, "what the operator must mend is not tried again"


@pytest.mark.parametrize("code", [DEVICE_REMOVED, SESSION_CLOSED, SESSION_HANDLE_INVALID, USER_NOT_LOGGED_IN, VENDOR])
def test_what_may_pass_is_tried_once_more_and_then_told(token, fresh, ca, code):
    signer = Pkcs11Signer(token)
    sign(token, signer)
    fresh.fail("C_SignInit", code, times=1)
    assert openssl_cades(sign(token, signer), ca.certificate) == CONTENT
    assert fresh.called("C_Login") == 2
    fresh.fail("C_SignInit", code, times=2)
    refusal(Unavailable, "sign: the token does not answer as it should .*; is it there", lambda: sign(token, signer))
    assert openssl_cades(sign(token, signer), ca.certificate) == CONTENT, "it is back"


def test_a_session_that_is_lost_does_not_give_a_refused_pin_again(token, fresh):
    signer = Pkcs11Signer(token)
    sign(token, signer)
    fresh.tool(token.token, "--change-pin", "--new-pin", "161803")
    fresh.restart()
    for _ in range(3):
        refusal(ConfigError, "the PIN is wrong", lambda: sign(token, signer))
    assert fresh.called("C_Login") == 1


def test_a_token_that_is_pulled_out_is_unavailable_until_it_is_back(token, fresh, ca, tmp_path):
    signer = Pkcs11Signer(token)
    sign(token, signer)
    lies = Path((tmp_path / "folder").read_text())
    shutil.move(lies, tmp_path / "drawer")
    text = refusal(Unavailable, f"token '{token.token}': the token is not there, found: ", lambda: sign(token, signer))
    assert "''" not in text, "SoftHSM always shows one that nobody has made ready"
    shutil.move(tmp_path / "drawer", lies)
    fresh.restart()
    assert openssl_cades(sign(token, signer), ca.certificate) == CONTENT


def test_a_signature_that_came_out_broken_is_not_used(token, fresh, ca):
    signer = Pkcs11Signer(token)
    fresh.fail("C_Sign", 1, times=2)
    text = refusal(ConfigError, "what key 'firma' signed does not fit the certificate", lambda: sign(token, signer))
    assert "Rossi Maria (serial " in text


def test_without_a_pin_a_token_with_a_pad_asks_for_itself(token, fresh, ca):
    fresh.fail("C_GetTokenInfo", PAD, times=99)
    assert openssl_cades(sign(replace(token, pin=None)), ca.certificate) == CONTENT
    assert fresh.called("C_Login") == 1


def test_a_missing_pin_is_said(token):
    refusal(
        ConfigError,
        r"no private key 'firma', found: none; give its PIN \(pin = ...\)",
        Pkcs11Signer(replace(token, pin=None)).ready,
    )


def two_keys(token: Token, fresh: SoftHsm) -> Token:
    fresh.key(token.token, "firma", "02")
    return token


def no_signing(token: Token, fresh: SoftHsm) -> Token:
    fresh.put(token.token, Authority().person(key=fresh.key(token.token, "cifra", "03")).certificate, "cifra", "03")
    with fresh.session(token.token) as session:
        session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label="cifra")[pkcs11.Attribute.SIGN] = False
    fresh.restart()
    return replace(token, key="cifra")


def twin(token: Token, fresh: SoftHsm) -> Token:
    fresh.token(token.token)
    fresh.restart()
    return token


def bare(token: Token, fresh: SoftHsm) -> Token:
    fresh.key(token.token, "nuda", "04")
    return replace(token, key="nuda")


def two_certificates(token: Token, fresh: SoftHsm) -> Token:
    key = fresh.key(token.token, "due", "05")
    for name in ("Uno", "Due"):
        fresh.put(token.token, Authority().person(name, key=key).certificate, "due", "05")
    return replace(token, key="due")


@pytest.mark.parametrize(
    ("spoil", "kind", "reason"),
    [
        (
            lambda token, _: replace(token, module=Path("/nessuna.so")),
            ConfigError,
            "/nessuna.so: there is no such file",
        ),
        (
            lambda token, _: replace(token, module=Path(__file__)),
            ConfigError,
            "not a PKCS#11 library that can be loaded",
        ),
        (
            lambda token, _: replace(token, token="altro"),
            Unavailable,
            "'altro': the token is not there, found: .*'prova-",
        ),
        (lambda token, _: replace(token, slot=7), Unavailable, "slot 7: the token is not there"),
        (
            lambda token, _: replace(token, key="altra"),
            ConfigError,
            r"no private key 'altra', found: 'firma' \(id 01\)",
        ),
        (lambda token, _: replace(token, key_id="09"), ConfigError, r"no private key 'firma' \(id 09\), found"),
        (two_keys, ConfigError, r"2 private keys are key 'firma': .*\(id 0[12]\).*; say which: key_id"),
        (no_signing, ConfigError, r"key 'cifra' may not sign \(CKA_SIGN is false\)"),
        (twin, ConfigError, r"expected one token, found 2; say which: slot = one of \d+, \d+"),
        (bare, ConfigError, "holds no certificate for key 'nuda'; name a file: certificate = PATH"),
        (two_certificates, ConfigError, "holds 2 certificates for key 'due'; name a file"),
        (lambda token, _: replace(token, mechanism="rsa-pkcs1"), ConfigError, "the certificate's key is EC"),
        (lambda token, _: replace(token, mechanism="dsa"), ConfigError, "or rsa-pkcs1, found 'dsa'"),
    ],
)
def test_what_the_configuration_names_wrongly_is_named_with_the_way_out(token, fresh, spoil, kind, reason):
    token = spoil(token, fresh)
    refusal(kind, reason, Pkcs11Signer(token).ready)


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (
            lambda ca: ca.person("Altra Persona").certificate,
            r"key 'firma' signed does not fit .* Altra Persona \(serial",
        ),
        (lambda ca: ca.person(key=rsa2048()).certificate, "the key is of another kind than the certificate's"),
        (lambda ca: ca.tsa().certificate, "key 'firma' signed does not fit the certificate of TSA di prova"),
        (lambda ca: ca.person(key=ed25519.Ed25519PrivateKey.generate()).certificate, "EC or RSA key, found Ed25519"),
    ],
)
def test_a_certificate_of_another_key_is_found_out(token, fresh, ca, tmp_path, pair, reason):
    path = tmp_path / "firma.pem"
    path.write_bytes(pair(ca).public_bytes(Encoding.PEM))
    refusal(ConfigError, reason, lambda: sign(replace(token, certificate=path)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, r"firma.pem: cannot be read \(No such file"),
        (b"rubbish", "firma.pem: expected certificates in PEM, found none, nor one in DER"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n", "firma.pem: expected certificates in PEM"),
    ],
)
def test_a_certificate_file_that_is_none_is_refused_at_once(token, tmp_path, content, reason):
    path = tmp_path / "firma.pem"
    if content is not None:
        path.write_bytes(content)
    refusal(ConfigError, reason, lambda: Pkcs11Signer(replace(token, certificate=path)))


def test_a_certificate_file_that_may_not_sign_is_refused_at_once(token, ca, tmp_path):
    path = tmp_path / "ca.pem"
    path.write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    refusal(
        ConfigError, "ca.pem: .*; ask for one that may sign", lambda: Pkcs11Signer(replace(token, certificate=path))
    )


def test_rubbish_in_the_place_of_a_certificate_is_refused(token, fresh):
    with fresh.session(token.token) as session:
        kind = pkcs11.Attribute
        session.create_object(
            {
                kind.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                kind.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                kind.TOKEN: True,
                kind.PRIVATE: False,
                kind.LABEL: "rotta",
                kind.SUBJECT: b"x",
                kind.VALUE: b"\x30\x03\x02\x01\x01",
            }
        )
    fresh.restart()
    refusal(
        ConfigError,
        "the certificate in the token cannot be read",
        lambda: Pkcs11Signer(replace(token, key="rotta")).certificate,
    )


def test_a_second_key_with_no_certificate_to_fit_is_not_signed_with(token, fresh, ca):
    fresh.key(token.token, "altra", "08")
    fresh.put(token.token, ca.person(key=p256()).certificate, "altra", "08")
    refusal(ConfigError, "what key 'altra' signed does not fit", lambda: sign(replace(token, key="altra")))
