"""Secrets: a configuration refers to them, as `env:NAME`, `file:PATH`, `credential:NAME`; nothing shows what they are.

A credential is a file of that name in $CREDENTIALS_DIRECTORY: where systemd puts what a unit is given, LoadCredential=.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from archiver.compose.redaction import remember
from archiver.config import Config
from archiver.config.table import REFERENCE
from archiver.errors import ConfigError

CREDENTIALS = "CREDENTIALS_DIRECTORY"


def secret(reference: str, environ: Mapping[str, str], folder: Path) -> bytes | None:
    """What `env:NAME`, `file:PATH` (from `folder`) or `credential:NAME` refer to; None for no reference.

    Raises ConfigError; an empty one is refused: a service that counts wrong passwords would count it.
    """
    kind, _, name = reference.partition(":")
    match kind:
        case "env":
            found = _variable(reference, name, environ)
        case "file":
            found = _content(folder, name)
        case "credential":
            found = _content(Path(_variable(reference, CREDENTIALS, environ).decode()), name)
        case _:
            return None
    if not found:
        raise ConfigError(f"{reference}: is empty; put the secret there, or take the line out of the configuration")
    remember(found)
    return found


def secret_text(reference: str, environ: Mapping[str, str], folder: Path) -> str:
    """The same as text. Raises ConfigError."""
    octets = secret(reference, environ, folder)
    try:
        return (octets or b"").decode()
    except UnicodeDecodeError as error:
        raise _no_text(reference) from error


def later(reference: str, environ: Mapping[str, str], folder: Path) -> Callable[[], str] | None:
    """Resolves a reference when it is needed; None for none."""
    return partial(secret_text, reference, environ, folder) if reference else None


def _variable(reference: str, name: str, environ: Mapping[str, str]) -> bytes:
    if name not in environ:
        raise ConfigError(f"{reference}: the environment has no variable {name}")
    try:
        return environ[name].encode()
    except UnicodeEncodeError as error:  # octets that are no UTF-8 come as lone surrogates (PEP 383)
        raise _no_text(reference) from error


def _content(folder: Path, name: str) -> bytes:
    path = folder / Path(name).expanduser()
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def _no_text(reference: str) -> ConfigError:
    return ConfigError(f"{reference}: holds no UTF-8 text")


def known(config: Config, environ: Mapping[str, str]) -> frozenset[str]:
    """Every secret that a configuration refers to, as far as it can be had now, so that it can be struck out."""
    found = set()
    for reference in _references(asdict(config)):
        try:
            found.add(secret_text(reference, environ, config.folder))
        except ConfigError:
            continue  # who needs it says so
    return frozenset(found - {""})


def _references(value: object) -> Iterator[str]:
    """Whatever is written like a reference, however deep it lies."""
    if isinstance(value, str) and re.fullmatch(REFERENCE, value):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _references(item)
