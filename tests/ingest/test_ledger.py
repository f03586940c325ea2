"""The ledger of continuity: the newest word on a UID holds, no UID has two, and the cursor tells it all again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.submission import ledger
from archiver.submission.ledger import Note
from archiver.submission.rows import LedgerRow, Outcome
from archiver.uids import Uids

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
PLACES = [("INBOX", 7), ("INBOX", 8), ("Posta inviata/Ü", 7)]

notes = st.builds(
    lambda place, outcome, uids: Note(*place, outcome, Uids.of(uids)),
    st.sampled_from(PLACES),
    st.sampled_from(Outcome),
    st.sets(st.integers(1, 30), min_size=1),
)


@given(st.lists(st.lists(notes, max_size=4), max_size=6))
def test_the_newest_note_on_a_uid_holds_and_ranges_never_overlap(nights: list[list[Note]]) -> None:
    rows: set[LedgerRow] = set()
    expected: dict[tuple[str, int, int], Outcome] = {}
    for night, said in enumerate(nights):
        gone, new = ledger.written(rows, said, mailbox="m", at=AT + timedelta(days=night))
        assert set(gone) <= rows
        rows = rows - set(gone) | set(new)
        for note in said:
            expected.update({(note.folder, note.validity, uid): note.outcome for uid in note.uids})
    found = [(row.folder, row.validity, uid) for row in rows for uid in range(row.first, row.last + 1)]
    assert len(found) == len(set(found))
    told = {(row.folder, row.validity, uid): row.outcome for row in rows for uid in range(row.first, row.last + 1)}
    assert told == expected


@given(st.dictionaries(st.sampled_from(PLACES), st.sets(st.integers(1, 99), min_size=1).map(Uids.of)))
def test_a_cursor_says_what_is_accounted_for(accounted: dict[tuple[str, int], Uids]) -> None:
    text = ledger.cursor(accounted)
    assert text.isascii()
    assert ledger.read_cursor(text) == accounted


@pytest.mark.parametrize("text", ["[]", "{", '{"INBOX":"1:2"}', '{"INBOX":{"x":"1"}}', '{"INBOX":{"1":"2:1"}}'])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        ledger.read_cursor(text)


def test_nights_of_kept_messages_become_one_range_and_gaps_keep_their_own_time() -> None:
    rows: list[LedgerRow] = []
    for night in range(3):
        at = AT + timedelta(days=night)
        said = [
            Note("INBOX", 7, Outcome.ARCHIVED, Uids.span(1 + 10 * night, 8 + 10 * night)),
            Note("INBOX", 7, Outcome.GONE, Uids.span(9 + 10 * night, 10 + 10 * night)),
        ]
        gone, new = ledger.written(rows, said, mailbox="m", at=at)
        rows = [row for row in rows if row not in gone] + new
    assert sorted((row.first, row.last, row.outcome, (row.at - AT).days) for row in rows) == [
        (1, 8, "archived", 0), (9, 10, "gone", 0), (11, 18, "archived", 1),
        (19, 20, "gone", 1), (21, 28, "archived", 2), (29, 30, "gone", 2),
    ]  # fmt: skip
    gone, new = ledger.written(rows, [Note("INBOX", 7, Outcome.ARCHIVED, Uids.span(9, 10))], mailbox="m", at=AT)
    rows = [row for row in rows if row not in gone] + new
    assert min((row.first, row.last) for row in rows) == (1, 18)


@pytest.mark.parametrize(
    ("text", "place"), [("UIDVALIDITY=7;UID=12", (7, 12)), ("mail/1.eml", None), ("", None), ("UIDVALIDITY=7", None)]
)
def test_an_origin_on_a_server_is_told_from_a_file(text: str, place: tuple[int, int] | None) -> None:
    assert ledger.read_origin(text) == place
    if place:
        assert ledger.origin(*place) == text
