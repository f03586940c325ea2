"""The states of the dossiers of many messages, asked for together: two questions to the catalog instead of two each."""

from collections.abc import Iterable, Sequence

from archiver.access.question import Catalog, piece
from archiver.digest import Sha256
from archiver.pec.dossier import fold
from archiver.pec.matching import group
from archiver.pec.piece import Piece
from archiver.submission.rows import MessageRow

Key = tuple[str, Sha256]
"""Holder and digest of a message."""


def states(rows: Sequence[MessageRow], catalog: Catalog) -> dict[Key, str]:
    """The state of the dossier of each message, as `question.dossier_of` folds it."""
    found: dict[Key, str] = {}
    around = _around(rows, catalog)
    for holder in {row.holder for row in rows}:
        mine = {digest: one for (owner, digest), one in around.items() if owner == holder}
        asked = {row.sha256 for row in rows if row.holder == holder}
        for members in group(mine.values()):
            wanted = [(holder, member.sha256) for member in members if member.sha256 in asked]
            if wanted:
                found |= dict.fromkeys(wanted, fold(members).state)
    return found


def _around(rows: Sequence[MessageRow], catalog: Catalog) -> dict[Key, Piece]:
    """Everything within two steps: the acceptance joins a sent copy's Message-ID to the provider's name of it."""
    pieces = {(row.holder, row.sha256): piece(row) for row in rows}
    known: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()
    for _ in range(2):
        names = _names(pieces.values())
        if names == known:
            break
        known = names
        for row in catalog.same_transaction(identificativi=names[0], msgids=names[1]):
            if (row.holder, row.sha256) not in pieces:
                pieces[row.holder, row.sha256] = piece(row)
    return pieces


def _names(pieces: Iterable[Piece]) -> tuple[frozenset[str], frozenset[str]]:
    known = list(pieces)
    return frozenset(one.identificativo for one in known) - {""}, frozenset(one.msgid for one in known) - {""}
