"""A real server: what is in its folders comes back byte for byte, and it is as it was before."""

import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from support.imap import Server, bodies, letter, taken
from support.proxy import Fault, Harm, Proxy, Tls

from archiver.adapters.imap import Account, ImapMailbox
from archiver.errors import Absent
from archiver.ports import Fetched, Gone, Unfetched
from archiver.uids import Uids

MEASURED = """
import sys
from pathlib import Path
from hashlib import sha256
from archiver.adapters.imap import Account, ImapMailbox
port, user, ca, folder = sys.argv[1:]
box = ImapMailbox(Account("localhost", int(port), user, lambda: "pw", ca=Path(ca)))
there = box.look(folder)
for outcome in box.fetch(there, there.uids):
    print(outcome.uid, sha256(outcome.raw).hexdigest(), outcome.note)
    del outcome
print(len(there.uids), next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def measured(account: Account, folder: str) -> list[str]:
    """The words that a process of its own prints: per message UID and digest; at the end the count and peak kB."""
    arguments = [str(account.port), account.user, str(account.ca), folder]
    done = subprocess.run([sys.executable, "-c", MEASURED, *arguments], capture_output=True, check=True, text=True)
    return done.stdout.split()


def test_five_thousand_messages_come_back_byte_for_byte_in_the_order_of_their_uids(server: Server) -> None:
    messages = server.put(letter(number, 300 + number * 7 % 3000) for number in range(1, 5001))
    found = taken(server.mailbox())
    assert [outcome.uid for outcome in found] == list(range(1, 5001))
    assert list(bodies(found).values()) == messages


def test_only_what_is_asked_for_comes_and_each_once(server: Server) -> None:
    messages = server.put(map(letter, range(1, 301)))
    asked = Uids.parse("2,5:9,200:250,299:300,305:310")
    found = taken(server.mailbox(), uids=asked)
    assert [outcome.uid for outcome in found] == list(asked)
    assert bodies(found) == {uid: messages[uid - 1] for uid in asked if uid <= 300}
    assert {outcome.uid for outcome in found if isinstance(outcome, Gone)} == set(range(305, 311))


def test_a_message_says_where_and_when_the_server_got_it(server: Server) -> None:
    server.put([letter(1)], "Archivio")
    with server.client() as client:
        client.append("Archivio", "", '"02-Nov-2026 23:30:00 +0100"', letter(2))
    assert taken(server.mailbox(), "Archivio")[1] == Fetched(
        letter(2), "Archivio", "Archivio", datetime(2026, 11, 2, 22, 30, tzinfo=UTC), 2
    )


def test_odd_messages_come_back_as_they_are(server: Server) -> None:
    odd = (b"", b"x", b"\r\n", b"no end", b"\x80\xff8-bit {12}\r\n)\r\n", b")\r\n* 1 FETCH (UID 1 BODY[] {1}\r\nx)\r\n")
    messages = server.put(octets for number, raw in enumerate(odd) for octets in (raw, letter(number)))
    assert bodies(taken(server.mailbox())) == dict(enumerate(messages, 1))


def test_nothing_on_the_server_is_other_than_before(server: Server) -> None:
    server.put(map(letter, range(1, 40)))
    fresh = server.dovecot.maildir(server.user) / "new" / "1790009999.M1P1.host"
    fresh.write_bytes(letter(99))
    server.put([letter(1, 20_000_000)], "Grande")
    with server.client() as client:
        client.append("INBOX", r"(\Flagged $Forwarded)", None, letter(100))
    before = [server.everything(folder) for folder in ("INBOX", "Grande")]
    assert server.everything("INBOX") == before[0]  # looking alone changes nothing
    box = server.mailbox()
    for folder in box.folders():
        taken(box, folder)
    assert [server.everything(folder) for folder in ("INBOX", "Grande")] == before
    assert r"\Recent" in str(before[0])


def test_messages_of_100_and_70_mb_cost_one_copy_of_one_of_them_in_memory(server: Server) -> None:
    sizes = (100 << 20, 70 << 20, 200)
    digests = [sha256(raw).hexdigest() for raw in server.put(letter(uid, size) for uid, size in enumerate(sizes, 1))]
    words = measured(server.account(), "INBOX")
    assert words[:6] == ["1", digests[0], "2", digests[1], "3", digests[2]]
    assert int(words[-1]) < 180 << 10, f"{int(words[-1]) >> 10} MB"


def test_a_folder_that_is_not_there_is_absent_and_the_rest_can_still_be_read(server: Server) -> None:
    server.put([letter(1)])
    box = server.mailbox()
    with pytest.raises(Absent, match="Nessuna"):
        box.look("Nessuna")
    assert bodies(taken(box)) == {1: letter(1)}


def test_a_folder_closed_to_the_server_itself_is_absent_and_the_rest_can_still_be_read(server: Server) -> None:
    mail = server.put([letter(1), letter(2)])
    server.put([letter(3)], "Chiusa")
    place = server.dovecot.maildir(server.user, "Chiusa")
    place.chmod(0)
    try:
        box = server.mailbox()
        with pytest.raises(Absent, match="Chiusa"):
            box.look("Chiusa")
        assert list(bodies(taken(box)).values()) == mail
    finally:
        place.chmod(0o700)


def test_an_empty_folder_has_no_messages_and_a_next_uid(server: Server) -> None:
    server.put([], "Vuota")
    there = server.mailbox().look("Vuota")
    assert (there.uids, there.next) == (Uids(), 1)


def test_the_next_uid_is_the_servers_even_where_the_last_message_is_gone(server: Server) -> None:
    server.put(map(letter, range(1, 6)))
    deleted(server, "4:5")
    there = server.mailbox().look("INBOX")
    assert (str(there.uids), there.next) == ("1:3", 6)


def test_mail_deleted_between_looking_and_fetching_is_gone(server: Server) -> None:
    server.put(map(letter, range(1, 301)))
    box = server.mailbox()
    there = box.look("INBOX")
    deleted(server, "1,5:9,120:300")
    found = list(box.fetch(there, there.uids))
    assert [outcome.uid for outcome in found if isinstance(outcome, Gone)] == [1, 5, 6, 7, 8, 9, *range(120, 301)]
    assert bodies(found) == {uid: letter(uid) for uid in (2, 3, 4, *range(10, 120))}


def test_mail_deleted_while_it_is_fetched_is_gone_or_fetched_and_the_rest_is_fetched(server: Server) -> None:
    server.put(letter(number, 30_000) for number in range(1, 1001))
    box = server.mailbox()
    there = box.look("INBOX")
    found = []
    for outcome in box.fetch(there, there.uids):
        found.append(outcome)
        if len(found) == 10:
            deleted(server, "11:20,500:1000")
    assert [outcome.uid for outcome in found] == list(range(1, 1001))
    assert not [outcome for outcome in found if isinstance(outcome, Unfetched)]
    assert len(bodies(found)) < 1000
    assert all(raw == letter(uid, 30_000) for uid, raw in bodies(found).items())
    assert {uid for uid in range(1, 500) if uid not in range(11, 21)} <= set(bodies(found))


def test_mail_that_arrives_and_flags_that_change_in_the_middle_do_no_harm(server: Server) -> None:
    server.put(letter(number, 30_000) for number in range(1, 601))
    box = server.mailbox()
    there = box.look("INBOX")
    found = []
    for outcome in box.fetch(there, there.uids):
        found.append(outcome)
        if len(found) == 150:
            with server.client() as client:
                client.select("INBOX")
                client.uid("STORE", "1:600", "+FLAGS", r"(\Answered)")
                client.append("INBOX", "", None, letter(601))
    assert bodies(found) == {uid: letter(uid, 30_000) for uid in range(1, 601)}
    assert box.look("INBOX").uids.last == 601


def test_a_folder_made_anew_is_absent_for_whoever_knows_the_old_one(server: Server) -> None:
    server.put([letter(1)], "Pratiche")
    box = server.mailbox()
    there = box.look("Pratiche")
    with server.client() as client:
        client.delete("Pratiche")
        client.create("Pratiche")
    with pytest.raises(Absent, match=f"UIDVALIDITY {there.validity}"):
        list(box.fetch(there, there.uids))


@pytest.mark.parametrize("wrong_by", [5000, -100])
def test_a_message_that_the_server_itself_cannot_read_is_told_and_stops_no_other(server: Server, wrong_by: int) -> None:
    """Dovecot believes the size in a file's name (`S=`), and hangs up when the file has another."""
    server.put(map(letter, range(1, 30)))
    unreadable(server, 10, wrong_by)
    found = taken(server.mailbox())
    assert [outcome.uid for outcome in found] == list(range(1, 30))
    assert bodies(found) == {uid: letter(uid) for uid in range(1, 30) if uid != 10}
    assert [outcome.uid for outcome in found if isinstance(outcome, Unfetched) and "asked for alone" in outcome.reason]


