"""The doors to the world: a few methods each, with the errors they promise.

Every port may be cut before or after any call (a power cut); whoever calls must heal on the next run. An adapter
lets no driver's error out: what its caller may see is `Unavailable`, `Absent`, `Conflict` or `Malformed`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, Protocol

from archiver.uids import Uids


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as it was found, byte for byte.

    `origin` says where it lay (a path; on a server, the folder) and `folder` in which folder; `uid` is its UID there,
    0 for a file; `received` is the mailbox's own date, if it has one (INTERNALDATE); `note` is the code of a finding
    about how it was read (see the table of findings), or empty.
    """

    raw: bytes
    origin: str
    folder: str = ""
    received: datetime | None = None
    uid: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A message that is there and could not be read, with the reason."""

    origin: str
    reason: str
    folder: str = ""
    uid: int = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """A message that was listed, and was deleted before it could be read."""

    uid: int


class Files(Protocol):
    """Messages that somebody hands in: their history is declared, not observed."""

    def read(self) -> Iterator[Fetched | Unfetched]:
        """All of them, in an order that is the same each time.

        Raises Unavailable when they cannot be read at all, or vanish under way.
        """


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of a mail server at one moment: its UIDVALIDITY, its UIDNEXT, and the UIDs of what is in it."""

    name: str
    validity: int
    next: int
    uids: Uids


class Mailbox(Protocol):
    """A mailbox on a server that we watch. Reading changes nothing there, not even a flag."""

    def folders(self) -> tuple[str, ...]:
        """The folders to be read, by the names that people see, always in the same order. Raises Unavailable."""

    def look(self, folder: str) -> Folder:
        """The folder as it is now. Raises Absent when it is not there or cannot be opened, Unavailable."""

    def fetch(self, folder: Folder, uids: Uids) -> Iterator[Fetched | Unfetched | Gone]:
        """These messages, each exactly once. A server that does not answer is asked again, a few times.

        Raises Absent when the folder is there no longer or its UIDs mean something else now (UIDVALIDITY), and
        Unavailable when the server is gone; what was yielded before stands.
        """

    def close(self) -> None:
        """Lets the connection go; the next question makes another."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a server shows of a message beside its bytes: when it came (INTERNALDATE; None: not told), and its flags.

    Flags are as on the wire, in lower case: `\\seen`, `\\flagged`.
    """

    received: datetime | None
    flags: frozenset[str]


class Purgeable(Mailbox, Protocol):
    """A mailbox on a server that may also forget messages: exactly those that are named, and no others."""

    def check_deletes(self) -> None:
        """Nothing, when the server can do that. Raises ConfigError when it cannot, saying why, and Unavailable."""

    def marks(self, folder: Folder, uids: Uids) -> dict[int, Marks]:
        """Those of these messages that are there, by UID. Raises as `fetch`."""

    def delete(self, folder: Folder, uids: Uids) -> Uids:
        """Deletes these messages; which of them are not there any more.

        Raises Absent when the folder is there no longer, its UIDs mean something else now (UIDVALIDITY), or nothing may
        be deleted in it, and Unavailable; whatever is raised, nothing but these was touched, and some may be gone.
        """


@dataclass(frozen=True, slots=True)
class Quota:
    """What a server says of the room in a mailbox (RFC 9208): bytes `used`, of how many there are at most."""

    used: int
    limit: int


class Measured(Protocol):
    """A mailbox on a server that may say how full it is."""

    def quota(self) -> Quota | None:
        """How full it is; None when the server does not say, or sets no limit. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person is told: a line, a text, and the same for machines; fit to leave the house."""

    subject: str
    text: str
    data: Mapping[str, Any]


