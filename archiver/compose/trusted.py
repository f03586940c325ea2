"""What `--trust` names: a folder with certificates, lists of revocations, OCSP responses and trusted lists, or a file.

Its anchors take the place of all others. The operator's table of algorithms and the lists of a configuration still
count: they say what an algorithm or an authority is worth, not whom to believe.
"""

from pathlib import Path

from asn1crypto import ocsp

from archiver.chain import Material
from archiver.compose import material
from archiver.compose.founding import NAME
from archiver.errors import ConfigError, Malformed
from archiver.evidence.accepted import NO_LIST, Accepted

RESPONSES, ACCEPTED = (".ocsp",), (".xml", ".toml")


def folder_trust(folder: Path) -> tuple[Material, Accepted]:
    """All that a folder (or one file) holds to be trusted; other kinds of files are passed over.

    Raises ConfigError for a file that is not what it is called, and without any certificate.
    """
    anchors, crls = material.folder_material(folder)
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    ocsps = tuple(_response(path) for path in paths if path.suffix.lower() in RESPONSES)
    accepted = NO_LIST
    for path in paths:
        if path.suffix.lower() in ACCEPTED and path.name != NAME:  # a configuration may lie beside its certificates
            accepted = accepted.plus(_list(path))
    return Material(anchors, crls=crls, ocsps=ocsps), accepted


def _response(path: Path) -> bytes:
    octets = _read(path)
    try:
        ocsp.OCSPResponse.load(octets, strict=True).native  # noqa: B018 - asn1crypto is lazy: this reads all of it
    except (ValueError, TypeError) as error:
        raise ConfigError(f"--trust {path}: expected an OCSP response (RFC 6960) in DER: {error}") from error
    return octets


def _list(path: Path) -> Accepted:
    try:
        return Accepted.read(_read(path), path.name)
    except Malformed as error:
        way = "; a table of algorithms goes with --algorithms" if path.suffix.lower() == ".toml" else ""
        raise ConfigError(f"--trust {path}: expected a trusted list: {error}{way}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"--trust {path}: cannot be read: {error.strerror}") from error
