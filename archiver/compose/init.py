"""A new archive: a commented configuration, and for the demo everything else too."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.adapters import authority
from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.compose.archive import AUTHORITY
from archiver.config import Config, demo_text, parse, template_text
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
    _finish(folder, config, at)
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


def _finish(folder: Path, config: Path, at: datetime) -> None:
    """The embedded authority always; the demo's store and catalog too: others lie where the user will have said."""
    demo = "demo = true" in config.read_text(encoding="utf-8")
    authority.create(folder / AUTHORITY, at=at, holder_name="archivio dimostrativo" if demo else "archivio")
    if demo:
        furnish(parse(config.read_text(encoding="utf-8"), folder.resolve()))


def furnish(config: Config) -> None:
    """Makes the store and the catalog of an archive that has neither yet.

    What vanished is never made again in silence: a store that its catalog knows to be full stays missing, and so does
    the catalog of a store that holds something. Opening them then says so.
    """
    path = config.stores[0].path
    empty = not path.exists() or not any(name for name in path.iterdir() if not name.name.startswith("."))
    if empty:
        Catalog.open(config.catalog, create=True).close()
    catalog = Catalog.open(config.catalog)
    try:
        if not path.exists() and not catalog.counts()["pdvs"]:
            FilesystemStore.create(path)
    finally:
        catalog.close()
