"""An archive whose every part is a real service: mail server, locking gateway, database, token, authorities."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from servers.ceph import Ceph
from servers.certomancer import POLICY, Certomancer
from servers.postgres import OWNER, Postgres
from servers.postgres import PASSWORD as CATALOG
from servers.softhsm import PIN, SoftHsm
from simulator.dovecot import PASSWORD, Dovecot

from support.archives import ADDRESS, filled, trust
from support.certificates import CODE, Authority
from support.commands import Outcome, process

_STORE = """\
kind = "s3"
endpoint = "{url}"
bucket = "{bucket}"
prefix = "studio/"
ca = "{ca}"
checksums = "compat"
lock = "{lock}"
access_key = "env:S3_ACCESS"
secret_key = "env:S3_SECRET"
"""
_TSA = """\
[[tsa]]
id = "{id}"
kind = "http"
url = "{url}"
anchors = ["{anchor}"]
crls = ["{crl}"]
policy = "{policy}"
timeout = 20
attempts = 1
tokens_per_night = 50

"""
_TOKEN = """\

[signer.pkcs11]
module = "{module}"
token = "{token}"
key = "sigillo"
pin = "env:SEAL_PIN"
"""
_MAILBOX = """\
[mailbox.imap]
host = "localhost"
port = {port}
user = "{user}"
password = "env:PEC_PASSWORD"
ca = "{ca}"

"""


@dataclass(frozen=True)
class Services:
    """Everything that runs."""

    mail: Dovecot
    gateway: Ceph
    postgres: Postgres
    hsm: SoftHsm
    authorities: Certomancer


@dataclass(frozen=True)
class Site:
    """An archive on services: its folder, bucket and database, and the secrets that its configuration refers to."""

    folder: Path
    bucket: str
    database: str
    environ: dict[str, str]

    def run(self, *command: object) -> Outcome:
        """One command, in a process of its own."""
        return process(*command, folder=self.folder, environ=self.environ)

    def done(self, *command: object) -> dict[str, Any]:
        """What a command that must succeed answers."""
        found = self.run(*command, "--json")
        assert found.code == 0, found
        return found.json


def site(folder: Path, on: Services, *, providers: Path, lock: str = "governance", before: str = "") -> Site:
    """A new archive in `folder`, configured and not made yet; `before` are authorities to be asked first (TOML)."""
    token = f"studio-{token_hex(3)}"
    keys = _keys(folder.with_name(f"{folder.name}-keys"), on, token)
    config = filled(folder, signer={"kind": '"pkcs11"', "anchors": f'["{keys}/ca.pem"]', "crls": f'["{keys}/ca.crl"]'})
    trust(config, providers.iterdir())
    database, bucket = on.postgres.fresh(owner=OWNER), on.gateway.bucket(lock=lock != "off")
    text = config.read_text(encoding="utf-8")
    text = re.sub(r'^certificate = "".*\n', "", text, count=1, flags=re.MULTILINE)
    address = on.postgres.url(database, user=OWNER, tcp=True)
    text = re.sub(
        r'^catalog = ".*$', f'catalog = "{address}"\ncatalog_password = "env:PEC_CATALOG"', text, flags=re.MULTILINE
    )
    store = _STORE.format(url=on.gateway.tls_url, bucket=bucket, ca=on.gateway.ca, lock=lock)
    text = text.replace('kind = "filesystem"\npath = "store"\n', store)
    text = re.sub(
        r'^\[\[tsa\]\]\n(?:.*\n)*?kind = "local"\n', lambda _: before + tsa(keys, on), text, flags=re.MULTILINE
    )
    mailbox = _MAILBOX.format(port=on.mail.tls, user=ADDRESS, ca=on.mail.ca)
    text = text.replace("# Classi di conservazione", f"{mailbox}# Classi di conservazione")
    # the authorities' own lists are fetched, from this machine
    text += _TOKEN.format(module=on.hsm.module, token=token) + "\n[trust]\nallow_private = true\n"
    config.write_text(text, encoding="utf-8")
    environ = {
        "PATH": os.environ["PATH"],
        "SOFTHSM2_CONF": os.environ["SOFTHSM2_CONF"],
        "PEC_PASSWORD": PASSWORD,
        "PEC_CATALOG": CATALOG,
        "S3_ACCESS": on.gateway.owner.access,
        "S3_SECRET": on.gateway.owner.secret,
        "SEAL_PIN": PIN,
    }
    return Site(folder, bucket, database, environ)


def tsa(keys: Path, on: Services, kind: str = "p256", *, url: str = "", id: str = "tsa-1") -> str:
    """An authority's table; at another `url` than its own, it is somebody who pretends."""
    place = url or on.authorities.url(kind)
    return _TSA.format(id=id, url=place, anchor=f"{keys}/tsa.pem", crl=f"{keys}/tsa.crl", policy=POLICY)


def _keys(folder: Path, on: Services, token: str) -> Path:
    """A seal in a token, and what it and the time stamps lead to, in files."""
    folder.mkdir(parents=True)
    ca = Authority()
    on.hsm.token(token)
    key = on.hsm.key(token, "sigillo", "01")
    seal = ca.person(code=CODE, key=key)  # type: ignore[arg-type]
    on.hsm.put(token, seal.certificate, "sigillo", "01")
    (folder / "ca.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    (folder / "ca.crl").write_bytes(ca.crl())
    (folder / "tsa.pem").write_bytes(on.authorities.ca.read_bytes())
    (folder / "tsa.crl").write_bytes(on.authorities.crl())
    return folder
