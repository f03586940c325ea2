"""Which folders a mailbox has, what people call them, and which are read: by default all but Drafts and Junk."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import chain, count

from archiver.adapters.imap.syntax import Literal, Value, values
from archiver.adapters.imap.wire import Wire
from archiver.adapters.sources.tree import LEFT_OUT
from archiver.adapters.utf7 import decoded

INBOX = "INBOX"
EXTENDED = frozenset({"LIST-EXTENDED", "SPECIAL-USE"})
_CLOSED = frozenset({b"\\noselect", b"\\nonexistent"})
_UNWANTED = frozenset({b"\\drafts", b"\\junk", b"\\flagged", b"\\important"})
"""Special uses that are not read (RFC 6154, 2; RFC 8457): the last two only show what lies in other folders.

`All` is read: on some servers archived mail lies nowhere else, and what lies elsewhere too is known by its digest.
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One folder as the server lists it: `raw` its name on the wire, `name` for people, `leaf` its last level."""

    raw: bytes
    name: str
    leaf: str
    flags: frozenset[bytes]

    @property
    def opens(self) -> bool:
        """Whether it can hold messages at all."""
        return not self.flags & _CLOSED

    @property
    def wanted(self) -> bool:
        """Whether it is read when nobody named the folders that are."""
        if self.name == INBOX:
            return True
        return self.opens and not self.flags & _UNWANTED and self.leaf.casefold() not in LEFT_OUT


def listed(wire: Wire, *, extended: bool) -> tuple[Listed, ...]:
    """Every folder of the mailbox; `extended`: the server knows RFC 5258 and 6154. Raises Broken."""
    found: dict[bytes, Listed] = {}

    def take(text: bytes, literals: Sequence[Literal]) -> None:
        if text[:7].upper() == b"* LIST " and (folder := _folder(values(text, literals, 7))):
            found[folder.raw] = folder

    done = wire.command('LIST "" "*" RETURN (SPECIAL-USE)' if extended else 'LIST "" "*"', take=take)
    if extended and not done.ok:
        return listed(wire, extended=False)
    if not done.ok:
        raise wire.broken(f"il server non elenca le cartelle (the server lists no folders): {done.said}")
    return tuple(_apart(found[raw] for raw in sorted(found)))


def chosen(found: Iterable[Listed], only: Sequence[str], skip: Sequence[str]) -> tuple[str, ...]:
    """The names of those that are read, INBOX first; what is named in `only` is among them though it be missing."""
    names = {inbox(name) for name in only} or {folder.name for folder in found if folder.wanted}
    return tuple(sorted(names - {inbox(name) for name in skip}, key=lambda name: (name != INBOX, name)))


def inbox(name: str) -> str:
    """INBOX in whatever case is INBOX (RFC 3501, 5.1)."""
    return INBOX if name.upper() == INBOX else name


def _folder(told: list[Value]) -> Listed | None:
    match told:
        case [list(flags), delimiter, None | bytes() as raw, *_]:
            raw = b"NIL" if raw is None else raw
            name = inbox(_name(raw))
            levels = name.split(delimiter.decode("utf-8", "replace")) if isinstance(delimiter, bytes) else [name]
            marks = frozenset(flag.lower() for flag in flags if isinstance(flag, bytes))
            return Listed(raw, name, levels[-1], marks)
    raise ValueError("a LIST answer without flags, delimiter and name")


def _name(raw: bytes) -> str:
    """Modified UTF-7, as it must be; or UTF-8, as some servers write."""
    try:
        return decoded(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _apart(folders: Iterable[Listed]) -> Iterable[Listed]:
    """Folders of one name, written differently on the wire: the first keeps it, the others show what is written.

    Where that is the name of yet another folder, a number follows: each folder has a name of its own, or is not read.
    """
    held = tuple(folders)
    taken, given = {folder.name for folder in held}, set[str]()
    for folder in held:
        name = _free(folder.raw, taken) if folder.name in given else folder.name
        taken.add(name)
        given.add(name)
        yield Listed(folder.raw, name, folder.leaf, folder.flags)


def _free(raw: bytes, taken: Set[str]) -> str:
    written = raw.decode("ascii", "backslashreplace")
    names = chain((written,), (f"{written} ({number})" for number in count(2)))
    return next(name for name in names if inbox(name) not in taken)
