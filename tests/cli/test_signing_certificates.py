"""The key in a file: who may sign, who is refused before anything is sealed, and what helps."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from support.archives import filled, folder_of, letter, objects, sealed, set_lines, volumes
from support.certificates import CODE, NAME, Authority, Pair, p256, rsa2048
from support.commands import archiver, done

from archiver.evidence.cms import open_signed
from archiver.package.layout import Kind, parse

CA = Authority()
RIGHT = CA.person()
ANCHOR = '["keys/firma-ca.pem"]'
PEM = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": ANCHOR}


def archive(folder: Path, pair: Pair = RIGHT, **lines: str) -> Path:
    """An archive with one message pending, whose signer is `pair` as PEM."""
    folder.mkdir()
    pair.pem(folder / "keys")
    config = filled(folder, signer={**PEM, "subject": f'"{CODE}"', **lines})
    done("ingest", "--from", folder_of(folder / "mail", letter("una lettera")), config=config)
    return config


def seals(config: Path) -> list[bytes]:
    return [octets for name, octets in objects(config).items() if (found := parse(name)) and found.kind is Kind.INDEX]


def other_ca(folder: Path) -> dict[str, str]:
    Authority("Altra CA").person().pem(folder, "altra")
    return {"certificate": '"keys/altra.pem"', "key": '"keys/altra.key"'}


def other_person(folder: Path) -> dict[str, str]:
    CA.person("Verdi Giulia", "VRDGLI80A41H501X").pem(folder, "altra")
    return {"certificate": '"keys/altra.pem"', "key": '"keys/altra.key"'}


def expired(folder: Path) -> dict[str, str]:
    CA.person(days=(-400, -1)).pem(folder, "scaduta")
    return {"certificate": '"keys/scaduta.pem"', "key": '"keys/scaduta.key"'}


def too_early(folder: Path) -> dict[str, str]:
    CA.person(days=(2, 400)).pem(folder, "presto")
    return {"certificate": '"keys/presto.pem"', "key": '"keys/presto.key"'}


def another_key(folder: Path) -> dict[str, str]:
    CA.person().pem(folder, "altra")
    return {"key": '"keys/altra.key"'}


def wrong_password(folder: Path) -> dict[str, str]:
    RIGHT.p12(folder / "firma.p12", b"giusta")
    (folder / "parola").write_text("sbagliata\n")
    return {"certificate": '"keys/firma.p12"', "password": '"file:keys/parola"'}


def revoked(folder: Path) -> dict[str, str]:
    (folder / "ca.crl").write_bytes(CA.crl([RIGHT.certificate]))
    return {"crls": '["keys/ca.crl"]'}


REFUSED: dict[str, tuple[Callable[[Path], dict[str, str]], str]] = {
    "another CA": (other_ca, "No path from Rossi Maria to a trust anchor; issuer: Altra CA"),
    "another person": (other_person, rf"expected {CODE}, found .*Verdi Giulia"),
    "expired": (expired, rf"Signing certificate of {NAME} expired on"),
    "not yet valid": (too_early, rf"Signing certificate of {NAME} begins on"),
    "a key that does not fit": (another_key, "firma.pem: the key does not belong to the certificate"),
    "wrong password": (wrong_password, "firma.p12: cannot be opened, is the password right"),
    "revoked": (revoked, "(?i)revoked"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_who_may_not_sign_is_refused_before_anything_is_sealed(tmp_path: Path, name: str) -> None:
    config = archive(tmp_path / "archive")
    wrong, words = REFUSED[name]
    set_lines(config, "signer", wrong(config.parent / "keys"))
    for command in (("seal", "--now"), ("seal",)):
        found = archiver(*command, config=config)
        assert found.code == 2
        assert re.search(words, found.err), found.err
    assert not seals(config)
    assert done("status", config=config)["pending"] == 1
    doctor = archiver("doctor", "--json", config=config)
    assert doctor.code == 1
    assert [check["name"] for check in doctor.json["checks"] if check["state"] == "failed"] == ["signer"]
    set_lines(config, "signer", {**PEM, "password": '""', "crls": "[]"})
    assert sealed(config)["volumes"] == 1


def test_a_list_of_revocations_that_does_not_name_the_signer_lets_him_sign(tmp_path: Path) -> None:
    config = archive(tmp_path / "archive", crls='["keys/ca.crl"]')
    (config.parent / "keys/ca.crl").write_bytes(CA.crl([CA.person().certificate]))
    assert sealed(config)["volumes"] == 1


def test_a_certificate_that_ends_soon_is_announced_and_used(tmp_path: Path) -> None:
    config = archive(tmp_path / "archive", CA.person(days=(-300, 20)))
    found = archiver("seal", "--now", "--json", config=config)
    assert found.code == 0
    assert [item["code"] for item in found.json["warnings"]] == ["SIGNER_EXPIRING"]
    assert NAME in found.err
    assert "rinnovarlo" in found.err
    assert any("rinnovarlo" in alert for alert in done("status", config=config)["alerts"])


@pytest.mark.parametrize("key", [p256, rsa2048], ids=["P-256", "RSA"])
@pytest.mark.parametrize("form", ["PEM", "PKCS#12"])
def test_both_kinds_of_key_in_both_kinds_of_file_make_a_stamped_seal(
    tmp_path: Path, key: Callable[[], object], form: str
) -> None:
    pair = CA.person(key=key())  # type: ignore[arg-type]
    config = archive(tmp_path / "archive", pair)
    if form == "PKCS#12":
        pair.p12(config.parent / "keys/firma.p12", "pàrola".encode())
        (config.parent / "keys/parola").write_text("pàrola\n", encoding="utf-8")
        set_lines(config, "signer", {"certificate": '"keys/firma.p12"', "password": '"file:keys/parola"'})
    assert sealed(config)["tokens"] == 2
    (octets,) = seals(config)
    signed = open_signed(octets)
    assert signed.certificate == pair.certificate.public_bytes(Encoding.DER)
    assert len(signed.tokens) == 1
    assert signed.mechanism.name == ("ecdsa" if key is p256 else "rsassa_pss")


def test_a_password_comes_from_the_environment_too(tmp_path: Path) -> None:
    config = archive(tmp_path / "archive")
    RIGHT.p12(config.parent / "keys/firma.p12", b"segreta")
    set_lines(config, "signer", {"certificate": '"keys/firma.p12"', "password": '"env:SIGILLO"'})
    found = archiver("seal", "--now", config=config, environ={"SIGILLO": "segreta"})
    assert (found.code, found.out.startswith("1 volumi chiusi")) == (0, True)


def test_without_a_stamp_the_seal_is_b_b_and_that_is_said(tmp_path: Path) -> None:
    config = archive(tmp_path / "archive", level='"B-B"')
    assert any("B-T is the rule" in alert for alert in done("status", config=config)["alerts"])
    assert sealed(config)["tokens"] == 1
    assert open_signed(seals(config)[0]).tokens == ()


def test_without_a_stamp_no_fiscal_class_is_sealed(tmp_path: Path) -> None:
    config = archive(tmp_path / "archive")
    set_lines(config, "signer", {"level": '"B-B"'})
    set_lines(config, "retention.corrispondenza", {"fiscal": "true"})
    found = archiver("seal", "--now", config=config)
    assert found.code == 2
    assert "class 'corrispondenza' is fiscal: signer level B-B is refused, use B-T" in found.err
    assert not volumes(config)
    set_lines(config, "signer", {"level": '"B-T"'})
    assert sealed(config)["volumes"] == 1


def test_a_certificate_that_ends_after_sealing_leaves_the_seal_good(tmp_path: Path) -> None:
    config = archive(tmp_path / "archive", CA.person(days=(-1, 1)))
    assert sealed(config)["volumes"] == 1
    year = x509.load_pem_x509_certificate((config.parent / "keys/firma.pem").read_bytes()).not_valid_after_utc.year + 1
    found = archiver("verify", config.parent / "store", "--at", f"{year}-12-01", "--json", config=config)
    assert found.json["indication"] == "PASSED"
