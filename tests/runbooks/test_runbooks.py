"""Every runbook is done as it stands, after the disaster that it is for; and what it promises is looked at."""

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from imaplib import IMAP4_SSL
from pathlib import Path
from ssl import create_default_context

from cryptography import x509
from simulator.dovecot import PASSWORD, Dovecot
from support.archives import ADDRESS, letter, objects, objects_in, set_lines
from support.certificates import Authority
from support.commands import archiver, done
from support.offices import PAGES, Office
from support.pages import Page

from archiver.cli.door import now

Did = Callable[..., Page]


def messages(office: Office) -> int:
    return int(done("status", config=office.config)["messages"])


def test_the_catalog_is_restored_from_the_store(mine: Office, page: Did) -> None:
    before = messages(mine)
    (mine.folder / "catalog.db").write_bytes(b"no database")
    assert archiver("status", config=mine.config).code == 3
    page("catalog")
    assert messages(mine) == before
    assert (mine.folder / "aside/catalog.db").read_bytes() == b"no database"


def test_a_replica_becomes_the_first_store_and_what_it_lacked_is_taken_in_again(mine: Office, page: Did) -> None:
    (mine.folder / "posta/zz.eml").write_bytes(letter("arrivata dopo l'ultima replica"))
    assert done("ingest", config=mine.config)["new"] == 1
    before = messages(mine)
    shutil.rmtree(mine.folder / "store")
    page("primary-store", {"/mnt/copia-2/store": "copia-2"})
    assert messages(mine) == before
    assert not (mine.folder / "store").exists()
    replicas = [set(objects_in(mine.folder / name)) for name in ("copia", "copia-2")]
    assert replicas[0] == replicas[1] != set()
    assert done("sweep", "--all", config=mine.config)["missing"] == 0


def test_another_key_signs_and_what_the_lost_one_signed_still_passes(mine: Office, page: Did) -> None:
    lost = x509.load_pem_x509_certificate((mine.folder / "keys/firma.pem").read_bytes())
    (mine.folder / "keys/firma.key").unlink()
    assert archiver("doctor", config=mine.config).code == 1
    (mine.folder / "keys/firma-ca.crl").write_bytes(revoked_now(mine.ca, lost))
    mine.ca.person().pem(mine.folder / "keys", "nuova")
    (mine.folder / "posta/zz.eml").write_bytes(letter("dopo la perdita della chiave"))
    sealed = len(list((mine.folder / "store").glob("*/volumes/*")))
    page("signing-key")
    assert len(list((mine.folder / "store").glob("*/volumes/*"))) == sealed + 1
    assert done("verify", config=mine.config)["indication"] == "PASSED"


def revoked_now(ca: Authority, certificate: x509.Certificate) -> bytes:
    """The CA's list, with the certificate revoked as of now: `crl` dates from the day before its `now`."""
    return replace(ca, now=now().replace(microsecond=0) + timedelta(days=1)).crl([certificate])


def test_another_authority_goes_on_with_the_evidence_of_one_that_closed(mine: Office, page: Did) -> None:
    page("tsa-closes", {"https://tsa.example.it/tsa": mine.second})
    grown = [name for name in objects(mine.config) if name.endswith("evidence/tsa-1/000002.ers")]
    assert len(grown) == done("status", config=mine.config)["volumes"] > 0
    assert set(done("status", config=mine.config)["tokens"]) == {"tsa-1", "tsa-2"}


def test_a_new_tree_stands_where_the_old_digest_fell(mine: Office, page: Did) -> None:
    page("digest-falls")
    (mine.folder / "posta/zz.eml").write_bytes(letter("dopo"))
    done("ingest", config=mine.config)
    done("seal", "--now", config=mine.config)
    found = archiver("verify", "store", "--assume-broken", "sha512", "--json", config=mine.config)
    assert found.json["indication"] == "PASSED", found


def test_a_mailbox_is_read_on_with_its_new_password(mine: Office, page: Did, dovecot: Dovecot) -> None:
    set_lines(mine.config, "mailbox", {"path": '""'})
    text = re.sub(r'^path = ""\n', "", mine.config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    imap = f'host = "localhost"\nport = {dovecot.tls}\npassword = "file:secrets/pec"\nca = "{dovecot.ca}"\n'
    text = text.replace("# Classi di", f"[mailbox.imap]\n{imap}\n# Classi di")
    mine.config.write_text(text, encoding="utf-8")
    (mine.folder / "secrets").mkdir()
    (mine.folder / "secrets/pec").write_text("la vecchia", encoding="utf-8")
    (mine.folder / "secrets/pec").chmod(0o600)
    with IMAP4_SSL("localhost", dovecot.tls, ssl_context=create_default_context(cafile=str(dovecot.ca))) as client:
        client.login(ADDRESS, PASSWORD)
        client.append("INBOX", "", "", letter("arrivata a password scaduta"))
    before = messages(mine)
    page("mailbox-password", {"$NEW": PASSWORD})
    assert messages(mine) == before + 1


def test_a_court_gets_one_message_that_proves_itself(mine: Office, page: Did) -> None:
    hit = next(one for one in done("search", config=mine.config)["results"] if one["state"] == "delivered")
    page("court", DOSSIER=hit["dossier"][:12])
    assert sorted(path.suffix for path in (mine.folder / "deposito").iterdir())[-1] == ".pdf"


def test_the_whole_archive_goes_to_another_conservatore(mine: Office, page: Did) -> None:
    other = mine.folder.with_name("altro")
    other.mkdir()
    for name in ("archiver.toml", "keys", "providers", "tsa-1-ca.pem", "tsa-1-ca.crl", "ca"):
        copy = shutil.copytree if (mine.folder / name).is_dir() else shutil.copy
        copy(mine.folder / name, other / name)  # type: ignore[operator]
    text = (other / "archiver.toml").read_text(encoding="utf-8")
    (other / "archiver.toml").write_text(re.sub(r'\n\[\[store\]\]\nid = "copia"\n(.+\n)*', "\n", text), "utf-8")
    assert archiver("init", other).code == 0
    repository = PAGES.parents[1]
    page("another-conservatore", {"$REPOSITORY/scripts": f"{sys.executable} {repository}/scripts"})
    assert messages(replace(mine, folder=other)) == messages(mine)


def test_every_page_is_done_by_a_test_and_listed() -> None:
    pages = {path.stem for path in PAGES.glob("*.md")} - {"README"}
    done_here = set(re.findall(r'page\("([\w-]+)"', Path(__file__).read_text(encoding="utf-8")))
    listed = set(re.findall(r"\]\(([\w-]+)\.md\)", (PAGES / "README.md").read_text(encoding="utf-8")))
    assert pages == done_here == listed