def test_commands_under_way_whose_answers_come_mixed_are_each_answered(server: Server) -> None:
    """Dovecot answers the second before it has ended the first. Nothing has to be asked again: there is no NOOP."""
    server.put(letter(number, 30_000) for number in range(1, 1001))
    asked_again = Fault(Harm.CUT, rb"(NOOP)", upstream=True)
    with Proxy(server.dovecot.tls, Tls(server.dovecot.home), [asked_again]) as proxy:
        box = server.mailbox(port=proxy.port)
        there = box.look("INBOX")
        for asked in (there.uids, Uids.span(1, 100)):
            assert len(bodies(box.fetch(there, asked))) == len(asked)
    assert proxy.struck == 0


def test_a_look_at_another_folder_between_two_messages_does_not_bring_its_messages(server: Server) -> None:
    server.put(letter(number) for number in range(1, 8))
    server.put((letter(number + 100) for number in range(1, 8)), "Altra")
    unreadable(server, 2, 5000)  # from here on it is one by one, and between them nothing is under way
    box = server.mailbox()
    reader = box.fetch(box.look("INBOX"), Uids.span(1, 7))
    found = []
    for outcome in reader:
        found.append(outcome)
        box.look("Altra")
    assert bodies(found) == {uid: letter(uid) for uid in (1, 3, 4, 5, 6, 7)}


