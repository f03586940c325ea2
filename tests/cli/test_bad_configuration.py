"""A configuration that cannot be used: every complaint at once, with the key and the way out, and exit code 2."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.archives import add_mailbox, demo, filled, folder_of, letter, set_lines
from support.certificates import Authority, p256
from support.commands import archiver, done

COMMANDS = (("ingest",), ("seal",), ("status",), ("search", "x"), ("show", "abcd"), ("doctor",), ("catalog", "upgrade"))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_configuration_every_command_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVER_CONFIG", raising=False)
    found = archiver(*command)
    assert found.code == 2
    assert "archiver.toml: there is no configuration here" in found.err
    assert "archiver init" in found.err
    assert "--config" in found.err
    assert not list(tmp_path.iterdir())


def test_the_template_as_it_was_written_complains_of_every_empty_field_at_once(tmp_path: Path) -> None:
    assert archiver("init", tmp_path).code == 0
    config = tmp_path / "archiver.toml"
    found = archiver("status", config=config)
    assert found.code == 2
    assert str(config) in found.err
    for line in (
        "[archive] manual: is missing",
        "[holder 1] name: is missing",
        "[holder 1] tax_code: is missing",
        "[producer] document: is missing",
        "[responsible 1] first_name: is missing",
        "[signer] certificate: is missing",
        "[signer] anchors: is missing",
        "[store 1] operator: is missing",
        "[mailbox 1] address: is missing",
    ):
        assert line in found.err
    assert not (tmp_path / "store").exists()


WRONG = {
    "misspelt key": (r"^riservato = false", "reservato = false", "[mailbox 1] reservato: unknown key"),
    "word for a number": (r"^years = 10", 'years = "dieci"', "[retention.corrispondenza] years: must be a number"),
    "class that is not there": (r'^class = "corr.*', 'class = "fatture"', "class 'fatture' has no [retention.fatture]"),
    "holder that is not there": (r'^(holder) = ".*"', r'\1 = "altri"', "its holder 'altri' is no [[holder]]'s id"),
    "a rule of closing": (r'^close_after = "1M"', 'close_after = "presto"', "[mailbox 1] close_after: must be days or"),
    "tax code": (r'^tax_code = "01234567890"', 'tax_code = "123"', "must be a codice fiscale"),
    "a password in the open": (r"^\[signer\]", '[signer]\npassword = "segreta"', "must be env:NAME or file:PATH"),
    "kind of archive": (r'^kind = "private"', 'kind = "comune"', "[archive] kind: must be one of 'private', 'pa'"),
    "personal data in an id": (r'^id = "m-.*"', 'id = "Rossi Maria"', "no personal data"),
    "quoted date": (r"^valid_from = (.*)", r'valid_from = "\1"', "[responsible 1] valid_from: must be a date"),
    "country": (r'^country = "IT"', 'country = "Italia"', "[store 1] country: the country's two letters"),
    "local seal without the mark": (r"^demo = true", "demo = false", "kind 'local' has no legal value"),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_wrong_key_is_named_with_what_was_expected(tmp_path: Path, name: str) -> None:
    config = demo(tmp_path / "archive")
    spoil(config, name)
    found = archiver("status", config=config)
    assert found.code == 2
    assert WRONG[name][2] in found.err


def test_many_wrong_keys_are_named_together(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    for name in WRONG:
        spoil(config, name)
    found = archiver("status", config=config)
    assert found.code == 2
    assert [name for name in WRONG if WRONG[name][2] not in found.err] == []


IMAP = {
    "host": ('"imaps.pec.example.it"', "", "host: is missing"),
    "host with a scheme": ('"imaps.pec.example.it"', 'host = "imaps://pec.example.it"', "host: must be the name"),
    "port": ('"imaps.pec.example.it"', 'host = "h"\nport = 70000', "port: must be a number between 1 and 65535"),
    "security": (
        '"imaps.pec.example.it"',
        'host = "h"\nsecurity = "none"',
        "security: must be one of 'tls', 'starttls'",
    ),
    "two secrets": ('"env:X"', 'password = "env:X"\ntoken = "env:Y"', "give either password or token"),
    "no secret": ('"env:X"', "", "give either password or token"),
    "secret in the open": ('"env:X"', 'password = "Segreta1"', "password: must be env:NAME or file:PATH"),
    "unknown key": ('"env:X"', 'password = "env:X"\nidle = true', "idle: unknown key"),
    "folders": ('"env:X"', 'password = "env:X"\nfolders = "INBOX"', "folders: must be a list of texts"),
    "a path too": ('"env:X"', 'password = "env:X"', "path: and [mailbox.imap] exclude each other"),
}


@pytest.mark.parametrize("name", IMAP)
def test_a_server_that_is_wrongly_described_is_named_with_its_key_and_no_secret(tmp_path: Path, name: str) -> None:
    config = demo(tmp_path / "archive")
    old, new, reason = IMAP[name]
    table = '[mailbox.imap]\nhost = "imaps.pec.example.it"\npassword = "env:X"\n'
    key = "host" if "pec" in old else "password"
    table = table.replace(f"{key} = {old}", new)
    text = config.read_text(encoding="utf-8").replace("# Classi di", f"{table}\n# Classi di")
    if name == "a path too":
        text = text.replace("riservato = false", 'riservato = false\npath = "/var/mail"')
    config.write_text(text, encoding="utf-8")
    found = archiver("status", config=config)
    assert (found.code, reason in found.err) == (2, True), found.err
    assert "[mailbox 1" in found.err
    assert "Segreta1" not in found.err


def test_what_is_no_toml_is_said_with_its_file_and_line(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    config.write_text(config.read_text(encoding="utf-8") + "\nnome = senza virgolette\n", encoding="utf-8")
    line = config.read_text(encoding="utf-8").count("\n")
    found = archiver("status", config=config)
    assert found.code == 2
    assert f"{config}: the configuration is not valid TOML" in found.err
    assert f"line {line}" in found.err


def test_a_configuration_in_another_encoding_is_said(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    config.write_bytes(config.read_bytes() + "# perché\n".encode("latin-1"))
    found = archiver("status", config=config)
    assert found.code == 2
    assert f"{config}: the configuration cannot be read" in found.err


def test_two_mailboxes_may_not_share_a_name_or_an_id(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    add_mailbox(config, "import")
    add_mailbox(config, "import")
    found = archiver("status", config=config)
    assert found.code == 2
    assert "two mailboxes have the same name 'import'" in found.err
    assert "two mailboxes have the same id 'm-import'" in found.err


def garbage(folder: Path) -> dict[str, str]:
    (folder / "ca.pem").write_bytes(b"non sono un certificato")
    return {"anchors": '["keys/ca.pem"]'}


def no_key_inside(folder: Path) -> dict[str, str]:
    return {"key": '"keys/firma.pem"'}


def absent(folder: Path) -> dict[str, str]:
    return {"certificate": '"keys/non-ci-sono.pem"'}


def unset(folder: Path) -> dict[str, str]:
    return {"certificate": '"keys/firma.p12"', "password": '"env:NON_DETTA"'}


def list_of_nonsense(folder: Path) -> dict[str, str]:
    (folder / "ca.crl").write_bytes(b"non sono una lista")
    return {"crls": '["keys/ca.crl"]'}


FILES: dict[str, tuple[Callable[[Path], dict[str, str]], str]] = {
    "anchor": (garbage, "keys/ca.pem"),
    "list": (list_of_nonsense, "keys/ca.crl"),
    "key": (no_key_inside, "keys/firma.pem: key cannot be read"),
    "certificate": (absent, "keys/non-ci-sono.pem: cannot be read"),
    "secret": (unset, "the environment has no variable NON_DETTA"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_signer_that_is_not_what_it_should_be_is_named(tmp_path: Path, name: str) -> None:
    ca = Authority()
    folder = tmp_path / "archive"
    pair = ca.person(key=p256())
    folder.mkdir()
    pair.pem(folder / "keys")
    pair.p12(folder / "keys/firma.p12", b"segreta")
    spoilt, words = FILES[name]
    good = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(folder, signer=good)
    done("ingest", "--from", folder_of(tmp_path / "mail", letter("uno")), config=config)
    set_lines(config, "signer", spoilt(folder / "keys"))
    found = archiver("seal", "--now", config=config)
    assert found.code == 2
    assert words in found.err
    assert archiver("doctor", config=config).code == 1
    assert done("status", config=config)["volumes"] == 0
    set_lines(config, "signer", good | {"crls": "[]", "password": '""'})
    assert done("seal", "--now", config=config)["volumes"] == 1


def spoil(config: Path, name: str) -> None:
    pattern, instead, _ = WRONG[name]
    text, count = re.subn(pattern, instead, config.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1
    config.write_text(text, encoding="utf-8")
