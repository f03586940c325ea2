"""Polls of a server that behaves as servers and their users do: nothing twice, nothing lost, nothing unsaid."""

from datetime import timedelta

import pytest
from support import letters
from support.forgetting import forget
from support.nights import Nights
from support.server import Box, Server
from support.whole import complaints, rapporti

from archiver.access.attestation import attested
from archiver.digest import sha256
from archiver.errors import Unavailable
from archiver.ingest import chunk, desk, packer
from archiver.package.rdv.values import Rdv
from archiver.submission import ledger


def letter(number: int) -> bytes:
    return letters.plain(number)


def some(count: int, start: int = 0) -> list[bytes]:
    return [letter(number) for number in range(start, start + count)]


def test_a_night_brings_what_is_new_in_all_folders_and_the_next_one_nothing(nights: Nights) -> None:
    server = Server(INBOX=Box().deliver(*some(3)), Trash=Box().deliver(*some(2, 10)))
    assert nights.night(server).new == 5
    assert nights.night(server).pdvs == []
    server.inbox.deliver(letter(20))
    assert nights.night(server).new == 1
    assert [uid for _, uid in server.asked] == [1, 2, 3, 1, 2, 4]
    nights.process.seal()
    assert complaints(nights.process, [*some(3), *some(2, 10), letter(20)]) == []


def test_a_message_moved_to_another_folder_is_known_there_and_named_once_more(nights: Nights) -> None:
    server = Server(INBOX=Box().deliver(*some(2)), Trash=Box())
    nights.night(server)
    server.boxes["Trash"].deliver(server.inbox.mail[1])
    server.inbox.delete(1)
    report = nights.night(server)
    assert (report.new, report.known, len(report.pdvs)) == (0, 1, 1)
    assert nights.night(server).pdvs == []
    assert nights.gaps() == []  # it was kept before it left


def test_what_left_before_we_looked_is_a_gap_with_the_time_between_two_polls(nights: Nights) -> None:
    server = Server.of(some(5))
    server.inbox.delete(1, 2)
    nights.night(server)
    first = nights.at
    server.inbox.deliver(*some(3, 10)).delete(6, 8)
    report = nights.night(server)
    assert (report.new, report.gone) == (1, 2)
    assert nights.gaps() == [("1:2", "gone", None), ("6", "gone", first), ("8", "gone", first)]
    assert nights.certificate().complete


def test_a_uid_beyond_the_last_message_is_accounted_for_when_uidnext_says_so(nights: Nights) -> None:
    server = Server.of(some(3))
    server.inbox.delete(3)
    nights.night(server)
    assert nights.gaps() == [("3", "gone", None)]


def test_what_is_deleted_between_listing_and_fetch_is_gone_and_the_rest_is_kept(nights: Nights) -> None:
    server = Server.of(some(5))
    server.inbox.vanishing = {2, 4}
    report = nights.night(server)
    assert (report.new, report.gone, report.failed) == (3, 2, 0)
    assert [gap[:2] for gap in nights.gaps()] == [("2", "gone"), ("4", "gone")]


def test_a_message_said_to_be_gone_that_is_there_after_all_is_fetched(nights: Nights) -> None:
    server = Server.of(some(3))
    hidden = server.inbox.mail.pop(2)
    nights.night(server)
    assert [gap[:2] for gap in nights.gaps()] == [("2", "gone")]
    server.inbox.mail[2] = hidden
    assert nights.night(server).new == 1
    assert nights.gaps() == []


def test_what_cannot_be_fetched_is_tried_on_three_nights_then_its_rapporto_says_so(nights: Nights) -> None:
    server = Server.of(some(3))
    server.inbox.broken = {2}
    told = [nights.night(server), nights.night(server, later=timedelta(hours=1)), nights.night(server)]
    assert [(report.new, report.failed) for report in told] == [(2, 1), (0, 1), (0, 1)]
    assert "[1/3]" in told[1].refused[0][1]
    assert [gap[:2] for gap in nights.gaps()] == [("2", "failing")]
    assert not nights.certificate().complete
    assert told[2].pdvs == []
    last = nights.night(server)
    assert (last.failed, len(last.pdvs)) == (1, 1)
    named = [item for rdv in rapporti(nights.disk).values() for item in rdv.items if item.outcome == "non-acquisito"]
    assert [item.origin for item in named] == ["UIDVALIDITY=7;UID=2"]
    gap = nights.certificate().folders[0].gaps[0]
    assert (gap.uids, gap.outcome, gap.reason) == ("2", "refused", "cannot be had")
    tried = len(server.asked)
    assert (nights.night(server).failed, len(server.asked)) == (0, tried)


def test_what_was_given_up_is_tried_again_when_asked_and_then_it_is_no_gap(nights: Nights) -> None:
    server = Server.of(some(3))
    server.inbox.broken = {2}
    for _ in range(3):
        nights.night(server)
    server.inbox.broken = set()
    assert nights.night(server).new == 0
    assert nights.night(server, again=True).new == 1
    assert (nights.gaps(), nights.certificate().complete) == ([], True)


