"""Search: conditions combined by AND (DMEF 17 June 2014, art. 3), page by page, each result with its state."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from archiver.access.folding import states
from archiver.access.question import Catalog, stated
from archiver.digest import Sha256
from archiver.errors import ConfigError
from archiver.package import rules
from archiver.submission.rows import MessageRow

LOOKED_AT = 5000
"""Messages that one page looks at for those of a state: the catalog knows no states, each is folded from receipts."""

_STEP = 200

Place = tuple[datetime, Sha256]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, all of it at once; what is empty asks nothing. `mailbox` is an id; `since` is in, `until` is not.

    See the catalog's `find` for what each means; `state` is that of the dossier.
    """

    terms: tuple[str, ...] = ()
    sender: str = ""
    recipient: str = ""
    name: str = ""
    attachment: str = ""
    provider: str = ""
    protocol: str = ""
    invoice: str = ""
    tax: str = ""
    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""
    mailbox: str = ""
    state: str = ""

    def asked(self) -> dict[str, Any]:
        """What `find` takes."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "state"}


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
    """One page; `next` goes into `--after`, None on the last page. `cut`: it is shorter than it might be, because so
    many messages were looked at; `next` goes on. `unread`: messages whose body and attachments no search knows yet;
    `restricted`: messages that were found and are not shown, since their processing is restricted (GDPR, art. 18).
    """

    results: tuple[Hit, ...]
    next: str | None
    cut: bool = False
    unread: int = 0
    restricted: int = 0

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "results": [_json(hit) for hit in self.results],
            "next": self.next,
            "cut": self.cut,
            "unread": self.unread,
            "restricted": self.restricted,
        }


def search(catalog: Catalog, query: Query, *, names: Mapping[str, str], limit: int, after: str | None) -> Found:
    """Messages for which everything asked holds, the newest first; `names` are the mailboxes' names by id.

    Raises ConfigError for an `after` that is none, and for a condition without a letter or a digit.
    """
    place = _place(after) if after else None
    if query.state:
        return _of_state(catalog, query, names, limit, place)
    rows = catalog.find(**query.asked(), limit=limit + 1, after=place)
    page, more = _cut(rows, limit)
    known = states(page, catalog)
    return Found(
        tuple(_hit(row, known[row.holder, row.sha256], names) for row in page), _told(page[-1]) if more else None
    )


def _of_state(catalog: Catalog, query: Query, names: Mapping[str, str], limit: int, place: Place | None) -> Found:
    """Goes on through what else was asked until the page is full, or as many as LOOKED_AT were looked at."""
    hits: list[Hit] = []
    messages: set[Place] = set()
    looked_at = 0
    while looked_at < LOOKED_AT:
        rows = catalog.find(**query.asked(), limit=_STEP, after=place)
        known = states(rows, catalog)
        for row in rows:
            state = known[row.holder, row.sha256]
            if state == query.state:
                if len(messages | {_at(row)}) > limit:
                    return Found(tuple(hits), _next(place))
                messages.add(_at(row))
                hits.append(_hit(row, state, names))
            place = _at(row)
        seen = len({_at(row) for row in rows})
        if seen < _STEP:
            return Found(tuple(hits), None)
        looked_at += seen
    return Found(tuple(hits), _next(place), cut=True)


def _cut(rows: list[MessageRow], limit: int) -> tuple[list[MessageRow], bool]:
    """The rows of the first `limit` messages, and whether there are others: never between two of one message."""
    places = list(dict.fromkeys(map(_at, rows)))
    kept = frozenset(places[:limit])
    return [row for row in rows if _at(row) in kept], len(places) > limit


def _at(row: MessageRow) -> Place:
    return row.date.astimezone(UTC), row.sha256


def _told(row: MessageRow) -> str:
    return str(_next(_at(row)))


def _next(place: Place | None) -> str | None:
    return f"{place[0].isoformat()}_{place[1]}" if place else None


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


def _place(after: str) -> Place:
    stated, _, digest = after.rpartition("_")
    try:
        moment = datetime.fromisoformat(stated)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment.astimezone(UTC), rules.sha256(digest)
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"--after {after[:200]!r}: expected the `next` of an earlier page") from error
