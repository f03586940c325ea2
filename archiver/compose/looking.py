"""What is registered of those who search and look: before anything is shown, and nothing that was searched for."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from archiver.access import Found, Shown
from archiver.access.show import SHORTEST, Ambiguous
from archiver.compose.archive import Archive
from archiver.compose.register import check_reason, register
from archiver.compose.roles import Right
from archiver.digest import sha256
from archiver.errors import Absent, ConfigError
from archiver.package.act import ActKind
from archiver.submission.rows import MessageRow


def admitted(archive: Archive, mailbox: str | None, reason: str) -> None:
    """Nothing, when whoever asks may read messages (in the mailbox called so), and says why if that is obligatory.

    Raises ConfigError.
    """
    archive.permit(Right.READ, mailbox)
    check_reason(archive, reason)


def admitted_to_restricted(archive: Archive, reason: str) -> None:
    """Nothing, when whoever asks may see what is restricted (GDPR, art. 18), and says why. Raises ConfigError."""
    archive.permit(Right.DECIDE)
    if not reason.strip():
        raise ConfigError(
            "--restricted: serve --reason TESTO: perché si mostra ciò il cui trattamento è limitato (GDPR, art. 18,"
            " c. 2); il motivo resta nel registro (a reason is needed)"
        )


def looked(archive: Archive, shown: Shown, *, reason: str, restricted: bool = False) -> Shown:
    """A dossier that may be shown now: the register of its holder has the digests of its messages."""
    rows = [proof.message for proof in shown.proofs]
    _shown(archive, rows, {"dossier": rows[0].sha256} | ({"restricted": True} if restricted else {}), reason)
    return shown


def glimpsed(archive: Archive, rows: Iterable[MessageRow], *, reason: str) -> None:
    """Messages of several dossiers are named, so that one of them may be asked for."""
    _shown(archive, list(rows), {"choices": True}, reason)


@contextmanager
def telling(archive: Archive, *, reason: str, name: str | None = None, mailbox: str | None = None) -> Iterator[None]:
    """Whoever looks for one dossier here, called `name`, and is told of several instead is in the register before.

    What is not there any more is told as discarded: in `mailbox` (an id), or anywhere that whoever asks may look.
    """
    try:
        yield
    except Ambiguous as error:
        glimpsed(archive, error.seen, reason=reason)
        raise
    except Absent as error:
        raise (_discarded(archive, name, mailbox) if name else None) or error from None


def searched(archive: Archive, found: Found, question: Mapping[str, Any], *, reason: str) -> Found:
    """A page of results that may be shown now.

    The registers of all holders in whose mailboxes was searched have the names of the filters, how many results there
    are, and the digest of the `question`: JSON of everything that was asked, keys sorted, no blanks, in UTF-8.
    """
    asked = {name: value for name, value in question.items() if value not in (None, "", (), [])}
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    what = {
        "filters": sorted(asked),
        "results": len(found.results),
        "more": found.next is not None,
        "question": sha256(text.encode()),
    }
    register(
        archive, holders=_holders(archive, question), kind=ActKind.SEARCH, what=what, reason=reason, clock=archive.clock
    )
    return found


def _holders(archive: Archive, question: Mapping[str, Any]) -> set[str]:
    """Whose mailboxes the question is about."""
    own, name = archive.who.mailboxes, question.get("mailbox")
    boxes = [one for one in archive.config.mailboxes if (own is None or one.id in own) and name in (None, "", one.name)]
    (only, *others) = archive.config.holders
    return {one.holder or only for one in boxes} or {only, *others}


def _discarded(archive: Archive, name: str, mailbox: str | None) -> Absent | None:
    """What there is to say of a message that was discarded: by which discard, and when. It is known by digest alone."""
    begun = name.lower()
    if len(begun) < SHORTEST or not set(begun) <= set("0123456789abcdef"):
        return None
    own = archive.who.mailboxes
    found = [
        row
        for row in archive.catalog.tombstones(begun)
        if mailbox in (None, row.mailbox) and (own is None or row.mailbox in own)
    ]
    if not found:
        return None
    (row, *_) = found
    days = {record.id: record.at for record in archive.catalog.discards(row.holder)}
    return Absent(
        f"{row.sha256}: scartato il {days[row.discard]:%Y-%m-%d}: `archiver discard show {row.discard}`"
        " (it was discarded; its digest is in the certificate's rapporti, its bytes are nowhere)"
    )


def _shown(archive: Archive, rows: list[MessageRow], what: Mapping[str, Any], reason: str) -> None:
    for holder in sorted({row.holder for row in rows}):
        mine = [row.sha256 for row in rows if row.holder == holder]
        told = {**what, "messages": sorted(set(mine))}
        register(archive, holders=[holder], kind=ActKind.SHOW, what=told, reason=reason, clock=archive.clock)
