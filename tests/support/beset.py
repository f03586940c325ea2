"""An archive with real services, each behind a wire that a test may harm; and what it must be like in the end.

    with ExitStack() as stack:
        archive = Beset(stack, folder)
        archive.imap(dovecot), archive.s3(gateway), archive.catalog(postgres), archive.tsa(certomancer)
        archive.make()
        archive.post.send(mail)
        archive.wires["imap"].trouble(Trouble(Harm.CUT, 2_000))

Whatever is not named is embedded: mail handed in as files, objects in a folder, rows in SQLite, stamps from the house.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from servers.ceph import Ceph
from servers.certomancer import Certomancer
from servers.postgres import OWNER, Postgres
from servers.postgres import PASSWORD as CATALOG
from simulator import pki
from simulator.cli import Plan, messages
from simulator.dovecot import PASSWORD, ROOT_OWNER, Dovecot
from simulator.truth import Truth

from archiver.compose import Archive, open_archive
from archiver.compose.stores import site
from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.package.layout import Kind, parse, segment
from archiver.package.rdv import reader as rdv_reader
from archiver.package.segment import reader as segment_reader
from archiver.ports import ObjectStore
from support.archives import ADDRESS, demo
from support.commands import done
from support.faulty_proxy import FaultyProxy

_S3 = """\
kind = "s3"
endpoint = "http://127.0.0.1:{port}"
bucket = "{bucket}"
prefix = "studio/"
checksums = "compat"
lock = "governance"
timeout = {timeout}
attempts = {attempts}
access_key = "file:access.secret"
secret_key = "file:secret.secret"
"""
_TSA = """\
kind = "http"
url = "{url}"
anchors = ["tsa.pem"]
crls = ["tsa.crl"]
timeout = {timeout}
attempts = {attempts}
"""
_IMAP = """\
[mailbox.imap]
host = "localhost"
port = {port}
user = "{user}"
password = "file:mail.secret"
ca = "{ca}"

