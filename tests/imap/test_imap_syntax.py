"""The forms that answers are made of (RFC 3501, 9), and what is none of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.adapters.imap.syntax import Drained, Value, date, quoted, shown, values

READ: dict[bytes, list[Value]] = {
    b"": [],
    b"\r\n": [],
    b"a NIL nil 5\r\n": [b"a", None, None, b"5"],
    b'"NIL" "" "a\\"b\\\\c"\r\n': [b"NIL", b"", b'a"b\\c'],
    b"(a (b ()) c)\r\n": [[b"a", [b"b", []], b"c"]],
    b"(UID 5 BODY[]<0> {3}\r\n FLAGS (\\Seen $X))\r\n": [
        [b"UID", b"5", b"BODY[]<0>", b"one", b"FLAGS", [b"\\Seen", b"$X"]]
    ],
    b"{3}\r\n {3+}\r\n\r\n": [b"one", b"two"],
}
UNREAD = (b"(", b")", b"(a", b"a)", b'"a', b"{3}", b"a {3}\r\n {3}\r\n {3}\r\n", b'"a\r\nb"', b"a\r\nb", b"}", b"((a)")


@pytest.mark.parametrize(("text", "found"), READ.items())
def test_lists_strings_and_literals_are_read(text: bytes, found: list[Value]) -> None:
    assert values(text, [b"one", b"two"]) == found


@pytest.mark.parametrize("text", UNREAD)
def test_what_cannot_be_read_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"list|read|literal"):
        values(text, [b"one", b"two"])


def test_a_literal_that_was_dropped_keeps_its_place() -> None:
    dropped = Drained()
    assert values(b"({9}\r\n {3}\r\n)\r\n", [dropped, b"two"]) == [[dropped, b"two"]]


@given(st.binary(max_size=200), st.lists(st.binary(max_size=5), max_size=3))
def test_no_octets_stop_the_reader_otherwise_than_by_its_own_error(text: bytes, literals: list[bytes]) -> None:
    try:
        values(text, literals)
    except ValueError as error:
        assert str(error)  # noqa: PT017  (either is right)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_a_quoted_string_comes_back(text: str) -> None:
    written = quoted(text.encode())
    assert written is not None
    assert values(written + b"\r\n", []) == [text.encode()]


@pytest.mark.parametrize("text", [b"a\r", b"\n", b"\0", "à".encode(), b"\x7f"])
def test_what_no_quoted_string_may_hold_is_not_quoted(text: bytes) -> None:
    assert quoted(text) is None


DATES: dict[bytes, datetime | None] = {
    b"02-Nov-2026 10:11:12 +0100": datetime(2026, 11, 2, 9, 11, 12, tzinfo=UTC),
    b" 2-nov-2026 23:30:00 -0130": datetime(2026, 11, 3, 1, 0, 0, tzinfo=UTC),
    b"29-Feb-2024 00:00:00 +0000": datetime(2024, 2, 29, tzinfo=UTC),
    b"31-Dec-2016 23:59:60 +0000": datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
    b"29-Feb-2026 00:00:00 +0000": None,
    b"02-Nov-2026 24:00:00 +0000": None,
    b"02-Mai-2026 10:11:12 +0100": None,
    b"01-Jan-0001 00:00:00 +1400": None,
    b"02-Nov-2026 10:11:12": None,
    b"": None,
}


@pytest.mark.parametrize(("text", "found"), DATES.items())
def test_dates_are_read_as_utc_or_not_at_all(text: bytes, found: datetime | None) -> None:
    assert date(text) == found


def test_what_a_server_says_is_shown_short_and_without_control_characters() -> None:
    assert shown(b" a\x1b[31m\xff\x00 \xc3\xa0\r\n") == "a\\x1b[31m\\xff\\x00 à"
    assert len(shown(b"x" * 5000)) < 300
