"""The list (elenco di scarto): whole volumes whose term has passed, or single messages by order; digests and counts.

AgID guidelines 4.11. No address and no subject ever stands in it: the list outlives what it lists.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any

from archiver.digest import Sha256
from archiver.discard.values import Catalog, Listed, Named
from archiver.errors import Absent, Conflict
from archiver.package.agents import Retention
from archiver.submission.rows import SegmentRow, VolumeRow

MOST_REACHING = 1000
"""Digests of reaching messages that are listed for one volume; their number is always told."""


def rule_of(segments: Iterable[SegmentRow]) -> Retention | None:
    """The rule under which a volume was sealed: of its segments the longest; None for one without any."""
    longest = max(segments, key=lambda row: row.years, default=None)
    if longest is None:
        return None
    return Retention(longest.retention, longest.years, longest.event, longest.basis)


def candidates(
    holder: str,
    catalog: Catalog,
    *,
    through: date,
    term: Callable[[VolumeRow], date | None],
    mailboxes: Collection[str] | None,
    but: Collection[str],
) -> list[Listed]:
    """The closed volumes whose term ended on or before `through`, none of those in `but`.

    `mailboxes` by id, None: all.
    """
    due = []
    for volume in catalog.closed(holder):
        if volume.id in but or (mailboxes is not None and volume.mailbox not in mailboxes):
            continue
        end, rule = term(volume), rule_of(catalog.segments_of(volume.id))
        if end is not None and end <= through and rule is not None:
            due.append(Listed(volume, rule, end))
    reaching = catalog.reaching([one.volume.id for one in due])
    return [Listed(one.volume, one.rule, one.term, tuple(reaching.get(one.volume.id, ()))) for one in due]


def named(holder: str, catalog: Catalog, digests: Collection[Sha256]) -> list[Named]:
    """These messages, wherever the holder has them.

    Raises Absent for one that is nowhere, Conflict for one that no closed volume holds yet.
    """
    placed = catalog.placed(holder, digests)
    missing = sorted(set(digests) - {message.sha256 for message, _ in placed})
    if missing:
        raise Absent(f"{', '.join(missing)}: nessun messaggio con questa impronta (no such message)")
    waiting = sorted({message.sha256 for message, segment in placed if segment.volume is None})
    if waiting:
        raise Conflict(
            f"{', '.join(waiting)}: in un volume non ancora chiuso: prima `archiver seal --now` (not in a closed volume"
            " yet)"
        )
    return [Named(message, segment.volume) for message, segment in placed if segment.volume]


def content(
    *, path: str, through: date | None, basis: str, volumes: Iterable[Listed] = (), messages: Iterable[Named] = ()
) -> dict[str, Any]:
    """The list as its report holds it."""
    listed = [_volume(one) for one in volumes]
    single = [_message(one) for one in messages]
    return {
        "path": path,
        "through": through.isoformat() if through else None,
        "basis": basis,
        "volumes": listed,
        "messages": single,
        "totals": {
            "volumes": len(listed),
            "messages": sum(one["messages"] for one in listed) + len(single),
            "bytes": sum(one["bytes"] for one in listed) + sum(one["size"] for one in single),
            "reaching": sum(one["reaching"] for one in listed),
        },
    }


def volumes_in(told: Mapping[str, Any]) -> tuple[str, ...]:
    """The volumes of a list, by id."""
    return tuple(str(one["volume"]) for one in told["volumes"])


def messages_in(told: Mapping[str, Any]) -> tuple[tuple[Sha256, str], ...]:
    """The messages of a list, each with its volume."""
    return tuple((Sha256(one["sha256"]), str(one["volume"])) for one in told["messages"])


def _volume(one: Listed) -> dict[str, Any]:
    row = one.volume
    return {
        "volume": row.id,
        "mailbox": row.mailbox,
        "class": row.retention,
        "year": row.year,
        "years": one.rule.years,
        "event": one.rule.event,
        "basis": one.rule.basis,
        "term": one.term.isoformat(),
        "messages": row.messages,
        "bytes": row.size,
        "reaching": len(one.reaching),
        "reaching_messages": list(one.reaching[:MOST_REACHING]),
    }


def _message(one: Named) -> dict[str, Any]:
    row = one.message
    return {
        "sha256": row.sha256,
        "sha512": row.sha512,
        "size": row.size,
        "mailbox": row.mailbox,
        "volume": one.volume,
    }
