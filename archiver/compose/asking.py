"""What holds and discards ask of somebody this morning: to look at one again, to go on with another."""

from collections.abc import Iterator
from datetime import date, datetime

from archiver.compose.archive import Archive
from archiver.errors import ArchiverError, Malformed
from archiver.package import layout
from archiver.package.act import DISCARDS, HOLDS, Act
from archiver.submission.acts import read_act
from archiver.submission.holds import holds
from archiver.submission.keeping import ROME
from archiver.submission.steps import State, steps

_ASKS = {
    State.PROPOSED: ("da approvare o respingere", "to be approved or rejected", "approve"),
    State.APPROVED: ("da eseguire", "to be executed", "execute"),
    State.APPROVED_IN_PART: ("da eseguire", "to be executed", "execute"),
    State.DESTROYED_IN_PRIMARY: ("non ancora distrutto in ogni copia", "not destroyed in every copy yet", "execute"),
    State.DESTROYED_IN_COPIES: ("backup da confermare eliminati", "backups to be confirmed gone", "confirm-backups"),
}


def asking(archive: Archive, *, at: datetime, lang: str) -> list[str]:
    """A sentence for each; nothing is written, and what cannot be read is said elsewhere."""
    try:
        acts = list(_acts(archive))
    except ArchiverError:
        return []
    today = at.astimezone(ROME).date()
    return [*_holds(acts, today, lang), *_discards(acts, lang)]


def _acts(archive: Archive) -> Iterator[Act]:
    for holder in archive.config.holders:
        for one in sorted(archive.catalog.act_ids(holder, kinds=[*HOLDS, *DISCARDS])):
            found = read_act(archive.store, layout.act(holder, one))
            if not isinstance(found, Malformed):
                yield found


def _holds(acts: list[Act], today: date, lang: str) -> Iterator[str]:
    for one in holds(acts):
        if one.released is None and one.review and one.review <= today:
            yield {
                "it": f"blocco {one.short}, da rivedere dal {one.review}: `archiver hold list`",
                "en": f"hold {one.short}, to be looked at again since {one.review}: `archiver hold list`",
            }[lang]


def _discards(acts: list[Act], lang: str) -> Iterator[str]:
    for one in steps(acts).values():
        if one.state in _ASKS:
            italian, english, command = _ASKS[one.state]
            what = italian if lang == "it" else english
            yield f"{'scarto' if lang == 'it' else 'discard'} {one.id}: {what}: `archiver discard {command} {one.id}`"
