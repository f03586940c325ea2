"""archiver.adapters.authority: a CA, a seal and a TSA that openssl believes, and no one else should."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from pathlib import Path

import pytest
from cryptography import x509

from archiver.adapters.authority import FILES, MARK, LocalAuthority, create, crl
from archiver.errors import ConfigError
from archiver.evidence.timestamp import query, read_token, token_of

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)  # openssl asks its own clock


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority") / "locale"
    assert create(folder, at=NOW - DAY, holder_name="Studio Rossi") is True
    return folder


def openssl(command: str, **run: object) -> str:
    done = subprocess.run(["openssl", *command.split()], capture_output=True, text=True, check=False, **run)
    return done.stdout + done.stderr


def stamped(folder: Path, tmp_path: Path, options: str = "-sha512 -cert") -> Path:
    (tmp_path / "data").write_bytes(b"una radice")
    openssl(f"ts -query -data data {options} -out query", cwd=tmp_path)
    (tmp_path / "reply").write_bytes(LocalAuthority(folder, lambda: NOW).answer((tmp_path / "query").read_bytes()))
    openssl("ts -reply -in reply -token_out -out token", cwd=tmp_path)
    return tmp_path


@pytest.mark.parametrize("options", ["-sha256 -cert", "-sha384 -cert", "-sha512 -cert", "-sha512 -cert -no_nonce"])
def test_openssl_verifies_replies_and_tokens(folder, tmp_path, options):
    where = stamped(folder, tmp_path, options)
    for asked in ("-in reply -queryfile query", "-in reply -data data", "-token_in -in token -data data"):
        assert "Verification: OK" in openssl(f"ts -verify {asked} -CAfile {folder}/ca.pem", cwd=where)
    (where / "data").write_bytes(b"un'altra")
    assert "Verification: OK" not in openssl(f"ts -verify -in reply -data data -CAfile {folder}/ca.pem", cwd=where)


def test_the_certificate_comes_only_when_it_is_asked_for(folder, tmp_path):
    where = stamped(folder, tmp_path, "-sha512")
    assert "certificate" in openssl(f"ts -verify -in reply -data data -CAfile {folder}/ca.pem", cwd=where)
    found = openssl(f"ts -verify -in reply -data data -CAfile {folder}/ca.pem -untrusted {folder}/tsa.pem", cwd=where)
    assert "Verification: OK" in found


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        (b"", "wrong format"),
        (b"<html>", "wrong format"),
        ("-md5", "unrecognized or unsupported algorithm"),
        ("-sha224", "unrecognized or unsupported algorithm"),
    ],
)
def test_a_query_that_breaks_the_rules_is_rejected_with_the_reason(folder, tmp_path, query, fault):
    if isinstance(query, str):
        (tmp_path / "data").write_bytes(b"una radice")
        openssl(f"ts -query -data data {query} -out query", cwd=tmp_path)
        query = (tmp_path / "query").read_bytes()
    (tmp_path / "reply").write_bytes(LocalAuthority(folder, lambda: NOW).answer(query))
    told = openssl("ts -reply -in reply -text", cwd=tmp_path)
    assert "Status: Rejected." in told
    assert fault in told


def test_two_tokens_have_two_serial_numbers(folder, tmp_path):
    told = [openssl("ts -reply -in reply -text", cwd=stamped(folder, tmp_path)) for _ in range(2)]
    serials = {re.search(r"Serial number: (\S+)", text).group(1) for text in told}
    assert len(serials) == 2


def test_every_certificate_says_that_it_has_no_legal_value(folder):
    for name in ("ca.pem", "seal.pem", "tsa.pem"):
        subject = x509.load_pem_x509_certificate((folder / name).read_bytes()).subject.rfc4514_string()
        assert subject.count(MARK) == 2, "in the common name and in the organization"
        assert "Studio Rossi" in subject


def test_keys_are_for_their_owner_alone(folder):
    for name in FILES:
        mode = (folder / name).stat().st_mode & 0o777
        assert mode == (0o600 if name.endswith(".key") else 0o644), name


@pytest.mark.parametrize(("name", "years"), [("ca.pem", 30), ("tsa.pem", 10), ("seal.pem", 3)])
def test_certificates_last_as_long_as_they_should(folder, name, years):
    certificate = x509.load_pem_x509_certificate((folder / name).read_bytes())
    assert certificate.not_valid_before_utc == NOW - DAY
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == years * timedelta(days=365)


def test_making_it_again_changes_nothing(folder):
    before = {name: (folder / name).read_bytes() for name in FILES}
    assert create(folder, at=NOW, holder_name="Un altro") is False
    assert {name: (folder / name).read_bytes() for name in FILES} == before


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "ca.key").write_text("la mia chiave")
    with pytest.raises(ConfigError, match=r"missing: ca\.pem"):
        create(tmp_path, at=NOW, holder_name="")
    assert [path.name for path in tmp_path.iterdir()] == ["ca.key"]


def test_an_empty_folder_is_filled_and_nothing_is_left_beside_it(tmp_path):
    folder = tmp_path / "vuota"
    folder.mkdir()
    assert create(folder, at=NOW, holder_name="") is True
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["vuota"]


def test_the_crl_is_made_anew_when_it_is_a_day_old(folder):
    first = crl(folder, NOW)
    assert (folder / "ca.crl").read_bytes() == first
    assert crl(folder, NOW + DAY - timedelta(seconds=1)) == first
    second = x509.load_der_x509_crl(crl(folder, NOW + DAY))
    assert second.last_update_utc == NOW + DAY
    assert second.next_update_utc == NOW + 31 * DAY
    assert x509.load_der_x509_crl(crl(folder, NOW)).last_update_utc == NOW, "a clock that was set back"
    assert "verify OK" in openssl(f"crl -inform DER -in {folder}/ca.crl -CAfile {folder}/ca.pem -noout")


def test_an_authority_without_its_files_says_which(tmp_path):
    with pytest.raises(ConfigError, match=r"tsa\.pem"):
        LocalAuthority(tmp_path, lambda: NOW)


def test_the_tsa_gets_a_new_certificate_in_its_last_year_and_goes_on_for_the_life_of_its_ca(tmp_path: Path) -> None:
    start, ends = datetime(2026, 1, 1, tzinfo=UTC), []
    create(tmp_path / "ca", at=start, holder_name="prova")
    for year in range(2026, 2056, 3):
        at = datetime(year, 6, 1, tzinfo=UTC)
        tsa = LocalAuthority(tmp_path / "ca", lambda at=at: at)
        imprint = sha512(b"x").digest()
        token = token_of(tsa.answer(query("sha512", imprint, 7)), algorithm="sha512", imprint=imprint, nonce=7, at=at)
        ends.append(x509.load_der_x509_certificate(read_token(token).certificate or b"").not_valid_after_utc)
        assert ends[-1] > at
    assert len(set(ends)) == 4
    assert sorted(path.name for path in (tmp_path / "ca").glob("tsa*.pem"))[-1] == "tsa.pem"
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "ca").glob("*.key"))
