"""Who we talk to, and who we are: TLS before anything else, and no word of the secret in any message."""

import socket
import ssl
import subprocess
import threading
import traceback
import warnings
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulator.dovecot import Dovecot
from support.imap import HOST, Server, bodies, letter, mailbox, taken
from support.liar import Liar

from archiver.adapters.imap import Account
from archiver.errors import ArchiverError, ConfigError, Unavailable

SECRET = 'pässwört "\\ €{3}+ %n'


def told(error: BaseException) -> str:
    """Everything that a traceback would show of it."""
    return "".join(traceback.format_exception(error))


@pytest.fixture
def liar(certificate: Path) -> Iterator[Liar]:
    with Liar(certificate, {1: letter(1)}) as server:
        yield server


def account(server: Liar, certificate: Path, **changes: object) -> Account:
    settings = {"host": HOST, "port": server.port, "user": "u", "secret": lambda: "pw", "ca": certificate / "cert.pem"}
    return Account(**(settings | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("starttls", [False, True])
@pytest.mark.parametrize("host", [HOST, "127.0.0.1"])
def test_mail_comes_over_tls_and_over_starttls(server: Server, starttls: bool, host: str) -> None:
    server.put([letter(1)])
    port = server.dovecot.starttls if starttls else server.dovecot.tls
    assert bodies(taken(server.mailbox(host=host, port=port, starttls=starttls))) == {1: letter(1)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ca": None}, "certificate refused"),
        ({"host": HOST, "port": 1}, "cannot be reached.*refused"),
        ({"starttls": True}, "localhost"),
    ],
    ids=["no CA of ours", "nobody there", "STARTTLS at the TLS port"],
)
def test_a_server_that_cannot_be_reached_is_unavailable(server: Server, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Unavailable, match=said):
        server.mailbox(timeout=0.2, **changes).folders()


@pytest.mark.parametrize("host", ["a" * 64, "posta..example"])
def test_what_is_no_host_name_is_a_matter_of_configuration(host: str) -> None:
    with pytest.raises(ConfigError, match="no name of a host"):
        mailbox(Account(host, 993, "u", lambda: "pw")).folders()


def test_a_certificate_of_another_ca_is_refused_before_anything_is_said(
    liar: Liar, certificate: Path, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="certificate refused"):
        mailbox(account(liar, certificate, ca=made(tmp_path, "DNS:localhost") / "cert.pem")).folders()
    assert liar.heard == []


def test_a_certificate_for_another_host_is_refused_before_anything_is_said(tmp_path: Path) -> None:
    with Liar(made(tmp_path, "DNS:mail.example"), {}) as server, pytest.raises(Unavailable, match="Hostname mismatch"):
        mailbox(account(server, tmp_path)).folders()
    assert server.heard == []


def test_tls_below_1_2_is_not_spoken(certificate: Path) -> None:
    with Liar(certificate, {}) as server:
        server._tls.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore"):
            server._tls.minimum_version = ssl.TLSVersion.TLSv1
            server._tls.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(Unavailable, match="TLS failed"):
            mailbox(account(server, certificate)).folders()


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n", None])
def test_a_ca_that_cannot_be_read_is_a_matter_of_configuration(tmp_path: Path, text: str | None) -> None:
    ca = tmp_path / "ca.pem"
    if text is not None:
        ca.write_text(text)
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        mailbox(Account(HOST, 1, "u", lambda: "pw", ca=ca)).folders()


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"* OK ready\r\n", "no STARTTLS offered"),
        (b"* PREAUTH welcome\r\n", "no STARTTLS offered"),
        (b"* BYE go away\r\n", "go away"),
    ],
)
def test_without_starttls_no_password_is_sent(greeting: bytes, said: str) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_in_the_clear, args=(listener, greeting, heard), daemon=True).start()
        there = Account(HOST, listener.getsockname()[1], "user", lambda: SECRET, starttls=True)
        with pytest.raises(Unavailable, match=said):
            mailbox(there, timeout=2).folders()
    assert b"".join(heard).count(b"CAPABILITY") == len(heard)


def test_who_is_refused_is_told_where_to_look_and_the_secret_is_in_no_message(server: Server) -> None:
    with pytest.raises(ConfigError) as refused:
        server.mailbox(secret=lambda: SECRET).folders()
    message = str(refused.value)
    assert f"localhost:{server.dovecot.tls}" in message
    assert server.user in message
    assert "password" in message
    assert SECRET not in told(refused.value)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN"], ids=["LOGIN", "PLAIN"])
