"""Doctor: for everything that can be the matter, what it finds, what it says to type, and whether that helps."""

import os
import re
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from support.archives import add_mailbox, folder_of, letter, segments
from support.commands import archiver, done
from support.typed import parsed, typed

from archiver.adapters.stores.filesystem import INCOMING
from archiver.cli.door import login

SETTLED = {"ok": 0, "warning": 0, "failed": 1}


def overwrite(path: Path, offset: int, octets: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(octets)


def users(config: Path) -> None:
    with config.open("a", encoding="utf-8") as file:
        for name, role in ((login(), "responsabile"), ("nessuno-qui", "operatore")):
            file.write(f'\n[[user]]\nlogin = "{name}"\nrole = "{role}"\n')


def older_tables(config: Path) -> None:
    with closing(sqlite3.connect(config.parent / "catalog.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '0003'")
        database.commit()


def spoiled_pages(config: Path) -> None:
    path = config.parent / "catalog.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    for page in range(8, size // 4096, 3):  # not the first ones: it still opens
        overwrite(path, page * 4096, os.urandom(4096))


def leftover(config: Path) -> None:
    path = config.parent / "store" / INCOMING / "tmpabc"
    path.write_bytes(b"half a segment")
    old = time.time() - 2 * 86_400
    os.utime(path, (old, old))


def unread(config: Path) -> None:
    mail = folder_of(config.parent / "altra", letter("tre"))
    done("ingest", "--from", mail, "--mailbox", "import", config=config)


def swept(config: Path) -> None:
    (config.parent / "copia" / segments(config)[0]).unlink()
    assert archiver("sweep", "--all", config=config).code == 1


def miscounted(config: Path) -> None:
    with closing(sqlite3.connect(config.parent / "catalog.db")) as database, database:
        database.execute("UPDATE tally SET number = number + 1 WHERE sort = 'kind'")
        database.execute("DELETE FROM tally WHERE sort = 'pdv'")


def silent_authority(config: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]  # closed again at once
    with config.open("a", encoding="utf-8") as file:
        file.write(f'\n[[tsa]]\nid = "muta"\nkind = "http"\nurl = "http://127.0.0.1:{port}/"\nattempts = 1\n')
        file.write('anchors = ["ca/ca.pem"]\n')


class Broken(NamedTuple):
    """How an archive is broken, the check that must say so, in which state and words, and what is to be typed.

    `helps`: whether typing it puts the check right; `fixed`: whether `--fix` does.
    """

    breaks: Callable[[Path], object]
    check: str
    state: str
    found: str
    next: str
    helps: bool = False
    fixed: bool = False


BROKEN = {
    "nobody knows the user": Broken(users, "users", "warning", "nessuno-qui", "EDITOR"),
    "key for all": Broken(
        lambda c: (c.parent / "ca/seal.key").chmod(0o644),
        "secrets",
        "warning",
        "seal.key.*0644",
        "chmod 600",
        True,
        True,
    ),
    "configuration for all": Broken(lambda c: c.chmod(0o666), "configuration", "warning", "0666", "chmod go-w", True),
    "catalog for all": Broken(
        lambda c: (c.parent / "catalog.db").chmod(0o644), "catalog", "warning", "0644", "chmod 600", True, True
    ),
    "no store": Broken(lambda c: (c.parent / "store").rename(c.parent / "via"), "store", "failed", "no store", "init"),
    "no replica": Broken(lambda c: shutil.rmtree(c.parent / "copia"), "store copia", "failed", "no store", "init"),
    "no catalog": Broken(
        lambda c: (c.parent / "catalog.db").unlink(), "catalog", "failed", "no catalog here", "catalog rebuild", True
    ),
    "older tables": Broken(older_tables, "catalog", "failed", "older tables", "catalog upgrade"),
    "spoiled pages": Broken(spoiled_pages, "catalog", "failed", "danneggiato", "catalog rebuild", True),
    "object lost": Broken(
        lambda c: (c.parent / "store" / segments(c)[0]).unlink(),
        "store and catalog",
        "failed",
        r"segments/\S+: nel catalogo e non nello store",
        "sweep --repair",
        True,
    ),
    "found by a sweep": Broken(swept, "sweep", "warning", "1 rilievi aperti", "sweep --repair", True),
    "left by a crash": Broken(leftover, "temporary files", "warning", "1 file", "doctor --fix", True, True),
    "counts by hand": Broken(miscounted, "counts", "warning", "2 totali", "doctor --fix", True, True),
    "not searched": Broken(unread, "search", "warning", "1 messaggi", "catalog index", True, True),
    "no folder of CAs": Broken(
        lambda c: shutil.rmtree(c.parent / "providers"),
        "providers",
        "warning",
        "INDETERMINATE",
        "mkdir -p",
        False,
        True,
    ),
    "a CA that is none": Broken(
        lambda c: (c.parent / "providers/x.pem").write_text("x"), "providers", "failed", "not a certificate", "ls -l"
    ),
    "no key": Broken(lambda c: (c.parent / "ca/seal.key").unlink(), "signer", "failed", "seal.key", "EDITOR"),
    "authority down": Broken(silent_authority, "tsa muta", "failed", "muta", "EDITOR"),
    "folder gone": Broken(lambda c: (c.parent / "posta").rmdir(), "mailbox seconda", "failed", "posta", "EDITOR"),
    "mail server down": Broken(
        lambda c: _imap(c, port=1, secret="env:HOME"), "mailbox via", "failed", "raggiungibile", "doctor"
    ),
    "no password": Broken(
        lambda c: _imap(c, port=1, secret="env:PEC_NOWHERE"), "secrets", "warning", "no variable PEC_NOWHERE", "EDITOR"
    ),
    "empty password": Broken(
        lambda c: ((c.parent / "leer").touch(0o600), _imap(c, port=1, secret="file:leer")),
        "secrets",
        "warning",
        "is empty",
        "EDITOR",
    ),
}


def _imap(config: Path, *, port: int, secret: str = "env:PEC_THERE") -> None:
    add_mailbox(config, "via")
    with config.open("a", encoding="utf-8") as file:
        file.write(f'[mailbox.imap]\nhost = "127.0.0.1"\nport = {port}\npassword = "{secret}"\n')


def checks(config: Path, *options: object) -> list[dict[str, str]]:
    found = archiver("doctor", "--json", *options, config=config)
    result: list[dict[str, str]] = found.json["checks"]
    assert found.code == max(SETTLED[check["state"]] for check in result), found
    return result


def of(found: list[dict[str, str]], name: str) -> list[dict[str, str]]:
    return [check for check in found if check["name"] == name]


def test_of_a_healthy_archive_nothing_is_said_but_what_a_demonstration_is(healthy: Path) -> None:
    found = checks(healthy)
    told = {check["name"]: check["found"] for check in found if check["state"] != "ok"}
    assert set(told) == {"configuration", "store copia"}, told  # no legal value; both on this disk
    names = [check["name"] for check in found]
    assert {"users", "secrets", "programs", "room", "store", "catalog", "store and catalog", "search"} <= set(names)
    assert {"register", "volumes", "evidence", "sweep", "trust", "providers", "signer", "tsa local"} <= set(names)
    assert all(check["looked"] and check["found"] for check in found)
    assert all(check["text"].startswith(check["found"]) and check["next"] in check["text"] for check in found)


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_found_and_the_next_command_can_be_typed(config: Path, case: str) -> None:
    broken = BROKEN[case]
    broken.breaks(config)
    found = checks(config)
    told = [check for check in of(found, broken.check) if re.search(broken.found, check["found"], re.DOTALL)]
    assert [(check["state"], broken.next in check["next"]) for check in told] == [(broken.state, True)], found
    (said,) = told
    for check in found:
        if check["next"]:
            parsed(check["next"])
    others = {check["name"] for check in found}
    assert {"configuration", "secrets", "room", "providers", "signer", "tsa local", "mailbox seconda"} <= others
    if broken.helps:
        outcome = typed(said["next"], folder=config.parent)
        assert outcome.code == 0, outcome
        assert not [check for check in of(checks(config), broken.check) if check["found"] == said["found"]]


@pytest.mark.parametrize("case", BROKEN)
def test_fix_does_what_is_harmless_and_nothing_else(config: Path, case: str) -> None:
    broken = BROKEN[case]
    broken.breaks(config)
    before = _state(config.parent)
    told = [check for check in checks(config, "--fix") if check["name"] == broken.check]
    assert any(check["fixed"] for check in told) is broken.fixed, told
    if broken.fixed:
        after = [check["state"] for check in of(checks(config), broken.check)]
        assert "failed" not in after
        assert ("warning" in after) is (case == "no folder of CAs")  # there, and still empty
    else:
        assert _state(config.parent) == before


def _state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Permissions and octets of every file that is not the database's own, nor counted by a look at an authority."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(("catalog.db", "."))
    }


@pytest.fixture
def mute() -> Iterator[int]:
    """A server that takes connections and never says a word; its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_a_look_that_hangs_is_cut_and_the_others_are_taken(
    config: Path, mute: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEC_THERE", "x")
    _imap(config, port=mute)
    add_mailbox(config, "terza", path='"posta"')
    begun = time.monotonic()
    found = checks(config, "--timeout", 2)
    assert time.monotonic() - begun < 15
    (said,) = of(found, "mailbox via")
    assert (said["state"], said["next"]) == ("failed", f"archiver --config {config} doctor --timeout 60")
    assert "entro 2 secondi" in said["found"]
    assert of(found, "mailbox terza")[0]["state"] == "ok"
