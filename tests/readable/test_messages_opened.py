"""A message is opened as a reader would: what it carries is counted, and what does not open is named."""

import base64
import hashlib

import pytest
from support.file_shapes import SIGNED_PDF, enveloped, pdf, zipped
from support.signed_files import letter, split

from archiver.pec.readable import Look, Tally, look
from archiver.verdict import Severity

HEAD = b"From: a@example.it\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
PNG = b"\x89PNG\r\n\x1a\n"


def formats(raw: bytes) -> list[str]:
    return [item.format for item in look(raw).attachments]


def noted(found: Look) -> list[tuple[str, str]]:
    return [(item.code, next((value for name, value in item.values if name != "name"), "")) for item in found.findings]


def multipart(*parts: bytes, boundary: bytes = b"outer", kind: bytes = b"mixed") -> bytes:
    start = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind, boundary)
    return start + b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts) + b"--%s--\r\n" % boundary


def part(octets: bytes, *heads: bytes, encoding: bytes = b"base64") -> bytes:
    body = base64.encodebytes(octets) if encoding == b"base64" else octets
    lines = (*heads, b"Content-Transfer-Encoding: " + encoding)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def text(octets: bytes, charset: bytes = b"", *, encoding: bytes = b"8bit", media: bytes = b"text/plain") -> bytes:
    stated = b"; charset=" + charset if charset else b""
    return HEAD + part(octets, b"Content-Type: " + media + stated, encoding=encoding)


def test_neither_name_nor_declared_type_says_what_an_attachment_is():
    raw = letter(("contratto.pdf", PNG), ("foto.png", pdf()), media="application/msword")
    assert formats(raw) == ["png", "pdf-1.7"]


def test_what_lies_in_signatures_and_attached_messages_is_counted_where_it_lies():
    inner = letter(("a.zip", zipped({"x": b"x"})))
    raw = HEAD + multipart(
        text(b"ciao", b"utf-8"),
        part(inner, b"Content-Type: message/rfc822", encoding=b"8bit"),
        part(inner, b"Content-Type: message/rfc822"),
        part(SIGNED_PDF, b"Content-Type: application/octet-stream"),
        part(enveloped(), b"Content-Type: application/octet-stream"),
    )
    found = look(raw)
    assert [item.format for item in found.attachments] == ["eml", "zip", "eml", "zip", "pdf-1.7.p7m", "cms-enveloped"]
    assert [item.readability.value for item in found.attachments][-2:] == ["readable", "encrypted"]
    assert (found.headers, found.mime, found.findings) == (True, True, ())


def test_texts_of_the_message_are_no_attachments_but_files_of_text_are():
    body = part(b"ciao", b"Content-Type: text/plain", encoding=b"7bit")
    page = part(b"<p>ciao", b"Content-Type: text/html", encoding=b"7bit")
    file = part(b"ciao", b'Content-Type: text/plain; name="a.txt"', encoding=b"7bit")
    kept = part(b"ciao", b"Content-Type: text/plain", b"Content-Disposition: attachment", encoding=b"7bit")
    assert (
        formats(HEAD + multipart(multipart(body, page, boundary=b"c", kind=b"alternative"), file, kept)) == ["text"] * 2
    )