"""
_FOLDER = 'kind = "filesystem"\npath = "store"\n'


@dataclass
class Post:
    """A mailbox that mail comes into: a Maildir, which a mail server serves or the archive reads."""

    maildir: Path
    owner: int = -1
    sent: Counter[str] = field(default_factory=Counter)
    """The digest of every message, as often as it was sent."""

    def send(self, mail: Iterable[bytes]) -> int:
        """As a mail server puts it there; how many."""
        count = 0
        for raw in mail:
            name = f"{len(self.sent):08}.{token_hex(4)}.posta"
            aside = self.maildir / "tmp" / name
            aside.write_bytes(raw)
            os.chown(aside, self.owner, self.owner)
            aside.rename(self.maildir / "new" / name)
            self.sent[sha256(raw)] += 1
            count += 1
        return count


@dataclass
class Beset:
    """The archive whose configuration is `config`; the wires by service."""

    stack: ExitStack
    folder: Path
    patience: int = 2
    """Seconds within which a service has to answer."""
    attempts: int = 2
    wires: dict[str, FaultyProxy] = field(default_factory=dict)
    post: Post = field(init=False)
    config: Path = field(init=False)
    _text: str = field(init=False)

    def __post_init__(self) -> None:
        self.config = demo(self.folder)
        self._text = self.config.read_text(encoding="utf-8")
        (self.folder / "providers/ca-pec-simulata.pem").write_bytes(pki.root().public_bytes(Encoding.PEM))
        maildir = self.folder / "mail"
        for name in ("cur", "new", "tmp"):
            (maildir / name).mkdir(parents=True)
        self.post = Post(maildir)

    def imap(self, server: Dovecot) -> None:
        """Mail lies on a server, in a mailbox of its own."""
        user = f"studio-{token_hex(4)}"
        maildir = server.maildir(user)
        owner = ROOT_OWNER if os.geteuid() == 0 else -1
        for path in (maildir, *maildir.iterdir()):
            os.chown(path, owner, owner)
        self.post = Post(maildir, owner)
        self._secret("mail", PASSWORD)
        mailbox = _IMAP.format(port=self._wire("imap", server.tls).port, user=user, ca=server.ca)
        self._put("# Classi di conservazione", mailbox + "# Classi di conservazione")

    def s3(self, gateway: Ceph) -> None:
        """Objects lie in a bucket."""
        self._put(_FOLDER, self._bucket(gateway))

    def replica(self, name: str, gateway: Ceph, *, sync: bool = False) -> None:
        """A bucket is a replica; written together with the primary, or by night."""
        self._replica(name, self._bucket(gateway, name) + ('write = "sync"\n' if sync else ""))

    def folder_replica(self, name: str, folder: Path) -> None:
        """A folder is a replica."""
        self._replica(name, f'kind = "filesystem"\npath = "{folder}"\n')

    def on_disk(self, disk: Path) -> None:
        """Objects lie in a folder of another disk."""
        self._put('path = "store"\n', f'path = "{disk / "store"}"\n')

    def catalog_on_disk(self, disk: Path) -> None:
        """Rows lie in a file of another disk."""
        self._put("sqlite:///catalog.db", f"sqlite:///{disk / 'catalog.db'}")

    def catalog(self, server: Postgres) -> None:
        """Rows lie on a server."""
        wire = self._wire("catalog", server.port)
        self._secret("catalog", CATALOG)
        address = f"postgresql://{OWNER}@127.0.0.1:{wire.port}/{server.fresh(owner=OWNER)}"
        self._put(
            'catalog = "sqlite:///catalog.db"', f'catalog = "{address}"\ncatalog_password = "file:catalog.secret"'
        )

    def tsa(self, server: Certomancer) -> None:
        """Stamps come from an authority that is not the house's."""
        there = urlsplit(server.url("p256"))
        wire = self._wire("tsa", there.port or 80)
        (self.folder / "tsa.pem").write_bytes(server.ca.read_bytes())
        (self.folder / "tsa.crl").write_bytes(server.crl())
        url = f"http://127.0.0.1:{wire.port}{there.path}"
        self._put('kind = "local"\n# [[tsa]]', _TSA.format(url=url, **self._patient) + "# [[tsa]]")
        # the authorities' own lists are fetched, from this machine
        self._put("# [trust]\n", "[trust]\nfetch = true\nallow_private = true\n")

    def make(self) -> None:
        """Mail in a Maildir, unless it lies on a server; then everything that the configuration names."""
        if "imap" not in self.wires:
            self._put("riservato = false\n", f'riservato = false\npath = "{self.post.maildir}"\n')
        self.config.write_text(self._text, encoding="utf-8")
        done("init", self.folder)
        archive = self.opened
        for place in archive.config.stores[1:]:
            site(place, {}, self.folder, archive.clock).made(tuple(archive.config.holders))

    @property
    def opened(self) -> Archive:
        """The archive, as its configuration says."""
        return open_archive(self.config, environ={}, clock=lambda: datetime.now(UTC))

    @property
    def store(self) -> ObjectStore:
        """The archive's own objects."""
        return self.opened.store

    def complaints(self) -> list[str]:
        """Everything that keeps it from being the whole archive of what was sent: each message once, sealed, PASSED."""
        verdict, status = done("verify", config=self.config), done("status", config=self.config)
        kept = Counter(digest for digest, _ in messages_of(self.store))
        told = {"verdict": verdict["indication"], "messages": status["messages"], "pending": status["pending"]}
        wanted = {"verdict": "PASSED", "messages": len(self.post.sent), "pending": 0}
        wrong = [f"{key}: expected {value}, found {told[key]}" for key, value in wanted.items() if told[key] != value]
        wrong += [f"lost: {digest}" for digest in self.post.sent.keys() - kept.keys()]
        wrong += [f"never sent: {digest}" for digest in kept.keys() - self.post.sent.keys()]
        return wrong + [f"kept {count} times: {digest}" for digest, count in kept.items() if count > 1]

    def _bucket(self, gateway: Ceph, name: str = "s3") -> str:
        wire = self._wire(name, urlsplit(gateway.url).port or 80)
        self._secret("access", gateway.owner.access)
        self._secret("secret", gateway.owner.secret)
        return _S3.format(port=wire.port, bucket=f"store-{token_hex(6)}", **self._patient)

    @property
    def _patient(self) -> dict[str, int]:
        return {"timeout": self.patience, "attempts": self.attempts}

    def _replica(self, name: str, place: str) -> None:
        table = f'[[store]]\nid = "{name}"\n{place}country = "IT"\noperator = "un altro"\n\n'
        self._put("# Una tabella per casella.", table + "# Una tabella per casella.")

    def _wire(self, name: str, port: int) -> FaultyProxy:
        self.wires[name] = self.stack.enter_context(FaultyProxy(port))
        return self.wires[name]

    def _secret(self, name: str, value: str) -> None:
        (self.folder / f"{name}.secret").write_text(value)

    def _put(self, old: str, new: str) -> None:
        assert old in self._text, old
        self._text = re.sub(re.escape(old), lambda _: new, self._text, count=1)


def messages_of(store: ObjectStore) -> Iterator[tuple[str, bytes]]:
    """Digest and octets of every message in the segments that a rapporto names."""
    for item in store.list():
        found = parse(item.name)
        if found is None or found.kind is not Kind.RDV:
            continue
        octets = store.get(item.name)
        rapporto = rdv_reader.read(open_signed(octets).content or b"" if item.name.endswith(".p7m") else octets)
        for row in rapporto.segments:
            with store.open(segment(rapporto.holder_id, row.sha256)) as file:
                for member in segment_reader.members(file, prefix="messages/", suffix=".eml"):
                    raw = member.read()
                    assert sha256(raw) == member.sha256
                    yield member.sha256, raw


def letters(count: int, seed: int, *, size: int = 300) -> list[bytes]:
    """So many simulated messages, others for each seed."""
    plan = Plan(count, seed, size, 1, ADDRESS, datetime(2026, 3, 1, tzinfo=UTC))
    return [message.raw for message in messages(plan, Truth(ADDRESS))]
