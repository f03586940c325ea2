"""The sendings of a period, each folded into its dossier: for those who look at many of them at once."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.access.question import Catalog, piece
from archiver.digest import Sha256
from archiver.pec.dossier import Dossier, fold
from archiver.pec.kind import Kind
from archiver.pec.matching import group
from archiver.pec.piece import Piece
from archiver.submission.rows import MessageRow

PAGE = 500
"""Messages of one question: what they belong to is asked for all of them together."""

_BEGINNINGS = (Kind.ACCETTAZIONE, Kind.NON_ACCETTAZIONE, Kind.INVIATO)


@dataclass(frozen=True, slots=True)
class Sending:
    """One sending: `at` is when it was accepted, else when it was sent, aware; `mailbox` is where its messages lie.

    `places` has every mailbox in which its acceptance or sent copy lies, with the digest of that.
    """

    dossier: Dossier
    holder: str
    mailbox: str
    sha256: Sha256
    at: datetime
    places: frozenset[tuple[str, Sha256]] = frozenset()


def sendings(catalog: Catalog, *, since: datetime, until: datetime) -> Iterator[Sending]:
    """All that was sent, or accepted, from `since` and before `until`, each once, in no order."""
    seen: set[bytes] = set()
    for kind in _BEGINNINGS:
        for page in _pages(catalog, kind, since, until):
            fresh = [row for row in page if _short(row.holder, row.sha256) not in seen]
            pieces = _Pieces()
            around = _around(fresh, catalog, pieces)
            places = _places(around)
            for holder, rows in _by_holder(around):
                asked = {row.sha256 for row in fresh if row.holder == holder}
                yield from _folded(holder, rows, asked, seen, pieces, places)


def _pages(catalog: Catalog, kind: Kind, since: datetime, until: datetime) -> Iterator[list[MessageRow]]:
    after: tuple[datetime, Sha256] | None = None
    while rows := catalog.find((), kind=kind, since=since, until=until, limit=PAGE, after=after):
        yield rows
        after = rows[-1].date.astimezone(UTC), rows[-1].sha256


def _around(page: list[MessageRow], catalog: Catalog, pieces: "_Pieces") -> list[MessageRow]:
    """Everything within two steps of these messages: an acceptance joins both names of a sending."""
    found = {(row.sha256, row.mailbox): row for row in page}
    asked: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()
    for _ in range(2):
        known = _known(map(pieces.of, found.values()))
        names = known[0] - asked[0], known[1] - asked[1]
        if not any(names):
            break
        more = catalog.same_transaction(identificativi=names[0], msgids=names[1])
        found |= {(row.sha256, row.mailbox): row for row in more}
        asked = known
    return list(found.values())


def _known(found: Iterable[Piece]) -> tuple[frozenset[str], frozenset[str]]:
    pieces = list(found)
    return frozenset(it.identificativo for it in pieces) - {""}, frozenset(it.msgid for it in pieces) - {""}


class _Pieces(dict[tuple[Sha256, str], Piece]):
    """The pieces of one page: each row becomes one once."""

    def of(self, row: MessageRow) -> Piece:
        """That of a row."""
        name = row.sha256, row.mailbox
        if name not in self:
            self[name] = piece(row)
        return self[name]


def _by_holder(rows: list[MessageRow]) -> Iterator[tuple[str, dict[Sha256, MessageRow]]]:
    holders: dict[str, dict[Sha256, MessageRow]] = {}
    for row in rows:
        holders.setdefault(row.holder, {}).setdefault(row.sha256, row)
    yield from holders.items()


def _places(rows: list[MessageRow]) -> Mapping[tuple[str, Sha256], set[str]]:
    """The mailboxes of each message of a holder."""
    found: dict[tuple[str, Sha256], set[str]] = defaultdict(set)
    for row in rows:
        found[row.holder, row.sha256].add(row.mailbox)
    return found


def _short(holder: str, sha256: Sha256) -> bytes:
    """A message of a holder in 16 bytes: there may be millions."""
    return hashlib.md5(f"{holder}/{sha256}".encode(), usedforsecurity=False).digest()


def _folded(
    holder: str,
    rows: dict[Sha256, MessageRow],
    asked: set[Sha256],
    seen: set[bytes],
    pieces: _Pieces,
    places: Mapping[tuple[str, Sha256], set[str]],
) -> Iterator[Sending]:
    for members in group(map(pieces.of, rows.values())):
        if not any(member.sha256 in asked for member in members):
            continue
        # a later page may bring its other beginnings; nothing else is looked for
        seen |= {_short(holder, member.sha256) for member in members if member.kind in _BEGINNINGS}
        beginning = _beginning(members)
        row = rows[beginning.sha256]
        begun = frozenset(
            (mailbox, member.sha256)
            for member in members
            if member.kind in _BEGINNINGS
            for mailbox in places[holder, member.sha256]
        )
        yield Sending(fold(members), holder, row.mailbox, beginning.sha256, beginning.date, begun)


def _beginning(members: list[Piece]) -> Piece:
    return next((member for kind in _BEGINNINGS for member in members if member.kind is kind), min(members, key=_order))


def _order(member: Piece) -> datetime:
    return member.date
