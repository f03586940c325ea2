"""Signing by hand: indexes go out, come back as .p7m made by openssl, and become seals like any other."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.archives import demo, filled, folder_of, letter, named, objects, sealed, set_lines, volumes
from support.certificates import CODE, NAME, Authority, Pair, p256, rsa2048
from support.commands import archiver, done
from support.tools import tool

from archiver.evidence.cms import open_signed
from archiver.evidence.unsigned import with_timestamp
from archiver.package.layout import Kind

CA = Authority()
RIGHT = CA.person()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An archive whose signer is a person with a certificate, and two messages of two years in it."""
    folder = tmp_path / "archive"
    folder.mkdir()
    RIGHT.pem(folder / "keys")
    config = filled(folder, signer={"kind": '"hand"', "anchors": '["keys/firma-ca.pem"]', "subject": f'"{CODE}"'})
    text = config.read_text(encoding="utf-8").replace('certificate = ""', "")
    config.write_text(text, encoding="utf-8")
    mail = [letter("prima", date="Mon, 03 Mar 2025 10:00:00 +0100"), letter("seconda")]
    done("ingest", "--from", folder_of(folder / "mail", *mail), config=config)
    return config


def sign(path: Path, pair: Pair, folder: Path, *options: str) -> Path:
    """What a desktop signer leaves beside the file: an attached CAdES signature."""
    certificate, key, _ = pair.pem(folder / "signer")
    made = path.with_name(path.name + ".p7m")
    how = ["-cades", "-binary", "-nodetach", "-outform", "DER", "-signer", str(certificate), "-inkey", str(key)]
    command = [tool("openssl"), "cms", "-sign", *how, *options, "-in", str(path), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made


def given_out(config: Path, folder: Path) -> list[Path]:
    found = done("seal", "--now", "--to-sign", folder, config=config)
    assert (found["volumes"], found["waiting"]) == (0, 0)
    return [Path(path) for path in found["handed_out"]]


@pytest.mark.parametrize("key", [p256, rsa2048], ids=["P-256", "RSA"])
@pytest.mark.parametrize("options", [(), ("-stream",)], ids=["DER", "BER"])
def test_an_index_signed_elsewhere_becomes_a_stamped_seal(
    config: Path, tmp_path: Path, key: Callable[[], object], options: tuple[str, ...]
) -> None:
    pair = CA.person(key=key())  # type: ignore[arg-type]
    out = given_out(config, tmp_path / "firma")
    assert len(out) == 2
    assert "2 indici da firmare" in "".join(done("status", config=config)["alerts"])
    for path in out:
        sign(path, pair, tmp_path, *options)
    found = done("seal", "--signed", tmp_path / "firma", config=config)
    assert (found["volumes"], found["messages"], found["waiting"]) == (2, 2, 0)
    assert "are out" not in "".join(done("status", config=config)["alerts"])
    for path in out:
        name = next(name for name in named(config, Kind.INDEX) if path.name.partition(".")[0] in name)
        signed = open_signed(objects(config)[name])
        assert signed.content == path.read_bytes()
        assert len(signed.tokens) == 1
    judged = done("verify", config.parent / "store", config=config)
    assert judged["indication"] == "PASSED"
    assert {found["severity"] for found in judged["findings"]} <= {"info"}


@pytest.mark.parametrize("options", [(), ("-stream",)], ids=["DER", "BER"])
def test_a_second_time_stamp_joins_the_first_and_changes_nothing_else(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "testo").write_bytes(b"testo" * 3000)
    plain = sign(tmp_path / "testo", RIGHT, tmp_path, *options).read_bytes()
    first, second = (stamp.certificate.public_bytes(Encoding.DER) for stamp in (RIGHT, CA.person()))  # any DER will do
    before, after = open_signed(plain), open_signed(with_timestamp(with_timestamp(plain, first), second))
    assert after.tokens == (first, second)
    assert replace(after, tokens=()) == before


def test_openssl_opens_the_seal_that_was_stamped_here(config: Path, tmp_path: Path) -> None:
    out = given_out(config, tmp_path / "firma")
    for path in out:
        sign(path, RIGHT, tmp_path)
    done("seal", "--signed", tmp_path / "firma", config=config)
    anchor = config.parent / "keys/firma-ca.pem"
    for volume in volumes(config):
        seal = volume / "PIndex.xml.p7m"
        how = ["-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile", str(anchor)]
        opened = subprocess.run(
            [tool("openssl"), "cms", *how, "-in", str(seal)], check=True, capture_output=True
        ).stdout
        assert opened == (tmp_path / "firma" / f"{volume.name}.PIndex.xml").read_bytes()


def test_an_index_given_out_twice_is_the_same(config: Path, tmp_path: Path) -> None:
    first = given_out(config, tmp_path / "uno")
    second = given_out(config, tmp_path / "due")
    assert {path.name: path.read_bytes() for path in first} == {path.name: path.read_bytes() for path in second}


def test_the_rapporti_are_covered_while_the_indexes_are_out(config: Path, tmp_path: Path) -> None:
    given_out(config, tmp_path / "firma")
    assert len(named(config, Kind.RDV_RECORD)) == len(named(config, Kind.RDV)) == 1


def test_mail_that_comes_while_the_index_is_out_waits_for_the_next_volume(config: Path, tmp_path: Path) -> None:
    out = given_out(config, tmp_path / "firma")
    done("ingest", "--from", folder_of(tmp_path / "dopo", letter("arrivata dopo")), config=config)
    assert {path.name: path.read_bytes() for path in given_out(config, tmp_path / "firma") if path in out} == {
        path.name: path.read_bytes() for path in out
    }
    for path in out:
        sign(path, RIGHT, tmp_path)
    found = done("seal", "--signed", tmp_path / "firma", config=config)
    assert (found["volumes"], found["messages"], found["waiting"]) == (2, 2, 1)
    assert done("status", config=config)["pending"] == 1
    (late,) = set(given_out(config, tmp_path / "firma")) - set(out)
    sign(late, RIGHT, tmp_path)
    assert done("seal", "--signed", tmp_path / "firma", config=config)["messages"] == 1
    assert done("verify", config.parent / "store", config=config)["indication"] == "PASSED"


def test_what_has_not_come_back_yet_goes_on_waiting(config: Path, tmp_path: Path) -> None:
    first, second = given_out(config, tmp_path / "firma")
    sign(first, RIGHT, tmp_path)
    found = archiver("seal", "--signed", tmp_path / "firma", config=config)
    assert found.code == 0
    assert found.out.startswith("1 volumi chiusi")
    assert "1 in attesa di firma: archiver seal --to-sign DIR, poi --signed DIR" in found.out
    sign(second, RIGHT, tmp_path)
    assert done("seal", "--signed", tmp_path / "firma", config=config)["volumes"] == 1


def test_without_a_folder_a_seal_by_hand_says_what_to_do(config: Path) -> None:
    found = archiver("seal", "--now", config=config)
    assert found.code == 0
    assert "2 in attesa di firma: archiver seal --to-sign DIR, poi --signed DIR" in found.out
    assert not named(config, Kind.INDEX)


def other_file(path: Path, folder: Path) -> None:
    original = path.read_bytes()
    path.write_bytes(original.replace(b"PIndex", b"PIndice"))
    sign(path, RIGHT, folder)
    path.write_bytes(original)


def other_ca(path: Path, folder: Path) -> None:
    sign(path, Authority("Altra CA").person(), folder)


def other_person(path: Path, folder: Path) -> None:
    sign(path, CA.person("Verdi Giulia", "VRDGLI80A41H501X"), folder)


def ended(path: Path, folder: Path) -> None:
    sign(path, CA.person(days=(-400, -1)), folder)


def detached(path: Path, folder: Path) -> None:
    certificate, key, _ = RIGHT.pem(folder / "signer")
    how = ["-cades", "-binary", "-outform", "DER", "-signer", str(certificate), "-inkey", str(key)]
    command = [tool("openssl"), "cms", "-sign", *how, "-in", str(path), "-out", f"{path}.p7m"]
    subprocess.run(command, check=True, capture_output=True)


def no_cades(path: Path, folder: Path) -> None:
    certificate, key, _ = RIGHT.pem(folder / "signer")
    how = ["-binary", "-nodetach", "-outform", "DER", "-signer", str(certificate), "-inkey", str(key)]
    command = [tool("openssl"), "cms", "-sign", *how, "-in", str(path), "-out", f"{path}.p7m"]
    subprocess.run(command, check=True, capture_output=True)


def unsigned(path: Path, folder: Path) -> None:
    path.with_name(path.name + ".p7m").write_bytes(path.read_bytes())


def altered(path: Path, folder: Path) -> None:
    made = sign(path, RIGHT, folder)
    made.write_bytes(made.read_bytes().replace(b"PIndex", b"PINDEX", 1))


REFUSED: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "another file": (other_file, "the signature does not hold the index that was to be signed"),
    "another CA": (other_ca, "No path from Rossi Maria to a trust anchor; issuer: Altra CA"),
    "another person": (other_person, rf"expected {CODE}, found .*Verdi Giulia"),
    "ended certificate": (ended, rf"Certificate of {NAME}: its path ends on"),
    "detached": (detached, "Seal without content"),
    "no CAdES": (no_cades, "(?i)signing-certificate"),
    "no signature": (unsigned, "Seal unreadable"),
    "altered": (altered, "(?i)digest"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_comes_back_wrong_is_refused_with_its_file_and_costs_no_stamp(
    config: Path, tmp_path: Path, name: str
) -> None:
    spoil, words = REFUSED[name]
    good, bad = given_out(config, tmp_path / "firma")
    sign(good, RIGHT, tmp_path)
    spoil(bad, tmp_path)
    found = archiver("seal", "--signed", tmp_path / "firma", "--json", config=config)
    assert found.code == 1
    assert found.json["volumes"] == 1
    assert found.json["tokens"] == 2  # of the good one: its signature, and the night's tree
    assert f"{bad}.p7m" in found.err
    assert re.search(words, found.err), found.err
    assert len(named(config, Kind.INDEX)) == 1
    sign(bad, RIGHT, tmp_path)
    assert done("seal", "--signed", tmp_path / "firma", config=config)["volumes"] == 1
    assert done("verify", config.parent / "store", config=config)["indication"] == "PASSED"


def test_the_seal_of_the_embedded_authority_is_none_where_a_person_must_sign(config: Path, tmp_path: Path) -> None:
    """Its CA is an anchor too, for time stamps: that must not let its seal in."""
    set_lines(config, "signer", {"subject": '"SENZA VALORE LEGALE - WITHOUT LEGAL VALUE"'})
    (path, _) = given_out(config, tmp_path / "firma")
    ca, made = config.parent / "ca", path.with_name(path.name + ".p7m")
    seal_of_the_house(ca, path, made)
    found = archiver("seal", "--signed", tmp_path / "firma", config=config)
    assert found.code == 1
    assert "the signing certificate is INDETERMINATE: No path from Demo Seal" in found.err
    assert not named(config, Kind.INDEX)


def test_a_demonstration_archive_can_be_signed_by_hand_with_its_own_seal(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    done("ingest", "--from", folder_of(tmp_path / "mail", letter("una")), config=config)
    (path,) = given_out(config, tmp_path / "firma")
    ca, made = config.parent / "ca", path.with_name(path.name + ".P7M")
    seal_of_the_house(ca, path, made)
    assert done("seal", "--signed", tmp_path / "firma", config=config)["volumes"] == 1
    assert sealed(config)["volumes"] == 0


def seal_of_the_house(ca: Path, path: Path, made: Path) -> None:
    """Signs an index with the seal of the embedded authority."""
    how = ["-sign", "-cades", "-binary", "-nodetach", "-outform", "DER", "-signer", str(ca / "seal.pem")]
    files = ["-inkey", str(ca / "seal.key"), "-in", str(path), "-out", str(made)]
    subprocess.run([tool("openssl"), "cms", *how, *files], check=True, capture_output=True)
