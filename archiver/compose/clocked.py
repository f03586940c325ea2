"""Registers that are ahead of the clock: it was wrong once, and no act is ever dated before the one that it follows."""

from datetime import datetime, timedelta

from archiver.compose.archive import Archive
from archiver.errors import ArchiverError

HOUR = timedelta(hours=1)


def ahead(archive: Archive, at: datetime, lang: str) -> list[str]:
    """A sentence for each holder whose last act lies more than an hour after `at`; none without a catalog."""
    try:
        last = [archive.catalog.last_act(holder) for holder in sorted(archive.config.holders)]
    except ArchiverError:
        return []  # what is wrong with the catalog is said elsewhere
    words = {
        "it": "registro di {holder}: l'ultimo atto è datato {dated}, avanti all'orologio: questo è indietro, o un"
        " tempo era avanti. Fino ad allora ogni atto porta quella data; valgono l'ordine e gli evidence record",
        "en": "register of {holder}: the last act is dated {dated}, ahead of the clock: this is behind, or was ahead"
        " once. Until then every act bears that time; the order holds, and the evidence records",
    }[lang]
    early = [row for row in last if row and row.at - at > HOUR]
    return [words.format(holder=row.holder, dated=f"{row.at:%Y-%m-%d %H:%M:%SZ}") for row in early]
