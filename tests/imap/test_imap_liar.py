"""A server that answers wrongly is neither believed nor allowed to stop anything: what it can tell rightly is taken."""

import re
from collections.abc import Callable, Iterable

import pytest
from support.imap import MAIL, VICTIM, Outcome, bodies, letter, taken
from support.liar import HangUp, Liar, Lie, Times, Told, hanging_up

from archiver.adapters.imap import ImapMailbox
from archiver.errors import Unavailable
from archiver.ports import Fetched, Gone, Unfetched
from archiver.uids import Uids


def silent(told: Told) -> Iterable[bytes]:
    return []


def nil(told: Told) -> Iterable[bytes]:
    return [told.answer[: told.answer.index(b"BODY[]")] + b"BODY[] NIL)\r\n"]


def of_another(uid: int) -> Lie:
    return lambda told: [told.answer.replace(b"UID %d " % told.uid, b"UID %d " % uid)]


def anonymous(told: Told) -> Iterable[bytes]:
    return [told.answer.replace(b"UID %d " % told.uid, b"")]


def shortened(told: Told) -> Iterable[bytes]:
    body = MAIL[told.uid]
    return [told.answer.replace(b"{%d}\r\n%b" % (len(body), body), b"{%d}\r\n%b" % (len(body) - 10, body[:-10]))]


def less(told: Told) -> Iterable[bytes]:
    """States ten octets more than there are."""
    size = len(MAIL[told.uid])
    return [told.answer.replace(b"RFC822.SIZE %d" % size, b"RFC822.SIZE %d" % (size + 10))]


def huge(told: Told) -> Iterable[bytes]:
    body = MAIL[told.uid]
    return [told.answer.replace(b"{%d}\r\n%b" % (len(body), body), b"{%d}\r\n%b" % (30 << 20, bytes(30 << 20)))]


def half_of_huge(told: Told) -> Iterable[bytes]:
    yield next(iter(huge(told)))[: 20 << 20]
    raise HangUp


def listed(told: Told) -> Iterable[bytes]:
    return [told.answer[: told.answer.index(b"BODY[]")] + b"BODY[] (" + b"x " * len(MAIL[told.uid]) + b"))\r\n"]


