"""The morning's alarms: sendings without an outcome, failures, logs that will be gone, silent mailboxes, terms."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from support.catalogs import AT, brought
from support.post import ME, START, A, B, C, Post, attachment, multipart
from support.shelf import Shelf

from archiver.access.alarms import Alarm, alarmed, fiscal_term, of_fiscal, of_mailboxes, of_readability, of_sendings
from archiver.submission.rows import SegmentRow

BODY = multipart(b"Content-Type: text/plain\r\n\r\nx", attachment("a.pdf", b"eA=="), boundary="o")
DAY = timedelta(days=1)
NAMES = {"m-uno": "uno"}
ACCEPTED = START + timedelta(hours=0)


def told(shelf: Shelf, *, at: datetime, lang: str = "it", days: int = 30) -> list[Alarm]:
    return list(of_sendings(alarmed(shelf.catalog, at=at, days=days), at=at, names=NAMES, lang=lang))


def codes(found: Iterable[Alarm]) -> list[str]:
    return [alarm.code for alarm in found]


def delivered(post: Post, to: str) -> bytes:
    return post.says("avvenuta-consegna", 0.1, consegna=to, ricevuta="sintetica")


def failed(post: Post, to: str) -> bytes:
    return post.says("errore-consegna", 0.2, consegna=to, errore="altro", esteso="5.1.1")


def test_a_sent_message_without_acceptance_is_an_alarm_after_a_day_and_not_before(shelf: Shelf, post: Post) -> None:
    (digest,) = shelf.put(post.sent(BODY))
    assert not told(shelf, at=START + 23 * timedelta(hours=1))
    (alarm,) = told(shelf, at=START + DAY + timedelta(hours=2))
    assert (alarm.code, alarm.level, alarm.subject) == ("NO_ACCEPTANCE", "error", digest[:16])
    assert alarm.next == f"archiver show {digest[:16]}"


@pytest.mark.parametrize("order", [1, -1])
def test_recipients_without_an_outcome_are_an_alarm_until_the_last_receipt(
    shelf: Shelf, post: Post, order: int
) -> None:
    shelf.put(*[post.sent(BODY), post.says("accettazione"), delivered(post, A)][::order])
    (alarm,) = told(shelf, at=START + 2 * DAY)
    assert (alarm.code, "1 destinatari" in alarm.text) == ("NO_OUTCOME", True)
    shelf.put(delivered(post, B))
    assert not told(shelf, at=START + 2 * DAY)


def test_a_sending_from_the_webmail_leaves_no_sent_copy_and_is_watched_all_the_same(shelf: Shelf, post: Post) -> None:
    shelf.put(post.says("accettazione"))
    assert codes(told(shelf, at=START + 2 * DAY)) == ["NO_OUTCOME"]


def test_a_failed_delivery_is_told_and_stays_beside_what_is_still_open(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(BODY), post.says("accettazione"), failed(post, A))
    found = told(shelf, at=START + 2 * DAY)
    assert codes(found) == ["NO_OUTCOME", "DELIVERY_FAILED"]
    assert [alarm.level for alarm in found] == ["error", "warning"]


def test_a_refused_message_is_a_failure_and_no_missing_acceptance(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(BODY), post.says("non-accettazione", errore="altro", esteso="indirizzo errato"))
    assert codes(told(shelf, at=START + 2 * DAY)) == ["DELIVERY_FAILED"]


def test_alarms_name_no_address_and_no_subject(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(BODY), post.says("accettazione"), failed(post, A))
    shelf.put(*(replace(post, msgid="m2@x", identificativo="i2@x").says("non-accettazione", errore="altro"),))
    for lang in ("it", "en"):
        for at in (START + 2 * DAY, START + 820 * DAY):
            text = " ".join(str(alarm.as_json()) for alarm in told(shelf, at=at, lang=lang))
            assert not any(word in text for word in (A, B, C, ME, "Diffida"))
            assert text


def test_a_sending_of_long_ago_is_no_matter_of_the_morning(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(BODY))
    assert not told(shelf, at=START + 40 * DAY)
    assert codes(told(shelf, at=START + 40 * DAY, days=60)) == ["NO_ACCEPTANCE"]


@pytest.mark.parametrize(
    ("days", "expected"), [(799, []), (801, ["LOGS_OF_PROVIDER"]), (911, ["LOGS_OF_PROVIDER"]), (914, [])]
)
def test_the_providers_log_is_told_from_day_800_until_thirty_months(
    shelf: Shelf, post: Post, days: int, expected: list[str]
) -> None:
    shelf.put(post.sent(BODY), post.says("accettazione"), delivered(post, A))
    found = told(shelf, at=START + days * DAY)
    assert codes(found) == expected
    assert all("02/05/2029" in alarm.text for alarm in found)


def test_a_sending_with_all_its_receipts_needs_no_log(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(BODY), post.says("accettazione"), delivered(post, A), failed(post, B))
    assert not told(shelf, at=START + 820 * DAY)


def test_many_sendings_are_each_told_once_whatever_page_they_fall_on(
    shelf: Shelf, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.access.sendings.PAGE", 2)
    digests = set()
    for number in range(5):
        one = replace(post, msgid=f"n{number}@x", identificativo=f"p{number}@x")
        digests.add(shelf.put(one.sent(BODY), one.says("accettazione"), delivered(one, A))[1][:16])
    found = told(shelf, at=START + 2 * DAY)
    assert codes(found) == ["NO_OUTCOME"] * 5
    assert {alarm.subject for alarm in found} == digests


def test_two_holders_with_the_same_sending_are_told_apart(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(BODY), post.says("accettazione"), delivered(post, A), delivered(post, B))
    shelf.put(post.sent(BODY), holder="h-altro", mailbox="m-altro")
    assert codes(told(shelf, at=START + 2 * DAY)) == ["NO_ACCEPTANCE"]


WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("last", "before", "expected"),
    [
        (2, [20] * 8, ["MAILBOX_COLLAPSED"]),
        (4, [20] * 8, []),  # a fifth is no collapse
        (0, [9] * 8, []),  # no history to speak of
        (0, [20, 20, 20, 20, 0, 0, 0, 0], ["MAILBOX_COLLAPSED"]),  # the median is 10
        (0, [500] + [0] * 7, []),  # one import is no habit
    ],
)
def test_a_mailbox_is_measured_against_its_own_history(last: int, before: list[int], expected: list[str]) -> None:
    arrivals = [("m-uno", AT - DAY, last)]
    arrivals += [("m-uno", AT - (week + 1) * WEEK - DAY, number) for week, number in enumerate(before)]
    arrivals += [("m-due", AT - DAY, 1000)]
    assert codes(of_mailboxes(arrivals, at=AT, names=NAMES, lang="it")) == expected


@pytest.mark.parametrize(
    ("year", "end", "expected"),
    [
        (2024, (12, 31), date(2026, 1, 31)),  # the law's own example
        (2026, (12, 31), date(2028, 1, 31)),
        (2024, (6, 30), date(2026, 7, 31)),
        (2024, (1, 31), date(2026, 2, 28)),
    ],
)
def test_fiscal_documents_are_due_thirteen_months_after_the_year_ends(
    year: int, end: tuple[int, int], expected: date
) -> None:
    assert fiscal_term(year, end) == expected


def pending(retention: str = "fiscale", year: int = 2024) -> SegmentRow:
    digest = "0" * 64
    return SegmentRow(
        digest, "h", "m-uno", digest, retention, 10, "", "", year, 3, 9, digest, digest, AT  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "row", "expected"),
    [
        ("2025-11-30", pending(), []),
        ("2025-12-03", pending(), ["warning"]),
        ("2026-01-31", pending(), ["warning"]),
        ("2026-02-01", pending(), ["error"]),
        ("2026-02-01", pending("corrispondenza"), []),
        ("2026-02-01", pending(year=2025), []),
    ],
)
def test_only_fiscal_documents_near_their_day_are_told(at: str, row: SegmentRow, expected: list[str]) -> None:
    moment = datetime.fromisoformat(f"{at}T12:00:00+01:00")
    found = of_fiscal([row], fiscal=frozenset({"fiscale"}), year_end=(12, 31), at=moment, lang="it")
    assert [str(alarm.level) for alarm in found] == expected


@pytest.mark.parametrize(("days", "expected"), [(1641, []), (1642, ["READABILITY_TERM"])])
def test_readability_is_told_half_a_year_before_five_are_over(days: int, expected: list[str]) -> None:
    assert codes(of_readability(AT - days * DAY, at=AT, lang="it")) == expected
    assert not list(of_readability(None, at=AT, lang="it"))


def test_the_catalog_tells_what_came_lately(shelf: Shelf) -> None:
    row = brought(shelf.catalog)
    assert shelf.catalog.arrivals(row.at) == [(row.mailbox, row.at, row.messages)]
    assert not shelf.catalog.arrivals(row.at + timedelta(seconds=1))
    assert row.at.tzinfo is UTC
