"""Secrets stand in every place that a configuration has for them; no command says one, whatever goes wrong."""

import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import click
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from simulator.dovecot import Dovecot
from support import echoing
from support.archives import demo, folder_of, letter, set_lines
from support.certificates import CODE, Authority, p256
from support.commands import Outcome, archiver, done

from archiver import compose
from archiver.cli import main
from archiver.cli.door import now
from archiver.config.values import Config

NAMES = (
    "IMAP", "S3ACCESS", "S3SECRET", "TSA", "TSAKEY", "PROXY", "P12", "PIN", "OTP", "CATALOG", "INLINE", "SMTP", "HOOK",
    "DISCARD",
)  # fmt: skip
HIDDEN = {name: f"Segr3to+{name}/Qz7=" for name in NAMES}
ENVIRON = {f"PEC_{name}": value for name, value in HIDDEN.items()}

WORDS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("init",): ("{folder}",),
    ("import",): ("{folder}/nowhere",),
    ("verify",): ("{folder}/store",),
    ("show",): ("abcdef",),
    ("search",): ("lettera",),
    ("evidence",): ("abcdef", "-o", "{folder}/e.zip"),
    ("export",): ("--since", "2020-01-01", "-o", "{folder}/out"),
    ("purge",): ("pec", "--older-than", "90d", "--dry-run"),
    ("seal",): ("--now",),
    ("renew",): ("--hash", "sha3-512"),
    ("sweep",): ("--all", "--repair"),
    ("trust", "show"): ("abcdef",),
    ("trust", "confirm"): ("abcdef", "--reason", "x"),
    ("trust", "revoke"): ("abcdef", "--reason", "x"),
    ("doctor",): ("--timeout", "20"),
    ("hold", "place"): ("--everything", "--reason", "x"),
    ("hold", "release"): ("abcdef", "--reason", "x"),
    ("retention", "extend"): ("--mailbox", "pec", "--until", "2050-12-31", "--reason", "x"),
    ("discard", "approve"): ("d-1", "--not-required", "x"),
    ("discard", "reject"): ("d-1", "--reason", "x"),
    ("discard", "execute"): ("d-1",),
    ("discard", "confirm-backups"): ("d-1", "--reason", "x"),
    ("privacy", "access"): ("qualcuno@pec.example", "-o", "{folder}/qualcuno", "--reason", "x"),
    ("privacy", "restrict"): ("abcdef", "--reason", "x"),
    ("privacy", "lift"): ("abcdef", "--reason", "x"),
    ("privacy", "register"): ("-o", "{folder}/registro.docx"),
    ("report", "verifica"): ("-o", "{folder}/verbale.pdf"),
    ("report", "integrity"): ("--year", "2026", "-o", "{folder}/integrita.pdf"),
    ("manual",): ("-o", "{folder}/manuale.docx"),
    ("notify",): ("--test",),
    ("nightly",): ("--log-level", "debug"),
    ("log", "export"): ("-o", "{folder}/registro"),
}
"""What each command is given; one that is not named here is tried without anything."""


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found
            yield from leaves(found, (*path, name))
    else:
        yield path


LEAVES = tuple(leaves(main))


def forms(secret: str) -> Iterator[str]:
    """How a secret may look: as it is, in an address, in base64 wherever in it it begins, in a repr."""
    yield secret
    yield quote(secret, safe="")
    for shift in range(3):  # of base64 only what does not depend on its neighbours
        octets = base64.b64encode(b"x" * shift + secret.encode()).decode()
        yield octets[4 if shift else 0 : len(octets) - 8]


def spoken(text: str) -> list[str]:
    return [name for name, secret in HIDDEN.items() if any(form in text for form in forms(secret))]


