"""Between us and a real server everything may fail, at every place of an answer: what comes is right, or it is told."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import pytest
from support.imap import Outcome, Server, bodies, letter, taken
from support.proxy import Fault, Harm, Proxy, Tls

from archiver.adapters.imap import ImapMailbox
from archiver.errors import Unavailable
from archiver.ports import Unfetched

COUNT, VICTIM = 6, 5
FOREVER = 10_000
LATE = 0.1
"""Seconds that an answer is late, without harm."""
LONG = 20.0
"""Seconds that we wait: long, because the machine may be busy."""

PLACES: dict[str, bytes] = {
    "in the sequence number": rb"^\* (5) FETCH [^\r\n]*BODY\[\] \{",
    "in the word FETCH": rb"^\* 5 F(E)TCH [^\r\n]*BODY\[\] \{",
    "in the UID": rb"^\* 5 FETCH \([^\r\n]*UID (5) [^\r\n]*BODY\[\] \{",
    "in INTERNALDATE": rb'^\* 5 FETCH \([^\r\n]*INTERNALDATE "\d\d-(.)[^\r\n]*BODY\[\] \{',
    "in RFC822.SIZE": rb"^\* 5 FETCH \([^\r\n]*RFC822.SIZE (\d)[^\r\n]*BODY\[\] \{",
    "in the name of the body": rb"^\* 5 FETCH \([^\r\n]*B(O)DY\[\] \{",
    "in the literal's length": rb"^\* 5 FETCH \([^\r\n]*BODY\[\] \{(\d)",
    "at the end of the length": rb"^\* 5 FETCH \([^\r\n]*BODY\[\] \{\d+(\})",
    "in the literal": rb"MARK-5 h(e)re",
    "just after the literal": rb"END-5\r\n(\))\r\n",
    "after the parenthesis": rb"END-5\r\n\)(\r)\n",
    "between two answers": rb"END-5\r\n\)\r\n(\*)",
    "in the tag": rb"END-\d\r\n\)\r\n(x)\d+ OK",
    "in the tagged line": rb"END-\d\r\n\)\r\nx\d+ (O)K",
    "at the end of the tagged line": rb"END-\d\r\n\)\r\nx\d+ OK [^\r\n]*(\r)\n",
}
UNNOTICED = ("in the literal", Harm.CORRUPT)
"""Below TLS nobody can notice a letter of a message that became another: see the test of its own."""

TABLE = [(place, harm) for place in PLACES for harm in Harm if (place, harm) != UNNOTICED]


@pytest.fixture(scope="module")
def mail() -> dict[int, bytes]:
    return {number: letter(number) for number in range(1, COUNT + 1)}


@pytest.fixture
def proxy(server: Server, mail: dict[int, bytes]) -> Iterator[Proxy]:
    server.put(mail.values())
    with Proxy(server.dovecot.tls, Tls(server.dovecot.home)) as proxy:
        yield proxy


@pytest.mark.parametrize(("place", "harm"), TABLE)
def test_a_fault_that_passes_costs_no_message(
    server: Server, proxy: Proxy, mail: dict[int, bytes], place: str, harm: Harm
) -> None:
    proxy.faults = [Fault(harm, PLACES[place], seconds=LATE)]
    found = taken(server.mailbox(port=proxy.port, timeout=LONG))
    assert proxy.struck == 1
    assert [outcome.uid for outcome in found] == list(mail)
    assert bodies(found) == mail


@pytest.mark.parametrize(("place", "harm"), TABLE)
def test_a_fault_that_stays_ends_in_a_clear_report_and_harms_no_other_message(
    server: Server, proxy: Proxy, mail: dict[int, bytes], place: str, harm: Harm
) -> None:
    proxy.faults = [Fault(harm, PLACES[place], times=FOREVER, seconds=LATE)]
    found = list(outcomes(server, proxy))
    assert proxy.struck >= 1
    assert [outcome.uid for outcome in found] == list(mail)[: len(found)]
    assert all(raw == mail[uid] for uid, raw in bodies(found).items())
    refused = [outcome for outcome in found if isinstance(outcome, Unfetched)]
    assert all(len(outcome.reason) > 20 for outcome in refused)
    assert {outcome.uid for outcome in found} == set(mail)
    if rb"5" in PLACES[place]:
        assert {outcome.uid for outcome in refused} <= {VICTIM}
    proxy.faults = []
    assert bodies(taken(server.mailbox(port=proxy.port))) == mail


def outcomes(server: Server, proxy: Proxy) -> Iterator[Outcome]:
    """What comes until the server is given up."""
    box = server.mailbox(port=proxy.port, timeout=LONG)
    there = box.look("INBOX")
    with suppress(Unavailable):
        yield from box.fetch(there, there.uids)
    box.close()


@pytest.mark.parametrize("place", ["in the UID", "in the literal", "in the tag"])
def test_a_server_that_falls_silent_is_asked_again_on_another_connection(
    server: Server, proxy: Proxy, mail: dict[int, bytes], place: str
) -> None:
    proxy.faults = [Fault(Harm.DELAY, PLACES[place], seconds=5)]
    assert bodies(taken(server.mailbox(port=proxy.port, timeout=1.5))) == mail
    assert proxy.connections == 2


def test_a_message_at_which_the_server_falls_silent_each_time_is_told(
    server: Server, proxy: Proxy, mail: dict[int, bytes]
) -> None:
    proxy.faults = [Fault(Harm.DELAY, PLACES["in the literal"], times=FOREVER, seconds=5)]
    found = taken(server.mailbox(port=proxy.port, timeout=1))
    assert [outcome.uid for outcome in found if isinstance(outcome, Unfetched)] == [VICTIM]
    assert "timed out" in next(outcome.reason for outcome in found if isinstance(outcome, Unfetched))
    assert len(bodies(found)) == COUNT - 1


def test_below_tls_a_changed_letter_of_a_message_is_not_noticed(
    server: Server, proxy: Proxy, mail: dict[int, bytes]
) -> None:
    """The limit of what an IMAP client can see; the next test shows what stands before it."""
    proxy.faults = [Fault(Harm.CORRUPT, PLACES["in the literal"])]
    found = bodies(taken(server.mailbox(port=proxy.port)))
    assert found == mail | {VICTIM: mail[VICTIM].replace(b"here", b"hdre")}


@pytest.mark.parametrize("harm", list(Harm))
@pytest.mark.parametrize("upstream", [False, True], ids=["from the server", "to the server"])
def test_tls_notices_whatever_is_done_to_it_anywhere_on_the_way(server: Server, harm: Harm, upstream: bool) -> None:
    mail = dict(enumerate(server.put(letter(number, 30_000) for number in range(1, 31)), 1))
    with Proxy(server.dovecot.tls) as proxy:
        for at in (1, 800) if upstream else (1, 1000, 2600, 300_003):
            proxy.faults = [Fault(harm, at, seconds=LATE, upstream=upstream)]
            proxy.struck = 0
            assert bodies(taken(server.mailbox(port=proxy.port, timeout=LONG))) == mail
            assert proxy.struck == 1


@pytest.mark.parametrize("harm", list(Harm))
@pytest.mark.parametrize(
    "place",
    [rb"^x\d+ (U)ID FETCH", rb"^x\d+ UID FETCH 1:6 \(UID R(F)C", rb"^x\d+ (E)XAMINE", rb"^(x)\d+ NOOP"],
)
def test_a_fault_in_what_we_say_costs_no_message(
    server: Server, proxy: Proxy, mail: dict[int, bytes], harm: Harm, place: bytes
) -> None:
    noop = Fault(Harm.CORRUPT, rb"^\* 5 FETCH \([^\r\n]*B(O)DY\[\] \{")  # so that NOOP has a reason
    proxy.faults = [Fault(harm, place, seconds=LATE, upstream=True), noop]
    found = taken(server.mailbox(port=proxy.port, timeout=LONG))
    assert bodies(found) == mail
    assert proxy.struck == 2


def test_a_server_that_goes_away_for_good_is_unavailable_and_what_was_given_stands(server: Server) -> None:
    many = dict(enumerate(server.put(letter(number, 50_000) for number in range(1, 401)), 1))
    with Proxy(server.dovecot.tls, Tls(server.dovecot.home)) as proxy:
        box = server.mailbox(port=proxy.port, timeout=LONG)
        there = box.look("INBOX")
        reader = box.fetch(there, there.uids)
        found = bodies(islice(reader, 50))
        proxy.stop()
        with pytest.raises(Unavailable, match="try again later"):
            found |= bodies(reader)
    assert list(found) == list(range(1, 51))
    assert found.items() <= many.items()


def test_the_pauses_between_attempts_grow_and_end(server: Server) -> None:
    paused: list[float] = []
    with pytest.raises(Unavailable):
        ImapMailbox(server.account(port=1), pause=paused.append).folders()
    assert paused == sorted(set(paused))
    assert 2 <= len(paused) <= 5
