"""A new archive: a commented configuration, and for the demo everything else too."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.adapters import authority
from archiver.adapters.catalog import Catalog, furnishing
from archiver.compose.archive import AUTHORITY, Archive
from archiver.config import demo_text, parse, template_text
from archiver.errors import ConfigError

NAME = "archiver.toml"


@dataclass(frozen=True, slots=True)
class Made:
    """Where the configuration is, and whether it was made now."""

    config: Path
    created: bool


def init(folder: Path, *, demo: bool, environ: Mapping[str, str], clock: Callable[[], datetime]) -> Made:
    """Makes an archive in `folder`; an archive that is there is left as it is, and finished if a part is missing.

    Raises ConfigError for a folder that holds something else.
    """
    config, at = folder / NAME, clock()
    created = not config.exists()
    if created:
        _write(config, demo=demo, at=at)
    _finish(folder, config, environ, clock)
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


def _finish(folder: Path, config: Path, environ: Mapping[str, str], clock: Callable[[], datetime]) -> None:
    """The embedded authority always; store and catalog too, once the configuration says where they lie."""
    text, at = config.read_text(encoding="utf-8"), clock()
    try:
        filled = parse(text, folder.resolve())
    except ConfigError:
        if "demo = true" in text:
            raise
        authority.create(folder / AUTHORITY, at=at, holder_name="archivio")
        return
    name = "archivio dimostrativo" if filled.demo else "archivio"
    authority.create(folder / AUTHORITY, at=at, holder_name=name, holder_code=filled.signer.party.tax_code)
    furnish(Archive(filled, environ, clock), asked=True)


def furnish(archive: Archive, *, asked: bool = False) -> None:
    """Makes the store and the catalog of an archive that has neither yet.

    What vanished is never made again in silence: a store that its catalog knows to be full stays missing, and so does
    the catalog of a store that holds something. Opening them then says so. An empty folder may be a disk that is not
    mounted, an empty bucket one of another name: they become a store only when somebody `asked` for one.
    """
    with furnishing(archive.catalog_url):
        site = archive.site
        empty = site.empty
        if empty:
            Catalog.open(archive.catalog_url, create=True).close()
        catalog = Catalog.open(archive.catalog_url)
        try:
            if (asked or site.vacant) and empty and not catalog.counts()["pdvs"]:
                site.made()
        finally:
            catalog.close()


def is_new(archive: Archive) -> bool:
    """Whether neither store nor catalog is there yet: `init` or the first `ingest` makes both."""
    if not archive.site.vacant:
        return False
    try:
        Catalog.open(archive.catalog_url).close()
    except ConfigError:
        return True
    return False
