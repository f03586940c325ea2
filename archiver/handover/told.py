"""What an elenco di consistenza says, held against what is there: it is no proof of anything, nobody signed it."""

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.handover import consistency
from archiver.handover.bag import PAYLOAD
from archiver.handover.handed import Handed
from archiver.verdict import Finding, finding


def listed_otherwise(told: Mapping[str, Any], handed: Handed) -> Iterator[Finding]:
    """Holders, mailboxes, volumes, messages and the sample, wherever the elenco says anything else than what is there.

    `told` is what `consistency.read` gave.
    """
    for subject, expected, found in _pairs(told, handed):
        if expected != found:
            where = f"{PAYLOAD}{consistency.NAME}: {subject}"
            yield finding("HANDED_TOLD", where, expected=_said(expected), found=_said(found))


def _pairs(told: Mapping[str, Any], handed: Handed) -> Iterator[tuple[str, object, object]]:
    by_id: dict[str, Mapping[str, Any]] = {one["id"]: one for one in told["holders"]}
    yield "holders", sorted(one["id"] for one in told["holders"]), sorted({*handed.holders, *_empty(by_id, handed)})
    there = sorted(volume for held in handed.volumes.values() for volume in held)
    if told["sample"] is not None:
        yield "sample", sorted(told["sample"]), there
    mailboxes = handed.mailboxes()
    for holder in sorted({*handed.holders, *by_id}):
        if holder in by_id:
            one = by_id[holder]
            boxes = sorted(box["id"] for box in one["mailboxes"])
            yield f"{holder}, mailboxes", boxes, sorted(mailboxes.get(holder, ()))
            yield f"{holder}, pending", one["pending"]["messages"], handed.waiting[holder]
            yield from _volumes(holder, one, handed)


def _empty(by_id: Mapping[str, Mapping[str, Any]], handed: Handed) -> set[str]:
    """Holders of whom nothing could be handed over, and nothing is said to be."""
    return {id for id, one in by_id.items() if id not in handed.holders and not one["volumes"]}


def _volumes(holder: str, told: Mapping[str, Any], handed: Handed) -> Iterator[tuple[str, object, object]]:
    said = {volume["id"]: volume["messages"] for volume in told["volumes"]}
    there: Mapping[str, int] = handed.volumes.get(holder, {})
    yield f"{holder}, volumes", sorted(volume["id"] for volume in told["volumes"]), sorted(there)
    for volume in sorted(said.keys() & there.keys()):
        yield f"{holder}, volume {volume}", said[volume], there[volume]


def _said(value: object) -> str:
    return ", ".join(map(str, value)) or "-" if isinstance(value, list) else str(value)
