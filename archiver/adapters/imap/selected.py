"""A folder opened on a connection, and the questions that may be put to it.

It is opened with EXAMINE (RFC 3501, 6.3.2), and no question changes anything; only who deletes opens it with SELECT.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from archiver.adapters.imap import syntax
from archiver.adapters.imap.items import Attributes, Harvest, Item, answered
from archiver.adapters.imap.session import PASSING
from archiver.adapters.imap.syntax import Literal, Value, values
from archiver.adapters.imap.wire import CHATTER, Broken, Done, Refused, Wire
from archiver.errors import Absent
from archiver.ports import Folder, Marks
from archiver.uids import LARGEST, Uids

LINE = 80_000
"""So many UIDs, of up to ten digits each, fit in one line of the million octets that imaplib reads."""

_LOOKS = 3
_EXISTS = re.compile(rb"\* (\d{1,10}) EXISTS\b", re.IGNORECASE)
_EXPUNGE = re.compile(rb"\* \d{1,10} EXPUNGE\b", re.IGNORECASE)
_CODE = re.compile(rb"\* OK \[(UIDVALIDITY|UIDNEXT) (\d{1,10})\]", re.IGNORECASE)
_ESEARCH = re.compile(rb"\* ESEARCH ", re.IGNORECASE)


@dataclass(slots=True)
class Question:
    """One UID FETCH of `what` about `uids` (ascending), under way or answered; see `Selected.ask`."""

    uids: Uids
    what: str
    room: int
    sizes: dict[int, int] = field(default_factory=dict)
    """What the server had said about the sizes before."""
    offset: int | None = None
    """Where the piece begins that `what` asks for, if it asks for one."""
    harvest: Harvest = field(init=False)
    done: Done | None = None

    def __post_init__(self) -> None:
        self.harvest = Harvest(self.uids, self.offset)

    @property
    def items(self) -> dict[int, Item]:
        return self.harvest.items


class Selected:
    """The folder `name` (on the wire `mailbox`), open on `wire` until another is opened there.

    Each method raises Broken, or Refused where the connection stands. Opening raises Absent when the folder cannot be
    opened, or gives no UIDVALIDITY; `deleting`, also when it may only be read.
    """

    def __init__(self, wire: Wire, name: str, mailbox: bytes, *, deleting: bool = False) -> None:
        self.name = name
        self.validity = self.next = self.exists = 0
        self.reading = 0
        """The last UID of the oldest question under way."""
        self._wire = wire
        self._open: dict[bytes, Question] = {}
        wire.selection = None
        done = wire.command("SELECT" if deleting else "EXAMINE", mailbox, take=self._opening)
        if done.status == "BAD" or (not done.ok and done.code in PASSING):
            raise Refused(f"{wire.place}: cartella {name}: il server rimanda (the server defers): {done.said}")
        if not done.ok:
            raise Absent(f"{wire.place}: cartella {name} non apribile (cannot be opened): {done.said}")
        if not self.validity:
            raise Absent(f"{wire.place}: cartella {name} senza UIDVALIDITY, non sorvegliabile (gives no UIDVALIDITY)")
        if deleting and done.code == "READ-ONLY":  # RFC 3501, 6.3.1: a server must say so
            raise Absent(
                f"{wire.place}: cartella {name} di sola lettura: nulla si può cancellare (read-only): {done.said}"
            )
        self.deleting = deleting
        wire.selection = self

    def seen(self, *, esearch: bool) -> Folder:
        """The folder as it is now: one line with `esearch` (RFC 4731), else a stream of short ones."""
        uids = self._searched() if esearch and self.exists <= LINE else None
        for _ in range(_LOOKS):  # new mail may come in between
            if uids is not None and len(uids) >= self.exists:
                break
            uids = self._listed()
        else:
            listed = len(uids or ())
            raise self._wire.broken(
                f"{self.name}: il server dichiara {self.exists} messaggi, ne elenca {listed} (states, lists)"
            )
        return Folder(self.name, self.validity, min(max(self.next, uids.last + 1), LARGEST), uids)

    def ask(self, question: Question) -> None:
        """Sends it; those under way at once must be about different UIDs, because their answers may come mixed."""
        self._check()
        tag = self._wire.send(f"UID FETCH {question.uids} {question.what}")
        self._open[tag] = question

    def settle(self, question: Question | None = None) -> None:
        """Reads answers until this question is answered, or all are."""
        while self._open and (question is None or question.done is None):
            self._check()
            under_way = self._open.values()
            self.reading = next(iter(under_way)).uids.last
            self._wire.room = sum(asked.room for asked in under_way)
            tag, done = self._wire.ended(self._share, CHATTER + sum(4 * len(asked.uids) for asked in under_way))
            self._open.pop(tag).done = done

    def told(self, question: Question) -> Question:
        """Asks and waits."""
        self.ask(question)
        self.settle(question)
        return question

    def present(self, uids: Uids) -> Uids:
        """Which of these are in the folder still, after the server had occasion to look."""
        self.settle()
        self._check()
        self._wire.command("NOOP", take=self._noticed)
        return self._numbers(str(uids), len(uids)) & uids

    def marks(self, uids: Uids) -> dict[int, Marks]:
        """What the server shows of these, of each that is there; of one whose flags it keeps to itself nothing."""
        found: dict[int, Attributes] = {}

        def take(text: bytes, literals: Sequence[Literal]) -> None:
            if (told := answered(text, literals)) is None:
                self._noticed(text, literals)
            elif told[0] in uids:
                found.setdefault(told[0], {}).update(told[1])

        self.settle()
        self._check()
        done = self._wire.command(f"UID FETCH {uids} (UID FLAGS INTERNALDATE)", take=take, most=_answers(uids))
        if not done.ok and done.code != "EXPUNGEISSUED":
            raise Refused(f"{self._wire.place}: {self.name}: il server non dà i contrassegni (no flags): {done.said}")
        return {uid: marks for uid, told in found.items() if (marks := _marks(told)) is not None}

    def delete(self, uids: Uids) -> Uids:
        """Deletes exactly these (RFC 4315, 2.1), whatever else somebody has marked; which of them are gone."""
        self.settle()
        self._check()
        if not self.deleting:
            raise ValueError(f"{self.name}: was opened to be read")
        for command in (f"UID STORE {uids} +FLAGS.SILENT (\\Deleted)", f"UID EXPUNGE {uids}"):
            done = self._wire.command(command, take=self._noticed, most=_answers(uids))
            if not done.ok and done.code != "EXPUNGEISSUED":
                passing = done.status == "BAD" or done.code in PASSING
                reason = (
                    f"{self._wire.place}: cartella {self.name}: il server non cancella (does not delete): {done.said}"
                )
                raise Refused(reason) if passing else Absent(reason)
        return uids - self.present(uids)

    def _searched(self) -> Uids | None:
        found: list[Uids] = []

        def take(text: bytes, literals: Sequence[Literal]) -> None:
            self._noticed(text, literals)
            if _ESEARCH.match(text) and (uids := _all(values(text, literals))) is not None:
                found.append(uids)

        done = self._wire.command("UID SEARCH RETURN (ALL) ALL", take=take)
        return found[0] if done.ok and found else None

    def _listed(self) -> Uids:
        return self._numbers("1:*", self.exists) if self.exists else Uids()

    def _numbers(self, which: str, expected: int) -> Uids:
        """The UIDs of those that are there, as a stream of short answers.

        After a refusal, who was not told of may be there still; only EXPUNGEISSUED says the contrary (RFC 5530, 3).
        """
        numbers: list[int] = []

        def take(text: bytes, literals: Sequence[Literal]) -> None:
            if (told := answered(text, literals)) is None:
                self._noticed(text, literals)
            elif told[0]:
                numbers.append(told[0])

        done = self._wire.command(f"UID FETCH {which} (UID)", take=take, most=CHATTER + 4 * expected)
        try:
            found = Uids.of(numbers)
        except ValueError as error:
            raise self._wire.broken(f"{self.name}: UID non validi (invalid UIDs)") from error
        if not done.ok and done.code != "EXPUNGEISSUED" and len(found) < expected:
            raise Refused(
                f"{self._wire.place}: {self.name}: il server non elenca i messaggi (lists no messages): {done.said}"
            )
        return found

    def _share(self, text: bytes, literals: Sequence[Literal]) -> None:
        """Gives an answer about a message to whoever asked for it."""
        if (told := answered(text, literals)) is None:
            self._noticed(text, literals)
            return
        for question in self._open.values():
            question.harvest.add(*told)

    def _opening(self, text: bytes, literals: Sequence[Literal]) -> None:
        if (code := _CODE.match(text)) and code[1].upper() == b"UIDVALIDITY":
            self.validity = int(code[2])
        elif code:
            self.next = int(code[2])
        self._noticed(text, literals)

    def _noticed(self, text: bytes, literals: Sequence[Literal]) -> None:  # noqa: ARG002  (as Take wants it)
        """What a server may say at any time: how many messages there are, and that the UIDs are others now."""
        if exists := _EXISTS.match(text):
            self.exists = int(exists[1])
        elif _EXPUNGE.match(text):
            self.exists -= 1
        elif (code := _CODE.match(text)) and code[1].upper() == b"UIDVALIDITY" and int(code[2]) != self.validity:
            raise Absent(f"{self._wire.place}: {self.name}: UIDVALIDITY {self.validity}, ora {code[2].decode()} (now)")

    def _check(self) -> None:
        if self._wire.selection is not self:
            raise Broken(f"{self._wire.place}: {self.name}: un'altra cartella è stata aperta (another folder is open)")


def _answers(uids: Uids) -> int:
    """More answers than a command about these messages can need."""
    return CHATTER + 4 * len(uids)


def _marks(told: Attributes) -> Marks | None:
    """None for what an answer about something else, or nobody, said of a message."""
    flags, received = told.get(b"FLAGS"), told.get(b"INTERNALDATE")
    if not isinstance(flags, list):
        return None
    words = frozenset(flag.decode("ascii", "backslashreplace").lower() for flag in flags if isinstance(flag, bytes))
    return Marks(syntax.date(received) if isinstance(received, bytes) else None, words)


def _all(told: list[Value]) -> Uids | None:
    """The UIDs of an ESEARCH answer (RFC 4731, 3.1); an empty mailbox has none. None when it cannot be read."""
    words = told[1:]
    if not words or not isinstance(words[-1], bytes) or b"UID" not in words:
        return None
    if words[-1].upper() == b"UID":
        return Uids()
    if not isinstance(words[-2], bytes) or words[-2].upper() != b"ALL":
        return None
    try:
        return Uids.parse(words[-1].decode("ascii", "replace"))
    except ValueError:
        return None
