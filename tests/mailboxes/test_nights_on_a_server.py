"""The archive on a real mail server, through the commands that an operator gives."""

import time
from pathlib import Path

import pytest
from simulator.dovecot import Dovecot
from support import letters
from support.archives import kept
from support.commands import archiver, done
from support.connected import connected
from support.imap import Server
from support.proxy import Fault, Harm, Proxy, Tls

from archiver.digest import sha256


def letter(number: int) -> bytes:
    return letters.plain(number)


def some(count: int, start: int = 0) -> list[bytes]:
    return [letter(number) for number in range(start, start + count)]


def whole(config: Path, *mail: bytes) -> bool:
    """Whether the archive holds exactly this, byte for byte."""
    return kept(config) == {sha256(raw): raw for raw in mail}


def test_everything_is_taken_in_and_the_server_is_as_it_was(server: Server, tmp_path: Path) -> None:
    mail = server.put(some(30)) + server.put(some(3, 100), "Trash") + server.put(some(2, 200), "Archivio.Città")
    server.put(some(2, 300), "Drafts")
    server.put(some(2, 400), "Junk")
    client = server.client()
    client.select("INBOX")
    client.uid("STORE", "3:5", "+FLAGS", r"(\Flagged \Answered $Custom)")
    client.logout()
    folders = ("INBOX", "Trash", "Drafts", "Junk")
    before = [server.everything(folder) for folder in folders]
    config = connected(tmp_path / "a", server.dovecot, server.user)
    assert done("ingest", config=config)["new"] == 35
    assert done("ingest", config=config)["new"] == 0
    assert done("seal", "--now", config=config)["messages"] == 35
    assert whole(config, *mail)
    assert [server.everything(folder) for folder in folders] == before


def test_a_certificate_says_that_nothing_was_skipped_or_what_and_why(server: Server, tmp_path: Path) -> None:
    server.put(some(5))
    config = connected(tmp_path / "a", server.dovecot, server.user)
    done("ingest", config=config)
    client = server.client()
    server.put(some(2, 10))
    client.select("INBOX")
    client.uid("STORE", "6", "+FLAGS", r"(\Deleted)")
    client.expunge()
    client.logout()
    time.sleep(1.1)  # polls are told apart by the second
    assert done("ingest", config=config)["gone"] == 1
    told = done("status", "--continuity", server.user, config=config)
    inbox = next(folder for folder in told["folders"] if folder["folder"] == "INBOX")
    assert (told["complete"], inbox["archived"], inbox["first"], inbox["last"], inbox["polls"]) == (True, 6, 1, 7, 2)
    assert [(gap["uids"], gap["outcome"], gap["since"] is not None) for gap in inbox["gaps"]] == [("6", "gone", True)]
    assert (inbox["server"]["present"], inbox["server"]["kept"], inbox["server"]["missing"]) == (6, 6, 0)
    italian = archiver("status", "--continuity", server.user, config=config)
    assert italian.code == 0
    assert "nessun messaggio saltato" in italian.out
    assert "UID 6 (1)" in italian.out
    assert "mai assegnati, o cancellati o spostati prima di essere letti" in italian.out
    config.write_text(config.read_text().replace('language = "it"', 'language = "en"'))
    assert "no message was skipped" in archiver("status", "--continuity", server.user, config=config).out


def test_of_a_mailbox_that_was_never_read_nothing_is_certified(server: Server, tmp_path: Path) -> None:
    config = connected(tmp_path / "a", server.dovecot, server.user)
    found = archiver("status", "--continuity", server.user, config=config)
    assert (found.code, "nulla da attestare" in found.out) == (1, True)
    found = archiver("status", "--continuity", "nobody", config=config)
    assert (found.code, "no mailbox is called 'nobody'" in found.err) == (2, True)


def test_a_new_uidvalidity_is_read_anew_and_nothing_comes_twice(tmp_path: Path, dovecot: Dovecot) -> None:
    with Dovecot(dovecot.home.parent / f"{dovecot.home.name}-again") as own:
        server = Server(own, "studio")
        mail = server.put(some(8))
        config = connected(tmp_path / "a", own, "studio")
        done("ingest", config=config)
        own.stop()
        own.new_validity("studio")
        own.start()
        mail += server.put(some(1, 50))
        told = done("ingest", config=config)
        assert (told["new"], told["known"]) == (1, 8)
        folders = done("status", "--continuity", "studio", config=config)["folders"]
        assert [(folder["current"], folder["archived"], folder["known"]) for folder in folders] == [
            (False, 8, 0),
            (True, 1, 8),
        ]
        assert whole(config, *mail)


@pytest.mark.parametrize("jobs", [1, 2])
def test_several_mailboxes_are_read_and_a_broken_one_stops_no_other(
    dovecot: Dovecot, server: Server, tmp_path: Path, jobs: int
) -> None:
    first, second = Server(dovecot, f"{server.user}-uno"), Server(dovecot, f"{server.user}-due")
    mail = first.put(some(3)) + second.put(some(4, 10))
    config = connected(tmp_path / "a", dovecot, first.user, second.user)
    broken = connected(tmp_path / "b", dovecot, "x", more='folders = ["Nowhere"]').read_text()
    table = broken[broken.index("[[mailbox]]") : broken.index("# Classi")]
    holder = next(line for line in config.read_text().splitlines() if line.startswith("holder ="))
    table = "\n".join(holder if line.startswith("holder =") else line for line in table.splitlines())
    with config.open("a") as file:
        file.write(table.replace('password = "env:PEC_TEST_PASSWORD"', 'password = "env:NOT_THERE"'))
    found = archiver("ingest", "--jobs", str(jobs), "--json", config=config)
    assert found.code == 1
    assert found.json["new"] == 7
    [reason] = found.json["broken"]
    assert reason["mailbox"] == "x"
    assert "NOT_THERE" in reason["reason"]
    assert whole(config, *mail)