def written(folder: Path) -> list[str]:
    """Files that hold a secret, but for those that are meant to."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("archiver.toml", "secret"):
            found += [f"{path}: {name}" for name in spoken(path.read_bytes().decode("latin-1"))]
    return found


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = demo(tmp_path_factory.mktemp("base") / "a")
    done("ingest", "--from", folder_of(config.parent / "mail", letter("lettera")), config=config)
    done("seal", "--now", config=config)
    return config


@pytest.fixture
def config(base: Path, tmp_path: Path) -> Path:
    shutil.copytree(base.parent, tmp_path / "a")
    return tmp_path / "a" / base.name


def add(config: Path, text: str) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write(text)


def refusing(config: Path, stack: ExitStack) -> None:
    """Mail server, storage and authority refuse, and quote; the key's password is another's."""
    home = config.parent / "certificate"
    server = Dovecot(home)  # never started: its certificate is what is needed
    port, url = stack.enter_context(echoing.imap(server.home)), stack.enter_context(echoing.http())
    mail, hook = stack.enter_context(echoing.smtp(server.home)), stack.enter_context(echoing.http(server.home))
    (config.parent / "secret").write_text(HIDDEN["TSA"], encoding="utf-8")
    holder = re.search(r'^holder = (".*?")', config.read_text(encoding="utf-8"), re.MULTILINE)
    assert holder
    add(
        config,
        f'\n[[mailbox]]\nname = "pec"\nid = "m-pec"\nholder = {holder[1]}\naddress = "pec@pec.example"\n'
        f'[mailbox.imap]\nhost = "localhost"\nport = {port}\npassword = "env:PEC_IMAP"\nca = "{server.ca}"\n'
        "purge = true\n"
        f'\n[[store]]\nid = "copia"\nkind = "s3"\nendpoint = "{url}"\nbucket = "bucket"\nlock = "off"\nattempts = 1\n'
        'access_key = "env:PEC_S3ACCESS"\nsecret_key = "env:PEC_S3SECRET"\ncountry = "IT"\noperator = "x"\n'
        'discard_access_key = "env:PEC_DISCARD"\ndiscard_secret_key = "env:PEC_DISCARD"\n'
        f'\n[[tsa]]\nid = "altra"\nkind = "http"\nredundant = true\nurl = "{url}/tsa"\nuser = "studio"\nattempts = 1\n'
        f'password = "file:secret"\nanchors = ["ca/ca.pem"]\n'
        f'\n[[tsa]]\nid = "dietro"\nkind = "http"\nredundant = true\nurl = "{url}/altra"\nattempts = 1\n'
        f'proxy = "{url}"\nproxy_user = "studio"\nproxy_password = "env:PEC_PROXY"\nanchors = ["ca/ca.pem"]\n'
        f'\n[notify.email]\nto = ["a@studio.example"]\nfrom = "b@studio.example"\nhost = "localhost"\nport = {mail}\n'
        f'security = "tls"\nuser = "archivio"\npassword = "env:PEC_SMTP"\nca = "{server.ca}"\n'
        f'[notify.webhook]\nurl = "{hook}/pec"\ntoken = "env:PEC_HOOK"\nca = "{server.ca}"\n',
    )


def wrong_password(config: Path, stack: ExitStack) -> None:
    """A PKCS#12 under another password, and a client certificate whose key is."""
    pair = Authority().person()
    pair.p12(config.parent / "firma.p12", b"another")
    paths = pair.pem(config.parent / "keys")
    signer(config, kind='"file"', certificate='"firma.p12"', password='"env:PEC_P12"', anchors=f'["{paths[2]}"]')
    add(
        config,
        '\n[[tsa]]\nid = "mia"\nkind = "http"\nredundant = true\nurl = "https://127.0.0.1:1/tsa"\nattempts = 1\n'
        f'certificate = "{paths[0]}"\nkey = "{_locked(config.parent)}"\nkey_password = "env:PEC_TSAKEY"\n'
        'anchors = ["ca/ca.pem"]\n',
    )


def _locked(folder: Path) -> Path:
    path = folder / "locked.key"
    path.write_bytes(p256().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"another")))
    return path


def signer(config: Path, **lines: str) -> None:
    """Outside the demo, whose signer is its own."""
    set_lines(config, "archive", {"demo": "false"})
    set_lines(config, "signer", {**lines, "subject": f'"{CODE}"'})


def talkative(config: Path, stack: ExitStack) -> None:
    """A signing program that says its secret, and all of its environment, and fails."""
    paths = Authority().person().pem(config.parent / "keys")
    program = config.parent / "firma.sh"
    program.write_text('#!/bin/sh\nenv >&2\necho "bad otp $ARCHIVER_SECRET" >&2\nexit 1\n', encoding="utf-8")
    program.chmod(0o700)
    signer(config, kind='"command"', certificate=f'"{paths[0]}"', anchors=f'["{paths[2]}"]')
    add(config, '\n[signer.command]\nrun = ["./firma.sh"]\nanswers = "signature"\nsecret = "env:PEC_OTP"\n')


def no_token(config: Path, stack: ExitStack) -> None:
    """A library that is none."""
    paths = Authority().person().pem(config.parent / "keys")
    (config.parent / "token.so").write_bytes(b"no library")
    signer(config, kind='"pkcs11"', anchors=f'["{paths[2]}"]')
    add(config, '\n[signer.pkcs11]\nmodule = "token.so"\ntoken = "t"\nkey = "k"\npin = "env:PEC_PIN"\n')


def no_database(config: Path, stack: ExitStack) -> None:
    """A server that is not there, and a password beside the address."""
    address = '"postgresql://archiver@127.0.0.1:1/pec"'
    set_lines(config, "archive", {"catalog": address, "catalog_password": '"env:PEC_CATALOG"'})


