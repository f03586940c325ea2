"""Whoever answers must prove who he is: of every connection, with a certificate that nobody signed, or another's."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from simulator.dovecot import _certificate
from sqlalchemy import make_url
from support.archives import demo, set_lines
from support.commands import archiver
from tsa.tls import Web

from archiver.adapters.catalog import postgresql
from archiver.adapters.revocation.http import HttpRevocation
from archiver.config import parse
from archiver.errors import Unavailable

SECRET = "Segr3to-del-filo"


class Server:
    """Does the handshake that it is told to do, and remembers every octet that it hears afterwards."""

    def __init__(self, context: ssl.SSLContext, *, first: Callable[[socket.socket], None] | None = None) -> None:
        self._context, self._first = context, first
        self.heard = b""
        self.asked = 0

    @contextmanager
    def serving(self) -> Iterator[int]:
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:

            def serve() -> None:
                with suppress(OSError):
                    while True:
                        client, _ = listener.accept()
                        self.asked += 1
                        threading.Thread(target=self._speak, args=(client,), daemon=True).start()

            threading.Thread(target=serve, daemon=True).start()
            yield listener.getsockname()[1]

    def _speak(self, client: socket.socket) -> None:
        client.settimeout(3)
        with suppress(OSError), client:
            if self._first:
                self._first(client)
            with self._context.wrap_socket(client, server_side=True) as session:
                session.settimeout(1)
                while octets := session.recv(4096):
                    self.heard += octets


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    made = Web.make(tmp_path_factory.mktemp("web"))
    _certificate(made.folder)  # cert.pem and key.pem: for localhost, signed by nobody but itself
    return made


def starttls(client: socket.socket) -> None:
    client.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
    with closing(client.makefile("rb", buffering=0)) as file:
        while line := file.readline():
            tag, _, rest = line.partition(b" ")
            if rest.startswith(b"CAPABILITY"):
                client.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n")
            elif rest.startswith(b"STARTTLS"):
                client.sendall(tag + b" OK begin\r\n")
                return


def wants_tls(client: socket.socket) -> None:
    """PostgreSQL's question for TLS (protocol, 55.2.10), answered with yes."""
    client.recv(8)
    client.sendall(b"S")


def imap(port: int, ca: str, more: str = "") -> str:
    return (
        f'\n[[mailbox]]\nname = "pec"\nid = "m-pec"\nholder = "HOLDER"\naddress = "pec@pec.example"\n'
        f'[mailbox.imap]\nhost = "127.0.0.1"\nport = {port}\npassword = "env:PEC_SECRET"\n{ca}{more}'
    )


def s3(port: int, ca: str) -> str:
    return (
        f'\n[[store]]\nid = "copia"\nkind = "s3"\nendpoint = "https://127.0.0.1:{port}"\nbucket = "bucket"\n'
        'lock = "off"\naccess_key = "env:PEC_SECRET"\nsecret_key = "env:PEC_SECRET"\n'
        f'country = "IT"\noperator = "x"\nattempts = 1\n{ca}'
    )


def tsa(port: int, ca: str) -> str:
    return (
        f'\n[[tsa]]\nid = "altra"\nkind = "http"\nurl = "https://127.0.0.1:{port}/tsa"\nanchors = ["ca/ca.pem"]\n'
        f'user = "u"\npassword = "env:PEC_SECRET"\nattempts = 1\ntimeout = 5\n{ca}'
    )


def smtp(port: int, ca: str, more: str = "") -> str:
    return (
        '\n[notify.email]\nto = ["a@studio.example"]\nfrom = "b@studio.example"\nhost = "127.0.0.1"\n'
        f'port = {port}\nuser = "u"\npassword = "env:PEC_SECRET"\n{ca}{more}'
    )


def hook(port: int, ca: str) -> str:
    return f'\n[notify.webhook]\nurl = "https://127.0.0.1:{port}/pec"\ntoken = "env:PEC_SECRET"\n{ca}'


def starttls_of_mail(client: socket.socket) -> None:
    client.sendall(b"220 hello\r\n")
    with closing(client.makefile("rb", buffering=0)) as file:
        while line := file.readline():
            if line.upper().startswith(b"STARTTLS"):
                client.sendall(b"220 begin\r\n")
                return
            client.sendall(b"250-localhost\r\n250 STARTTLS\r\n")


TELLING = {
    "SMTP": (lambda port, ca: smtp(port, ca, 'security = "tls"\n'), None),
    "SMTP with STARTTLS": (smtp, starttls_of_mail),
    "webhook": (hook, None),
}


PLACES = {
    "IMAP": (imap, None, "mailbox pec"),
    "IMAP with STARTTLS": (lambda port, ca: imap(port, ca, 'security = "starttls"\n'), starttls, "mailbox pec"),
    "S3": (s3, None, "storage copia"),
    "TSA": (tsa, None, "tsa altra"),
}
LIES = {"signed by nobody": "cert", "of another host": "elsewhere"}


