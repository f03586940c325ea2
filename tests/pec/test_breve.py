"""A brief receipt proves of the sent copy what its hashes say, whatever they were taken over, and nothing more."""

import base64
import hashlib
from collections.abc import Callable

import pytest
from support.pec_provider import Provider
from support.post import ME, A, B, C, Post, attachment, multipart

from archiver.pec import breve
from archiver.pec.breve import Checked, Rule

PDF = b"%PDF-1.4\r\nuno\r\ndue\r\n" * 20
BODY = base64.encodebytes(PDF).replace(b"\n", b"\r\n")
LETTER = b"Content-Type: text/plain\r\n\r\nBuongiorno,\r\nsi allega."
SIGNATURE = attachment("smime.p7s", b"AAAA", media="application/pkcs7-signature")
HEAD = f"To: {C}, {A.upper()}\r\nCc: {B}\r\nSubject: =?utf-8?q?Diffida?=\r\nFrom: {ME}\r\n".encode()
MAIL = b"Subject: inoltrata\r\n\r\nTesto.\r\n"


def sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets, usedforsecurity=False).hexdigest().encode()


def hashed(name: str, digits: bytes) -> bytes:
    return f'Content-Type: text/plain; name="{name}.hash"\r\n\r\n'.encode() + digits


def mixed(*parts: bytes, boundary: str = "o") -> bytes:
    return multipart(LETTER, *parts, boundary=boundary)


def checked(provider: Provider, sent: bytes, receipt: bytes, *, head: bytes = HEAD) -> Checked:
    post = Post(provider)
    raw = post.says("avvenuta-consegna", consegna=A, ricevuta="breve", original=head + receipt)
    return breve.check(raw, breve.read_sent(post.sent(sent)))


LF = BODY.replace(b"\r\n", b"\n")
READINGS: list[tuple[Rule, bytes]] = [
    (Rule.CRLF, BODY),
    (Rule.CRLF_LESS, BODY[:-2]),
    (Rule.CRLF_MORE, BODY + b"\r\n"),
    (Rule.LF, LF),
    (Rule.LF_LESS, LF[:-1]),
    (Rule.LF_MORE, LF + b"\n"),
    (Rule.DECODED, PDF),
]


@pytest.mark.parametrize(("rule", "over"), READINGS)
@pytest.mark.parametrize("stored", [lambda raw: raw, lambda raw: raw.replace(b"\r\n", b"\n")], ids=["CRLF", "LF"])
def test_a_hash_agrees_over_whatever_it_was_taken_and_the_rule_is_named(
    provider: Provider, rule: Rule, over: bytes, stored: Callable[[bytes], bytes]
) -> None:
    sent = stored(mixed(attachment("atto.pdf", BODY)))
    found = checked(provider, sent, mixed(hashed("atto.pdf", sha1(over))))
    assert (found.agreed, found.holds) == ((("atto.pdf", rule),), True)


def test_a_body_that_ends_where_the_boundary_begins_is_hashed_with_its_line_end_and_without(
    provider: Provider,
) -> None:
    sent = mixed(attachment("atto.pdf", BODY[:-2]))
    for rule, over in ((Rule.CRLF, BODY[:-2]), (Rule.CRLF_MORE, BODY), (Rule.LF_MORE, LF)):
        assert checked(provider, sent, mixed(hashed("atto.pdf", sha1(over)))).agreed == (("atto.pdf", rule),)


