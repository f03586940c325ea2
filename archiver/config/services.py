"""What an archive works with, in a configuration: who signs, who stamps, where the objects lie."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from archiver.config.parties import party
from archiver.config.table import ID, ID_HINT, Table
from archiver.config.values import (
    AlarmsConfig,
    CommandConfig,
    HttpConfig,
    Pkcs11Config,
    S3Config,
    SignerConfig,
    StoreConfig,
    SweepConfig,
    TsaConfig,
)

DIGESTS = {
    "sha-256": "sha256",
    "sha-384": "sha384",
    "sha-512": "sha512",
    "sha3-256": "sha3_256",
    "sha3-384": "sha3_384",
    "sha3-512": "sha3_512",
}
"""Digests as people write them, and as the rest of the program calls them."""

PRIMARY = "primary"
"""The id of a primary store that was given none."""

_OID = r"[0-2](\.(0|[1-9]\d*))+"
_URL = r"https?://[^\s/@]+(/\S*)?"
_PREFIX = r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)*"


def signer(table: Table, folder: Path) -> SignerConfig:
    """Who seals."""
    kind = table.text("kind", one_of=("file", "pkcs11", "command", "hand", "local"))
    found = SignerConfig(
        kind=kind,
        role=table.text("role", "Responsabile della conservazione"),
        certificate=_certificate(kind, table, folder),
        key=_path("key", table, folder),
        password=table.reference("password"),
        pkcs11=_pkcs11(table.table("pkcs11"), folder) if kind == "pkcs11" else None,
        command=_command(table.table("command"), folder) if kind == "command" else None,
        subject=table.text("subject", ""),
        level=table.text("level", "B-T", one_of=("B-T", "B-B")),
        anchors=table.paths("anchors", folder),
        crls=table.paths("crls", folder),
        party=party(table),
    )
    if kind != "local" and not found.anchors:
        table.complain("anchors", "is missing: files with the CA certificates that issued the signing certificate")
    return found


def tsa(table: Table, folder: Path) -> TsaConfig:
    """One time stamping authority."""
    kind = table.text("kind", one_of=("http", "local"))
    cap = table.number("tokens_per_night", 0, low=0, high=1_000_000)
    found = TsaConfig(
        id=table.text("id", pattern=ID, hint=ID_HINT),
        kind=kind,
        redundant=table.flag("redundant"),
        retired=table.flag("retired"),
        cap=cap or None,
        policy=table.text("policy", "", pattern=_OID, hint="must be an OID such as 1.3.76.16"),
        digest=DIGESTS[table.text("digest", "sha-512", one_of=tuple(DIGESTS))],
        succeeds=table.texts("succeeds") if table.has("succeeds") else (),
        anchors=table.paths("anchors", folder),
        crls=table.paths("crls", folder),
        http=_http(table, folder) if kind == "http" else None,
    )
    if kind == "http" and not found.anchors:
        table.complain("anchors", "is missing: files with the CA certificates that issued the authority's certificate")
    table.close()
    return found


def store(table: Table, folder: Path, *, primary: bool) -> StoreConfig:
    """One place for objects: the archive's own, or a replica of it."""
    kind = table.text("kind", one_of=("filesystem", "s3"))
    found = StoreConfig(
        id=table.text("id", PRIMARY if primary else None, pattern=ID, hint=ID_HINT),
        path=None if kind == "s3" else table.path("path", folder),
        s3=_s3(table, folder) if kind == "s3" else None,
        country=table.text("country", pattern=r"[A-Z]{2}", hint="the country's two letters, such as IT"),
        operator=table.text("operator", hint="who runs this storage"),
        sync=not primary and table.text("write", "nightly", one_of=("nightly", "sync")) == "sync",
    )
    table.close()
    return found


def sweep(table: Table) -> SweepConfig:
    """How often everything is read again."""
    budget = table.text("budget", "", pattern=r"[1-9]\d{0,5} ?[kMGT]?B", hint="must be bytes such as 100GB")
    found = SweepConfig(
        days=table.number("days", 90, low=1, high=3650),
        budget=octets(budget) if budget else None,
        opened_days=table.number("opened_days", 1460, low=1, high=1825),
        repair=table.flag("repair"),
    )
    table.close()
    return found


def alarms(table: Table) -> AlarmsConfig:
    """What the morning's alarms look at."""
    shape, hint = r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "must be month and day, such as 12-31"
    month, _, day = table.text("fiscal_year_end", "12-31", pattern=shape, hint=hint).partition("-")
    found = AlarmsConfig(
        days=table.number("days", 30, low=1, high=366),
        fiscal_year_end=(int(month), int(day)) if month.isdigit() and day.isdigit() else (12, 31),
    )
    table.close()
    return found


def octets(text: str) -> int:
    """Bytes written as people write them: 100GB, 500 MB; decimal, as disks are sold. Raises ValueError."""
    found = re.fullmatch(r"(\d+) ?([kMGT]?)B", text, re.ASCII)
    if not found:
        raise ValueError(f"{text!r}: expected bytes such as 100GB")
    thousands = " kMGT".index(found[2] or " ")
    return int(found[1]) * int(1000**thousands)


