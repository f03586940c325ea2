"""A new archive: a commented configuration, and for the demo everything else too."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.adapters import authority
from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.compose.archive import AUTHORITY
from archiver.config import demo_text, parse, template_text
from archiver.errors import ConfigError

NAME = "archiver.toml"


@dataclass(frozen=True, slots=True)
class Made:
    """Where the configuration is, and whether it was made now."""

    config: Path
    created: bool


def init(folder: Path, *, demo: bool, at: datetime) -> Made:
    """Makes an archive in `folder`; an archive that is there is left as it is, and finished if a part is missing.

    Raises ConfigError for a folder that holds something else.
    """
    config = folder / NAME
    created = not config.exists()
    if created:
        _write(config, demo=demo, at=at)
    _furnish(folder, config, at)
    return Made(config, created)


def _write(config: Path, *, demo: bool, at: datetime) -> None:
    ids = {"holder_id": f"h-{secrets.token_hex(4)}", "mailbox_id": f"m-{secrets.token_hex(4)}"}
    text = (demo_text if demo else template_text)(today=at.date().isoformat(), **ids)
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        (config.parent / "providers").mkdir(exist_ok=True)
        config.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{config}: cannot be written: {error.strerror}") from error


def _furnish(folder: Path, config: Path, at: datetime) -> None:
    """The embedded authority, the store and the catalog, as far as they are not there."""
    text = config.read_text(encoding="utf-8")
    demo = "demo = true" in text
    authority.create(folder / AUTHORITY, at=at, holder_name="archivio dimostrativo" if demo else "archivio")
    if not demo:
        return  # the store and the catalog lie where the user will say
    filled = parse(text, folder.resolve())
    FilesystemStore.create(filled.stores[0].path)
    Catalog.open(filled.catalog, create=True).close()