def test_a_reader_who_stops_in_the_middle_leaves_a_mailbox_that_can_be_asked_again(server: Server) -> None:
    server.put(letter(number, 40_000) for number in range(1, 400))
    box = server.mailbox()
    there = box.look("INBOX")
    reader = box.fetch(there, there.uids)
    assert next(reader).uid == 1
    assert box.look("INBOX") == there
    assert [outcome.uid for outcome in reader] == list(range(2, 400))


def test_whoever_stops_reading_makes_nobody_wait(server: Server) -> None:
    server.put(letter(number, 40_000) for number in range(1, 400))
    paused: list[float] = []
    box = ImapMailbox(server.account(), pause=paused.append)
    there = box.look("INBOX")
    assert next(box.fetch(there, there.uids)).uid == 1
    assert len(list(box.fetch(there, there.uids))) == 399
    box.close()
    assert paused == []


def unreadable(server: Server, uid: int, wrong_by: int) -> None:
    """Makes the name of a message's file tell a wrong size."""
    file = sorted((server.dovecot.maildir(server.user) / "cur").iterdir())[uid - 1]
    size = file.stat().st_size + wrong_by
    file.rename(file.with_name(file.name.replace(".host", f".host,S={size},W={size}")))


def deleted(server: Server, uids: str) -> None:
    """A user deletes mail."""
    with server.client() as client:
        client.select("INBOX")
        client.uid("STORE", uids, "+FLAGS", r"(\Deleted)")
        client.expunge()
