"""Where the pages for people are done: an office's archive, and the folder of somebody who begins."""

from collections.abc import Callable
from pathlib import Path

import pytest
from simulator.dovecot import PASSWORD, Dovecot
from support.archives import ADDRESS, fill_in, folder_of, letter, set_lines, simulated, trust
from support.certificates import CODE, Authority
from support.commands import archiver, done
from support.dovecots import dovecot  # noqa: F401  (a fixture)
from support.offices import Office, mine, office, stampers  # noqa: F401  (fixtures)
from support.tools import ROOT

from archiver.cli.door import login

SECOND = "gverdi"


@pytest.fixture
def beginner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot) -> Path:  # noqa: F811  (the fixture)
    """The home of somebody with mail in ~/pec and on a server, who stands where the program was unpacked."""
    home, unpacked = tmp_path / "home", tmp_path / "pec-archiver"
    home.mkdir()
    unpacked.mkdir()
    (unpacked / "scripts").symlink_to(ROOT / "scripts")
    simulated(tmp_path / "simulated", 40).rename(home / "pec")
    (home / "pec/zz.eml").write_bytes(letter("fattura n. 12"))
    (dovecot.maildir(ADDRESS) / "cur/1790000000.M1P1.host:2,S").write_bytes(letter("sul server"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PEC_PASSWORD", PASSWORD)
    monkeypatch.delenv("ARCHIVER_CONFIG", raising=False)
    monkeypatch.chdir(unpacked)
    return home


@pytest.fixture
def fills_in(beginner: Path, dovecot: Dovecot) -> Callable[[Path], None]:  # noqa: F811  (the fixture)
    """What that person does in an editor: every empty field, the signer's key, the mailbox's server."""

    def fill(config: Path) -> None:
        complaints = archiver("doctor", config=config)
        assert (complaints.code, "is missing" in complaints.err) == (2, True)
        Authority().person().pem(config.parent / "keys")
        signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
        fill_in(config, signer={**signer, "subject": f'"{CODE}"'})
        trust(config, (beginner.parent / "simulated/providers").glob("*.pem"))
        set_lines(config, "mailbox", {"name": '"studio"'})
        lines = f'host = "localhost"\nport = {dovecot.tls}\npassword = "env:PEC_PASSWORD"\nca = "{dovecot.ca}"\n'
        text = config.read_text(encoding="utf-8")
        text = text.replace("# Classi di", f"[mailbox.imap]\n{lines}purge = true\n\n# Classi di")
        config.write_text(text, encoding="utf-8")

    return fill


@pytest.fixture
def lived_in(mine: Office) -> Office:  # noqa: F811  (the fixture)
    """An office's archive with a volume whose term has passed, two persons, and the repository's scripts beside it."""
    old = letter("contratto", date="Mon, 03 Mar 2014 10:00:00 +0100")
    rossi = letter("sollecito", to=f"{ADDRESS}, rossi@pec.example.it")
    done("ingest", "--from", folder_of(mine.folder / "altra", old, rossi), config=mine.config)
    done("seal", "--now", config=mine.config)
    done("replicate", config=mine.config)
    me = login()
    users = "".join(f'\n[[user]]\nlogin = "{name}"\nrole = "responsabile"\n' for name in (me, SECOND))
    mine.config.write_text(mine.config.read_text(encoding="utf-8") + users, encoding="utf-8")
    (mine.folder / "scripts").symlink_to(ROOT / "scripts")
    assert archiver("doctor", config=mine.config).code == 0
    return mine
