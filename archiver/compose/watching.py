"""The copies at a glance: which stores answer, what is wrong with them, what nobody has read for too long."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from archiver.compose.archive import Archive
from archiver.errors import ArchiverError
from archiver.sweep.values import said
from archiver.verdict import Severity


def watched(archive: Archive, at: datetime, lang: str) -> Iterator[str]:
    """What somebody should know of the copies: what is wrong, what nobody has read for too long, what is down."""
    found = [said(row) for row in archive.catalog.damages() if row.store in archive.stores]
    grave = sum(item.severity in (Severity.ERROR, Severity.DOUBT) for item in found)
    if grave:
        yield {
            "it": f"{grave} rilievi aperti sulle copie (mancanti, alterati, estranei, blocchi): archiver sweep --repair"
            " ripara ciò che può",
            "en": f"{grave} open findings about the copies (missing, altered, unexpected, locks): archiver sweep"
            " --repair repairs what it can",
        }[lang]
    days = archive.config.sweep.days
    for store in archive.stores:
        oldest = archive.catalog.unread_since(store)
        if oldest and at - oldest > timedelta(days=days):
            yield {
                "it": f"store {store}: una copia non è riletta da {(at - oldest).days} giorni, promessi {days}:"
                " archiver sweep",
                "en": f"store {store}: a copy has not been read for {(at - oldest).days} days, promised {days}:"
                " archiver sweep",
            }[lang]
        if store != next(iter(archive.stores)) and (error := _trouble(archive, store)):
            yield f"store {store}: {error}"


def answering(archive: Archive) -> list[str]:
    """The stores that can be asked now, by id."""
    return [store for store in archive.stores if not _trouble(archive, store)]


def _trouble(archive: Archive, store: str) -> ArchiverError | None:
    try:
        archive.stores[store].has("x")
    except ArchiverError as error:
        return error
    return None