def inline(config: Path, stack: ExitStack) -> None:
    """The same with the password in the address, where it should not be."""
    address = f"postgresql://archiver:{quote(HIDDEN['INLINE'], safe='')}@127.0.0.1:1/pec"
    set_lines(config, "archive", {"catalog": f'"{address}"'})


def unusable(config: Path, stack: ExitStack) -> None:
    """The secret itself in place of a reference to it, and in addresses."""
    value = HIDDEN["INLINE"]
    set_lines(config, "archive", {"catalog_password": f'"{value}"'})
    add(
        config,
        f'\n[[tsa]]\nid = "mia"\nkind = "http"\nurl = "https://u:{quote(value, safe="")}@tsa.example/"\n'
        f'password = "{value}"\n'
        f'proxy = "http://u:{quote(value, safe="")}@proxy.example"\nanchors = ["ca/ca.pem"]\n'
        f'[[store]]\nid = "c"\nkind = "s3"\nendpoint = "https://k:{quote(value, safe="")}@s3.example"\nbucket = "bbb"\n'
        f'access_key = "{value}"\nsecret_key = "{value}"\ncountry = "IT"\noperator = "x"\n'
        f'[trust]\nproxy = "http://u:{quote(value, safe="")}@proxy.example"\n',
    )


TROUBLES = {
    "servers that refuse and quote": refusing, "wrong passwords of keys": wrong_password,
    "a program that says all it knows": talkative, "a token's library that is none": no_token,
    "no database": no_database, "no database, and its password in the address": inline,
    "secrets in place of references": unusable,
}  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_command_says_a_secret_whatever_goes_wrong(
    config: Path, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    before, failed = written(config.parent), 0
    with ExitStack() as stack:
        TROUBLES[trouble](config, stack)
        for path in LEAVES:
            words = [word.format(folder=config.parent) for word in WORDS.get(path, ())]
            for form in ((), ("--json",)):
                found = archiver(*path, *words, *form, config=config)
                assert spoken(found.out + found.err) == [], (path, found)
                assert "Traceback" not in found.err
                failed += found.code != 0
    assert failed > 3
    assert (before, written(config.parent)) == ([], [])


BROKEN_OFF = """
import sys
from archiver.adapters.catalog.reading import Reading
from archiver.adapters.imap import session
from archiver.cli import main

def boom(self):
    secret = {secret!r}
    import base64
    raise RuntimeError(f"unforeseen {{self}} {{secret}} {{base64.b64encode(b'user:' + secret.encode()).decode()}}")

from archiver.compose import secrets
secrets.secret("env:PEC_CATALOG", __import__("os").environ, None)
Reading.counts = boom
main()
"""


def test_the_last_words_of_a_defect_hold_no_secret_that_was_used(base: Path) -> None:
    """A defect in the middle of a command, which has a secret in its hands and in its message."""
    script = BROKEN_OFF.format(secret=HIDDEN["CATALOG"])
    found = _python(script, "--config", str(base), "status")
    assert found.code == 1
    assert "RuntimeError: unforeseen" in found.err
    assert "counts" in found.err  # where it was: a person can report it
    assert spoken(found.out + found.err) == []


def _python(script: str, *words: str) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        env={**os.environ, **ENVIRON},
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_what_holds_secrets_does_not_show_them_when_it_is_printed(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    inline(config, ExitStack())
    archive = compose.open_archive(config, environ=dict(ENVIRON), clock=now)
    for shown in (repr(archive), str(archive), repr(archive.config), repr(archive.site), repr(archive.stores)):
        assert spoken(shown) == []
    assert spoken(archive.catalog_url) == ["INLINE"]  # the one that is there to be used
    assert isinstance(archive.config, Config)


def test_a_signing_program_sees_its_own_secret_and_no_other(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    talkative(config, ExitStack())
    (config.parent / "altra").mkdir()
    (config.parent / "altra/1.eml").write_bytes(letter("un'altra"))
    done("ingest", "--from", config.parent / "altra", config=config)
    program = config.parent / "firma.sh"
    program.write_text(f'#!/bin/sh\nenv > "{config.parent}/secret"\nexit 1\n', encoding="utf-8")
    assert archiver("seal", "--now", config=config).code != 0
    seen = (config.parent / "secret").read_text(encoding="utf-8")
    assert spoken(seen) == ["OTP"]
    assert {line.partition("=")[0] for line in seen.splitlines()} <= {
        "PATH", "HOME", "LANG", "ARCHIVER_SECRET", "PWD", "SHLVL", "_", "OLDPWD",
    }  # fmt: skip
