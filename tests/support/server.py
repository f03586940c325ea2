"""A mail server in memory that does whatever a test tells it: folders that come and go, mail that cannot be had."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.errors import Absent, Unavailable
from archiver.ports import Fetched, Folder, Gone, Unfetched
from archiver.uids import Uids

RECEIVED = datetime(2026, 3, 1, 9, tzinfo=UTC)


@dataclass
class Box:
    """One folder. `next` is UIDNEXT; what is in `mail` can be listed.

    `broken` UIDs cannot be fetched, `vanishing` ones are deleted between the listing and the fetch.
    """

    mail: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    next: int = 1
    broken: set[int] = field(default_factory=set)
    vanishing: set[int] = field(default_factory=set)
    there: bool = True

    def deliver(self, *mail: bytes) -> "Box":
        """New mail at the end."""
        for raw in mail:
            self.mail[self.next] = raw
            self.next += 1
        return self

    def delete(self, *uids: int) -> None:
        """As a user does."""
        for uid in uids:
            del self.mail[uid]

    def recreate(self, validity: int) -> None:
        """The same mail under a new UIDVALIDITY, numbered anew."""
        mail = list(self.mail.values())
        self.mail, self.next, self.validity = {}, 1, validity
        self.deliver(*mail)


class Server:
    """`archiver.ports.Mailbox`. It hangs up for good after `patience` messages, when that is set."""

    def __init__(self, **folders: Box) -> None:
        self.boxes = folders or {"INBOX": Box()}
        self.patience: int | None = None
        self.asked: list[tuple[str, int]] = []
        self.unlisted: set[str] = set()

    @classmethod
    def of(cls, mail: Sequence[bytes]) -> "Server":
        """One INBOX."""
        return cls(INBOX=Box().deliver(*mail))

    @property
    def inbox(self) -> Box:
        """The INBOX."""
        return self.boxes["INBOX"]

    def folders(self) -> tuple[str, ...]:
        return tuple(name for name in self.boxes if name not in self.unlisted)

    def look(self, folder: str) -> Folder:
        box = self._box(folder)
        return Folder(folder, box.validity, box.next, Uids.of(box.mail))

    def fetch(self, folder: Folder, uids: Uids) -> Iterator[Fetched | Unfetched | Gone]:
        for uid in uids:
            box = self._box(folder.name)
            if box.validity != folder.validity:
                raise Absent(f"{folder.name}: UIDVALIDITY {folder.validity} -> {box.validity}")
            if self.patience is not None and len(self.asked) >= self.patience:
                raise Unavailable("the server has hung up")
            self.asked.append((folder.name, uid))
            if uid in box.vanishing:
                box.mail.pop(uid, None)
            if uid in box.broken:
                yield Unfetched(folder.name, "cannot be had", folder.name, uid)
            elif uid not in box.mail:
                yield Gone(uid)
            else:
                yield Fetched(box.mail[uid], folder.name, folder.name, RECEIVED + timedelta(minutes=uid), uid)

    def close(self) -> None:
        pass

    def _box(self, name: str) -> Box:
        box = self.boxes.get(name)
        if box is None or not box.there:
            raise Absent(f"{name}: no such folder")
        return box
