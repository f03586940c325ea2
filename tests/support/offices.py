"""An office's archive: where it is, who stamps for it, who certifies its signer; and the pages that it goes by.

A key in a file, two authorities over HTTP, a replica, mail; and copies to lose.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tsa.scripted import Scripted

from archiver.adapters import authority
from archiver.adapters.authority import LocalAuthority
from archiver.cli.door import now
from support.archives import filled, set_lines, simulated, trust
from support.certificates import CODE, Authority
from support.commands import done

DAY = timedelta(days=1)
PAGES = Path(__file__).resolve().parents[2] / "ops" / "runbooks"


@dataclass(frozen=True)
class Office:
    """An archive in `folder`; the addresses of its authority and of another, and the CA that certifies the signer."""

    folder: Path
    first: str
    second: str
    ca: Authority

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.folder / "archiver.toml"


@pytest.fixture(scope="session")
def stampers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, str]]]:
    """Two authorities: the folder of each, and its address."""
    found, servers = {}, []
    for name, days in (("tsa-1", 30), ("tsa-2", 1)):  # the second lasts longer: it can go on with the first one's
        folder = tmp_path_factory.mktemp(name)
        authority.create(folder, at=now() - days * DAY, holder_name=name)
        (folder / "ca.crl").write_bytes(authority.crl(folder, now()))
        stamper = LocalAuthority(folder, now, name=name)
        server = Scripted(lambda asked, stamper=stamper: stamper.answer(asked.body)).__enter__()
        servers.append(server)
        found[name] = (folder, server.url)
    yield found
    for server in servers:
        server.__exit__()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, stampers: dict[str, tuple[Path, str]]) -> Office:
    """Mail taken in on two days, sealed, stamped, replicated, read by the search; nobody may change it."""
    folder = tmp_path_factory.mktemp("office") / "archivio"
    folder.mkdir()
    ca = Authority("CA di firma")
    ca.person().pem(folder / "keys")
    (folder / "keys/firma-ca.crl").write_bytes(ca.crl())
    for name, (place, _) in stampers.items():
        shutil.copy(place / "ca.pem", folder / f"{name}-ca.pem")
        shutil.copy(place / "ca.crl", folder / f"{name}-ca.crl")
    signer = {
        "certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]',
        "crls": '["keys/firma-ca.crl"]', "subject": f'"{CODE}"',
    }  # fmt: skip
    config = filled(folder, signer=signer)
    set_lines(config, "mailbox", {"name": '"studio"', "path": '"posta"'})
    stamped = (
        f'[[tsa]]\nid = "tsa-1"\nkind = "http"\nurl = "{stampers["tsa-1"][1]}"\n'
        'anchors = ["tsa-1-ca.pem"]\ncrls = ["tsa-1-ca.crl"]\nattempts = 1\n'
    )
    text = config.read_text(encoding="utf-8")
    text = re.sub(r'^\[\[tsa\]\]\n(?:.*\n)*?kind = "local"\n', stamped, text, flags=re.MULTILINE)
    text += '\n[[store]]\nid = "copia"\nkind = "filesystem"\npath = "copia"\ncountry = "IT"\noperator = "altri"\n'
    config.write_text(text + "\n[trust]\nfetch = false\n", encoding="utf-8")
    simulated(folder.parent / "mail", 30).rename(folder / "posta")
    trust(config, (folder.parent / "mail/providers").glob("*.pem"))
    done("init", folder)
    done("ingest", config=config)
    done("seal", "--now", config=config)
    done("replicate", config=config)
    done("sweep", "--all", config=config)
    done("catalog", "index", config=config)
    assert done("verify", folder / "store", config=config)["indication"] == "PASSED"
    return Office(folder, stampers["tsa-1"][1], stampers["tsa-2"][1], ca)


@pytest.fixture
def mine(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A copy of it, in which the test stands."""
    shutil.copytree(office.folder, tmp_path / "archivio")
    monkeypatch.chdir(tmp_path / "archivio")
    monkeypatch.delenv("ARCHIVER_CONFIG", raising=False)
    return Office(tmp_path / "archivio", office.first, office.second, office.ca)
