"""What the configuration names: itself, users, secrets and keys; and the programs that it runs on."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shlex import quote

from archiver.adapters import machine
from archiver.compose.archive import AUTHORITY
from archiver.compose.checkup.values import OK, WARNING, Check, Checkup
from archiver.compose.secrets import secret
from archiver.config import Config
from archiver.errors import ConfigError

PYTHON_ENDS = {
    (3, 11): date(2027, 10, 31),
    (3, 12): date(2028, 10, 31),
    (3, 13): date(2029, 10, 31),
    (3, 14): date(2030, 10, 31),
}
"""Until when each Python gets security updates (the schedules of PEP 664, 693, 719, 745), as of November 2026."""


def file(checkup: Checkup) -> Iterator[Check]:
    """What it says that somebody should know, and who may read and change it."""
    config, name = checkup.archive.config, "configuration"
    looked = checkup.say("configuration.looked", file=checkup.file)
    counts = {"holders": len(config.holders), "mailboxes": len(config.mailboxes), "stores": len(config.stores)}
    yield Check(name, OK, looked, checkup.say("configuration.ok", **counts))
    for warning in config.warnings:
        yield Check(name, WARNING, looked, warning, "" if config.demo else checkup.edit)
    guard = machine.guard(checkup.file)
    if config.catalog_has_password and guard.exposed:
        yield opened(checkup, name, looked, checkup.say("configuration.readable", mode=guard.shown), checkup.file)
    elif guard.others_write:
        found = checkup.say("configuration.writable", mode=guard.shown)
        yield Check(name, WARNING, looked, found, f"chmod go-w {quote(str(checkup.file))}")


def users(checkup: Checkup) -> Iterator[Check]:
    """Whether the machine knows everybody who has a role."""
    found, looked = checkup.archive.config.users, checkup.say("users.looked")
    strangers = [user for user in found if not machine.is_user(user.login)]
    for user in strangers:
        text = checkup.say("users.unknown", login=user.login, role=user.role)
        yield Check("users", WARNING, looked, text, checkup.edit)
    if not strangers:
        text = checkup.say("users.ok", count=len(found)) if found else checkup.say("users.none")
        yield Check("users", OK, looked, text)


def secrets(checkup: Checkup) -> Iterator[Check]:
    """Whether every secret that is referred to is there, and nobody else reads it."""
    config, environ = checkup.archive.config, checkup.archive.environ
    paths = [path for path in secret_files(config) if path.is_file()]
    looked = checkup.say("secrets.looked", count=len(paths))
    bare = [(path, guard) for path in paths if (guard := machine.guard(path)).exposed]
    for path, guard in bare:
        found = checkup.say("secrets.open", path=path, mode=guard.shown)
        yield opened(checkup, "secrets", looked, found, path)
    gone = False
    for reference in references(config):
        try:
            secret(reference, environ, config.folder)
        except ConfigError as error:  # what needs it fails by itself
            gone = True
            yield Check("secrets", WARNING, looked, str(error), checkup.edit)
    if not bare and not gone:
        yield Check("secrets", OK, looked, checkup.say("secrets.ok" if paths else "secrets.none"))


def secret_files(config: Config) -> tuple[Path, ...]:
    """Every file that the configuration names and only its owner should read: secrets, keys, the embedded ones too."""
    files = (one.removeprefix("file:") for one in references(config) if one.startswith("file:"))
    found = [config.folder / Path(one).expanduser() for one in files]
    signer = config.signer
    found += [path for path in (signer.key, *(tsa.http.key for tsa in config.tsas if tsa.http)) if path]
    if signer.certificate and (signer.certificate.suffix.lower() in (".p12", ".pfx") or _with_key(signer.certificate)):
        found.append(signer.certificate)
    found += sorted((config.folder / AUTHORITY).glob("*.key"))
    return tuple(dict.fromkeys(found))


def opened(checkup: Checkup, name: str, looked: str, found: str, path: Path, *beside: Path) -> Check:
    """A file that others may read, and how it is closed to them: only by its owner, who reads it afterwards too."""

    def close() -> str:
        for one in (path, *beside):
            if one.exists():
                machine.close_to_others(one)
        return checkup.say("secrets.closed", path=path)

    mend = close if machine.guard(path).mine else None
    return Check(name, WARNING, looked, found, f"chmod 600 {quote(str(path))}", mend=mend)


def programs(checkup: Checkup) -> Iterator[Check]:
    """Versions, and whether this Python is still looked after."""
    major, minor, whole = machine.python()
    end = PYTHON_ENDS.get((major, minor))
    others = ", ".join(f"{name} {version}" for name, version in machine.libraries().items())
    old = end is not None and checkup.at.date() > end
    found = checkup.say("programs.old" if old else "programs.ok", python=whole, end=end, others=others)
    yield Check("programs", WARNING if old else OK, checkup.say("programs.looked"), found)


def references(config: Config) -> Iterator[str]:
    """Every reference that stands for a secret, once; those of whoever carries out discards are kept elsewhere."""
    signer = config.signer
    named = [config.catalog_password, signer.password]
    named += [signer.pkcs11.pin] if signer.pkcs11 else []
    named += [signer.command.secret] if signer.command else []
    for tsa in config.tsas:
        named += [tsa.http.password, tsa.http.key_password, tsa.http.proxy_password] if tsa.http else []
    for store in config.stores:
        named += [store.s3.access, store.s3.secret] if store.s3 else []
    named += [mailbox.imap.secret for mailbox in config.mailboxes if mailbox.imap]
    named += [config.notify.email.password] if config.notify.email else []
    named += [config.notify.webhook.token] if config.notify.webhook else []
    return iter(dict.fromkeys(filter(None, named)))


def _with_key(path: Path) -> bool:
    """Whether a PEM file holds a key beside its certificate."""
    try:
        return b"PRIVATE KEY-----" in path.read_bytes()
    except OSError:
        return False
