"""An archive of one's own mail, and questions whose answer is one of its messages."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from sqlalchemy import select

from archiver.access import Query, search
from archiver.access.question import dossier_of
from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.tables import MESSAGE
from benchmarks.measure import ARCHIVER, measured

Question = Callable[[Catalog, int], bool]
"""Asks about one place among all, and says whether it found what it had to find."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a question may be made of."""

    sha256: str
    subject: str
    sender: str
    message_id: str
    kind: str
    date: datetime

    @property
    def word(self) -> str:
        """The longest word of its subject."""
        return max(re.findall(r"[^\W_]{4,}", self.subject), key=len, default="")

    @property
    def address(self) -> str:
        """Who sent it."""
        return parseaddr(self.sender)[1]


def archive(home: Path, url: str, mail: Path) -> None:
    """All of the mail taken in below `home`, into the catalog at `url`, with its full text."""
    folder = home / "archive"
    environ = os.environ | {"ARCHIVER_CONFIG": str(folder / "archiver.toml")}
    measured([*ARCHIVER, "init", "--demo", str(folder)], environ=environ)
    configuration = folder / "archiver.toml"
    configuration.write_text(configuration.read_text().replace("sqlite:///catalog.db", url))
    measured([*ARCHIVER, "init", str(folder)], environ=environ)
    measured([*ARCHIVER, "ingest", "--from", str(mail)], environ=environ)
    measured([*ARCHIVER, "catalog", "index"], environ=environ)


def messages(catalog: Catalog) -> list[Known]:
    """All there are."""
    kept = MESSAGE.c
    query = select(kept.sha256, kept.subject, kept.sender, kept.message_id, kept.kind, kept.date)
    with catalog._database.reading() as connection:
        return [Known(*row) for row in connection.execute(query.order_by(kept.sha256, kept.mailbox))]


def questions(kept: Sequence[Known]) -> dict[str, Question]:
    """Those that these messages can answer. Raises RuntimeError when there is no message."""
    if not kept:
        raise RuntimeError("no message was taken in: there is nothing to ask for")
    worded = [one for one in kept if one.word]
    sent = [one for one in kept if one.address]
    named = [one for one in kept if one.message_id]

    def month(one: Known) -> dict[str, datetime]:
        return {"since": one.date - timedelta(days=15), "until": one.date + timedelta(days=15)}

    def state(catalog: Catalog, place: int) -> bool:
        found(catalog, Query(sender=sent[place % len(sent)].address, state="delivered"))
        return True  # nobody knows beforehand whether any of this sender's was delivered

    def message_id(catalog: Catalog, place: int) -> bool:
        rows = catalog.same_transaction(msgids=[named[place % len(named)].message_id])
        return bool(rows) and bool(dossier_of(rows[0], catalog))

    def digest(catalog: Catalog, place: int) -> bool:
        [row, *_] = catalog.message(kept[place].sha256[:16])
        return bool(dossier_of(row, catalog))

    made: dict[str, Question] = {"a digest": digest}
    made["a kind in a month"] = lambda catalog, place: found(
        catalog, Query(kind=kept[place].kind, **month(kept[place]))
    )
    if worded:
        made["a word of a subject"] = lambda catalog, place: found(catalog, Query((worded[place % len(worded)].word,)))
    if sent:
        made["an address"] = lambda catalog, place: found(catalog, Query(sender=sent[place % len(sent)].address))
        made["a state"] = state
    if named:
        made["a Message-ID"] = message_id
    return made


def found(catalog: Catalog, query: Query) -> bool:
    """A page of results with the states of their dossiers, and the first dossier, as `show` folds it."""
    page = search(catalog, query, names={}, limit=20, after=None)
    if not page.results:
        return False
    [row, *_] = catalog.message(page.results[0].dossier)
    return bool(dossier_of(row, catalog))
