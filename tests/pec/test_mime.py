"""Offsets are exact, and ugly mail reads as less, never as an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.pec import address, mime, words

MAIL = b"Subject: a\n b\r\nContent-Type: multipart/mixed;\r\n\tboundary=x\r\n\r\npreamble\r\n" + (
    b"--x\r\n\r\none\r\n\r\n--xy\r\nstill one\r\n--x\r\nContent-Type: text/html\r\n\r\ntwo\r\n--x--\r\nepilogue\r\n"
)


def test_the_line_end_before_a_boundary_belongs_to_the_boundary() -> None:
    for mail in (MAIL, MAIL.replace(b"\r\n", b"\n")):
        line = b"\r\n" if b"\r" in mail else b"\n"
        one, two = mime.children(mail, mime.entity(mail))
        assert bytes(one.octets(mail)) == line.join((b"", b"one", b"", b"--xy", b"still one"))
        assert bytes(two.octets(mail)) == line.join((b"Content-Type: text/html", b"", b"two"))
        assert mail[two.body : two.end] == b"two"


def test_a_multipart_that_is_never_closed_keeps_its_last_part() -> None:
    mail = MAIL[: MAIL.index(b"--x--")]
    assert [mail[part.body : part.end] for part in mime.children(mail, mime.entity(mail))][-1] == b"two\r\n"


def test_a_boundary_that_never_shows_is_told() -> None:
    mail = b"Content-Type: multipart/mixed; boundary=x\n\n--y\n\nhello"
    assert mime.is_broken(mail, mime.entity(mail))
    assert mime.is_broken(b"Content-Type: multipart/mixed\n\n", mime.entity(b"Content-Type: multipart/mixed\n\n"))
    assert not mime.is_broken(MAIL, mime.entity(MAIL))


def test_header_names_have_no_case_and_values_are_unfolded() -> None:
    headers = mime.entity(b"X-RICEVUTA: accettazione\r\nsubject: one\r\n  two\r\n\r\n").headers
    assert headers.text("x-ricevuta") == "accettazione"
    assert headers.text("subject") == "one two"


def test_a_mail_that_begins_with_its_body_has_no_headers() -> None:
    whole = mime.entity(b"\r\nbody")
    assert (whole.headers.fields, whole.body) == ({}, 2)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ('a; name="x;y.pdf"', "x;y.pdf"),
        ("a; NAME = plain.txt ; x=1", "plain.txt"),
        ("a; name*=utf-8''perch%C3%A9.pdf", "perché.pdf"),
        ("a; name*0*=iso-8859-1'it'perch%E9; name*1=\" no.pdf\"", "perché no.pdf"),
        ('a; name="=?utf-8?Q?perch=C3=A9.pdf?="', "perché.pdf"),
        (r'a; name="a\"b.txt"', 'a"b.txt'),
        ('a; name="open', "open"),
    ],
)
def test_the_name_of_a_part_is_read_in_every_way_it_is_written(stated: str, expected: str) -> None:
    assert mime.entity(f"Content-Type: {stated}\n\n".encode()).name == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("=?utf-8?Q?Perch=C3=A9?=", "Perché"),
        ("=?utf-8?B?UGVyY2jD?= =?utf-8?B?qQ==?=", "Perché"),  # one character cut in two words
        ("Re: =?iso-8859-1?Q?=E8_vero?=  fine", "Re: è vero fine"),
        ("=?nobody-knows?Q?a?= b", "a b"),
        ("=?utf-8?B?AAAA?=x", "x"),
        ("a\x00b\ud800c\ufffe", "ab\ufffdc\ufffd"),
        ("=?utf-7?Q?+2AA-?=", "\ufffd"),
    ],
)
def test_text_that_leaves_is_decoded_and_clean(written: str, expected: str) -> None:
    assert words.decoded(written) == expected


@given(st.text())
def test_clean_text_can_be_kept_anywhere(text: str) -> None:
    kept = words.decoded(text)
    assert "\0" not in kept
    assert kept.encode().decode() == kept
    assert kept == " ".join(kept.split())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a@b.it", [("", "a@b.it")]),
        ('"Per conto di: x@y.it" <posta-certificata@b.it>', [("Per conto di: x@y.it", "posta-certificata@b.it")]),
        ("Rossi <a@b.it>, =?utf-8?Q?Citt=C3=A0=2C?= <c@d.it>", [("Rossi", "a@b.it"), ("Città,", "c@d.it")]),
        ('"Rossi, Anna" <a@b.it>,c@d.it', [("Rossi, Anna", "a@b.it"), ("", "c@d.it")]),
        ("Gruppo: a@b.it, c@d.it;", [("", "a@b.it"), ("", "c@d.it")]),
        ("a@b.it (Anna)", [("", "a@b.it")]),
        ("undisclosed-recipients:;", []),
        ("", []),
    ],
)
def test_addresses_are_read_in_every_way_they_are_written(written: str, expected: list[tuple[str, str]]) -> None:
    assert [(item.name, item.address) for item in address.addresses(written)] == expected


@pytest.mark.parametrize("piece", ['"', '"\\"', "<", "(", "a", "=?a?q?", ";name=", ";name*0*=", " ", ":", ",", "@"])
def test_no_header_however_repetitive_takes_long(piece: str) -> None:
    value = piece * (200_000 // len(piece))
    mail = f"To: {value}\nSubject: {value}\nDate: {value}\nContent-Type: multipart/x{value}\n\n".encode()
    headers = mime.entity(mail).headers  # a quadratic reading would take minutes
    assert address.addresses(headers.joined("to")) is not None
    assert headers.text("subject") is not None
    assert address.moment(headers.first("date")) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Tue, 13 Nov 2018 16:39:26 +0100", "2018-11-13T16:39:26+01:00"),
        ("Tue, 13 Nov 2018 16:39:26 -0000", "2018-11-13T16:39:26+00:00"),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
        ("domani", None),
        ("", None),
    ],
)
def test_a_date_is_aware_or_there_is_none(written: str, expected: str | None) -> None:
    found = address.moment(written)
    assert (found.isoformat() if found else None) == expected


def test_base64_with_rubbish_in_it_is_read_as_far_as_it_goes() -> None:
    assert words.base64_octets(b"aGVs!\r\nbG8gd29ybGQ") == b"hello wor"
    assert words.base64_octets(b"aGVsbG8=\r\n") == b"hello"