def half(told: Told) -> Iterable[bytes]:
    yield told.answer[: len(told.answer) // 2]
    raise HangUp


def bye(told: Told) -> Iterable[bytes]:
    yield b"* BYE server going down\r\n"
    raise HangUp


def garbage(told: Told) -> Iterable[bytes]:
    return [b"\x00\xff garbage\r\n", told.answer]


def unclosed(told: Told) -> Iterable[bytes]:
    return [told.answer.replace(b"(UID", b"((UID")]


def twice_differing(told: Told) -> Iterable[bytes]:
    return [told.answer, told.answer.replace(b"MARK", b"mark")]


LIES: dict[str, Lie] = {
    "no answer": silent,
    "a NIL body": nil,
    "the body under a UID that was not asked for": of_another(99),
    "the body under the UID of another": of_another(9),
    "the body under the UID of one before": of_another(4),
    "the body without a UID": anonymous,
    "a body shorter than its size": shortened,
    "a body of 30 MB where 200 bytes were stated": huge,
    "half a body of 30 MB": half_of_huge,
    "a list for a body": listed,
    "the line cut": hanging_up,
    "half an answer": half,
    "BYE": bye,
    "garbage": garbage,
    "a list that stays open": unclosed,
    "two bodies for one UID": twice_differing,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_wrong_answer_that_comes_once_costs_no_message(liar: Liar, box: ImapMailbox, lie: Lie) -> None:
    liar.tells = Times(VICTIM, lie, 1)
    found = taken(box)
    assert [outcome.uid for outcome in found] == list(MAIL)
    assert bodies(found) == MAIL
    assert {outcome.note for outcome in found if isinstance(outcome, Fetched)} == {""}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_wrong_answer_that_comes_each_time_is_told_and_costs_no_other_message(
    liar: Liar, box: ImapMailbox, lie: Lie
) -> None:
    liar.tells = Times(VICTIM, lie)
    found = taken(box)
    assert [outcome.uid for outcome in found] == list(MAIL)
    assert [(type(outcome), outcome.uid) for outcome in found if not isinstance(outcome, Fetched)] == [
        (Unfetched, VICTIM)
    ]
    assert bodies(found) == {uid: raw for uid, raw in MAIL.items() if uid != VICTIM}
    assert all(len(outcome.reason) > 15 for outcome in found if isinstance(outcome, Unfetched))


BEYOND: dict[str, Callable[[str], bytes | None]] = {
    "nothing": lambda tag: None,
    "NIL": lambda tag: b"* 1 FETCH (UID 8 BODY[]<%d> NIL)\r\n%b OK\r\n" % (len(MAIL[VICTIM]), tag.encode()),
    "a refusal": lambda tag: f"{tag} NO offset out of range\r\n".encode(),
}


@pytest.mark.parametrize("beyond", BEYOND.values(), ids=BEYOND)
def test_a_body_of_a_wrong_length_is_taken_and_marked_when_it_comes_twice_and_nothing_lies_beyond(
    liar: Liar, box: ImapMailbox, beyond: Callable[[str], bytes | None]
) -> None:
    liar.tells = Times(VICTIM, less)
    liar.instead = lambda tag, command: beyond(tag) if f"<{len(MAIL[VICTIM])}.1>" in command else None
    found = {outcome.uid: outcome for outcome in taken(box) if isinstance(outcome, Fetched)}
    assert bodies(found.values()) == MAIL
    assert {uid for uid, outcome in found.items() if outcome.note == "SIZE_DIFFERS"} == {VICTIM}


def test_a_body_that_is_cut_short_twice_in_the_same_way_is_not_taken(liar: Liar, box: ImapMailbox) -> None:
    liar.tells = Times(VICTIM, shortened)
    found = taken(box)
    assert bodies(found) == {uid: raw for uid, raw in MAIL.items() if uid != VICTIM}
    assert ["there is more" in outcome.reason for outcome in found if isinstance(outcome, Unfetched)] == [True]


def test_a_body_beyond_whose_end_the_server_does_not_answer_is_not_taken(liar: Liar, box: ImapMailbox) -> None:
    liar.tells = lambda told: less(told) if "<" not in told.command else []
    assert {type(outcome) for outcome in taken(box)} == {Unfetched}


def test_bodies_whose_sizes_agree_are_asked_for_once(liar: Liar, box: ImapMailbox) -> None:
    taken(box)
    assert sum("BODY" in command for command in liar.heard) == 1


def test_a_server_that_states_every_size_wrongly_loses_no_message(liar: Liar, box: ImapMailbox) -> None:
    liar.tells = lambda told: [told.answer.replace(b"RFC822.SIZE ", b"RFC822.SIZE 1")]
    found = taken(box)
    assert bodies(found) == MAIL
    assert {outcome.note for outcome in found if isinstance(outcome, Fetched)} == {"SIZE_DIFFERS"}


def test_a_body_that_is_different_each_time_is_not_taken(liar: Liar, box: ImapMailbox) -> None:
    lengths = iter(range(10, 100))

    def never_the_same(told: Told) -> Iterable[bytes]:
        body, cut = MAIL[told.uid], next(lengths)
        return [told.answer.replace(b"{%d}\r\n%b" % (len(body), body), b"{%d}\r\n%b" % (cut, body[:cut]))]

    liar.tells = Times(VICTIM, never_the_same)
    found = taken(box)
    assert [outcome.uid for outcome in found if isinstance(outcome, Unfetched)] == [VICTIM]
    assert [outcome.reason[:10] for outcome in found if isinstance(outcome, Unfetched)] == ["dichiarati"]


def test_answers_in_any_order_with_strangers_between_them_are_told_apart(liar: Liar, box: ImapMailbox) -> None:
    noise = b"* 3 FETCH (FLAGS (\\Seen $X) UID 7)\r\n* 9 EXISTS\r\n* FLAGS (\\A)\r\n* OK [ALERT] backup {12}\r\n"
    liar.tells = lambda told: [noise, told.answer, b"* 5 FETCH (UID 77 BODY[] {3}\r\nabc)\r\n" if told.body else b""]
    liar.order = lambda answers: answers[::-1]
    assert bodies(box.fetch(box.look("INBOX"), Uids.of(MAIL))) == MAIL
    assert "NOOP" not in liar.heard  # nothing had to be asked again


def test_an_answer_may_come_in_two_parts_and_its_items_in_any_order(liar: Liar, box: ImapMailbox) -> None:
    def parts(told: Told) -> Iterable[bytes]:
        body = MAIL[told.uid]
        if told.body:
            yield b"* 1 fetch (body[] {%d}\r\n%b uid %d)\r\n" % (len(body), body, told.uid)
            yield b'* 1 FETCH (INTERNALDATE " 2-Nov-2026 10:11:12 +0100" FLAGS () UID %d)\r\n' % told.uid
        else:
            yield told.answer

    liar.tells = parts
    found = taken(box)
    assert bodies(found) == MAIL
    assert {str(outcome.received) for outcome in found if isinstance(outcome, Fetched)} == {"2026-11-02 09:11:12+00:00"}


@pytest.mark.parametrize(
    "date", ["", '"yesterday"', '"31-Feb-2026 10:11:12 +0100"', "NIL", '"01-Jan-0001 00:00:00 +0500"']
)
def test_a_message_without_a_date_that_can_be_read_has_none(liar: Liar, box: ImapMailbox, date: str) -> None:
    written = f"INTERNALDATE {date}".encode() if date else b"X 1"
    liar.tells = lambda told: [told.answer.replace(b'INTERNALDATE "02-Nov-2026 10:11:12 +0100"', written)]
    found = taken(box)
    assert bodies(found) == MAIL
    assert {outcome.received for outcome in found if isinstance(outcome, Fetched)} == {None}


@pytest.mark.parametrize("body", [b'"quo\\"ted"', b'""'])
def test_a_body_may_be_a_quoted_string(liar: Liar, box: ImapMailbox, body: bytes) -> None:
    raw = body[1:-1].replace(b"\\", b"")
    liar.tells = lambda told: [
        b"* 1 FETCH (UID %d RFC822.SIZE %d BODY[] %b)\r\n" % (told.uid, len(raw), body) if told.body else told.answer
    ]
    assert set(bodies(taken(box)).values()) == {raw}


SAID = re.compile(
    r"CAPABILITY|AUTHENTICATE PLAIN|LIST \"\" \"\*\"|EXAMINE \"INBOX\"|UID SEARCH RETURN \(ALL\) ALL|NOOP|LOGOUT"
    r"|UID FETCH [\d:,*]+ \((?: ?(?:UID|INTERNALDATE|RFC822\.SIZE|BODY\.PEEK\[\](?:<\d+\.\d+>)?))+\)"
)


def test_nothing_is_ever_said_that_could_change_anything(liar: Liar, box: ImapMailbox) -> None:
    giant = letter(20, 17 << 20)
    liar.body = (MAIL | {20: giant}).__getitem__
    liar.tells = Times(VICTIM, nil)
    assert box.folders() == ("INBOX",)
    taken(box)
    liar.capabilities = "IMAP4rev1 AUTH=PLAIN"
    taken(box)
    assert [command for command in liar.heard if not SAID.fullmatch(command)] == []
    assert any("<16777216." in command for command in liar.heard)


def test_the_last_words_of_a_server_are_told(liar: Liar, box: ImapMailbox) -> None:
    liar.tells = Times(VICTIM, bye)
    assert ["server going down" in outcome.reason for outcome in taken(box) if isinstance(outcome, Unfetched)] == [True]


def test_what_a_server_forgets_only_when_it_may_say_so_is_gone(liar: Liar, box: ImapMailbox) -> None:
    """Some keep showing what was deleted, without its content, until a command at which they may announce it."""
    there = box.look("INBOX")

    def reluctant(told: Told) -> Iterable[bytes]:
        if told.uid != VICTIM:
            return [told.answer]
        if "NOOP" in liar.heard:
            return []
        return nil(told) if told.body else [told.answer]

    liar.tells = reluctant
    found = list(box.fetch(there, there.uids))
    assert [outcome.uid for outcome in found if isinstance(outcome, Gone)] == [VICTIM]
    assert len(bodies(found)) == len(MAIL) - 1


def test_what_is_listed_and_then_answered_to_no_question_is_gone(liar: Liar, box: ImapMailbox) -> None:
    there = box.look("INBOX")
    liar.tells = lambda told: [told.answer] if told.uid not in (4, 21) else []
    liar.ending = "NO [EXPUNGEISSUED] some are gone"
    found = list(box.fetch(there, there.uids))
    assert [outcome.uid for outcome in found] == list(MAIL)
    assert [outcome.uid for outcome in found if isinstance(outcome, Gone)] == [4, 21]
    assert len(bodies(found)) == len(MAIL) - 2


@pytest.mark.parametrize("code", ["LIMIT", "UNAVAILABLE", "OVERQUOTA"])
def test_a_message_that_the_server_does_not_give_for_now_is_told_and_costs_no_other(
    liar: Liar, box: ImapMailbox, code: str
) -> None:
    liar.tells = lambda told: [told.answer] if told.uid != VICTIM or not told.body else []
    liar.ending = f"NO [{code}] come back tomorrow"
    liar.instead = lambda tag, command: _good(liar, tag, command)
    found = taken(box)
    assert [outcome.uid for outcome in found] == list(MAIL)
    assert bodies(found) == {uid: raw for uid, raw in MAIL.items() if uid != VICTIM}
    assert ["come back tomorrow" in outcome.reason for outcome in found if isinstance(outcome, Unfetched)] == [True]
    assert sum(command.startswith("AUTHENTICATE") for command in liar.heard) <= 2


def _good(liar: Liar, tag: str, command: str) -> None:
    """Only what concerns the one message ends badly."""
    if command.startswith("UID FETCH"):
        within = "BODY" in command and (":" in command.split()[2] or command.split()[2] == str(VICTIM))
        liar.ending = "NO [LIMIT] come back tomorrow" if within else "OK"


def test_a_server_that_gives_no_message_any_more_is_unavailable(liar: Liar, box: ImapMailbox) -> None:
    mail = {uid: letter(uid) for uid in range(1, 100)}
    liar.uids, liar.body = sorted(mail), mail.__getitem__
    liar.tells = lambda told: [told.answer] if told.uid < 8 or not told.body else []
    there = box.look("INBOX")
    liar.ending = "NO [LIMIT] come back tomorrow"
    found: list[Outcome] = []
    with pytest.raises(Unavailable, match="come back tomorrow"):
        found.extend(box.fetch(there, there.uids))
    assert [outcome.uid for outcome in found] == list(range(1, len(found) + 1))
    assert len(found) < 30


@pytest.mark.parametrize("status", ["NO [LIMIT]", "NO", "BAD"])
def test_messages_that_the_server_does_not_list_for_now_are_not_gone(liar: Liar, box: ImapMailbox, status: str) -> None:
    there = box.look("INBOX")
    liar.tells = lambda told: [told.answer] if told.uid != VICTIM else []
    liar.ending = f"{status} too many commands"
    found = list(box.fetch(there, there.uids))
    assert [(type(outcome), outcome.uid) for outcome in found if not isinstance(outcome, Fetched)] == [
        (Unfetched, VICTIM)
    ]
    assert bodies(found) == {uid: raw for uid, raw in MAIL.items() if uid != VICTIM}


def test_messages_that_the_server_refuses_one_by_one_are_told_with_its_reason(liar: Liar, box: ImapMailbox) -> None:
    liar.tells = lambda told: [told.answer] if told.uid not in (4, 8) or not told.body else []
    liar.ending = "NO message is corrupt on disk"
    found = taken(box)
    assert [outcome.uid for outcome in found if isinstance(outcome, Unfetched)] == [4, 8]
    assert all("corrupt on disk" in outcome.reason for outcome in found if isinstance(outcome, Unfetched))


def test_however_many_messages_kill_the_connection_the_others_between_them_still_come(
    liar: Liar, box: ImapMailbox
) -> None:
    mail = {uid: letter(uid) for uid in range(1, 46)}
    killers = {4, *range(5, 46, 2)}
    liar.uids, liar.body = sorted(mail), mail.__getitem__
    liar.tells = lambda told: hanging_up(told) if told.uid in killers and told.body else [told.answer]
    found = taken(box)
    assert [outcome.uid for outcome in found] == list(mail)
    assert {outcome.uid for outcome in found if isinstance(outcome, Unfetched)} == killers
    assert bodies(found) == {uid: raw for uid, raw in mail.items() if uid not in killers}


def test_a_server_that_hangs_up_at_every_message_is_given_up(liar: Liar, box: ImapMailbox) -> None:
    mail = {uid: letter(uid) for uid in range(1, 500)}
    liar.uids, liar.body = sorted(mail), mail.__getitem__
    there = box.look("INBOX")
    liar.tells = lambda told: hanging_up(told) if told.body else [told.answer]
    found: list[Outcome] = []
    with pytest.raises(Unavailable, match="in a row"):
        found.extend(box.fetch(there, there.uids))
    assert [outcome.uid for outcome in found] == list(range(1, len(found) + 1))
    assert len(found) < 50


def test_a_folder_that_is_open_is_not_opened_again_for_the_next_fetch(liar: Liar, box: ImapMailbox) -> None:
    there = box.look("INBOX")
    for portion in there.uids.portions(5):
        assert len(list(box.fetch(there, portion))) == len(portion)
    assert [command for command in liar.heard if command.startswith("EXAMINE")] == ['EXAMINE "INBOX"']