@pytest.mark.parametrize("status", ["NO", "BAD", "NO [UNAVAILABLE]", "* BYE"])
def test_a_server_that_repeats_the_secret_does_not_bring_it_into_a_message(
    liar: Liar, certificate: Path, capabilities: str, status: str
) -> None:
    coded = b64encode(f"\0u\0{SECRET}".encode()).decode()
    liar.capabilities = capabilities
    said = f"{status} you said {SECRET} and {coded}\r\n"
    liar.instead = lambda tag, command: (
        (said if said[0] == "*" else f"{tag} {said}").encode()
        if command.startswith(("LOGIN", "AUTHENTICATE"))
        else None
    )
    with pytest.raises(ArchiverError) as refused:
        mailbox(account(liar, certificate, secret=lambda: SECRET)).folders()
    assert SECRET not in told(refused.value)
    assert coded not in told(refused.value)
    assert not isinstance(refused.value, ConfigError) or "NO [" not in status


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN"], ids=["LOGIN", "PLAIN"])
@pytest.mark.parametrize("secret", ["a b", 'q"uo\\te', "pässwörd €", "\udcff\udc80", "{5}", "(x)*%"])
def test_any_password_arrives_as_it_is(liar: Liar, certificate: Path, capabilities: str, secret: str) -> None:
    liar.capabilities, liar.password = capabilities, secret
    assert bodies(taken(mailbox(account(liar, certificate, secret=lambda: secret, user="nome cognome")))) == {
        1: letter(1)
    }


def test_a_login_that_is_only_deferred_is_tried_again(liar: Liar, certificate: Path) -> None:
    answers = iter([b"NO [UNAVAILABLE] database down", b"NO [INUSE] locked"])
    liar.instead = lambda tag, command: (
        tag.encode() + b" " + answer + b"\r\n"
        if command.startswith("AUTHENTICATE") and (answer := next(answers, b""))
        else None
    )
    assert bodies(taken(mailbox(account(liar, certificate)))) == {1: letter(1)}


def test_a_refused_login_is_not_tried_again(liar: Liar, certificate: Path) -> None:
    with pytest.raises(ConfigError):
        mailbox(account(liar, certificate, secret=lambda: "wrong")).folders()
    assert sum(command.startswith("AUTHENTICATE") for command in liar.heard) == 1


def test_where_only_an_unprotected_login_was_forbidden_no_other_is_tried(liar: Liar, certificate: Path) -> None:
    liar.capabilities = "IMAP4rev1 LOGINDISABLED"
    with pytest.raises(ConfigError, match="LOGINDISABLED"):
        mailbox(account(liar, certificate)).folders()
    assert "pw" not in " ".join(liar.heard)


def test_a_token_is_sent_as_xoauth2_and_asked_for_at_each_login(liar: Liar, certificate: Path) -> None:
    tokens = iter(["pw", "old", "pw"])
    box = mailbox(account(liar, certificate, oauth=True, secret=lambda: next(tokens)))
    assert bodies(taken(box)) == {1: letter(1)}
    assert "AUTHENTICATE XOAUTH2" in liar.heard
    assert liar.said == b"user=u\x01auth=Bearer pw\x01\x01"
    with pytest.raises(ConfigError, match="token OAuth"):
        box.folders()
    assert bodies(taken(box)) == {1: letter(1)}


def test_a_token_that_is_refused_with_a_challenge_is_refused(liar: Liar, certificate: Path) -> None:
    """Google and Microsoft say why in one more challenge, which wants an empty answer."""
    liar.challenge = b64encode(b'{"status":"400","schemes":"Bearer"}')
    with pytest.raises(ConfigError, match="AUTHENTICATIONFAILED"):
        mailbox(account(liar, certificate, oauth=True, secret=lambda: "old"), timeout=2).folders()


def made(folder: Path, name: str) -> Path:
    """A certificate of its own for `name`, and its key."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3 -subj /CN=x"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), "-addext", f"subjectAltName={name}", *files], check=True, capture_output=True)
    return folder


def _in_the_clear(listener: socket.socket, greeting: bytes, heard: list[bytes]) -> None:
    """A server that offers nothing but the clear."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client, client.makefile("rwb") as stream:
            stream.write(greeting)
            stream.flush()
            while line := stream.readline():
                heard.append(line)
                tag = line.split()[0]
                stream.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
                stream.flush()


def test_the_secret_does_not_show_in_the_account(dovecot: Dovecot) -> None:
    assert SECRET not in repr(Account(HOST, dovecot.tls, "u", lambda: SECRET))
