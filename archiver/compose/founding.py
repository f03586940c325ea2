"""A new archive: a commented configuration, and for the demo everything else too."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archiver.adapters import authority
from archiver.adapters.catalog import Catalog, furnishing
from archiver.compose.archive import AUTHORITY, Archive
from archiver.compose.stores import Site, sites
from archiver.config import demo_text, parse, template_text
from archiver.errors import ArchiverError, ConfigError, Unavailable

NAME = "archiver.toml"


@dataclass(frozen=True, slots=True)
class Made:
    """Where the configuration is, and whether it was made now; the archive, if the configuration was filled in.

    `stores`: which of its stores were made now and which were there, by id, the primary first; none while the
    configuration does not say where they lie.
    """

    config: Path
    created: bool
    archive: Archive | None = None
    stores: dict[str, bool] = field(default_factory=dict)

    @property
    def store(self) -> bool | None:
        """Whether the primary store was made now; None while nobody knows where it is to lie."""
        return next(iter(self.stores.values()), None)

    def gaps(self, lang: str) -> tuple[str, ...]:
        """What somebody should know of the places where the stores lie: what they do not do, and what follows."""
        return tuple(gap for site in _sites(self.archive).values() for gap in site.alerts(lang)) if self.archive else ()


def init(folder: Path, *, demo: bool, environ: Mapping[str, str], clock: Callable[[], datetime]) -> Made:
    """Makes an archive in `folder`; an archive that is there is left as it is, and finished if a part is missing.

    Raises ConfigError for a folder that holds something else, and when no store opens and none may be made.
    """
    config, at = folder / NAME, clock()
    created = not config.exists()
    if created:
        _write(config, demo=demo, at=at)
    archive = _finish(folder, config, environ, clock)
    return Made(config, created, archive, furnish(archive, asked=True) if archive else {})


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


def furnish(archive: Archive, *, asked: bool = False) -> dict[str, bool]:
    """Makes the stores and the catalog of an archive that has none yet; which stores were made now, by id.

    What vanished is never made again in silence: a store that its catalog knows to be full stays missing, and so does
    the catalog of a store that holds something. Opening them then says so. An empty folder may be a disk that is not
    mounted, an empty bucket one of another name: they become a store only when somebody `asked` for one. Who asked, and
    gets no store that opens, is told why: ConfigError. Replicas are made together with the primary, or when asked for;
    one that cannot be made then is said when all else is done.
    """
    with furnishing(archive.catalog_url):
        made = _primary(archive, asked=asked)
        return _replicas(archive, made, asked=asked) if made or asked else {archive.config.stores[0].id: made}


def _primary(archive: Archive, *, asked: bool) -> bool:
    site, owners = archive.site, tuple(archive.config.holders)
    empty = site.empty
    if empty:
        Catalog.open(archive.catalog_url, create=True).close()
    elif asked:
        site.made(owners)  # there already; or it says what is in the way
    known = _asked(archive, lambda catalog: int(catalog.counts()["pdvs"]))
    if not empty or not (asked or site.vacant):
        return False
    if known:
        if asked:
            _missed(archive, known)
        return False
    new = not _opens(site)
    site.made(owners)
    return new


def _replicas(archive: Archive, made: bool, *, asked: bool) -> dict[str, bool]:
    """Whether each was made now. One that cannot be is in nobody's way, unless somebody `asked` for it."""
    first, *others = archive.config.stores
    found, refusals, places = {first.id: made}, list[ArchiverError](), _sites(archive)
    for replica in others:
        try:
            found[replica.id] = _replica(archive, replica.id, replica.shown, places[replica.id])
        except ArchiverError as error:
            refusals.append(type(error)(f"[[store]] {replica.id}: {error}"))
    if refusals and asked:
        lasting = any(isinstance(error, ConfigError) for error in refusals)
        raise (ConfigError if lasting else Unavailable)("\n".join(map(str, refusals)))
    return found


def _replica(archive: Archive, name: str, shown: str, site: Site) -> bool:
    """Whether the replica was made now. One that held copies and is empty is another place, or lost."""
    new = not _opens(site)
    if new and (known := _asked(archive, lambda catalog: catalog.safety([name], 1)[0])):
        raise ConfigError(
            f"{shown}: qui non c'è nessuno store, e il catalogo vi conosce copie di {known}"
            " messaggi: non ne viene creato un altro. Se è altrove (disco non montato, altro bucket o prefix)"
            " correggere; se è perduto dare alla nuova copia un altro id"
            " (the replica is gone, and no other was made: give its successor another id)"
        )
    site.made(tuple(archive.config.holders))
    return new


def _sites(archive: Archive) -> dict[str, Site]:
    return sites(archive.config, archive.environ, archive.clock)


def _asked(archive: Archive, question: Callable[[Catalog], int]) -> int:
    catalog = Catalog.open(archive.catalog_url)
    try:
        return question(catalog)
    finally:
        catalog.close()


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
