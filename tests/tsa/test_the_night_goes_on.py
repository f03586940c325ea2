"""An authority that lies does not stop the night: each lie is named, and the next authority in line gives the token."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import letters
from support.embedded import Disk, Embedded, made_authority
from tsa.asking import Unbelievable, account
from tsa.liar import Liar
from tsa.scripted import Scripted
from tsa.test_lies_over_http import LIES

from archiver.adapters.tsa import HttpAuthority
from archiver.chain import Material
from archiver.evidence.policy import Policy
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.seal import Authority
from archiver.verdict import Indication, finding


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")


@pytest.mark.parametrize("name", LIES)
def test_every_lie_is_named_and_the_next_authority_gives_the_token(
    tmp_path: Path, ca: Path, liar: Liar, name: str
) -> None:
    lie, kind, words = LIES[name]
    process = Embedded(Disk.made(tmp_path / "disk"), ca, Providers(), clock=lambda: datetime.now(UTC))
    process.ingest(letters.HandedIn((letters.plain(1),)))
    with Scripted(lambda asked: lie(liar, asked.body)) as server:
        port = HttpAuthority(account(server.url, timeout=1.0 if "trickle" in name else 20.0))
        process.lines = ((Authority(port, Policy(Material((liar.anchor,)))), process.authority("seconda")),)
        report = process.seal()
    assert (report.volumes, report.failures, len(server.asked)) == (1, [], 1)
    (passed,) = [found for found in report.warnings if found.code == "TSA_PASSED_OVER"]
    expected = reason(words) if kind is Unbelievable else words.replace("expected sha512:", "expected sha256:")
    assert re.search(expected, passed.text("en").removesuffix(".")), passed.text("en")
    records = [parsed for item in process.disk.objects() if (parsed := layout.parse(item))]
    assert {item.tsa for item in records if item.kind in (Kind.VOLUME_RECORD, Kind.RDV_RECORD)} == {"seconda"}
    assert process.verify().indication is Indication.PASSED


def reason(code: str) -> str:
    """The longest part of a finding's sentence in which nothing is filled in."""
    return re.escape(max(finding(code.strip("^$"), "t").text("en").split("?"), key=len))
