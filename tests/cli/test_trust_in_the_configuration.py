"""The table [trust] of a configuration: what it says, and what is wrong with it in words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.commands import done

from archiver.compose.archive import open_archive
from archiver.compose.trusting import catalogue, trusted_lists
from archiver.config import Config, TrustConfig, demo_text, parse, template_text
from archiver.errors import ConfigError
from archiver.evidence.algorithms import CATALOGUE

OWN = f'[[tsa]]\ncertificate = "{"a" * 64}"\nname = "TSA"\nfrom = 2020-01-01\n'
IDS = {"holder_id": "h", "mailbox_id": "m", "today": "2026-11-22"}


def demo(folder: Path, *lines: str) -> Config:
    return parse(demo_text(**IDS) + ("\n[trust]\n" + "\n".join(lines) if lines else ""), folder)


def test_without_the_table_everything_is_fetched_but_in_the_demo_nothing(tmp_path: Path) -> None:
    assert demo(tmp_path).trust == TrustConfig(fetch=False)
    assert TrustConfig() == TrustConfig(fetch=True, ocsp="when-no-crl", allow_private=False, proxy="")


def test_what_the_table_says(tmp_path: Path) -> None:
    found = demo(
        tmp_path,
        "fetch = true",
        'ocsp = "always"',
        "allow_private = true",
        'proxy = "http://proxy.example.it:3128"',
        'lists = ["tl-it.xml", "https://tl.example/tl.xml"]',
        'algorithms = "politica.toml"',
    ).trust
    assert found == TrustConfig(
        True, "always", True, "http://proxy.example.it:3128", (tmp_path / "tl-it.xml",),
        ("https://tl.example/tl.xml",), tmp_path / "politica.toml",
    )  # fmt: skip


WRONG = {
    'ocsp = "sometimes"': r"\[trust\] ocsp",
    'fetch = "yes"': r"\[trust\] fetch",
    'proxy = "http://user:secret@proxy.example.it"': r"\[trust\] proxy",
    'proxy = "socks://proxy.example.it"': r"\[trust\] proxy",
    'fetch = true\nlists = ["http://tl.example/tl.xml"]': "over https only",
    'fetch = false\nlists = ["https://tl.example/tl.xml"]': "fetch = false",
    "fetsch = true": "unknown key",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_said(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError, match=WRONG[line]) as raised:
        demo(tmp_path, line)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("text", [demo_text(**IDS), template_text(**IDS)], ids=["demo", "template"])
def test_the_lines_of_the_template_are_a_table_when_the_marks_are_taken_off(tmp_path: Path, text: str) -> None:
    lines = text[text.index("# [trust]") :].split("\n\n")[0].splitlines()
    fetch = "fetch = true" if "demo = true " in text else ""
    table = [line.removeprefix("# ") for line in lines[1:] if not (fetch and line.startswith("# fetch"))]
    found = demo(tmp_path, fetch, *table).trust
    assert found.list_urls
    assert found.algorithms == tmp_path / "algoritmi.toml"


def test_a_stricter_table_is_laid_over_the_catalogue_and_one_that_is_none_is_named(tmp_path: Path) -> None:
    assert catalogue(TrustConfig()) is CATALOGUE
    missing = tmp_path / "politica.toml"
    with pytest.raises(ConfigError, match=r"politica\.toml: cannot be read"):
        catalogue(TrustConfig(algorithms=missing))
    missing.write_text("= 1")
    with pytest.raises(ConfigError, match=r"\[trust\] algorithms = .*politica\.toml"):
        catalogue(TrustConfig(algorithms=missing))


def test_an_archive_collects_for_its_holder_with_what_its_configuration_gives(tmp_path: Path) -> None:
    """The demo: nothing is fetched, its own CA's list lies in a file."""
    done("init", "--demo", tmp_path / "demo")
    config = tmp_path / "demo" / "archiver.toml"
    config.write_text(config.read_text() + '\n[trust]\nlists = ["mine.toml"]\n')
    archive = open_archive(config, environ={}, clock=now)
    (holder,) = archive.config.holders
    found = archive.collected((archive.signer.certificate, *archive.seal_anchors), "signer", now)
    assert (found.findings, len(found.certificates), len(found.crls)) == ((), 2, 1)
    with pytest.raises(ConfigError, match=r"mine\.toml: cannot be read"):
        trusted_lists(archive.config, archive.collector(now))
    (tmp_path / "demo" / "mine.toml").write_text(OWN)
    assert len(trusted_lists(archive.config, archive.collector(now)).lists) == 1
    kinds = sorted(row.kind for row in archive.catalog.trust_of(holder))
    assert kinds == ["ca", "crl", "list", "signer"]
    assert archive.policy.material.anchors
    archive.catalog.close()


def now() -> datetime:
    return datetime.now(UTC)