@pytest.mark.parametrize("healed", [1, 2])
def test_what_can_be_fetched_on_a_later_night_is_kept_and_no_gap(nights: Nights, healed: int) -> None:
    server = Server.of(some(3))
    server.inbox.broken = {2}
    for _ in range(healed):
        nights.night(server)
    server.inbox.broken = set()
    assert nights.night(server).new == 1
    assert (nights.gaps(), nights.certificate().complete) == ([], True)


def test_a_new_uidvalidity_is_read_anew_and_nothing_comes_twice(nights: Nights) -> None:
    server = Server.of(some(5))
    nights.night(server)
    server.inbox.recreate(8)
    server.inbox.deliver(letter(9))
    report = nights.night(server)
    assert (report.new, report.known) == (1, 5)
    old, new = nights.certificate().folders
    assert ((old.validity, old.current), (new.validity, new.current)) == ((7, False), (8, True))
    assert (new.archived, new.known, new.complete) == (1, 5, True)
    assert nights.night(server).pdvs == []
    nights.process.seal()
    assert complaints(nights.process, [*some(5), letter(9)]) == []


def test_a_folder_recreated_under_way_is_said_and_the_next_night_is_complete(nights: Nights) -> None:
    server = Server.of(some(4))

    class Recreates(Server):
        def fetch(self, folder, uids):  # type: ignore[no-untyped-def]
            for number, item in enumerate(super().fetch(folder, uids)):
                yield item
                if number == 1:
                    self.inbox.recreate(9)

    shifty = Recreates(**server.boxes)
    report = nights.night(shifty)
    assert report.new == 2
    assert [where for where, _ in report.broken] == ["INBOX"]
    assert "UIDVALIDITY" in report.broken[0][1]
    report = nights.night(Server(**shifty.boxes))
    assert (report.new, report.known, report.broken) == (2, 2, [])


def test_a_folder_that_cannot_be_opened_does_not_keep_the_others_from_being_read(nights: Nights) -> None:
    server = Server(INBOX=Box().deliver(*some(2)), Sent=Box(there=False), Trash=Box().deliver(*some(1, 5)))
    report = nights.night(server)
    assert (report.new, [where for where, _ in report.broken]) == (3, ["Sent"])
    assert not nights.certificate().complete
    server.boxes["Sent"].there = True
    server.boxes["Sent"].deliver(letter(7))
    assert nights.night(server).new == 1
    assert nights.certificate().complete


def test_a_server_that_hangs_up_keeps_what_came_and_the_next_night_goes_on_there(nights: Nights) -> None:
    server = Server.of(some(6))
    server.patience = 4
    with pytest.raises(Unavailable, match="hung up"):
        nights.night(server)
    [folder] = nights.certificate().folders
    assert (folder.archived, folder.polls, folder.complete) == (4, 0, False)
    assert not nights.certificate().complete
    server.patience = None
    assert nights.night(server).new == 2
    assert [uid for _, uid in server.asked] == [1, 2, 3, 4, 5, 6]
    assert nights.certificate().complete
    server.inbox.deliver(*some(3, 20))
    server.patience = 7
    with pytest.raises(Unavailable):
        nights.night(server)
    assert not nights.certificate().complete  # what was not reached tonight is no gap, and is not certified either
    assert "non è arrivata in fondo" in "".join(attested(nights.certificate(), "it"))


def test_the_counts_agree_with_the_server_at_the_end_of_every_run(nights: Nights) -> None:
    server = Server.of(some(5))
    server.inbox.delete(2)
    server.inbox.broken = {3}
    nights.night(server)
    server.inbox.broken = set()
    server.inbox.deliver(letter(8))
    nights.night(server)
    with nights.disk.catalog() as catalog:
        counted = [(row.next, row.present, row.kept, row.failing, row.missing) for row in catalog.reckonings("m-prova")]
    assert counted == [(6, 4, 3, 1, 0), (7, 5, 5, 0, 0)]


def test_a_message_that_was_never_accounted_for_is_missing_and_said_so(nights: Nights) -> None:
    class Forgetful(Server):
        """Lists UID 2 only when it is asked for the second time."""

        looks = 0

        def look(self, folder):  # type: ignore[no-untyped-def]
            self.looks += 1
            hidden = self.inbox.mail.pop(2) if self.looks % 2 else None
            found = super().look(folder)
            if hidden:
                self.inbox.mail[2] = hidden
            return found

    server = Forgetful(INBOX=Box().deliver(*some(3)))
    report = nights.night(server)
    assert (report.missing, [where for where, _ in report.broken]) == (1, ["INBOX"])
    assert not nights.certificate().complete


