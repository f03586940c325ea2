"""Services in the configuration: what is wrong is named with the key and the way out, secrets never shown."""

import re
from pathlib import Path

import pytest
from support.archives import demo
from support.commands import archiver

from archiver.adapters.tsa import HttpAuthority
from archiver.compose.material import authority
from archiver.config import Config, parse

S3 = """\
kind = "s3"
endpoint = "https://s3.example.it"
bucket = "pec-archivio"
access_key = "env:S3_ACCESS"
secret_key = "env:S3_SECRET"
"""
TSA = """\
[[tsa]]
id = "tsa-1"
kind = "http"
url = "https://tsa.example.it/tsa"
anchors = ["tsa-ca.pem"]
"""
TOKEN = """\
[signer.pkcs11]
module = "/usr/lib/softhsm/libsofthsm2.so"
token = "pec"
key = "sigillo"
pin = "env:SEAL_PIN"
"""
COMMAND = """\
[signer.command]
run = ["bin/firma", "--remota"]
answers = "signature"
secret = "file:otp"
"""


def text(folder: Path, *, store: str = "", tsa: str = "", signer: str = "", tables: str = "") -> str:
    """A demonstration's configuration with other services."""
    found = demo(folder).read_text(encoding="utf-8")
    if store:
        found = found.replace('kind = "filesystem"\npath = "store"\n', store)
    if tsa:
        found = re.sub(r'^\[\[tsa\]\]\n(?:.*\n)*?kind = "local"\n', lambda _: tsa, found, flags=re.MULTILINE)
    if signer:
        found = found.replace('kind = "local"\nrole', f'kind = "{signer}"\nanchors = ["ca.pem"]\nrole')
    return found + tables


def read(folder: Path, **services: str) -> Config:
    return parse(text(folder, **services), folder)


def test_a_bucket_has_the_settings_that_are_safe_unless_others_are_given(tmp_path: Path) -> None:
    (store,) = read(tmp_path, store=S3).stores
    assert store.s3 is not None
    assert (store.path, store.shown) == (None, "s3://pec-archivio/")
    assert (store.s3.lock, store.s3.lock_days, store.s3.compat, store.s3.virtual) == ("governance", 60, False, False)
    assert (store.s3.access, store.s3.secret) == ("env:S3_ACCESS", "env:S3_SECRET")


def test_a_bucket_without_locks_is_warned_of(tmp_path: Path) -> None:
    assert any('lock = "off"' in line for line in read(tmp_path, store=S3 + 'lock = "off"\n').warnings)
    assert not any("lock" in line for line in read(tmp_path, store=S3).warnings)


def test_an_authority_over_http_has_no_ceiling_unless_one_is_given(tmp_path: Path) -> None:
    first, second = read(tmp_path, tsa=f"{TSA}\n{TSA.replace('tsa-1', 'tsa-2')}tokens_per_night = 3\n").tsas
    assert (first.cap, second.cap) == (None, 3)
    assert first.anchors == (tmp_path / "tsa-ca.pem",)
    assert first.http is not None
    assert first.http.url == "https://tsa.example.it/tsa"


def test_a_password_over_plain_http_is_warned_of(tmp_path: Path) -> None:
    named = TSA + 'user = "studio"\npassword = "env:TSA"\n'
    assert not any("clear" in line for line in read(tmp_path, tsa=named).warnings)
    assert any("travels in the clear" in line for line in read(tmp_path, tsa=named.replace("https", "http")).warnings)


def test_a_proxys_password_is_looked_up_and_quoted(tmp_path: Path) -> None:
    table = 'proxy = "http://proxy.example.it:3128"\nproxy_user = "studio"\nproxy_password = "env:PROXY"\n'
    (tsa,) = read(tmp_path, tsa=TSA + table).tsas
    assert tsa.http is not None
    made = authority("tsa-1", tsa.http, {"PROXY": "a:b@c"}, tmp_path)
    assert isinstance(made, HttpAuthority)
    assert made._account.proxy == "http://studio:a%3Ab%40c@proxy.example.it:3128"
    assert "%3A" not in repr(made._account)


def test_the_embedded_authority_is_not_warned_of_once_it_is_retired(tmp_path: Path) -> None:
    local = '[[tsa]]\nid = "local"\nkind = "local"\n'
    other = text(tmp_path, tsa=f"{local}retired = true\n\n{TSA}").replace("demo = true", "demo = false")
    other = other.replace('kind = "local"\nrole', 'kind = "hand"\nanchors = ["ca.pem"]\nrole')
    assert not any("embedded" in line for line in parse(other, tmp_path).warnings)
    asked = other.replace("retired = true\n", "")
    assert any("embedded" in line for line in parse(asked, tmp_path).warnings)


