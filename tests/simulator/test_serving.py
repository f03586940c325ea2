"""The simulated mailboxes behind a real server: every folder, every octet, in the order of arrival."""

import email
import imaplib
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from simulator import dovecot
from simulator.dovecot import PASSWORD, Dovecot
from simulator.plan import Plan
from simulator.serve import served
from support.pecsim import sha256
from support.tools import ROOT, absent

FIRST, SECOND = "studio@pec.esempio-legale.it", "altra@pec.example"


def needed() -> None:
    if not dovecot.installed():
        absent("dovecot is not installed")


def session(port: int, ca: Path, user: str) -> imaplib.IMAP4_SSL:
    connection = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=ssl.create_default_context(cafile=str(ca)))
    connection.login(user, PASSWORD)
    return connection


def digests(server: Dovecot, user: str) -> dict[str, list[str]]:
    """The digest of every message by folder, in the order of UIDs."""
    found = {}
    connection = session(server.tls, server.ca, user)
    for line in connection.list()[1]:
        folder = line.rpartition(b" ")[2].decode()
        count = int(connection.select(folder, readonly=True)[1][0] or 0)
        rows = connection.uid("FETCH", "1:*", "(BODY.PEEK[])")[1] if count else []
        found[folder] = [sha256(row[1]) for row in rows if isinstance(row, tuple)]
    connection.logout()
    return found


def test_a_server_gives_every_octet_in_its_folder_in_the_order_of_arrival(tmp_path: Path) -> None:
    needed()
    plan = Plan(300, 7, 300, 2, FIRST, datetime(2024, 3, 1, tzinfo=UTC), shuffle=True, second=SECOND)
    with served(plan, tmp_path / "home") as server:
        found = {user: digests(server, user) for user in (FIRST, SECOND)}
    told: dict[str, dict[str, list[str]]] = {FIRST: defaultdict(list), SECOND: defaultdict(list)}
    for row in json.loads((tmp_path / "home/expected.json").read_text())["messages"]:
        told[row["mailbox"]][row["folder"]].append(row["sha256"])
    assert found == told
    assert set(told[FIRST]) == {"INBOX", "Sent", "Trash"}
    assert {"INBOX", "Inviata"} <= set(told[SECOND])


def test_whoever_serves_is_told_all_that_a_client_needs_and_can_stop_it(tmp_path: Path) -> None:
    needed()
    words = [
        sys.executable,
        str(ROOT / "scripts/pecsim"),
        "--out",
        str(tmp_path / "home"),
        "--messages",
        "20",
        "--serve",
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert process.stdout
    said = ""
    try:
        while not said.endswith(f'ca = "{tmp_path}/home/cert.pem"\n'):
            line = process.stdout.readline()
            assert line, said
            said += line
        block = tomllib.loads(said[said.index("[[mailbox]]") :])["mailbox"][0]
        assert block["imap"]["password"] == "env:PEC_PASSWORD"
        assert re.search(rf"export PEC_PASSWORD={PASSWORD}\b", said)
        connection = session(block["imap"]["port"], Path(block["imap"]["ca"]), block["imap"]["user"])
        connection.select("Sent", readonly=True)
        raw = connection.fetch("1", "(BODY.PEEK[])")[1][0][1]
        assert email.message_from_bytes(raw)["From"] == block["address"]
        connection.logout()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    assert process.returncode == 0
