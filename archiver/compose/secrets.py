"""Secrets: a configuration refers to them, as `env:NAME` or `file:PATH`, and nothing shows what they are."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from archiver.errors import ConfigError


def secret(reference: str, environ: Mapping[str, str], folder: Path) -> bytes | None:
    """What `env:NAME` or `file:PATH` (from `folder`) refer to; None for no reference. Raises ConfigError."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        if name not in environ:
            raise ConfigError(f"{reference}: the environment has no variable {name}")
        return environ[name].encode()
    if kind != "file":
        return None
    path = folder / Path(name).expanduser()
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def secret_text(reference: str, environ: Mapping[str, str], folder: Path) -> str:
    """The same as text. Raises ConfigError."""
    octets = secret(reference, environ, folder)
    try:
        return (octets or b"").decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{reference}: holds no UTF-8 text") from error


def later(reference: str, environ: Mapping[str, str], folder: Path) -> Callable[[], str] | None:
    """Resolves a reference when it is needed; None for none."""
    return partial(secret_text, reference, environ, folder) if reference else None
