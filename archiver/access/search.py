"""Search by headers, page by page, each result with the state of its dossier."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from archiver.access.question import Catalog, dossier_of, stated
from archiver.digest import Sha256
from archiver.errors import ConfigError
from archiver.submission.rows import MessageRow


@dataclass(frozen=True, slots=True)
class Hit:
    """One message; `dossier` is the digest that `show` takes."""

    dossier: Sha256
    message_id: str
    identificativo: str
    date: datetime
    sender: str
    to: str
    subject: str
    kind: str
    mailbox: str
    state: str


@dataclass(frozen=True, slots=True)
class Found:
    """One page; `next` goes into `--after`, None on the last page."""

    results: tuple[Hit, ...]
    next: str | None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"results": [_json(hit) for hit in self.results], "next": self.next}


def search(
    catalog: Catalog,
    terms: Sequence[str],
    *,
    sender: str = "",
    recipient: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    kind: str = "",
    mailbox: str = "",
    names: Mapping[str, str],
    limit: int,
    after: str | None,
) -> Found:
    """Messages for which everything asked holds, the newest first; `names` are the mailboxes' names by id."""
    rows = catalog.find(
        terms,
        sender=sender,
        recipient=recipient,
        since=since,
        until=until,
        kind=kind,
        mailbox=mailbox,
        limit=limit + 1,
        after=_place(after) if after else None,
    )
    page = rows[:limit]
    rest = f"{page[-1].date.astimezone(UTC).isoformat()}_{page[-1].sha256}" if len(rows) > limit else None
    states: dict[tuple[str, Sha256], str] = {}
    for row in page:
        if (row.holder, row.sha256) not in states:  # a page may be full of receipts of one sending
            dossier, members = dossier_of(row, catalog)
            states |= {(member.holder, member.sha256): dossier.state for member in members}
    return Found(tuple(_hit(row, states[row.holder, row.sha256], names) for row in page), rest)


def _hit(row: MessageRow, state: str, names: Mapping[str, str]) -> Hit:
    return Hit(
        dossier=row.sha256,
        message_id=row.message_id,
        identificativo=row.identificativo,
        date=stated(row),
        sender=row.sender,
        to=", ".join(row.recipients),
        subject=row.subject,
        kind=row.kind,
        mailbox=names.get(row.mailbox, row.mailbox),
        state=state,
    )


def _json(hit: Hit) -> dict[str, Any]:
    values = asdict(hit) | {"date": hit.date.isoformat()}
    values["from"] = values.pop("sender")
    return values


def _place(after: str) -> tuple[datetime, Sha256]:
    stated, _, digest = after.rpartition("_")
    try:
        moment = datetime.fromisoformat(stated)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment.astimezone(UTC), Sha256(digest)
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"--after {after!r}: expected the `next` of an earlier page") from error
