"""Exactly the messages that are named are deleted, or none: whatever the server does or cannot do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import letters
from support.imap import MAIL, Server, mailbox
from support.liar import PLAIN, HangUp, Liar
from support.proxy import Fault, Harm, Proxy, Tls
from support.purging import remade

from archiver.adapters.imap import Account, ImapMailbox
from archiver.errors import Absent, ConfigError, Unavailable
from archiver.uids import Uids

SOME = Uids.of((4, 8, 20))
OTHERS = [uid for uid in MAIL if uid not in SOME]


@pytest.fixture
def liar(certificate: Path) -> Iterator[Liar]:
    """A server that deletes, if it is not told otherwise."""
    with Liar(certificate, MAIL) as server:
        server.capabilities = f"{PLAIN} UIDPLUS"
        yield server


@pytest.fixture
def box(liar: Liar, certificate: Path) -> Iterator[ImapMailbox]:
    """The mailbox on it."""
    made = mailbox(Account("localhost", liar.port, "u", lambda: "pw", ca=certificate / "cert.pem"), timeout=5)
    yield made
    made.close()


def changes(liar: Liar) -> list[str]:
    """The commands after which a server is not what it was."""
    return [heard for heard in liar.heard if any(word in heard for word in ("STORE", "EXPUNGE", "CLOSE", "COPY"))]


def test_what_others_have_marked_for_deletion_stays(server: Server) -> None:
    server.put(letters.plain(number) for number in range(6))
    client = server.client()
    client.select("INBOX")
    client.uid("STORE", "2:5", "+FLAGS", r"(\Deleted)")
    client.logout()
    box = server.mailbox()
    folder = box.look("INBOX")
    assert str(box.delete(folder, Uids.of((1, 3)))) == "1,3"
    assert str(box.look("INBOX").uids) == "2,4:6"
    assert r"\deleted" in box.marks(folder, Uids.of((4,)))[4].flags
    assert r"\deleted" not in box.marks(folder, Uids.of((6,)))[6].flags


def test_a_message_that_is_gone_already_counts_as_gone(server: Server) -> None:
    server.put(letters.plain(number) for number in range(3))
    box = server.mailbox()
    folder = box.look("INBOX")
    assert str(box.delete(folder, Uids.of((2,)))) == "2"
    assert str(box.delete(folder, Uids.of((2, 3)))) == "2:3"
    assert set(box.marks(folder, folder.uids)) == {1}


def test_a_plain_server_is_told_which_messages_to_expunge(liar: Liar, box: ImapMailbox) -> None:
    box.check_deletes()
    assert box.delete(box.look("INBOX"), SOME) == SOME
    assert changes(liar) == [f"UID STORE {SOME} +FLAGS.SILENT (\\Deleted)", f"UID EXPUNGE {SOME}"]
    assert list(liar.uids) == OTHERS
    assert box.look("INBOX").uids == Uids.of(OTHERS)


def test_who_reads_after_a_deletion_opens_the_folder_to_be_read(liar: Liar, box: ImapMailbox) -> None:
    folder = box.look("INBOX")
    box.delete(folder, SOME)
    deleted = len(liar.heard)
    assert len(list(box.fetch(folder, Uids.of((3, 7))))) == 2
    assert liar.heard[deleted].startswith("EXAMINE")


def test_a_server_without_uidplus_is_refused_before_anything_is_marked(liar: Liar, box: ImapMailbox) -> None:
    liar.capabilities = PLAIN
    with pytest.raises(ConfigError, match=r"UIDPLUS.*cancellare a mano"):
        box.check_deletes()
    with pytest.raises(ConfigError, match="UIDPLUS"):
        box.delete(box.look("INBOX"), SOME)
    assert not changes(liar)
    assert not any(heard.startswith("SELECT") for heard in liar.heard)


def test_a_folder_that_may_only_be_read_is_refused(liar: Liar, box: ImapMailbox) -> None:
    liar.selecting = "OK [READ-ONLY] look, do not touch"
    with pytest.raises(Absent, match=r"sola lettura.*look, do not touch"):
        box.delete(box.look("INBOX"), SOME)
    assert not changes(liar)


def test_uids_of_another_uidvalidity_are_not_touched(liar: Liar, box: ImapMailbox) -> None:
    folder = box.look("INBOX")
    liar.validity += 1
    with pytest.raises(Absent, match="UIDVALIDITY 7, ora 8"):
        box.delete(folder, SOME)
    assert not changes(liar)


def test_a_uidvalidity_that_changes_between_two_batches_ends_it(liar: Liar, box: ImapMailbox) -> None:
    liar.uids = range(1, 1201)
    liar.body = lambda uid: b"x"
    folder = box.look("INBOX")

    def turned(command: str) -> bytes:
        liar.validity += command.startswith("UID EXPUNGE")
        return b""

    liar.before = turned
    with pytest.raises(Absent, match="UIDVALIDITY"):
        box.delete(folder, folder.uids)
    assert len(liar.uids) == 700, "one batch, whose folder was the right one"
    assert len(changes(liar)) == 2


@pytest.mark.parametrize("verb", ["STORE", "EXPUNGE"])
@pytest.mark.parametrize(("answer", "error"), [("NO [NOPERM] not you", Absent), ("BAD what?", Absent)])
def test_a_refusal_is_said_and_what_was_not_deleted_is_not_called_gone(
    liar: Liar, box: ImapMailbox, verb: str, answer: str, error: type[Exception]
) -> None:
    liar.instead = lambda tag, command: f"{tag} {answer}\r\n".encode() if f"UID {verb}" in command else None
    with pytest.raises(error, match=r"non cancella.*(not you|what)"):
        box.delete(box.look("INBOX"), SOME)
    assert list(liar.uids) == list(MAIL)


def test_a_server_that_says_done_and_does_not_is_not_believed(liar: Liar, box: ImapMailbox) -> None:
    liar.instead = lambda tag, command: f"{tag} OK done\r\n".encode() if "UID EXPUNGE" in command else None
    assert box.delete(box.look("INBOX"), SOME) == Uids()


@pytest.mark.parametrize("verb", ["SELECT", "UID STORE", "UID EXPUNGE", "NOOP"])
def test_a_connection_that_is_lost_under_way_costs_nothing(liar: Liar, box: ImapMailbox, verb: str) -> None:
    folder, lost = box.look("INBOX"), []

    def cut(command: str) -> bytes:
        if command.startswith(verb) and not lost:
            lost.append(command)
            raise HangUp
        return b""

    liar.before = cut
    assert box.delete(folder, SOME) == SOME
    assert (len(lost), list(liar.uids)) == (1, OTHERS)


def test_an_answer_that_is_lost_after_the_deed_is_asked_for_again(server: Server) -> None:
    server.put(letters.plain(number) for number in range(4))
    with Proxy(server.dovecot.tls, Tls(server.dovecot.home)) as proxy:
        proxy.faults = [Fault(Harm.CUT, rb"\* \d+ (E)XPUNGE")]
        box = server.mailbox(port=proxy.port)
        assert str(box.delete(box.look("INBOX"), Uids.of((2, 3)))) == "2:3"
        assert proxy.struck == 1
    assert str(server.mailbox().look("INBOX").uids) == "1,4"


def test_marks_are_those_of_the_messages_asked_about(liar: Liar, box: ImapMailbox) -> None:
    liar.before = lambda command: b"* 1 FETCH (FLAGS (\\Flagged))\r\n" if "FLAGS" in command else b""
    found = box.marks(box.look("INBOX"), Uids.of((4, 8, 500)))
    assert set(found) == {4, 8}
    assert all(marks.flags == {r"\seen"} and marks.received is not None for marks in found.values())
    assert not changes(liar)


def test_a_server_that_refuses_to_show_flags_leaves_all_as_it_is(liar: Liar, box: ImapMailbox) -> None:
    liar.ending = "NO [SERVERBUG] not now"
    liar.tells = lambda told: []
    folder = box.look("INBOX")
    with pytest.raises((Absent, Unavailable), match="not now"):
        box.marks(folder, SOME)


def test_a_folder_that_was_made_anew_with_other_mail_is_not_touched(server: Server) -> None:
    server.put((letters.plain(number) for number in range(3)), "Vecchia")
    box = server.mailbox()
    folder = box.look("Vecchia")
    remade(server, "Vecchia", letters.plain(7))
    with pytest.raises(Absent, match="UIDVALIDITY"):
        box.delete(folder, Uids.of((1,)))
    assert str(box.look("Vecchia").uids) == "1"
