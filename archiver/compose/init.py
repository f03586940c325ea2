"""A new archive: a commented configuration, and for the demo everything else too."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.adapters import authority
from archiver.adapters.catalog import Catalog, furnishing
from archiver.compose.archive import AUTHORITY, Archive
from archiver.compose.stores import Site
from archiver.config import demo_text, parse, template_text
from archiver.errors import ConfigError, Unavailable

NAME = "archiver.toml"


@dataclass(frozen=True, slots=True)
class Made:
    """Where the configuration is, and whether it was made now; the archive, if the configuration was filled in.

    `store`: whether the store was made now; None while the configuration does not say where it lies.
    """

    config: Path
    created: bool
    archive: Archive | None = None
    store: bool | None = None

    def gaps(self, lang: str) -> tuple[str, ...]:
        """What somebody should know of the place where the store lies: what it does not do, and what follows."""
        return self.archive.site.alerts(lang) if self.archive else ()


def init(folder: Path, *, demo: bool, environ: Mapping[str, str], clock: Callable[[], datetime]) -> Made:
    """Makes an archive in `folder`; an archive that is there is left as it is, and finished if a part is missing.

    Raises ConfigError for a folder that holds something else, and when no store opens and none may be made.
    """
    config, at = folder / NAME, clock()
    created = not config.exists()
    if created:
        _write(config, demo=demo, at=at)
    archive = _finish(folder, config, environ, clock)
    return Made(config, created, archive, furnish(archive, asked=True) if archive else None)


def _write(config: Path, *, demo: bool, at: datetime) -> None:
    ids = {"holder_id": f"h-{secrets.token_hex(4)}", "mailbox_id": f"m-{secrets.token_hex(4)}"}
    text = (demo_text if demo else template_text)(today=at.date().isoformat(), **ids)
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        (config.parent / "providers").mkdir(exist_ok=True)
        config.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{config}: cannot be written: {error.strerror}") from error


def _finish(folder: Path, config: Path, environ: Mapping[str, str], clock: Callable[[], datetime]) -> Archive | None:
    """The embedded authority always; the archive too, once the configuration is filled in."""
    text, at = config.read_text(encoding="utf-8"), clock()
    try:
        filled = parse(text, folder.resolve())
    except ConfigError:
        if "demo = true" in text:
            raise
        authority.create(folder / AUTHORITY, at=at, holder_name="archivio")
        return None
    name = "archivio dimostrativo" if filled.demo else "archivio"
    authority.create(folder / AUTHORITY, at=at, holder_name=name, holder_code=filled.signer.party.tax_code)
    return Archive(filled, environ, clock)


def furnish(archive: Archive, *, asked: bool = False) -> bool:
    """Makes the store and the catalog of an archive that has neither yet; whether the store was made now.

    What vanished is never made again in silence: a store that its catalog knows to be full stays missing, and so does
    the catalog of a store that holds something. Opening them then says so. An empty folder may be a disk that is not
    mounted, an empty bucket one of another name: they become a store only when somebody `asked` for one. Who asked, and
    gets no store that opens, is told why: ConfigError.
    """
    with furnishing(archive.catalog_url):
        site, owners = archive.site, tuple(archive.config.holders)
        empty = site.empty
        if empty:
            Catalog.open(archive.catalog_url, create=True).close()
        elif asked:
            site.made(owners)  # there already; or it says what is in the way
        catalog = Catalog.open(archive.catalog_url)
        try:
            known = catalog.counts()["pdvs"]
        finally:
            catalog.close()
        if not empty or not (asked or site.vacant):
            return False
        if known:
            if asked:
                _missed(archive, known)
            return False
        new = not _opens(site)
        site.made(owners)
        return new


def _opens(site: Site) -> bool:
    try:
        site.opened()
    except (ConfigError, Unavailable):
        return False
    return True


def _missed(archive: Archive, known: int) -> None:
    """Raises ConfigError when the store of a catalog that knows `known` rapporti is not there."""
    try:
        archive.site.opened()
    except (ConfigError, Unavailable) as error:
        raise ConfigError(
            f"{archive.config.stores[0].shown}: qui non c'è nessun oggetto, e il catalogo conosce {known} rapporti: lo"
            " store è sparito, e non ne viene creato un altro. Se è altrove (disco non montato, altro bucket o prefix)"
            " correggere; se è perduto rimetterne la copia. Per un archivio nuovo indicare anche un altro catalogo"
            f" (the store is gone, and no other was made): {error}"
        ) from error


def is_new(archive: Archive) -> bool:
    """Whether neither store nor catalog is there yet: `init` or the first `ingest` makes both.

    Raises Unavailable and ConfigError when the catalog does not say.
    """
    return archive.site.vacant and Catalog.vacant(archive.catalog_url)