PICTURE = b"Content-Type: image/png\r\n\r\nx"
OK = hashed("atto.pdf", sha1(BODY))
TWO = (attachment("atto.pdf", BODY), attachment("procura.pdf", b"AAAA"))
FORWARDED = mixed(*TWO, boundary="inner")
CASES = [
    ("every hash agrees", TWO, (OK, hashed("procura.pdf", sha1(b"AAAA"))), "agreed agreed"),
    ("whatever their order", TWO, (hashed("procura.pdf", sha1(b"AAAA")), OK), "agreed agreed"),
    ("capitals and blanks", TWO[:1], (hashed("atto.pdf", b"\r\n " + sha1(BODY).upper() + b"\r\n"),), "agreed"),
    ("another hash", TWO[:1], (hashed("atto.pdf", sha1(b"x")),), "differing"),
    ("no hash", TWO, (OK,), "agreed unproven"),
    ("a hash of nothing that was sent", TWO[:1], (OK, hashed("x.pdf", sha1(BODY))), "agreed foreign"),
    ("the hash of another name", TWO[:1], (hashed("x.pdf", sha1(BODY)),), "unproven foreign"),
    ("digits that are no SHA-1", TWO[:1], (hashed("atto.pdf", sha1(BODY)[:-1]),), "unproven"),
    ("two of one name", (TWO[0], attachment("atto.pdf", b"BBBB")), (hashed("atto.pdf", sha1(b"BBBB")), OK),
     "agreed agreed"),
    ("two of one name, one hash twice", (TWO[0], attachment("atto.pdf", b"BBBB")), (OK, OK), "agreed differing"),
    ("left as it is", TWO[:1], TWO[:1], "agreed"),
    ("left, and altered", TWO[:1], (attachment("atto.pdf", b"BBBB"),), "unproven"),
    ("a part without a name is not replaced", (PICTURE,), (PICTURE,), ""),
    ("a part without a name is not there", (PICTURE,), (), "altered"),
    ("a part without a name that was not sent", (), (PICTURE,), "altered"),
    ("a part without a name is another", (PICTURE,), (PICTURE + b"\r\n",), "altered"),
    ("every hash agrees, and there is more text", TWO[:1], (OK, LETTER + b" Anzi."), "agreed altered"),
    ("no attachments", (), (), ""),
    ("an attached message as a whole", (b"Content-Type: message/rfc822\r\n\r\n" + MAIL,),
     (hashed("", sha1(MAIL)),), "agreed"),
    ("two attached messages, one of them with a name", (b"Content-Type: message/rfc822\r\n\r\n" + MAIL,
     b'Content-Type: message/rfc822; name="m.eml"\r\n\r\n' + MAIL),
     (hashed("m.eml", sha1(MAIL)), hashed("", sha1(MAIL))), "agreed agreed"),
    ("an attached message that has attachments", (b'Content-Type: message/rfc822; name="m.eml"\r\n\r\n' + FORWARDED,),
     (hashed("m.eml", sha1(FORWARDED)),), "agreed"),
    ("a file that is called .hash", (attachment("a.hash", b"AAAA"),), (hashed("a.hash", sha1(b"AAAA")),), "agreed"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "received", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_each_part_of_the_sent_copy_is_accounted_for(
    provider: Provider, sent: tuple[bytes, ...], received: tuple[bytes, ...], expected: str
) -> None:
    found = checked(provider, mixed(*sent), mixed(*received))
    names = ("agreed", "differing", "unproven", "foreign", "altered")
    assert " ".join(name for name in names for _ in getattr(found, name)) == expected
    assert found.holds is (set(expected.split()) <= {"agreed"})


def text(words: bytes, encoding: str = "8bit") -> bytes:
    return f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + words


EURO = text(b"Vi devo 100 euro,\r\nIo\r\n")
TEXTS = [
    ("the same", EURO, True),
    ("with other line ends", EURO.replace(b"\r\n", b"\n"), True),
    ("in base64", text(base64.encodebytes(b"Vi devo 100 euro,\nIo\n"), "base64"), True),
    ("quoted", text(b"Vi devo =\r\n100 euro,\r\nIo", "quoted-printable"), True),
    ("another sum", EURO.replace(b"100", b"999999"), False),
    ("another kind of text", EURO.replace(b"text/plain", b"text/html"), False),
    ("no text", text(b""), False),
    ("a text beside it", multipart(EURO, EURO, boundary="t"), False),
]


@pytest.mark.parametrize(("received", "same"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_a_text_of_which_nothing_was_hashed_is_compared_as_it_is(
    provider: Provider, received: bytes, same: bool
) -> None:
    found = checked(provider, EURO, received)
    assert (found.holds, bool(found.altered), found.agreed) == (same, not same, ())
    inside = checked(provider, multipart(EURO, TWO[0], boundary="m"), multipart(received, OK, boundary="m"))
    assert (inside.holds, inside.agreed) == (same, (("atto.pdf", Rule.CRLF),))


@pytest.mark.parametrize(
    ("head", "altered"),
    [
        (HEAD, ()),
        (HEAD.replace(b"From: ", b"From: Altro Nome <").replace(ME.encode(), ME.encode() + b">"), ()),
        (HEAD.replace(ME.encode(), b"other@pec.example"), ("From",)),
        (HEAD.replace(C.encode() + b", ", b""), ("To",)),
        (HEAD.replace(b"Cc: ", b"X-Cc: "), ("Cc",)),
        (HEAD.replace(b"Diffida", b"Saluti"), ("Subject",)),
    ],
)
def test_a_brief_receipt_of_a_message_to_others_or_about_something_else_does_not_hold(
    provider: Provider, head: bytes, altered: tuple[str, ...]
) -> None:
    found = checked(provider, mixed(TWO[0]), mixed(OK), head=head)
    assert (found.altered, found.holds) == (altered, not altered)


def test_a_signed_original_keeps_its_signature_and_loses_its_attachments(provider: Provider) -> None:
    def signed(*parts: bytes) -> bytes:
        return multipart(mixed(*parts), SIGNATURE, boundary="s", kind="signed")

    found = checked(provider, signed(*TWO), signed(OK, hashed("procura.pdf", sha1(b"AAAA"))))
    assert found.holds
    assert dict(found.agreed) == {"atto.pdf": Rule.CRLF, "procura.pdf": Rule.CRLF, "smime.p7s": Rule.KEPT}


def test_an_attachment_that_is_the_whole_message_is_compared_too(provider: Provider) -> None:
    assert checked(provider, attachment("atto.pdf", BODY), hashed("atto.pdf", sha1(BODY))).holds
    assert not checked(provider, attachment("atto.pdf", BODY), hashed("atto.pdf", sha1(b"x"))).holds


def test_of_one_cms_object_nothing_is_replaced(provider: Provider) -> None:
    def receipt(original: bytes | None) -> bytes:
        return Post(provider).says("avvenuta-consegna", consegna=A, ricevuta="breve", original=original)

    envelope = attachment("smime.p7m", b"AAAA", media="application/pkcs7-mime")
    assert breve.is_whole(receipt(b"Subject: x\r\n" + envelope))
    assert not breve.is_whole(receipt(mixed(envelope)))
    assert not breve.is_whole(receipt(None))


def test_a_receipt_without_an_original_proves_no_part(provider: Provider) -> None:
    raw = Post(provider).says("avvenuta-consegna", consegna=A, ricevuta="breve")
    assert breve.check(raw, breve.read_sent(mixed(*TWO))).unproven == ("atto.pdf", "procura.pdf")
