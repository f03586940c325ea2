"""A purge that is cut short has deleted nothing unproven; one that may not be is refused with the way out."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from simulator.dovecot import Dovecot
from support import letters
from support.commands import archiver
from support.imap import Server
from support.liar import PLAIN, Liar
from support.proxy import Fault, Harm, Proxy, Tls
from support.purging import Aged, aged, left, whole

OLD = "--older-than", "90d"


def some(count: int, start: int = 0) -> list[bytes]:
    return [letters.plain(number) for number in range(start, start + count)]


def purged(made: Aged, name: str, *options: str, code: int = 0) -> dict[str, Any]:
    """What a run answers."""
    found = archiver("purge", name, *OLD, *options, "--json", config=made.config)
    assert found.code == code, found
    return found.json


def test_a_process_that_is_killed_between_certificate_and_deletion_has_deleted_nothing(
    server: Server, tmp_path: Path
) -> None:
    made = whole(tmp_path / "a", server, some(3))
    with Proxy(server.dovecot.tls, Tls(server.dovecot.home)) as proxy:
        proxy.faults = [Fault(Harm.DELAY, rb"UID (S)TORE", seconds=60, upstream=True)]
        text = made.config.read_text()
        made.config.write_text(text.replace(f"port = {server.dovecot.tls}", f"port = {proxy.port}"))
        arguments = ["--config", str(made.config), "purge", server.user, *OLD]
        process = subprocess.Popen([sys.executable, "-m", "archiver", *arguments], stderr=subprocess.PIPE)
        deadline = time.monotonic() + 120
        while not proxy.struck and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        assert proxy.struck, process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        made.config.write_text(text)
    [certificate] = made.reports()
    assert (certificate["content"]["stage"], left(server)) == ("proven", [1, 2, 3])
    assert purged(made, server.user)["deleted"] == 3
    assert [report["content"]["stage"] for report in made.reports()] == ["proven", "proven", "deleted"]


def test_a_server_that_goes_away_in_the_middle_leaves_a_report_of_what_went(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(3))
    with Proxy(server.dovecot.tls, Tls(server.dovecot.home)) as proxy:
        proxy.faults = [Fault(Harm.CUT, rb"UID (E)XPUNGE", times=99, upstream=True)]
        text = made.config.read_text()
        made.config.write_text(text.replace(f"port = {server.dovecot.tls}", f"port = {proxy.port}"))
        found = archiver("purge", server.user, *OLD, "--json", config=made.config)
        assert (found.code, "localhost" in found.err) == (3, True), found
        made.config.write_text(text)
    assert [report["content"]["stage"] for report in made.reports()] == ["proven", "deleted"]
    assert made.reports()[-1]["content"]["deleted"] == 0
    assert left(server) == [1, 2, 3]
    assert purged(made, server.user)["deleted"] == 3


def test_a_server_without_uidplus_is_refused_even_for_a_dry_run(tmp_path: Path, certificate: Path) -> None:
    server = Dovecot(tmp_path / "certificate")  # never started: its certificate is what is needed
    with Liar(server.home, {1: letters.plain(1)}) as liar:
        made = aged(tmp_path / "a", server, "studio", port=liar.port)
        made.taken_in()
        for options in ((), ("--dry-run",)):
            found = archiver("purge", "studio", *OLD, *options, config=made.config)
            assert (found.code, "UIDPLUS" in found.err) == (2, True), found
        assert "UIDPLUS" in archiver("doctor", config=made.config).out
        liar.capabilities = f"{PLAIN} UIDPLUS"
        assert "UIDPLUS" not in archiver("doctor", config=made.config).out
        assert purged(made, "studio")["skipped"] == {"young": 1}  # its INTERNALDATE is of this month
        assert not any("STORE" in heard or "SELECT" in heard for heard in liar.heard)


@pytest.mark.parametrize(
    ("allowed", "name", "age", "reason"),
    [
        ("", "studio", "90d", "purge = true"),
        ("purge = false", "studio", "90d", "purge = true"),
        ("purge = true", "studio", "29d", "30d"),
        ("purge = true", "studio", "a year", "90d"),
        ("purge = true", "studio", "-90d", "90d"),
        ("purge = true", "nobody", "90d", "studio"),
    ],
)
def test_a_purge_that_may_not_be_is_refused_with_the_way_out(
    tmp_path: Path, allowed: str, name: str, age: str, reason: str
) -> None:
    made = aged(tmp_path / "a", Dovecot(tmp_path / "never"), "studio", allowed=allowed)
    found = archiver("purge", name, f"--older-than={age}", config=made.config)
    assert (found.code, reason in found.err) == (2, True), found


def test_a_mailbox_without_a_server_has_nothing_to_delete_from(tmp_path: Path) -> None:
    assert archiver("init", "--demo", tmp_path / "a").code == 0
    found = archiver("purge", "import", *OLD, config=tmp_path / "a/archiver.toml")
    assert (found.code, "[mailbox.imap]" in found.err) == (2, True), found
    assert archiver("purge", "import", config=tmp_path / "a/archiver.toml").code == 2
