"""An archive of two rooms, a real catalog and a store in memory, filled through the door that all messages use."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.access import Query, Shown, lines, search, show
from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.memory import MemoryStore
from archiver.digest import sha256, sha512
from archiver.package import layout
from archiver.package.agents import Agent, AgentType, AuthorizedSigner, Holder, Parties, Retention
from archiver.pec.providers import Providers
from archiver.ports import Fetched
from archiver.submission import intake
from archiver.submission.box import Box
from archiver.submission.rows import MessageRow, PdvRow, SegmentRow

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOLDER = "h-prova"


class Shelf:
    """Messages of mailboxes, taken in and shown; `catalog` and `store` are what `archiver.access` asks."""

    def __init__(self, folder: Path, providers: Providers, *, own: Iterable[str]) -> None:
        self.catalog = Catalog.open(f"sqlite:///{folder}/catalog.db", create=True)
        self.store = MemoryStore()
        self._providers = providers
        self._own = frozenset(own)
        self._polls = 0

    def put(self, *mail: bytes, mailbox: str = "m-uno", holder: str = HOLDER) -> list[str]:
        """Takes messages in, each once; their digests."""
        self._polls += 1
        heap = b"".join(dict.fromkeys(mail))
        segment = sha256(heap + f"{mailbox} {self._polls}".encode())
        self.store.put(layout.segment(holder, segment), heap)
        pdv = f"{self._polls:064x}"
        rows: list[MessageRow] = []
        offset = 0
        box = _box(holder, mailbox, self._own)
        for raw in dict.fromkeys(mail):
            taken = intake.take(Fetched(raw, "x.eml", "INBOX"), box=box, providers=self._providers, at=AT)
            rows.append(intake.row(taken, box=box, pdv=pdv, segment=segment, offset=offset, at=AT))
            offset += len(raw)
        size = len(heap)
        report = PdvRow(pdv, holder, mailbox, self._polls, AT, segment, sha512(heap), size, f"{pdv}.xml", "")
        into = SegmentRow(
            segment, holder, mailbox, pdv, "corrispondenza", 10, "", "", 2026, len(rows), size,
            rows[0].sha256, rows[-1].sha256, AT,
        )  # fmt: skip
        self.catalog.record_pdv(report, [into], rows)
        return [row.sha256 for row in rows]

    def damage(self, how: Callable[[bytes], bytes]) -> None:
        """Does that to every object of the store."""
        kept, self.store = self.store, MemoryStore()
        for item in kept.list():
            self.store.put(item.name, how(kept.get(item.name)))

    def show(self, name: str, mailbox: str | None = None) -> Shown:
        """The dossier of that name."""
        names = {"m-uno": "uno", "m-due": "due"}
        return show(self.catalog, self.store, name, mailboxes=names, mailbox=mailbox)

    def json(self, name: str) -> dict[str, Any]:
        """The same for machines."""
        return self.show(name).as_json()

    def text(self, name: str, lang: str = "it") -> str:
        """The same for people."""
        return "\n".join(lines(self.show(name), lang))

    def states(self) -> Mapping[str, str]:
        """What a search says of every message, by digest."""
        found = search(self.catalog, Query(), names={}, limit=1000, after=None)
        return {hit.dossier: hit.state for hit in found.results}


def _box(holder: str, mailbox: str, own: frozenset[str]) -> Box:
    owner = Agent(AgentType.LEGAL_PERSON, ("statuto",), formal_name="Studio di prova")
    return Box(
        holder=holder,
        mailbox=mailbox,
        address=min(own),
        own=own,
        owner=owner,
        owner_code="01234567890",
        retention=Retention("corrispondenza", 10, "ricezione", "c.c. 2220"),
        parties=Parties(owner, (Holder(owner),), (AuthorizedSigner(owner),)),
        software="prova",
        version="1",
        manual="1",
        public=False,
        riservato=False,
        close_after="1M",
        annotations_days=0,
    )
