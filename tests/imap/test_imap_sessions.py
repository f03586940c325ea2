"""A server that fails, changes or counts wrongly: what is in a folder is told as it is, or said not to be known."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from support.imap import MAIL, VICTIM, Outcome, bodies, letter, taken
from support.liar import HangUp, Liar, Times, Told, hanging_up

from archiver.adapters.imap import ImapMailbox
from archiver.errors import Absent, Unavailable
from archiver.ports import Fetched, Unfetched
from archiver.uids import LARGEST, Uids

NOISE = {"BYE": b"* BYE bye\r\n", "NUL": b"\x00\r\n", "a tag": b"x99 OK who?\r\n", "no line end": b"y" * 1_100_000}
COMMANDS = ("UID FETCH", "EXAMINE", "UID SEARCH", "CAPABILITY", "LIST", "AUTHENTICATE")


@pytest.mark.parametrize("when", COMMANDS)
@pytest.mark.parametrize("what", NOISE.values(), ids=NOISE)
def test_a_server_that_always_fails_at_one_command_is_unavailable(
    liar: Liar, box: ImapMailbox, when: str, what: bytes
) -> None:
    liar.before = lambda command: what if command.startswith(when) else b""
    liar.capabilities = liar.capabilities.replace(" ESEARCH", " ESEARCH" if when == "UID SEARCH" else "")
    with pytest.raises(Unavailable):
        _ = box.folders(), taken(box)


def test_a_server_that_chatters_for_ever_is_unavailable(liar: Liar, box: ImapMailbox) -> None:
    liar.before = lambda command: b"* OK still here\r\n" * 30_000 if command.startswith("EXAMINE") else b""
    with pytest.raises(Unavailable, match="no end"):
        box.look("INBOX")


def test_a_bye_in_the_middle_that_comes_once_costs_no_message(liar: Liar, box: ImapMailbox) -> None:
    goodbyes = iter([b"* BYE restart\r\n"])
    liar.before = lambda command: next(goodbyes, b"") if "BODY" in command else b""
    assert bodies(taken(box)) == MAIL


def test_after_a_lost_connection_a_folder_with_another_uidvalidity_is_absent(liar: Liar, box: ImapMailbox) -> None:
    there = box.look("INBOX")

    def lie(told: Told) -> Iterable[bytes]:
        liar.validity = 8
        raise HangUp

    liar.tells = Times(VICTIM, lie, 1)
    found: list[Outcome] = []
    with pytest.raises(Absent, match="UIDVALIDITY 7, ora 8"):
        found.extend(box.fetch(there, there.uids))
    assert all(MAIL[uid] == raw for uid, raw in bodies(found).items())


def test_a_uidvalidity_that_changes_in_the_middle_is_noticed(liar: Liar, box: ImapMailbox) -> None:
    there = box.look("INBOX")
    liar.before = lambda command: b"* OK [UIDVALIDITY 8] renumbered\r\n" if "BODY" in command else b""
    with pytest.raises(Absent, match="UIDVALIDITY 7, ora 8"):
        list(box.fetch(there, there.uids))


def test_a_folder_that_vanishes_in_the_middle_is_absent(liar: Liar, box: ImapMailbox) -> None:
    there = box.look("INBOX")
    liar.tells = Times(VICTIM, hanging_up, 1)
    liar.instead = lambda tag, command: f"{tag} NO [NONEXISTENT] no\r\n".encode() if command[:7] == "EXAMINE" else None
    with pytest.raises(Absent, match="NONEXISTENT"):
        list(box.fetch(there, there.uids))


def test_a_folder_without_uidvalidity_cannot_be_watched(liar: Liar, box: ImapMailbox) -> None:
    liar.instead = lambda tag, command: f"{tag} OK open\r\n".encode() if command[:7] == "EXAMINE" else None
    with pytest.raises(Absent, match="no UIDVALIDITY"):
        box.look("INBOX")


@pytest.mark.parametrize(("stated", "there"), [(None, 22), (22, 22), (100, 100), (5, 22)])
def test_the_next_uid_is_above_the_last_even_where_the_server_says_nothing(
    liar: Liar, box: ImapMailbox, stated: int | None, there: int
) -> None:
    liar.next = stated
    assert box.look("INBOX").next == there


def test_an_invitation_that_nobody_wanted_is_no_answer(liar: Liar, box: ImapMailbox) -> None:
    liar.before = lambda command: b"+ go on\r\n" if command.startswith("EXAMINE") else b""
    with pytest.raises(Unavailable, match="cannot be understood"):
        taken(box)


ESEARCHED: dict[str, tuple[bytes, bool]] = {
    "as it should be": (b"* ESEARCH (TAG %t) UID ALL 3:4,7:9,20:21\r\n", False),
    "in another order": (b"* ESEARCH (TAG %t) UID ALL 20:21,3:4,7:9\r\n", True),
    "too few": (b"* ESEARCH (TAG %t) UID ALL 3:4\r\n", True),
    "nothing": (b"* ESEARCH (TAG %t) UID\r\n", True),
    "not at all": (b"", True),
    "nonsense": (b"* ESEARCH (TAG %t) UID ALL three\r\n", True),
    "numbers, not UIDs": (b"* ESEARCH (TAG %t) ALL 1:7\r\n", True),
}


@pytest.mark.parametrize(("answer", "listed"), ESEARCHED.values(), ids=ESEARCHED)
def test_a_list_of_uids_that_is_not_whole_is_asked_for_in_another_way(
    liar: Liar, box: ImapMailbox, answer: bytes, listed: bool
) -> None:
    liar.instead = lambda tag, command: (
        answer.replace(b"%t", f'"{tag}"'.encode()) + f"{tag} OK\r\n".encode() if "SEARCH" in command else None
    )
    assert box.look("INBOX").uids == Uids.of(MAIL)
    assert ("UID FETCH 1:* (UID)" in liar.heard) is listed


def test_a_server_without_esearch_is_asked_for_its_uids_one_by_one(liar: Liar, box: ImapMailbox) -> None:
    liar.capabilities = "IMAP4rev1 AUTH=PLAIN"
    assert bodies(taken(box)) == MAIL
    assert not [command for command in liar.heard if "SEARCH" in command]


def test_a_server_that_lists_fewer_messages_than_it_counts_is_not_believed(liar: Liar, box: ImapMailbox) -> None:
    liar.capabilities = "IMAP4rev1 AUTH=PLAIN"
    liar.tells = lambda told: [told.answer] if told.uid != VICTIM else []
    with pytest.raises(Unavailable, match="7 messaggi, ne elenca 6"):
        box.look("INBOX")


@pytest.mark.parametrize("uid", [0, LARGEST + 1])
def test_a_uid_that_is_none_is_not_believed(liar: Liar, box: ImapMailbox, uid: int) -> None:
    liar.capabilities = "IMAP4rev1 AUTH=PLAIN"
    liar.tells = lambda told: [told.answer.replace(b"UID 8)", b"UID %d)" % uid)]
    with pytest.raises(Unavailable):
        box.look("INBOX")


def test_a_giant_whose_size_is_stated_too_small_comes_whole_in_pieces(liar: Liar, box: ImapMailbox) -> None:
    giant = letter(VICTIM, 40 << 20)
    liar.body = (MAIL | {VICTIM: giant}).__getitem__
    liar.tells = lambda told: [told.answer.replace(b"RFC822.SIZE %d" % len(giant), b"RFC822.SIZE 300")]
    found = taken(box)
    assert bodies(found) == MAIL | {VICTIM: giant}
    assert [outcome.uid for outcome in found if isinstance(outcome, Fetched) and outcome.note] == [VICTIM]


@pytest.mark.parametrize("size", [16 << 20, (16 << 20) + 1, 32 << 20, (32 << 20) - 1])
def test_a_giant_that_ends_at_the_end_of_a_piece_comes_whole(liar: Liar, box: ImapMailbox, size: int) -> None:
    giant = letter(VICTIM, size + 100)[:size]
    liar.body = (MAIL | {VICTIM: giant}).__getitem__
    found = taken(box)
    assert list(bodies(found).items()) == sorted((MAIL | {VICTIM: giant}).items())
    assert not [outcome for outcome in found if isinstance(outcome, Fetched) and outcome.note]


def capped(told: Told, cap: int) -> Iterable[bytes]:
    """Gives shorter pieces than it is asked for."""
    if "<" not in told.command:
        return [told.answer]
    head, _, rest = told.answer.partition(b" {")
    announced, _, octets = rest.partition(b"}\r\n")
    cut = min(int(announced), cap)
    return [head + b" {%d}\r\n" % cut + octets[:cut] + b")\r\n"]


@pytest.mark.parametrize(("size", "off"), [(30_000_001, 0), (24 << 20, 0), (24 << 20, 5), (30_000_001, -(14 << 20))])
def test_a_giant_of_which_a_server_gives_8_mb_at_a_time_comes_whole(
    liar: Liar, box: ImapMailbox, size: int, off: int
) -> None:
    giant = letter(VICTIM, size + 100)[:size]
    liar.body = (MAIL | {VICTIM: giant}).__getitem__
    liar.tells = lambda told: [
        answer.replace(b"RFC822.SIZE %d" % size, b"RFC822.SIZE %d" % (size + off)) for answer in capped(told, 8 << 20)
    ]
    found = taken(box)
    assert bodies(found)[VICTIM] == giant
    assert {outcome.note for outcome in found if outcome.uid == VICTIM and isinstance(outcome, Fetched)} == {
        "SIZE_DIFFERS" if off else ""
    }


@pytest.mark.parametrize("size", [16 << 20, 32 << 20])
def test_a_giant_beyond_whose_end_a_server_refuses_to_answer_comes_whole(
    liar: Liar, box: ImapMailbox, size: int
) -> None:
    giant = letter(VICTIM, size + 101)[: size + 1]
    liar.uids, liar.body = [VICTIM], lambda uid: giant
    liar.tells = lambda told: capped(told, (size + 1) // 2 + 1)
    liar.instead = lambda tag, command: f"{tag} NO beyond\r\n".encode() if f"<{size + 1}." in command else None
    assert bodies(taken(box)) == {VICTIM: giant}


def test_a_giant_of_which_a_server_refuses_the_second_half_is_not_taken(liar: Liar, box: ImapMailbox) -> None:
    giant = letter(VICTIM, 30 << 20)
    liar.uids, liar.body = [VICTIM], lambda uid: giant
    liar.instead = lambda tag, command: f"{tag} NO disk\r\n".encode() if "<16777216." in command else None
    assert [type(outcome) for outcome in taken(box)] == [Unfetched]


REFUSALS = (
    "NO [SERVERBUG] Internal error",
    "NO [LIMIT] too many",
    "NO [INUSE] locked",
    "NO [UNAVAILABLE] later",
    "BAD no",
)


@pytest.mark.parametrize("said", REFUSALS)
def test_a_folder_that_is_refused_each_time_is_absent_and_the_others_are_read_on_the_same_connection(
    liar: Liar, box: ImapMailbox, said: str
) -> None:
    liar.folders.append(b'() "/" Locked')
    liar.instead = lambda tag, command: f"{tag} {said}\r\n".encode() if command == 'EXAMINE "Locked"' else None
    assert box.folders() == ("INBOX", "Locked")
    with pytest.raises(Absent, match=re.escape(said.partition(" ")[2])):
        box.look("Locked")
    assert bodies(taken(box)) == MAIL
    assert liar.heard.count('EXAMINE "Locked"') == 4
    assert liar.heard.count("AUTHENTICATE PLAIN") == 1


def test_a_folder_that_is_refused_once_is_read(liar: Liar, box: ImapMailbox) -> None:
    refusals = iter(["NO [INUSE] locked"])
    liar.instead = lambda tag, command: (
        f"{tag} {said}\r\n".encode() if command[:7] == "EXAMINE" and (said := next(refusals, "")) else None
    )
    assert bodies(taken(box)) == MAIL


def test_a_server_that_defers_every_login_is_unavailable(liar: Liar, box: ImapMailbox) -> None:
    liar.instead = lambda tag, command: f"{tag} NO [UNAVAILABLE] later\r\n".encode() if command[:5] == "AUTHE" else None
    with pytest.raises(Unavailable, match="login deferred"):
        box.look("INBOX")


def test_a_folder_whose_messages_the_server_does_not_list_is_absent(liar: Liar, box: ImapMailbox) -> None:
    liar.capabilities = "IMAP4rev1 AUTH=PLAIN"
    liar.tells, liar.ending = (lambda told: []), "NO [LIMIT] too many commands"
    with pytest.raises(Absent, match="too many commands"):
        box.look("INBOX")


def test_a_giant_at_whose_second_piece_the_line_is_cut_once_comes_whole(liar: Liar, box: ImapMailbox) -> None:
    giant = letter(VICTIM, 20 << 20)
    liar.body = (MAIL | {VICTIM: giant}).__getitem__
    cuts = iter([1])
    liar.tells = lambda told: hanging_up(told) if "<16777216." in told.command and next(cuts, 0) else [told.answer]
    assert bodies(taken(box)) == MAIL | {VICTIM: giant}


MEASURED = """
import sys
from pathlib import Path
from archiver.adapters.imap import Account, ImapMailbox
box = ImapMailbox(Account("localhost", int(sys.argv[1]), "u", lambda: "pw", ca=Path(sys.argv[2])))
there = box.look("INBOX")
found = [type(outcome).__name__ for outcome in box.fetch(there, there.uids & there.uids.span(1, 10))]
print(there.uids, len(there.uids), "".join(found))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def measured(liar: Liar, certificate: Path) -> tuple[str, int, str, int]:
    """What a process of its own finds, and its peak in MB: the UIDs, their number, what the first became."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(liar.port), str(certificate / "cert.pem")],
        capture_output=True,
        check=True,
        text=True,
    )
    uids, count, found, peak = done.stdout.split()
    return uids, int(count), found, int(peak) >> 10


@pytest.mark.parametrize("gaps", [1, 2], ids=["close together", "every second UID"])
def test_a_mailbox_of_200_000_is_listed_in_little_memory(certificate: Path, gaps: int) -> None:
    with Liar(certificate) as liar:
        liar.uids, liar.body = range(1, gaps * 200_000 + 1, gaps), letter
        uids, count, found, peak = measured(liar, certificate)
    assert count == 200_000
    assert Uids.parse(uids) == Uids.of(liar.uids)
    assert found == "Fetched" * (10 // gaps)
    assert peak < 100


def test_bodies_of_20_mb_where_200_bytes_were_stated_are_not_kept(certificate: Path) -> None:
    with Liar(certificate, {uid: letter(uid) for uid in range(1, 5)}) as liar:
        big = bytes(20 << 20)
        liar.tells = lambda told: [
            told.answer.replace(
                b"{%d}\r\n%b" % (len(letter(told.uid)), letter(told.uid)), b"{%d}\r\n%b" % (len(big), big)
            )
        ]
        *_, found, peak = measured(liar, certificate)
    assert found == "Unfetched" * 4
    assert peak < 80
