"""`archiver.ports.Purgeable` on an IMAP server: connects when asked, and again when the connection is lost."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from archiver.adapters.imap import folders
from archiver.adapters.imap.account import Account
from archiver.adapters.imap.folders import Listed
from archiver.adapters.imap.quota import quota
from archiver.adapters.imap.reading import one_by_one, stream
from archiver.adapters.imap.selected import Selected
from archiver.adapters.imap.session import opened
from archiver.adapters.imap.wire import Broken, Refused, Wire, capabilities
from archiver.adapters.utf7 import encoded
from archiver.errors import Absent, ConfigError, Unavailable
from archiver.ports import Fetched, Folder, Gone, Marks, Quota, Unfetched
from archiver.uids import Uids

PAUSES = (1.0, 5.0, 20.0)
"""Seconds between the attempts to reach a server."""
TIMEOUT = 120.0
"""Seconds without a word from the server after which a connection is lost."""
DEATHS = 2
"""So often is the connection lost at one message, asked for alone, before it is left for another night."""
PORTION = 500
"""Messages that one command marks or deletes: longer commands are more than some servers read."""
KILLERS = 20
"""So many messages in a row at which the connection is lost, and it is the server, not the messages."""

_T = TypeVar("_T")


class ImapMailbox:
    """The mailbox of one account, on one connection.

    Only EXAMINE and BODY.PEEK[]: nothing on the server changes, but for what `delete` is asked to delete.

    One question at a time: a fetch that is still going on when another begins is asked anew. `timeout` and `pause` are
    in seconds. Beyond what the port promises, every question raises ConfigError when the
    server refuses who logs in.
    """

    def __init__(
        self, account: Account, *, timeout: float = TIMEOUT, pause: Callable[[float], object] = time.sleep
    ) -> None:
        self._account, self._timeout, self._pause = account, timeout, pause
        self._wire: Wire | None = None
        self._capabilities: frozenset[str] = frozenset()
        self._raw: dict[str, bytes] = {}

    def folders(self) -> tuple[str, ...]:
        """The folders to be read; those that the account names, even if they are missing."""
        return folders.chosen(self._again(self._believed), self._account.folders, self._account.skip)

    def look(self, folder: str) -> Folder:
        """The folder as it is now."""
        name = folders.inbox(folder)
        return self._again(lambda wire: self._selected(wire, name).seen(esearch="ESEARCH" in self._capabilities))

    def fetch(self, folder: Folder, uids: Uids) -> Iterator[Fetched | Unfetched | Gone]:
        """These messages, ascending. Where the connection was lost in a batch, it is asked for one by one."""
        after = until = died = killers = 0
        while left := uids - Uids.span(1, after):
            selected = self._again(lambda wire: self._same(wire, folder))
            alone = left & Uids.span(1, until)
            try:
                for outcome in one_by_one(selected, alone) if alone else stream(selected, left):
                    after = outcome.uid
                    killers = 0 if isinstance(outcome, Fetched) else killers
                    yield outcome
                    del outcome  # it may be large, and the next is on its way
                continue
            except Broken as error:
                fault = error
                self._forget()
            first = (uids - Uids.span(1, after)).first
            if not alone:
                until, died = max(selected.reading, first), 0
            elif first == died:
                yield _killer(folder, first, fault)
                after, killers = first, killers + 1
                if killers == KILLERS:
                    raise Unavailable(
                        f"{fault}; a {KILLERS} messaggi di seguito, gli altri restano per la prossima volta (at"
                        f" {KILLERS} messages in a row: the others are left for the next time)"
                    )
            else:
                died = first
            self._pause(PAUSES[0])

    def check_deletes(self) -> None:
        """Nothing, when the server can delete the messages that are named, and no others."""
        self._again(self._check_uidplus)

    def marks(self, folder: Folder, uids: Uids) -> dict[int, Marks]:
        """Flags and dates of those of these messages that are there."""
        found: dict[int, Marks] = {}
        for portion in uids.portions(PORTION):
            found |= self._again(partial(self._marked, folder, portion))
        return found

    def delete(self, folder: Folder, uids: Uids) -> Uids:
        """Deletes these messages, some at a time; before each time the folder is opened anew and its UIDVALIDITY read.

        So a connection that was lost under way does no harm: the same UIDs of the same folder are asked for again.
        """
        gone = Uids()
        for portion in uids.portions(PORTION):
            gone |= self._again(partial(self._deleted, folder, portion))
        return gone

    def quota(self) -> Quota | None:
        """How full the mailbox is (RFC 9208, GETQUOTAROOT of INBOX); asked once."""
        wire = self._connected()
        return quota(wire) if "QUOTA" in self._capabilities else None

    def close(self) -> None:
        """Lets the connection go."""
        if self._wire:
            self._wire.close()
        self._wire = None

    def _again(self, ask: Callable[[Wire], _T]) -> _T:
        """The answer to a question, if need be on a new connection.

        Raises what `ask` does; Unavailable for Broken, and for Refused, which is about one folder, Absent.
        """
        for pause in (*PAUSES, 0.0):
            try:
                return ask(self._connected())
            except Refused as error:
                lost: Broken = error
            except Broken as error:
                self.close()
                lost = error
            if pause:
                self._pause(pause)
        failure = Absent if isinstance(lost, Refused) else Unavailable
        raise failure(f"{lost}; {len(PAUSES) + 1} tentativi, riprovare più tardi (try again later)") from lost

    def _connected(self) -> Wire:
        """The connection, made anew if there is none, or where it was lost or left in the middle of an answer."""
        if self._wire and not self._wire.idle:
            self.close()
        if self._wire is None:
            wire = opened(self._account, self._timeout)
            self._wire = wire
            self._capabilities = capabilities(wire)
        return self._wire

    def _believed(self, wire: Wire) -> tuple[Listed, ...]:
        """The folders, of which there is one at least: an INBOX always exists (RFC 3501, 5.1)."""
        found = self._listed(wire)
        if not found or not (self._account.folders or any(folder.name == folders.INBOX for folder in found)):
            raise wire.broken(
                f"il server elenca {len(found)} cartelle e non INBOX, che c'è sempre: elenco non creduto; se è così"
                " davvero, indicare le cartelle nella configurazione (a list without INBOX is not believed: name the"
                " folders in the configuration)"
            )
        return found

    def _listed(self, wire: Wire) -> tuple[Listed, ...]:
        found = folders.listed(wire, extended=self._capabilities >= folders.EXTENDED)
        self._raw = {folder.name: folder.raw for folder in found}
        return found

    def _selected(self, wire: Wire, name: str, *, deleting: bool = False) -> Selected:
        if name not in self._raw and name != folders.INBOX:
            self._listed(wire)  # a server may write it otherwise than the standard wants
        return Selected(wire, name, self._raw.get(name) or encoded(name).encode(), deleting=deleting)

    def _check_uidplus(self, wire: Wire) -> None:
        if "UIDPLUS" not in self._capabilities:
            raise ConfigError(
                f"{wire.place}: il server non conosce UIDPLUS (RFC 4315): cancellerebbe anche quanto altri hanno"
                " contrassegnato; cancellare a mano, o togliere `purge` dalla configurazione (no UIDPLUS: a plain"
                " EXPUNGE would destroy what others have flagged; delete by hand)"
            )

    def _marked(self, folder: Folder, uids: Uids, wire: Wire) -> dict[int, Marks]:
        return self._same(wire, folder).marks(uids)

    def _deleted(self, folder: Folder, uids: Uids, wire: Wire) -> Uids:
        self._check_uidplus(wire)  # this connection may be a new one, to another machine
        try:
            return self._checked(wire, self._selected(wire, folder.name, deleting=True), folder).delete(uids)
        finally:
            self._forget()  # whoever reads opens it to be read

    def _forget(self) -> None:
        """After a fault the folder is opened anew, even on a connection that stands."""
        if self._wire:
            self._wire.selection = None

    def _same(self, wire: Wire, folder: Folder) -> Selected:
        """The folder, open; one that is open already is not opened again: with 200,000 messages that takes a second."""
        held = wire.selection
        if isinstance(held, Selected) and (held.name, held.validity) == (folder.name, folder.validity):
            return held
        return self._checked(wire, self._selected(wire, folder.name), folder)

    def _checked(self, wire: Wire, selected: Selected, folder: Folder) -> Selected:
        if selected.validity != folder.validity:
            raise Absent(
                f"{wire.place}: {folder.name}: UIDVALIDITY {folder.validity}, ora {selected.validity}: la cartella è"
                " stata rifatta, sarà riletta (was made anew, will be read again)"
            )
        return selected


def _killer(folder: Folder, uid: int, fault: Broken) -> Unfetched:
    reason = f"chiesto da solo, {DEATHS} volte (asked for alone, {DEATHS} times): {fault}"
    return Unfetched(folder.name, reason, folder.name, uid)
