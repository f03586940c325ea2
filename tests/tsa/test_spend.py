"""archiver.adapters.tsa.Capped: every question is counted before it leaves, none beyond the cap of the night."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from tsa.asking import account
from tsa.liar import Liar, refusal
from tsa.scripted import Raw, Reply, Scripted

from archiver.adapters.tsa import Capped, HttpAuthority, night_of
from archiver.errors import Unavailable
from archiver.evidence.timestamp import query

EVENING = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
NIGHT = date(2026, 11, 22)
QUESTION = query("sha512", bytes(64), 7)


@dataclass
class Book:
    """A `Ledger` in memory."""

    asked: Counter[tuple[str, date]] = field(default_factory=Counter)
    brought: Counter[tuple[str, date]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, tsa: str, night: date, *, cap: int | None) -> bool:
        with self.lock:
            if cap is not None and self.asked[tsa, night] >= cap:
                return False
            self.asked[tsa, night] += 1
            return True

    def granted(self, tsa: str, night: date) -> None:
        self.brought[tsa, night] += 1


def capped(url: str, book: Book, cap: int | None, *, attempts: int = 1, at: datetime = EVENING) -> Capped:
    authority = HttpAuthority(account(url, attempts=attempts), pause=lambda seconds: None)
    return Capped(authority, book, cap=cap, clock=lambda: at)


def test_questions_and_tokens_are_counted_by_authority_and_night(liar: Liar) -> None:
    book = Book()
    with Scripted(lambda asked: liar.tell(asked.body)) as server:
        for _ in range(3):
            assert capped(server.url, book, None).answer(QUESTION)
    assert (book.asked, book.brought) == ({("prova", NIGHT): 3}, {("prova", NIGHT): 3})


def test_nothing_leaves_beyond_the_cap_and_the_next_night_begins_anew(liar: Liar) -> None:
    book = Book()
    with Scripted(lambda asked: liar.tell(asked.body)) as server:
        authority = capped(server.url, book, 2)
        authority.answer(QUESTION)
        authority.answer(QUESTION)
        with pytest.raises(
            Unavailable,
            match=r"^TSA prova: tetto di 2 richieste raggiunto per la notte del 2026-11-22: alzare `tokens_per_night`",
        ):
            authority.answer(QUESTION)
        assert len(server.asked) == 2
        assert capped(server.url, book, 2, at=datetime(2026, 11, 23, 11, 0, tzinfo=UTC)).answer(QUESTION)


def test_each_attempt_is_a_question(liar: Liar) -> None:
    book, answers = Book(), iter([Reply(500), Raw()])
    with Scripted(lambda asked: next(answers, None) or liar.tell(asked.body)) as server:
        assert capped(server.url, book, 3, attempts=3).answer(QUESTION)
    assert (book.asked.total(), book.brought.total(), len(server.asked)) == (3, 1, 3)


def test_the_cap_ends_the_attempts_too() -> None:
    book = Book()
    with Scripted(lambda asked: Reply(500)) as server, pytest.raises(Unavailable, match="tetto di 2 richieste"):
        capped(server.url, book, 2, attempts=10).answer(QUESTION)
    assert (book.asked.total(), len(server.asked)) == (2, 2)


def test_a_question_that_never_left_costs_nothing() -> None:
    book = Book()
    with Scripted(lambda asked: Reply(500)) as server:
        gone = server.url
    with pytest.raises(Unavailable, match="non raggiungibile"):
        capped(gone, book, 2, attempts=5).answer(QUESTION)
    assert book.asked.total() == 0


def test_a_question_is_counted_before_it_leaves() -> None:
    book, seen = Book(), []
    with Scripted(lambda asked: seen.append(book.asked.total()) or b"x") as server:
        capped(server.url, book, None).answer(QUESTION)
        capped(server.url, book, None).answer(QUESTION)
    assert seen == [1, 2]


def test_when_it_cannot_be_counted_it_does_not_leave() -> None:
    class Closed(Book):
        def ask(self, tsa: str, night: date, *, cap: int | None) -> bool:
            raise Unavailable("the catalog is busy")

    with Scripted(lambda asked: b"x") as server, pytest.raises(Unavailable, match=r"^the catalog is busy$"):
        capped(server.url, Closed(), None, attempts=3).answer(QUESTION)
    assert server.asked == []


def test_what_is_not_granted_is_no_token() -> None:
    book = Book()
    for reply in (refusal("rejection", "bad_alg", "no"), b"\x30\x00", b"x"):
        with Scripted(lambda asked, reply=reply: reply) as server:
            assert capped(server.url, book, None).answer(QUESTION) == reply
    assert (book.asked.total(), book.brought.total()) == (3, 0)


def test_threads_share_one_cap(liar: Liar) -> None:
    book, refused = Book(), []
    with Scripted(lambda asked: liar.tell(asked.body)) as server:
        authority = capped(server.url, book, 5)

        def ask() -> None:
            try:
                authority.answer(QUESTION)
            except Unavailable as error:
                refused.append(str(error))

        threads = [threading.Thread(target=ask) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(server.asked), len(refused)) == (5, 7)


def test_an_authority_that_does_not_repeat_is_counted_as_well(liar: Liar) -> None:
    class Plain:
        id = "locale"

        def answer(self, question: bytes) -> bytes:
            return liar.tell(question)

    book = Book()
    authority = Capped(Plain(), book, cap=1, clock=lambda: EVENING)
    assert authority.id == "locale"
    assert authority.answer(QUESTION)
    with pytest.raises(Unavailable, match=r"^TSA locale: tetto di 1 "):
        authority.answer(QUESTION)
    assert (book.asked, book.brought) == ({("locale", NIGHT): 1}, {("locale", NIGHT): 1})


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2026-11-22T10:59:59Z", "2026-11-21"),
        ("2026-11-22T11:00:00Z", "2026-11-22"),
        ("2026-11-23T02:00:00+01:00", "2026-11-22"),
        ("2026-07-01T09:59:59Z", "2026-06-30"),
        ("2026-07-01T10:00:00Z", "2026-07-01"),
        # the hour that comes twice, and the one that never comes
        ("2026-10-25T00:30:00Z", "2026-10-24"),
        ("2026-10-25T01:30:00Z", "2026-10-24"),
        ("2026-03-29T01:00:00Z", "2026-03-28"),
        ("2026-01-01T03:00:00+01:00", "2025-12-31"),
    ],
)
def test_a_night_lasts_from_noon_to_noon_in_rome(moment: str, night: str) -> None:
    assert night_of(datetime.fromisoformat(moment)).isoformat() == night
