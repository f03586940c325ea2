"""A message opened for people: headers, the right alternative, attachments, the message that a provider wrapped."""

import base64
import tracemalloc

import pytest
from support.tools import shared

from archiver.pec.content import TEXT, Content, read_content

ALTERNATIVE = (
    b"Subject: =?utf-8?Q?Perch=C3=A9?=\r\nFrom: Societ\xe0 <a@b.example>\r\n"
    b"Content-Type: multipart/mixed; boundary=M\r\n\r\n--M\r\nContent-Type: multipart/alternative; boundary=A\r\n\r\n"
    b"--A\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nCitt\xc3\xa0 piana\r\n"
    b"--A\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<b>Citt\xe0</b> ricca\r\n--A--\r\n"
    b"--M\r\nContent-Type: application/pdf; name*=utf-8''relazione%20%C3%A0.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n"
    + base64.b64encode(b"%PDF-1.4")
    + b"\r\n--M\r\nContent-Type: text/plain\r\n\r\nin calce\r\n--M--\r\n"
)
CARRIED = b"Subject: dentro\r\nContent-Type: text/plain\r\n\r\ncorpo interno\r\n"


def envelope(inner: bytes, *, encoding: str = "7bit", header: str = "X-Trasporto: posta-certificata") -> bytes:
    """A transport envelope without its signature."""
    mark = f"X{len(inner)}"
    body = base64.encodebytes(inner) if encoding == "base64" else inner
    return (
        f"{header}\r\nSubject: POSTA CERTIFICATA: dentro\r\nContent-Type: multipart/mixed; boundary={mark}\r\n\r\n"
        f"--{mark}\r\nContent-Type: text/plain\r\n\r\nMessaggio di posta certificata\r\n"
        f"--{mark}\r\nContent-Type: application/xml; name=daticert.xml\r\n\r\n<postacert/>\r\n"
        f'--{mark}\r\nContent-Type: message/rfc822; name="postacert.eml"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode() + body + f"\r\n--{mark}--\r\n".encode()  # fmt: skip


def names(content: Content) -> list[str]:
    return [attachment.name for attachment in content.attachments]


def test_the_right_alternative_is_read_and_what_stands_beside_it_is_kept() -> None:
    found = read_content(ALTERNATIVE)
    assert (found.header("subject"), found.header("FROM")) == ("Perché", "Società <a@b.example>")
    assert found.text.split() == ["Città", "piana", "in", "calce"]
    assert "<b>Città</b> ricca" in found.html
    assert "<pre>in calce</pre>" in found.html
    [attachment] = found.attachments
    assert (attachment.name, attachment.media_type, attachment.octets) == (
        "relazione à.pdf", "application/pdf", b"%PDF-1.4",
    )  # fmt: skip
    assert found.whole


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
def test_what_a_provider_wrapped_is_the_inner_message_and_no_attachment(encoding: str) -> None:
    found = read_content(envelope(CARRIED, encoding=encoding))
    assert found.inner is not None
    assert (found.inner.header("subject"), found.inner.text.strip()) == ("dentro", "corpo interno")
    assert names(found) == ["daticert.xml"]


def test_what_a_user_forwards_is_an_attachment() -> None:
    mail = envelope(CARRIED, header="X-Mailer: x").replace(b"postacert.eml", b"inoltrato.eml")
    found = read_content(mail)
    assert found.inner is None
    assert names(found) == ["daticert.xml", "inoltrato.eml"]
    assert found.attachments[1].octets == CARRIED


def test_envelopes_in_envelopes_are_opened_as_deep_as_told() -> None:
    mail = CARRIED
    for _ in range(40):
        mail = envelope(mail)
    depth, found = 0, read_content(mail)
    while found.inner:
        depth, found = depth + 1, found.inner
    assert depth == 4
    assert names(found)[-1] == "postacert.eml"


@pytest.mark.parametrize(
    ("charset", "octets", "expected"),
    [
        ("utf-8", "caffè €".encode(), "caffè €"),
        ("", "caffè €".encode(), "caffè €"),
        ("iso-8859-1", b"\x93caff\xe8\x94 \x80", "“caffè” €"),
        ("us-ascii", b"caff\xe8", "caffè"),
        ("no-such-charset", b"caff\xe8", "caffè"),
        ("punycode", b"caff-", "caff-"),
        ("utf-16", "caffè".encode("utf-16"), "caffè"),
        ("utf-7", b"+AOg-", "è"),
        ("utf-8", b"a\x00b\x1b[31mc\x07", "ab[31mc"),
        ("utf-8", b"a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_texts_are_read_in_the_charset_that_they_are_in(charset: str, octets: bytes, expected: str) -> None:
    head = b"Content-Type: text/plain" + (f"; charset={charset}".encode() if charset else b"") + b"\r\n\r\n"
    assert read_content(head + octets).text == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\r\n", b"\x00" * 100, b"Content-Type: multipart/mixed; boundary=x\r\n\r\nnever shows",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 5000,
        b"Content-Transfer-Encoding: base64\r\n\r\n=====", b"X: y\r\n" * 20_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(200)),
    ],
    ids=range(8),
)  # fmt: skip
def test_nothing_that_a_message_holds_stops_it(raw: bytes) -> None:
    found = read_content(raw)
    assert all(isinstance(attachment.octets, bytes) for attachment in found.attachments)


def test_too_much_text_is_cut_and_said() -> None:
    found = read_content(b"Content-Type: text/plain\r\n\r\n" + b"parola " * (TEXT // 7 + 10))
    assert not found.whole
    assert 0 < len(found.text) <= TEXT


def test_a_large_envelope_is_not_held_twice() -> None:
    attachment = b"Content-Type: application/octet-stream; name=a.bin\r\n\r\n" + b"x" * (20 << 20)
    mail = envelope(b"Content-Type: multipart/mixed; boundary=Y\r\n\r\n--Y\r\n" + attachment + b"\r\n--Y--\r\n")
    tracemalloc.start()
    found = read_content(mail)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.inner is not None
    assert names(found.inner) == ["a.bin"]
    assert peak < 2 << 20


def test_every_message_of_the_corpus_is_opened() -> None:
    files = [path for path in shared("corpus").rglob("*.eml") if path.is_file()]
    assert len(files) > 50
    wrapped = 0
    for path in files:
        found = read_content(path.read_bytes())
        wrapped += found.inner is not None
        assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in found.text), path
    assert wrapped > 3
