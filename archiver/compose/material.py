"""Certificates, lists, keys and secrets, as files bring them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from asn1crypto import pem
from asn1crypto.crl import CertificateList
from asn1crypto.x509 import Certificate

from archiver.adapters.signer import FileSigner
from archiver.chain import Material, validate
from archiver.compose.secrets import later, secret
from archiver.config import CommandConfig, HttpConfig, Pkcs11Config, SignerConfig
from archiver.errors import ConfigError, Malformed
from archiver.pec.providers import Providers
from archiver.ports import Signer, TimeStampingAuthority
from archiver.verdict import Finding

CERTIFICATES = (".pem", ".cer", ".crt", ".der")
LISTS = (".crl",)


def providers(folder: Path) -> Providers:
    """The CAs in a folder; an absent folder holds none. Raises ConfigError naming the file that is none."""
    found = Providers()
    anchors: list[bytes] = []
    known: list[bytes] = []
    for path in _files(folder, CERTIFICATES):
        try:
            found = Providers.load([path.read_bytes()])
        except (Malformed, OSError) as error:
            raise ConfigError(f"{path}: not a certificate: {error}") from error
        anchors += found.anchors
        known += found.known
    return Providers(anchors, known)


def folder_material(folder: Path) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Certificates and lists of revocations in a folder (or one file), DER. Raises ConfigError."""
    if not folder.exists():
        raise ConfigError(f"{folder}: there is no such folder of trusted certificates")
    paths = [folder] if folder.is_file() else list(_files(folder, CERTIFICATES + LISTS))
    authorities = tuple(octets for path in paths if path.suffix not in LISTS for octets in certificates(path))
    crls = tuple(octets for path in paths if path.suffix in LISTS for octets in lists(path))
    if not authorities:
        raise ConfigError(f"{folder}: holds no certificate ({', '.join(CERTIFICATES)})")
    return authorities, crls


def certificates(path: Path) -> tuple[bytes, ...]:
    """The certificates of a file, PEM or DER. Raises ConfigError, also when it holds none."""
    return _blocks(path, "CERTIFICATE", Certificate)


def lists(path: Path) -> tuple[bytes, ...]:
    """The lists of revocations of a file, PEM or DER. Raises ConfigError, also when it holds none."""
    return _blocks(path, "X509 CRL", CertificateList)


def signer(config: SignerConfig, environ: Mapping[str, str], folder: Path) -> Signer:
    """Who seals, as configured; `folder` is that of the configuration. Raises ConfigError."""
    if config.pkcs11 is not None:
        return _token(config, config.pkcs11, environ, folder)
    if config.command is not None:
        return _command(config, config.command, environ, folder)
    if config.certificate is None:
        raise ConfigError("[signer] kind 'hand': use archiver seal --to-sign DIR, then --signed DIR")
    path, password = config.certificate, secret(config.password, environ, folder)
    if path.suffix.lower() in (".p12", ".pfx"):
        return FileSigner.from_pkcs12(_read(path), password=password, source=str(path))
    return FileSigner.from_pem(path, config.key or path, password=password, chain=config.anchors)


def authority(name: str, config: HttpConfig, environ: Mapping[str, str], folder: Path) -> TimeStampingAuthority:
    """A time stamping authority over HTTP, as configured."""
    from archiver.adapters.tsa import Account, HttpAuthority  # nobody else needs a network

    account = Account(
        id=name,
        url=config.url,
        user=config.user,
        password=later(config.password, environ, folder),
        certificate=config.certificate,
        key=config.key,
        key_password=later(config.key_password, environ, folder),
        ca=config.ca,
        proxy=_proxy(config, environ, folder),
        timeout=config.timeout,
        attempts=config.attempts,
    )
    return HttpAuthority(account)


def _proxy(config: HttpConfig, environ: Mapping[str, str], folder: Path) -> str:
    """The proxy's address with its user in it, as urllib3 wants it."""
    scheme, mark, place = config.proxy.partition("://")
    password = later(config.proxy_password, environ, folder)
    if password is None:
        return config.proxy
    return f"{scheme}{mark}{quote(config.proxy_user, safe='')}:{quote(password(), safe='')}@{place}"


def _token(config: SignerConfig, token: Pkcs11Config, environ: Mapping[str, str], folder: Path) -> Signer:
    from archiver.adapters.signer import Pkcs11Signer, Token

    described = Token(
        module=token.module,
        token=token.token,
        slot=token.slot,
        key=token.key,
        key_id=token.key_id,
        pin=later(token.pin, environ, folder),
        certificate=config.certificate,
        chain=config.anchors,
        mechanism=token.mechanism,
    )
    return Pkcs11Signer(described)


def _command(config: SignerConfig, command: CommandConfig, environ: Mapping[str, str], folder: Path) -> Signer:
    from archiver.adapters.signer import Command, CommandSigner

    described = Command(
        argv=command.argv,
        answers=command.answers,
        certificate=config.certificate,
        chain=config.anchors,
        timeout=command.timeout,
        secret=later(command.secret, environ, folder),
        secret_name=command.secret_name,
        mechanism=command.mechanism,
    )
    return CommandSigner(described, environ=environ)


def path_findings(
    certificate: bytes, chain: Iterable[bytes], anchors: Iterable[bytes], crls: Iterable[bytes], at: datetime
) -> tuple[Finding, ...]:
    """What the path of a signing certificate says before it is used."""
    return validate(
        certificate,
        Material(tuple(anchors), tuple(chain), tuple(crls)),
        at=at,
        subject="[signer] certificate",
    ).verdict.findings


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.suffix.lower() in endings and path.is_file())


def _blocks(path: Path, kind: str, form: type[Certificate | CertificateList]) -> tuple[bytes, ...]:
    octets = _read(path)
    try:
        armoured = pem.unarmor(octets, multiple=True) if pem.detect(octets) else [(kind, {}, octets)]
        found = tuple(block for name, _, block in armoured if name == kind)
        for block in found:
            form.load(block, strict=True).native  # noqa: B018 - asn1crypto is lazy: this reads all of it
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{path}: expected {kind} in PEM or DER: {error}") from error
    if not found:
        raise ConfigError(f"{path}: expected {kind} in PEM or DER, found none")
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