def test_duplicates_in_one_run_are_named_with_the_first_or_after_it(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (chunk, desk):
        monkeypatch.setattr(module, "CHUNK_MESSAGES", 2)
    monkeypatch.setattr(desk, "PDV_MESSAGES", 4)
    monkeypatch.setattr(packer, "SEGMENT_MESSAGES", 3)
    mail = [letter(number % 4) for number in range(12)]
    report = nights.night(Server.of(mail))
    assert (report.new, report.known) == (4, 8)
    kept: set[str] = set()
    for rdv in sorted(rapporti(nights.disk).values(), key=_accounted):
        kept |= {item.sha256 or "" for item in rdv.accepted}
        assert all(item.sha256 in kept for item in rdv.items)
    assert kept == {sha256(raw) for raw in mail}


def _accounted(rdv: Rdv) -> int:
    return len(ledger.read_cursor(rdv.after)["INBOX", 7])


def test_a_poll_without_news_leaves_no_rapporto_but_a_count(nights: Nights) -> None:
    server = Server.of([])
    assert nights.night(server).pdvs == []
    [folder] = nights.certificate().folders
    assert (folder.polls, folder.complete, folder.server and folder.server.present) == (1, True, 0)


def test_the_store_alone_tells_the_ledger_again(nights: Nights) -> None:
    server = Server.of(some(6))
    server.inbox.delete(2)
    server.inbox.deliver(letter(3))
    nights.night(server)
    with nights.disk.catalog() as catalog:
        before = catalog.ledger("m-prova")
        forget(catalog)
        assert catalog.ledger("m-prova") == []
    assert nights.night(server).new == 0
    with nights.disk.catalog() as catalog:
        assert [row.first for row in catalog.ledger("m-prova") if row.outcome == "gone"] == [2]
        assert [(row.first, row.last, row.outcome) for row in catalog.ledger("m-prova")] == [
            (row.first, row.last, row.outcome) for row in before
        ]
    assert len(server.asked) == 6


def test_a_folder_that_the_last_poll_did_not_read_is_said_to_be_so(nights: Nights) -> None:
    server = Server(INBOX=Box().deliver(*some(2)), Pratiche=Box().deliver(*some(1, 5)))
    nights.night(server)
    assert [(folder.folder, folder.read) for folder in nights.certificate().folders] == [
        ("INBOX", True),
        ("Pratiche", True),
    ]
    server.unlisted = {"Pratiche"}
    assert [where for where, _ in nights.night(server).broken] == ["Pratiche"]
    assert nights.night(server).broken == []
    assert [(folder.folder, folder.read) for folder in nights.certificate().folders] == [
        ("INBOX", True),
        ("Pratiche", False),
    ]
    for lang, words in (("it", "non letta nell'ultima lettura"), ("en", "not read by the mailbox's last poll")):
        lines = [line for line in attested(nights.certificate(), lang) if "UIDVALIDITY" in line]
        assert [words in line for line in lines] == [False, True]


def test_what_failed_under_an_old_uidvalidity_accuses_nobody_once_it_was_read_under_the_new_one(nights: Nights) -> None:
    server = Server.of(some(3))
    server.inbox.broken = {2}
    nights.night(server)
    server.inbox.broken = set()
    server.inbox.recreate(8)
    assert nights.night(server).new == 1
    assert nights.certificate().complete
    assert "la cartella è stata rifatta e riletta" in "".join(attested(nights.certificate(), "it"))


def test_files_handed_in_between_leave_the_cursor_as_it_was(nights: Nights) -> None:
    server = Server.of(some(5))
    nights.night(server)
    server.inbox.recreate(8)
    nights.night(server)
    nights.night(letters.HandedIn([letter(50)]))
    nights.night(Server.of([*server.inbox.mail.values(), letter(60)]))  # UIDVALIDITY 7 again, from a backup
    cursors = [ledger.read_cursor(rdv.after) for rdv in rapporti(nights.disk).values()]
    assert sorted(sorted(cursor) for cursor in cursors) == [
        [("INBOX", 7)],
        [("INBOX", 7)],
        [("INBOX", 8)],
        [("INBOX", 8)],
    ]
    with nights.disk.catalog() as catalog:
        before = {(row.validity, row.first, row.last, row.outcome) for row in catalog.ledger("m-prova")}
        forget(catalog)
    nights.night(letters.HandedIn([]))
    with nights.disk.catalog() as catalog:
        after = {(row.validity, row.first, row.last, row.outcome) for row in catalog.ledger("m-prova")}
    assert after == before
    assert "gone" not in {row[3] for row in after}


def test_long_rows_fill_a_rapporto_before_its_messages_do(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "ROWS_BYTES", 1)
    monkeypatch.setattr(packer, "SEGMENT_MESSAGES", 2)
    for module in (chunk, desk):
        monkeypatch.setattr(module, "CHUNK_MESSAGES", 2)
    assert len(nights.night(Server.of(letters.simulated(12))).pdvs) > 2
