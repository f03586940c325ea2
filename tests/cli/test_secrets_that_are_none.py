"""A reference to a secret that is empty, or no text, is named; nothing is tried with it."""

from pathlib import Path

import pytest
from support.archives import demo, set_lines
from support.commands import archiver

from archiver.compose.secrets import secret, secret_text
from archiver.errors import ConfigError

EMPTY = {
    "env:PIN": {"PIN": ""},
    "file:nothing": {},
    "file:newline": {},
}


@pytest.mark.parametrize("reference", EMPTY)
def test_an_empty_secret_is_refused_by_its_reference(tmp_path: Path, reference: str) -> None:
    (tmp_path / "nothing").touch()
    (tmp_path / "newline").write_bytes(b"\r\n")
    for read in (secret, secret_text):
        with pytest.raises(ConfigError, match=f"^{reference}: is empty"):
            read(reference, EMPTY[reference], tmp_path)


def test_no_reference_is_no_secret(tmp_path: Path) -> None:
    assert secret("", {}, tmp_path) is None
    assert secret_text("", {}, tmp_path) == ""


@pytest.mark.parametrize("reference", ["env:PEC_CATALOG", "file:password"])
def test_a_secret_that_is_no_text_is_told_without_a_traceback(tmp_path: Path, reference: str) -> None:
    config = demo(tmp_path)
    (tmp_path / "password").write_bytes(b"\xff\xfe")
    lines = {"catalog": '"postgresql://archiver@127.0.0.1:1/pec"', "catalog_password": f'"{reference}"'}
    set_lines(config, "archive", lines)
    found = archiver("status", config=config, environ={"PEC_CATALOG": b"\xff\xfe".decode(errors="surrogateescape")})
    assert found.code == 2
    assert f"{reference}: holds no UTF-8 text" in found.err
