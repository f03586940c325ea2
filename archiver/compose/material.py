"""Certificates, lists, keys and secrets, as files bring them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from asn1crypto import pem
from asn1crypto.crl import CertificateList
from asn1crypto.x509 import Certificate

from archiver.adapters.signer import FileSigner
from archiver.chain import validate
from archiver.config import SignerConfig
from archiver.errors import ConfigError, Malformed
from archiver.pec.providers import Providers
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


def file_signer(signer: SignerConfig, environ: Mapping[str, str], folder: Path) -> FileSigner:
    """The signer of a PKCS#12 or PEM file; `folder` is that of the configuration. Raises ConfigError."""
    path = signer.certificate
    assert path is not None
    password = secret(signer.password, environ, folder)
    if path.suffix.lower() in (".p12", ".pfx"):
        return FileSigner.from_pkcs12(_read(path), password=password, source=str(path))
    return FileSigner.from_pem(path, signer.key or path, password=password, chain=signer.anchors)


def secret(reference: str, environ: Mapping[str, str], folder: Path) -> bytes | None:
    """What `env:NAME` or `file:PATH` (from `folder`) refer to; None for no reference. Raises ConfigError."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        if name not in environ:
            raise ConfigError(f"{reference}: the environment has no variable {name}")
        return environ[name].encode()
    return _read(folder / Path(name).expanduser()).rstrip(b"\r\n") if kind == "file" else None


def secret_text(reference: str, environ: Mapping[str, str], folder: Path) -> str:
    """The same as text. Raises ConfigError."""
    octets = secret(reference, environ, folder)
    try:
        return (octets or b"").decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{reference}: holds no UTF-8 text") from error


def path_findings(
    certificate: bytes, chain: Iterable[bytes], anchors: Iterable[bytes], crls: Iterable[bytes], at: datetime
) -> tuple[Finding, ...]:
    """What the path of a signing certificate says before it is used."""
    return validate(
        certificate, intermediates=chain, anchors=anchors, crls=crls, at=at, subject="[signer] certificate"
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
