"""A mailbox that its server soon refuses mail for is told of by the doctor, with the command that makes room."""

from pathlib import Path

import pytest
from simulator.dovecot import PASSWORD, Dovecot
from support.archives import demo, letter
from support.commands import archiver
from support.imap import Server
from support.told import on_server

MEBIBYTE = 1 << 20


@pytest.mark.parametrize(("mebibytes", "full"), [(3.4, False), (3.8, True)])
def test_the_doctor_says_how_full_it_is(
    tmp_path: Path, dovecot: Dovecot, mebibytes: float, full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the four that the server allows."""
    name = f"pieno{full}".lower()
    Server(dovecot, name).put([letter("grande") + b"x" * int(mebibytes * MEBIBYTE)])
    config = demo(tmp_path / "archive")
    on_server(config, name, port=dovecot.tls, ca=dovecot.ca, password="RIGHT")
    monkeypatch.setenv("RIGHT", PASSWORD)
    found = archiver("doctor", "--json", config=config).json["checks"]
    told = [check for check in found if check["name"] == f"mailbox {name}"]
    assert [check["state"] for check in told] == (["ok", "warning"] if full else ["ok"])
    if full:
        assert told[1]["next"].endswith(f"purge {name} --older-than 90d --dry-run")
