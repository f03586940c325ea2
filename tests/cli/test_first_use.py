"""The first day with an archive of one's own, in the order and the words of the README."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulator.dovecot import PASSWORD, Dovecot, installed
from support.archives import ADDRESS, filled, folder_of, letter, set_lines, simulated, trust
from support.certificates import CODE, Authority
from support.commands import archiver, done
from support.tools import ROOT, absent

COMMAND = re.compile(r"^(?:\.venv/bin/)?archiver (.*?)(?:\s+#.*)?$", re.MULTILINE)


def words_of_the_readme() -> list[str]:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Your own mail")[2].partition("```sh")[2]
    return COMMAND.findall(section.partition("```")[0])


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """A mail server with one message for the user of the README."""
    if not installed():
        absent("the program dovecot is not installed")
    with tempfile.TemporaryDirectory(prefix="dovecot-") as place:
        server = Dovecot(Path(place))
        (server.maildir(ADDRESS) / "cur/1790000000.M1P1.host:2,S").write_bytes(letter("sul server"))
        with server:
            yield server


def test_the_commands_of_the_readme_work_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot
) -> None:
    home, folder = tmp_path, tmp_path / "archivio"
    mailbox = simulated(tmp_path / "simulated", 40)
    mailbox.rename(home / "pec")
    commands = words_of_the_readme()
    verbs = [command.split()[0] for command in commands]
    start = ["init", "doctor", "ingest", "ingest", "seal", "verify", "catalog", "search", "show", "evidence", "status"]
    assert verbs == [*start, "renew", "renew", "trust", "replicate", "sweep", "purge"]
    monkeypatch.delenv("ARCHIVER_CONFIG", raising=False)
    for command in commands:
        words = [word.replace("~", str(home)) for word in command.split()]
        if words[0] == "init":
            assert archiver(*words).code == 0
            complaints = archiver("doctor", config=folder / "archiver.toml")
            assert (complaints.code, "is missing" in complaints.err) == (2, True)
            Authority().person().pem(folder / "keys")
            signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
            filled(folder, signer={**signer, "subject": f'"{CODE}"'})  # in place of $EDITOR
            trust(folder / "archiver.toml", (tmp_path / "simulated/providers").glob("*.pem"))
            on_server(folder / "archiver.toml", dovecot)
            monkeypatch.setenv("PEC_PASSWORD", PASSWORD)
            monkeypatch.chdir(folder)
        elif words[0] == "show":
            (hit, *_) = done("search")["results"]
            assert archiver("show", hit["dossier"][:6]).code == 0
        elif words[0] == "evidence":
            (hit, *_) = done("search")["results"]
            assert archiver("evidence", hit["dossier"], *words[2:4]).code == 0
            assert archiver("verify", words[3]).code == 0
        elif words[0] == "seal":
            assert archiver(*words).out.startswith("0 volumi chiusi")  # a month has not passed
            assert archiver(*words, "--now").code == 0
        else:
            found = archiver(*words)
            assert found.code == 0, (words, found)
    assert archiver("doctor").code == 0
    assert done("status")["pending"] == 0


def on_server(config: Path, dovecot: Dovecot) -> None:
    """The mailbox of the README, on this server."""
    set_lines(config, "mailbox", {"name": '"studio"'})
    lines = (
        f'host = "localhost"\nport = {dovecot.tls}\npassword = "env:PEC_PASSWORD"\nca = "{dovecot.ca}"\npurge = true\n'
    )
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("# Classi di", f"[mailbox.imap]\n{lines}\n# Classi di"), encoding="utf-8")


def test_the_first_ingest_makes_the_store_and_the_catalog(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    Authority().person().pem(tmp_path / "archive/keys")
    signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(tmp_path / "archive", signer=signer)
    assert not (config.parent / "store").exists()
    done("ingest", "--from", folder_of(tmp_path / "mail", letter("prima")), config=config)
    assert (config.parent / "store/.archiver-store").is_file()
    assert done("seal", "--now", config=config)["volumes"] == 1
    assert done("verify", config.parent, config=config)["indication"] == "PASSED"


def test_time_stamps_of_the_embedded_authority_are_never_called_qualified(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    Authority().person().pem(tmp_path / "archive/keys")
    signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(tmp_path / "archive", signer=signer)
    done("ingest", "--from", folder_of(tmp_path / "mail", letter("prima")), config=config)
    assert any("riferimento temporale non qualificato" in alert for alert in done("status", config=config)["alerts"])
    assert "riferimento temporale non qualificato" in archiver("doctor", config=config).out


def test_init_makes_the_store_in_an_empty_folder_that_ingest_would_not_touch(tmp_path: Path) -> None:
    (tmp_path / "archive/store/lost+found").mkdir(parents=True)  # a disk of its own, just mounted
    Authority().person().pem(tmp_path / "archive/keys")
    signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(tmp_path / "archive", signer=signer)
    mail = folder_of(tmp_path / "mail", letter("prima"))
    found = archiver("ingest", "--from", mail, config=config)
    assert found.code == 3
    assert "is the disk mounted?" in found.err
    assert archiver("init", config.parent).code == 0
    assert archiver("doctor", config=config).code == 0
    assert done("ingest", "--from", mail, config=config)["new"] == 1


def test_init_leaves_an_archive_that_is_there_as_it_is(tmp_path: Path) -> None:
    assert archiver("init", tmp_path).code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    found = archiver("init", tmp_path, "--json")
    assert (found.code, found.json["created"]) == (0, False)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_a_mailbox_with_a_path_is_read_without_naming_it(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    Authority().person().pem(tmp_path / "archive/keys")
    signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(tmp_path / "archive", signer=signer)
    mail = folder_of(tmp_path / "archive/posta", letter("prima"))
    text = config.read_text(encoding="utf-8").replace('# path = "/var/mail/pec" ', 'path = "posta"')
    config.write_text(text, encoding="utf-8")
    assert done("ingest", config=config)["new"] == 1
    (mail / "seconda.eml").write_bytes(letter("seconda"))
    again = done("ingest", "import", config=config)
    assert (again["new"], again["known"]) == (1, 1)