def test_a_program_with_a_slash_is_a_path_from_the_configuration(tmp_path: Path) -> None:
    extra = 'certificate = "firma.pem"\n'
    made = text(tmp_path, signer="command", tables=f"\n{COMMAND}").replace('role = "Sig', f'{extra}role = "Sig')
    command = parse(made, tmp_path).signer.command
    assert command is not None
    assert command.argv == (str(tmp_path / "bin/firma"), "--remota")
    assert (command.secret, command.secret_name, command.timeout) == ("file:otp", "ARCHIVER_SECRET", 60)


WRONG = {
    "bucket's name": ({"store": S3.replace("pec-archivio", "PEC Archivio")}, "bucket: must be a bucket's name"),
    "prefix": ({"store": S3 + 'prefix = "studio"\n'}, "prefix: must end with a slash"),
    "lock": ({"store": S3 + 'lock = "forte"\n'}, "lock: must be one of 'off', 'governance', 'compliance'"),
    "one key": ({"store": S3.replace('secret_key = "env:S3_SECRET"\n', "")}, "secret_key: is missing: both keys"),
    "key in the open": ({"store": S3.replace("env:S3_SECRET", "segretissima")}, "secret_key: must be env:NAME"),
    "endpoint": ({"store": S3.replace("https://s3", "ftp://s3")}, "endpoint: must be an address such as"),
    "endpoint with an open bracket": ({"store": S3.replace("//s3.example.it", "//[::1")}, "endpoint: must be"),
    "endpoint with a port that is none": ({"store": S3.replace("example.it", "example.it:99999")}, "endpoint: must"),
    "user in the endpoint": ({"store": S3.replace("//s3", "//me:segretissima@s3")}, "endpoint: must be an address"),
    "days": ({"store": S3 + "lock_days = 30\n"}, "lock_days: must be a number between 60 and 3650"),
    "url": ({"tsa": TSA.replace("https://tsa", "tsa")}, "url: must be an address such as"),
    "user in the url": ({"tsa": TSA.replace("//tsa", "//me:segretissima@tsa")}, "without a user or a password in it"),
    "anchors": ({"tsa": TSA.replace('anchors = ["tsa-ca.pem"]\n', "")}, "anchors: is missing: files with the CA"),
    "policy": ({"tsa": TSA + 'policy = "qualificata"\n'}, "policy: must be an OID"),
    "user without password": ({"tsa": TSA + 'user = "studio"\n'}, "password: is missing: basic authentication"),
    "user of no proxy": (
        {"tsa": TSA + 'proxy_user = "a"\nproxy_password = "env:PROXY"\n'}, "proxy: is missing: there is a user"
    ),
    "proxy's user without password": (
        {"tsa": TSA + 'proxy = "http://proxy.example.it:3128"\nproxy_user = "a"\n'}, "proxy_password: is missing"
    ),
    "all retired": ({"tsa": TSA + "retired = true\n"}, "every [[tsa]] is retired"),
    "token": (
        {"signer": "pkcs11", "tables": TOKEN.replace('token = "pec"\n', "")}, "token: is missing: the token's label"
    ),
    "key of a token": ({"signer": "pkcs11", "tables": TOKEN.replace('key = "sigillo"\n', "")}, "key: is missing"),
    "PIN in the open": ({"signer": "pkcs11", "tables": TOKEN.replace("env:SEAL_PIN", "segretissima")}, "pin: must be"),
    "no table": ({"signer": "pkcs11"}, "the table [pkcs11] is missing"),
    "program": (
        {"signer": "command", "tables": COMMAND.replace('["bin/firma", "--remota"]', "[]")}, "run: is missing: the pro"
    ),
    "answers": ({"signer": "command", "tables": COMMAND.replace('"signature"', '"pdf"')}, "answers: must be one of"),
    "variable": ({"signer": "command", "tables": COMMAND + 'secret_name = "a b"\n'}, "must be the name of a variable"),
    "certificate of a program": ({"signer": "command", "tables": COMMAND}, "[signer] certificate: is missing"),
}  # fmt: skip


@pytest.mark.parametrize(("services", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_and_no_secret_is_shown(tmp_path: Path, services: dict[str, str], words: str) -> None:
    made = text(tmp_path, **{name: f"\n{value}" if name == "tables" else value for name, value in services.items()})
    config = tmp_path / "altro.toml"
    config.write_text(made, encoding="utf-8")
    found = archiver("status", config=config)
    assert found.code == 2
    assert words in found.err
    assert "segretissima" not in found.err