def test_a_folder_that_is_not_there_is_said_and_the_others_are_read(server: Server, tmp_path: Path) -> None:
    mail = server.put(some(2))
    config = connected(tmp_path / "a", server.dovecot, server.user, more='folders = ["INBOX", "Fascicoli"]')
    found = archiver("ingest", "--json", config=config)
    assert (found.code, found.json["new"]) == (1, 2)
    assert [item["folder"] for item in found.json["folders"]] == ["Fascicoli"]
    assert whole(config, *mail)


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        ('password = "env:NOT_THERE"', 2, "NOT_THERE"),
        ('password = "env:HOME"', 2, "localhost"),
        ("port = 1", 3, "localhost"),
        ('host = "127.0.0.1.example.invalid"', 3, "example.invalid"),
        ('ca = "/nowhere/ca.pem"', 2, "/nowhere/ca.pem"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_with_the_way_out(
    server: Server, tmp_path: Path, line: str, code: int, reason: str
) -> None:
    config = connected(tmp_path / "a", server.dovecot, server.user)
    key = line.partition(" ")[0]
    text = config.read_text()
    start = text.index(f"\n{key} = ", text.index("[mailbox.imap]")) + 1
    config.write_text(text[:start] + line + text[text.index("\n", start) :])
    for command in ("ingest", "doctor"):
        found = archiver(command, config=config)
        assert found.code == (code if command == "ingest" else 1), found
        assert reason in found.err + found.out
        assert "Traceback" not in found.err


def test_doctor_opens_every_folder_that_would_be_read(server: Server, tmp_path: Path) -> None:
    server.put(some(3))
    server.put(some(1, 5), "Sent")
    config = connected(tmp_path / "a", server.dovecot, server.user)
    found = archiver("doctor", config=config)
    assert (found.code, "INBOX 3, Sent 1" in found.out) == (0, True), found


@pytest.mark.parametrize("harm", [Harm.CUT, Harm.CORRUPT])
@pytest.mark.parametrize("offset", [3_000, 20_000, 90_000])
def test_a_connection_that_is_harmed_under_way_costs_no_message(
    server: Server, tmp_path: Path, harm: Harm, offset: int
) -> None:
    mail = server.put(letter(number) + b"x" * 5_000 for number in range(30))
    with Proxy(server.dovecot.tls) as proxy:
        proxy.faults = [Fault(harm, offset)]
        config = connected(tmp_path / "a", server.dovecot, server.user, port=proxy.port)
        told = done("ingest", config=config)
        assert proxy.struck
    assert (told["new"], told["failed"], told["missing"]) == (30, 0, 0)
    assert whole(config, *mail)


def test_a_server_that_goes_away_for_good_keeps_what_came_and_the_next_night_is_complete(
    server: Server, tmp_path: Path
) -> None:
    mail = server.put(letter(number) + b"x" * 50_000 for number in range(200))
    with Proxy(server.dovecot.tls, Tls(server.dovecot.home)) as proxy:
        proxy.faults = [Fault(Harm.CUT, rb"UID (150) ", times=99)]
        config = connected(tmp_path / "a", server.dovecot, server.user, port=proxy.port)
        first = archiver("ingest", "--json", config=config)
    assert first.code == 1, first
    assert (first.json["new"], first.json["failed"]) == (199, 1)
    text = config.read_text()
    config.write_text(text.replace(f"port = {proxy.port}", f"port = {server.dovecot.tls}"))
    assert done("ingest", config=config)["new"] == 1
    assert whole(config, *mail)


def test_a_run_that_did_some_ends_with_1_and_a_conflict_is_seen(
    dovecot: Dovecot, server: Server, tmp_path: Path
) -> None:
    first, second = Server(dovecot, f"{server.user}-uno"), Server(dovecot, f"{server.user}-due")
    first.put(some(2))
    second.put(some(2, 10))
    config = connected(tmp_path / "a", dovecot, first.user, second.user)
    done("ingest", "--jobs", "1", config=config)
    text = config.read_text()
    start = text.rindex("port = ")
    config.write_text(text[:start] + "port = 1" + text[text.index("\n", start) :])
    assert archiver("ingest", "--jobs", "1", config=config).code == 1  # nothing new, and yet one was read
    alerts = done("status", config=config)["alerts"]
    assert [second.user in alert for alert in alerts if "continuit" in alert] == [True]
    config.write_text(text)
    rapporto = next((config.parent / "store").glob(f"*/pdv/m-{first.user}/*.xml"))
    rapporto.chmod(0o600)
    rapporto.write_bytes(rapporto.read_bytes() + b" ")
    assert archiver("ingest", "--jobs", "1", config=config).code == 4


def test_show_takes_the_mailbox_in_which_to_look(dovecot: Dovecot, server: Server, tmp_path: Path) -> None:
    first, second = Server(dovecot, f"{server.user}-uno"), Server(dovecot, f"{server.user}-due")
    first.put(some(1))
    second.put(some(1) + some(1, 10))
    config = connected(tmp_path / "a", dovecot, first.user, second.user)
    done("ingest", "--jobs", "1", config=config)
    for where in (first, second):
        shown = done("show", sha256(letter(0))[:12], "--mailbox", where.user, config=config)
        assert [message["mailbox"] for message in shown["messages"]] == [where.user]
    assert archiver("show", sha256(letter(10))[:12], "--mailbox", first.user, config=config).code == 1
    assert archiver("show", sha256(letter(10))[:12], "--mailbox", "nessuna", config=config).code == 2