class Notice(Protocol):
    """A way to a person, beside every archived mailbox."""

    @property
    def id(self) -> str:
        """What the configuration calls it: `email`, `webhook`."""

    def send(self, letter: Letter, *, at: datetime) -> None:
        """Returns when the other side has taken it. Raises Unavailable, and ConfigError when it refuses who sends."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object as a listing shows it: its name and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Held:
    """One object as whoever sweeps finds it: its size in bytes, and what lies over or beside it.

    `hidden`: only versions under a delete marker are left to see. `others`: versions of the same name with other bytes
    that no repair accounts for; two writers at once leave twins, which are no others. An object of which nothing but
    delete markers is left is not there.
    """

    name: str
    size: int
    hidden: bool = False
    others: int = 0


class ObjectStore(Protocol):
    """The archive itself. Names are relative, with forward slashes; an object once there never changes."""

    @property
    def locks(self) -> bool:
        """Whether the store keeps objects locked until a day."""

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        """Create once: durable when it returns. Equal bytes there already: done. Others: Conflict."""

    def get(self, name: str) -> bytes:
        """The whole object. Raises Absent."""

    def read(self, name: str, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`, fewer at the end. Raises Absent."""

    def open(self, name: str) -> BinaryIO:
        """The object as a seekable binary file, for those too large to hold. Raises Absent."""

    def has(self, name: str) -> bool:
        """Whether the object is there."""

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """All objects whose names start with `prefix`, by name, ascending."""

    def retain(self, name: str, *, until: datetime) -> None:
        """Nobody may destroy the object before `until` (aware); a promise that reaches further stands.

        A store without locks promises nothing, and does nothing. Raises Absent, Unavailable when the store does not
        keep the lock as asked (it is read back and compared), ConfigError when our keys may not lock.
        """

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        """All objects whose names start with `prefix`, by name, ascending, and what lies over or beside each."""

    def locked_until(self, name: str) -> datetime | None:
        """When the object's lock ends (aware), as the store shows it now; None without one. Raises Absent."""

    def repair(self, name: str, data: bytes | BinaryIO) -> None:
        """The object is `data` from now on, durable when it returns; what was there before stays, aside.

        Nothing is overwritten and nothing removed: a store with versions gets one more, a folder moves the old file to
        where its own things lie. Also for an object that is missing, or hidden under a delete marker.
        """


@dataclass(frozen=True, slots=True)
class Bar:
    """What keeps an object from being destroyed now: its lock ends at `until` (aware; None: when somebody lifts it).

    An `absolute` one is kept by the store against everybody; the other yields to keys that may bypass it.
    """

    until: datetime | None
    absolute: bool


class Erasable(ObjectStore, Protocol):
    """A store that also destroys, where the law lets it (AgID guidelines 4.11): nobody but a discard asks for that."""

    def bar(self, name: str) -> Bar | None:
        """What keeps any version of the object from being destroyed now; None for nothing. Absent: nothing does."""

    def check_erases(self) -> None:
        """Nothing, when our keys may destroy, also what is locked and not absolutely so; tried on an object of its own.

        Raises ConfigError when they may not, saying whose may, and Unavailable.
        """

    def erase(self, name: str) -> None:
        """The object is gone for good when it returns: every version, what hides it, what repairs put aside.

        Also what is gone already. Raises Conflict for what is locked against everybody, ConfigError for keys that may
        not, Unavailable when something is left.
        """

    def replace(self, name: str, data: bytes | BinaryIO) -> None:
        """The object is `data` from now on, and nothing of what was there before is left; locked as long as that was.

        At no moment is neither of the two there. Raises as `erase`.
        """


class Signer(Protocol):
    """Whoever seals the index."""

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates between it and an anchor, DER, as far as known, the anchor itself included."""

    def ready(self) -> None:
        """Nothing, when `sign` could begin; what it would refuse for is said now. Raises ConfigError, Unavailable."""

    def sign(self, data: bytes, *, at: datetime, stamp: "Stamp | None") -> bytes:
        """CAdES-B-T (B-B when `stamp` is None) over `data`, attached, DER.

        Raises Unavailable when the key cannot be used now, ConfigError when somebody must mend something first,
        Malformed when what came back is no signature of ours.
        """


class Stamp(Protocol):
    """Asks an authority for a token over a digest that is there already; the octets of the token, as received."""

    def __call__(self, algorithm: str, imprint: bytes) -> bytes: ...


class TimeStampingAuthority(Protocol):
    """An RFC 3161 authority, at the level of its protocol: every check of the answer is made by the caller."""

    @property
    def id(self) -> str:
        """Its name in the configuration and in the store."""

    def answer(self, query: bytes) -> bytes:
        """DER TimeStampReq -> DER TimeStampResp. Raises Unavailable."""


class RevocationSource(Protocol):
    """Whoever tells of revocations, at the addresses that certificates name; every check is made by the caller."""

    def crl(self, url: str) -> bytes:
        """What lies at `url`: a CRL, if all is well. Raises Unavailable, saying why; so do the others."""

    def ocsp(self, url: str, request: bytes) -> bytes:
        """DER OCSPRequest -> DER OCSPResponse (RFC 6960, 4)."""

    def document(self, url: str) -> bytes:
        """What lies at `url`: a trusted list."""


class Lack(StrEnum):
    """Why (a part of) something could not be read."""

    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    LATE = "late"
    BOUND = "bound"


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of a PDF, and what kept (some of) it from being read."""

    text: str = ""
    lack: Lack | None = None


class PdfReader(Protocol):
    """Whoever takes the text out of a PDF, whatever the PDF does."""

    def read(self, octets: bytes, *, most: int) -> PdfText:
        """At most so many characters of it. Raises Unavailable when no PDF can be read at all."""