def context(web: Web, name: str) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(web[f"{name}.pem"], web["key.pem" if name == "cert" else f"{name}.key"])
    return found


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo(tmp_path_factory.mktemp("tls") / "a")


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("place", PLACES)
def test_a_server_that_is_not_who_it_should_be_hears_nothing(
    base: Path, web: Web, place: str, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEC_SECRET", SECRET)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    table, first, check = PLACES[place]
    server = Server(context(web, LIES[lie]), first=first)
    ca = "" if lie == "signed by nobody" else f'ca = "{web["ca.pem"]}"\n'
    text = base.read_text(encoding="utf-8")
    (holder,) = re.findall(r'^holder = "(.*?)"', text, re.MULTILINE)
    config = base.with_name("tried.toml")
    with server.serving() as port:
        config.write_text(text + table(port, ca).replace("HOLDER", holder), encoding="utf-8")
        found = archiver("doctor", "--json", "--timeout", 40, config=config)
        assert server.asked
    (said,) = (item for item in found.json["checks"] if item["name"] == check)
    assert said["state"] == "failed"
    assert re.search("certificat|hostname", said["found"], re.IGNORECASE), said
    assert server.heard == b""


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("way", TELLING)
def test_no_notice_goes_to_anybody_else(
    base: Path, web: Web, way: str, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEC_SECRET", SECRET)
    table, first = TELLING[way]
    server = Server(context(web, LIES[lie]), first=first)
    ca = "" if lie == "signed by nobody" else f'ca = "{web["ca.pem"]}"\n'
    config = base.with_name("telling.toml")
    with server.serving() as port:
        config.write_text(base.read_text(encoding="utf-8") + table(port, ca), encoding="utf-8")
        found = archiver("notify", "--test", "--json", config=config)
        assert server.asked
    assert found.code != 0
    assert re.search("certificat|hostname", found.out + found.err, re.IGNORECASE), found
    assert server.heard == b""


@pytest.mark.parametrize("lie", LIES)
def test_a_list_is_fetched_from_nobody_else(web: Web, lie: str) -> None:
    server = Server(context(web, LIES[lie]))
    source = HttpRevocation(allow_private=True, attempts=1, timeout=10)
    with server.serving() as port, pytest.raises(Unavailable, match=r"(?i)certificat"):
        source.document(f"https://127.0.0.1:{port}/TSL-IT.xml")
    assert (server.heard, server.asked) == (b"", 1)


@pytest.mark.parametrize("lie", [*LIES, "no TLS at all"])
def test_a_catalogs_server_elsewhere_proves_who_it_is_without_being_told_to(
    base: Path, web: Web, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEC_SECRET", SECRET)
    monkeypatch.delenv("PGSSLMODE", raising=False)

    def without(client: socket.socket) -> None:
        client.recv(8)
        client.sendall(b"N")
        server.heard += client.recv(4096)
        raise OSError

    server = Server(context(web, LIES.get(lie, "cert")), first=wants_tls if lie in LIES else without)
    config = base.with_name("catalog.toml")
    config.write_text(base.read_text(encoding="utf-8"), encoding="utf-8")
    with server.serving() as port:
        address = f"postgresql://u@db.example.it:{port}/pec?hostaddr=127.0.0.1&sslrootcert={web['ca.pem']}"
        set_lines(config, "archive", {"catalog": f'"{address}"', "catalog_password": '"env:PEC_SECRET"'})
        found = archiver("status", config=config)
        assert server.asked
    assert found.code in (2, 3)
    assert re.search("certificate|SSL", found.err), found
    assert server.heard == b""


ADDRESSES = {
    "postgresql://u@db.example.it/pec": True,
    "postgresql://u@10.0.0.7:5432/pec": True,
    "postgresql:///pec?host=db1.example.it:5432&host=db2.example.it": True,
    "postgresql:///pec?host=/var/run/postgresql": False,
    "postgresql:///pec": False,
    "postgresql://u@localhost/pec": False,
    "postgresql://u@127.0.0.1:5433/pec": False,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_leaves_the_machine_is_protected(address: str) -> None:
    assert postgresql.travels(make_url(address)) is ADDRESSES[address]


WEAK = {
    'catalog = "postgresql://u@db.example.it/pec?sslmode=require"': "sslmode=require",
    'catalog = "postgresql://u@db.example.it/pec?sslmode=disable"': "sslmode=disable",
    'catalog = "postgresql://u@db.example.it/pec?sslmode=verify-full"': "",
    'catalog = "postgresql://u@localhost/pec?sslmode=disable"': "",
}


@pytest.mark.parametrize("line", WEAK)
def test_a_weaker_mode_is_allowed_where_it_is_written_and_never_in_silence(base: Path, line: str) -> None:
    config = base.with_name("weak.toml")
    text = re.sub(r"^catalog = .*$", line, base.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    config.write_text(text, encoding="utf-8")
    said = [one for one in parse(text, base.parent).warnings if "sslmode" in one]
    assert [WEAK[line] in one for one in said] == [True] * bool(WEAK[line])


def test_storage_over_http_elsewhere_is_warned_of(base: Path) -> None:
    for endpoint, warned in (
        ("http://s3.example.it", True),
        ("https://s3.example.it", False),
        ("http://127.0.0.1:9", False),
    ):
        text = base.read_text(encoding="utf-8") + s3(1, "").replace("https://127.0.0.1:1", endpoint)
        assert any("in the clear" in one for one in parse(text, base.parent).warnings) is warned