def _certificate(kind: str, table: Table, folder: Path) -> Path | None:
    """Needed by a key in a file and by a program; a token may have its own."""
    if kind in ("file", "command"):
        return table.path("certificate", folder)
    return _path("certificate", table, folder) if kind == "pkcs11" else None


def _path(key: str, table: Table, folder: Path) -> Path | None:
    return table.path(key, folder) if table.has(key) else None


def _url(key: str, table: Table, default: str | None, example: str) -> str:
    """An address without a user in it. One that is wrong is not shown: there may be a password in it."""
    value = table.text(key, default)
    if value and not (re.fullmatch(_URL, value) and _has_host(value)):
        table.complain(key, f"must be an address such as {example}, without a user or a password in it")
    return value


def _has_host(address: str) -> bool:
    """Whether host and port can be read from it."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _pkcs11(table: Table, folder: Path) -> Pkcs11Config:
    found = Pkcs11Config(
        module=table.path("module", folder),
        token=table.text("token", ""),
        slot=table.number("slot", 0, low=0, high=2**32 - 1) if table.has("slot") else None,
        key=table.text("key", ""),
        key_id=table.text("key_id", "", pattern=r"([0-9a-fA-F]{2})+", hint="must be hexadecimal"),
        pin=table.reference("pin"),
        mechanism=table.text("mechanism", "", one_of=("rsa-pkcs1",)),
    )
    if not found.token and found.slot is None:
        table.complain("token", "is missing: the token's label (or slot = its number)")
    if not found.key and not found.key_id:
        table.complain("key", "is missing: the key's label (or key_id = its id in hexadecimal)")
    table.close()
    return found


def _command(table: Table, folder: Path) -> CommandConfig:
    argv = table.texts("run")
    found = CommandConfig(
        # a program with a slash in its name is a path, from the folder of the configuration like every other
        argv=tuple(str(folder / argv[0]) if n == 0 and "/" in argv[0] else item for n, item in enumerate(argv)),
        answers=table.text("answers", one_of=("signature", "cms")),
        secret=table.reference("secret"),
        secret_name=table.text(
            "secret_name", "ARCHIVER_SECRET", pattern=r"[A-Z][A-Z0-9_]*", hint="must be the name of a variable"
        ),
        mechanism=table.text("mechanism", "", one_of=("rsa-pkcs1",)),
        timeout=table.number("timeout", 60, low=1, high=3600),
    )
    if not argv:
        table.complain("run", 'is missing: the program and its arguments, such as ["/usr/local/bin/firma", "--remota"]')
    table.close()
    return found


def _http(table: Table, folder: Path) -> HttpConfig:
    found = HttpConfig(
        url=_url("url", table, None, "https://tsa.example.it/tsa"),
        user=table.text("user", ""),
        password=table.reference("password"),
        certificate=_path("certificate", table, folder),
        key=_path("key", table, folder),
        key_password=table.reference("key_password"),
        ca=_path("ca", table, folder),
        proxy=_url("proxy", table, "", "http://proxy.example.it:3128"),
        proxy_user=table.text("proxy_user", ""),
        proxy_password=table.reference("proxy_password"),
        timeout=table.number("timeout", 30, low=1, high=600),
        attempts=table.number("attempts", 3, low=1, high=20),
    )
    for name, user, password in (("", found.user, found.password), ("proxy_", found.proxy_user, found.proxy_password)):
        if bool(user) != bool(password):
            table.complain(f"{name}{'user' if password else 'password'}", "is missing: basic authentication needs both")
    if found.proxy_user and not found.proxy:
        table.complain("proxy", "is missing: there is a user for it")
    return found


def _s3(table: Table, folder: Path) -> S3Config:
    found = S3Config(
        endpoint=_url("endpoint", table, "", "https://s3.example.it"),
        region=table.text("region", "us-east-1"),
        bucket=table.text("bucket", pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", hint="must be a bucket's name"),
        prefix=table.text("prefix", "", pattern=_PREFIX, hint="must end with a slash, such as archivio/"),
        virtual=table.text("addressing", "path", one_of=("path", "virtual")) == "virtual",
        ca=_path("ca", table, folder),
        compat=table.text("checksums", "full", one_of=("full", "compat")) == "compat",
        lock=table.text("lock", "governance", one_of=("off", "governance", "compliance")),
        lock_days=table.number("lock_days", 60, low=60, high=3650),
        access=table.reference("access_key"),
        secret=table.reference("secret_key"),
        connections=table.number("connections", 10, low=1, high=1000),
        attempts=table.number("attempts", 5, low=1, high=20),
        timeout=table.number("timeout", 60, low=1, high=3600),
        discard_access=table.reference("discard_access_key"),
        discard_secret=table.reference("discard_secret_key"),
    )
    if bool(found.discard_access) != bool(found.discard_secret):
        lacking = "discard_access_key" if found.discard_secret else "discard_secret_key"
        table.complain(lacking, "is missing: both keys, or neither")
    if bool(found.access) != bool(found.secret):
        table.complain("access_key" if found.secret else "secret_key", "is missing: both keys, or neither")
    return found