def test_a_message_that_is_nothing_but_a_file_carries_it():
    assert formats(HEAD + part(enveloped(), b"Content-Type: application/pkcs7-mime")) == ["cms-enveloped"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", [("MAIL_WITHOUT_HEADERS", "0")]),
        (b"\r\nciao", [("MAIL_WITHOUT_HEADERS", "6")]),
        (HEAD + b"not a field\r\n\r\nciao", [("MAIL_HEADER_BROKEN", "")]),
        (HEAD + b"To: =?utf-8?q?citt=C3=A0?=\r\n\r\n", []),
        (HEAD + b"To: =?utf-8?B?Y2l0dMM=?= =?utf-8?B?oA==?=\r\n\r\n", []),
        (HEAD + "To: città\r\n\r\n".encode(), []),
        (HEAD + b"To: =?utf-8?q?citt=E0?=\r\n\r\n", [("READABLE_HEADER", "utf-8")]),
        (HEAD + b"To: =?x-oscuro?q?ciao?=\r\n\r\n", [("READABLE_HEADER", "x-oscuro")]),
        (HEAD + b"To: =?punycode?q?ciao?=\r\n\r\n", [("READABLE_HEADER", "punycode")]),
        (HEAD + b"To: citt\xe0\r\n\r\n", [("READABLE_HEADER", "non dichiarato (not stated)")]),
        (text("città".encode(), b"utf-8"), []),
        (text("città".encode(), b'"UTF-8"'), []),
        (text("città".encode()), []),
        (text("città".encode(), b"us-ascii"), []),
        (text(b"citt\xe0", b"iso-8859-1"), []),
        (text(b"citt=E0", b"iso-8859-1", encoding=b"quoted-printable"), []),
        (text(b"citt\xe0", b"utf-8"), [("READABLE_TEXT", "utf-8")]),
        (text(b"citt\xc3", b"utf-8"), [("READABLE_TEXT", "utf-8")]),
        (text(b"citt\xe0"), [("READABLE_TEXT", "non dichiarato (not stated)")]),
        (text(b"ciao", b"x-oscuro"), [("READABLE_TEXT", "x-oscuro")]),
        (text(b"ciao", b"zip"), [("READABLE_TEXT", "zip")]),
        (text(b"ciao", b"unicode_escape"), [("READABLE_TEXT", "unicode_escape")]),
        (text(b"ciao", b"\0"), [("READABLE_TEXT", "")]),
        (text(b"begin 644 x", encoding=b"x-uuencode"), [("READABLE_ENCODING", "x-uuencode")]),
        (text(b"ciao", encoding=b"7BIT"), []),
        (HEAD + part(b"Y2lhbw==", b"Content-Type: text/plain", b"X: base64", encoding=b"7bit"), []),
        (HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nY2lh\r\nbw==\r\n", []),
        (HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nY2lhb\r\n", [("READABLE_ENCODING", "base64")]),
        (HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nY2lh..bw==\r\n", [("READABLE_ENCODING", "base64")]),
        (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\nciao\r\n", [("MAIL_BOUNDARY_ABSENT", "b")]),
        (HEAD + b"Content-Type: multipart/mixed\r\n\r\nciao\r\n", [("MAIL_BOUNDARY_ABSENT", "")]),
    ],
)
def test_what_does_not_open_is_named(raw: bytes, expected: list[tuple[str, str]]):
    found = look(raw)
    assert noted(found) == expected
    assert found.headers is not any(
        code in ("MAIL_WITHOUT_HEADERS", "MAIL_HEADER_BROKEN", "READABLE_HEADER") for code, _ in expected
    )
    assert found.mime is not any(
        code in ("READABLE_TEXT", "READABLE_ENCODING", "MAIL_BOUNDARY_ABSENT") for code, _ in expected
    )


def test_findings_name_the_message_change_no_verdict_and_speak_both_languages():
    raw = text(b"citt\xe0", b"utf-8")
    found = look(raw).findings[0]
    assert found.subject == hashlib.sha256(raw).hexdigest()
    assert found.severity in (Severity.WARNING, Severity.INFO)
    assert "utf-8" in found.text("it")
    assert "charset utf-8" in found.text("en")
    assert look(raw, subject="x").findings[0].subject == "x"


def test_a_tally_counts_messages_formats_and_classes():
    tally = Tally()
    tally.add(letter(("a", pdf()), ("b", SIGNED_PDF), ("c", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ("d", b"\0")))
    tally.add(letter(("a", pdf(encrypted=True)), ("b", split(b"", 1))))
    tally.add(b"\r\nno headers")
    tally.add(text(b"ciao", b"x-oscuro"))
    assert tally.as_json() == {
        "messages": 4,
        "headers": 1,
        "mime": 1,
        "formats": {"compound": 1, "empty.p7m": 1, "pdf-1.7": 2, "pdf-1.7.p7m": 1, "unknown": 1},
        "classes": {"readable": 3, "at_risk": 1, "unknown": 1, "encrypted": 1},
        "table": tally.as_json()["table"],
    }


def test_tallies_merged_are_the_tally_of_all():
    letters = [
        letter(("a", pdf())),
        letter(("a", PNG)),
        b"",
        text(b"\xe0", b"utf-8"),
        letter(("a", b"\0"), ("b", b"\0")),
    ]
    whole, first, second = Tally(), Tally(), Tally()
    for number, raw in enumerate(letters):
        whole.add(raw)
        (first if number % 2 else second).add(raw)
    first.merge(second)
    assert first.as_json() == whole.as_json()
    assert Tally().as_json()["classes"] == {"readable": 0, "at_risk": 0, "unknown": 0, "encrypted": 0}
