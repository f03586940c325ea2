"""`archiver verify --trust DIR`: whose anchors count, and what of a configuration counts all the same."""

import shutil
from pathlib import Path

import pytest
from support.commands import Outcome, archiver
from support.lists import Service, trusted_list
from support.small import EVENING, HOLDER, HOUR, Small

from archiver.config import template_text
from archiver.evidence.record.reader import read
from archiver.evidence.timestamp import read_token
from archiver.package.layout import Kind

AT = (EVENING + HOUR).isoformat()
TABLE = 'source = "noi, 2026"\n[[algorithm]]\nname = "sha512"\nuntil = 2026-02-19\n'
"""It ended the day before the evidence was made."""


@pytest.fixture
def office(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration that is filled in, far from its store; nobody asks for it by name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVER_CONFIG", raising=False)
    for name in ("ca", "providers"):
        shutil.copytree(small.folder / name, tmp_path / name)
    shutil.copy(small.folder / "archiver.toml", tmp_path)
    return tmp_path


@pytest.fixture
def trusted(small: Small, tmp_path: Path) -> Path:
    """The certificates that seal, tokens and providers must lead to."""
    folder = tmp_path / "trusted"
    shutil.copytree(small.folder / "providers", folder)
    shutil.copy(small.ca, folder)
    return folder


def judged(small: Small, *options: object, config: Path | None = None) -> Outcome:
    volume = small.store / HOLDER / "volumes" / small.volumes[0]
    return archiver("verify", volume, *options, "--at", AT, "--json", config=config)


def codes(found: Outcome) -> set[str]:
    return {item["code"] for item in found.json["findings"]} - {"SEALED_BY"}


def configured(office: Path, *lines: str) -> None:
    with (office / "archiver.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(("\n[trust]", *lines, "")))


@pytest.mark.parametrize("asked", [True, False], ids=["asked for", "lying here"])
def test_the_operators_table_counts_whoever_is_trusted(small: Small, office: Path, trusted: Path, asked: bool) -> None:
    config = office / "archiver.toml" if asked else None
    assert judged(small, "--trust", trusted, config=config).json["indication"] == "PASSED"
    (office / "politica.toml").write_text(TABLE)
    configured(office, 'algorithms = "politica.toml"')
    for options in ((), ("--trust", trusted)):
        found = judged(small, *options, config=config)
        assert (found.json["indication"], "ALGORITHM_SPENT" in codes(found)) == ("INDETERMINATE", True), options
        assert "noi, 2026" in found.json["algorithms"]


def test_the_anchors_of_the_configuration_do_not_count_beside_those_that_are_named(
    small: Small, office: Path, tmp_path: Path
) -> None:
    assert judged(small).json["indication"] == "PASSED"
    found = judged(small, "--trust", small.folder / "providers")
    assert (found.json["indication"], "CHAIN_NOT_FOUND" in codes(found)) == ("INDETERMINATE", True)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ('algorithms = "assente.toml"', "assente.toml: cannot be read"),
        ('algorithms = "rotta.toml"', "rotta.toml"),
        ('lists = ["rotta.toml"]', "rotta.toml"),
        ("algoritmi = 1", "unknown key"),
        ('algorithms = ""', "[trust] algorithms: is missing"),
        ("= 1", "not valid TOML"),
    ],
)
@pytest.mark.parametrize("named", [True, False], ids=["with --trust", "without"])
def test_a_configuration_that_lies_here_and_is_wrong_is_not_passed_over(
    small: Small, office: Path, trusted: Path, broken: str, said: str, named: bool
) -> None:
    (office / "rotta.toml").write_text("= 1")
    configured(office, broken)
    found = judged(small, *(("--trust", trusted) if named else ()))
    assert (found.code, found.out) == (2, "")
    assert said in found.err


def test_a_configuration_that_is_still_to_be_filled_in_is_passed_over_where_it_lies_and_refused_when_asked_for(
    small: Small, office: Path, trusted: Path
) -> None:
    config = office / "archiver.toml"
    config.write_text(template_text(holder_id="h", mailbox_id="m", today="2026-11-22"), encoding="utf-8")
    assert judged(small, "--trust", trusted).json["indication"] == "PASSED"
    assert "ANCHOR_FROM_PACKAGE" in codes(judged(small))
    refused = judged(small, "--trust", trusted, config=config)
    assert (refused.code, "[holder 1] name: is missing" in refused.err) == (2, True)


def authority(small: Small) -> bytes:
    """The certificate of the TSA."""
    record = read(small.files[small.files.kind(Kind.VOLUME_RECORD)[0]])
    certificate = read_token(record.chains[0][0].token).certificate
    assert certificate
    return certificate


def test_a_folder_of_trust_may_hold_trusted_lists(small: Small, office: Path, trusted: Path) -> None:
    services = [Service([authority(small)], [("granted", EVENING - 999 * HOUR)])]
    (trusted / "elenco.xml").write_bytes(trusted_list(services, issued=EVENING, until=EVENING + 99 * HOUR))
    found = judged(small, "--trust", trusted)
    assert (found.json["indication"], "TOKEN_QUALIFIED" in codes(found)) == ("PASSED", True)
    (trusted / "elenco.xml").rename(office / "elenco.xml")
    assert "TOKEN_QUALIFIED" not in codes(judged(small, "--trust", trusted))
    configured(office, 'lists = ["elenco.xml"]')
    assert "TOKEN_QUALIFIED" in codes(judged(small, "--trust", trusted)), "lists of the configuration count too"


@pytest.mark.parametrize("name", ["elenco.xml", "elenco.toml", "risposta.ocsp"])
def test_what_is_not_what_it_is_called_is_refused_by_its_name(
    small: Small, office: Path, trusted: Path, name: str
) -> None:
    (trusted / name).write_bytes(b"nonsense")
    found = judged(small, "--trust", trusted)
    assert (found.code, found.out) == (2, "")
    assert str(trusted / name) in found.err


def test_a_configuration_beside_the_certificates_is_no_list(small: Small, office: Path, trusted: Path) -> None:
    shutil.copy(office / "archiver.toml", trusted)
    assert judged(small, "--trust", trusted).json["indication"] == "PASSED"
