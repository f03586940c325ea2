"""What a purge leaves in the store: before, what was proven and is about to go; afterwards, what went.

No address and no name of a folder: a folder is told by a digest that who knows its name can make again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from archiver.digest import sha256
from archiver.ports import Folder
from archiver.purge.values import Proven, Purging, Report, Wish
from archiver.uids import Uids

Place = tuple[str, int]
"""A folder's name and its UIDVALIDITY."""


@dataclass(slots=True)
class Outcome:
    """What was certified, and what of it was `deleted`, since the last report of that kind.

    Of those `uncertain` nobody knows: the server went away while it was asked to delete them.
    """

    certificates: list[str] = field(default_factory=list)
    proven: int = 0
    deleted: dict[Place, Uids] = field(default_factory=dict)
    uncertain: dict[Place, Uids] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Messages that are gone."""
        return sum(len(uids) for uids in self.deleted.values())

    @property
    def doubts(self) -> int:
        """Messages that may be."""
        return sum(len(uids) for uids in self.uncertain.values())


def folder_digest(mailbox: str, folder: str) -> str:
    """SHA-256 (hexadecimal) of the mailbox's id, a line feed, and the folder's name in UTF-8."""
    return sha256(f"{mailbox}\n{folder}".encode())


def proven(work: Purging, wish: Wish, messages: Sequence[Proven]) -> dict[str, Any]:
    """The certificate: each message by UID, with the stores that gave it back and when. Nothing is deleted yet."""
    return {
        "stage": "proven",
        "mailbox": work.mailbox,
        "older_than_days": wish.days,
        "before": f"{wish.before:%Y-%m-%dT%H:%M:%SZ}",
        "copies": work.copies,
        "folders": [
            {
                **_place(work, (folder.name, folder.validity)),
                "messages": [_message(one) for one in sorted(found, key=lambda one: one.uid)],
            }
            for folder, found in by_folder(messages)
        ],
    }


def outcome(work: Purging, told: Outcome, report: Report) -> dict[str, Any]:
    """The report after the deed: what is gone from the server, of all that its `certificates` name."""
    return {
        "stage": "deleted",
        "mailbox": work.mailbox,
        "certificates": list(told.certificates),
        "proven": told.proven,
        "deleted": told.count,
        "uncertain": told.doubts,
        "failed": told.proven - told.count - told.doubts,
        "skipped": {reason.value: count for reason, count in report.skipped.items()},
        "folders": _spans(work, told.deleted),
        "uncertain_folders": _spans(work, told.uncertain),
    }


def by_folder(messages: Iterable[Proven]) -> list[tuple[Folder, list[Proven]]]:
    """The messages of each folder, in the order in which they come."""
    groups = groupby(messages, key=lambda one: (one.folder.name, one.folder.validity))
    return [(found[0].folder, found) for _, group in groups if (found := list(group))]


def _spans(work: Purging, places: Mapping[Place, Uids]) -> list[dict[str, Any]]:
    return [
        {**_place(work, place), "uids": [list(span) for span in uids.ranges]} for place, uids in sorted(places.items())
    ]


def _place(work: Purging, place: Place) -> dict[str, Any]:
    return {"folder": folder_digest(work.mailbox, place[0]), "uidvalidity": place[1]}


def _message(one: Proven) -> dict[str, Any]:
    return {
        "uid": one.uid,
        "sha256": one.sha256,
        "size": one.size,
        "volume": one.volume,
        "stores": list(one.stores),
        "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
    }
