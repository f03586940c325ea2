"""Secrets: a configuration refers to them, as `env:NAME` or `file:PATH`, and nothing shows what they are."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from archiver.errors import ConfigError


def secret(reference: str, environ: Mapping[str, str], folder: Path) -> bytes | None:
    """What `env:NAME` or `file:PATH` (from `folder`) refer to; None for no reference. Raises ConfigError.

    An empty one is refused: a service that counts wrong passwords would count it.
    """
    kind, _, name = reference.partition(":")
    if kind not in ("env", "file"):
        return None
    found = _variable(reference, name, environ) if kind == "env" else _content(folder, name)
    if not found:
        raise ConfigError(f"{reference}: is empty; put the secret there, or take the line out of the configuration")
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
