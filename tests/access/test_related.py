"""What belongs to a story without being part of a dossier is named beside it, in either direction, and nothing else."""

from dataclasses import replace

import pytest
from support.post import ME, Post, attachment, multipart
from support.shelf import Shelf

DEPOSIT = "i1@pec.example"


def letter(name: str, body: bytes) -> bytes:
    attached = attachment(name, body, media="application/xml", encoding="8bit")
    return multipart(b"Content-Type: text/plain\r\n\r\nx", attached, boundary="o")


def envelope(post: Post, number: int, name: str, body: bytes) -> bytes:
    """A PEC that came in, with one attachment."""
    theirs = replace(post, msgid=f"e{number}@x", identificativo=f"e{number}@giustizia.example")
    return theirs.says("posta-certificata", number, original=b"From: x@giustizia.example\r\n" + letter(name, body))


def answer(post: Post, number: int, deposit: str = DEPOSIT) -> bytes:
    return envelope(post, number, "EsitoAtto.xml", f"<E><IdMsg>&lt;{deposit}&gt;</IdMsg></E>".encode())


def related(shelf: Shelf, name: str) -> dict[str, list[str]]:
    return {item["sha256"]: item["why"] for item in shelf.json(name)["related"]}


@pytest.mark.parametrize("named", [DEPOSIT, "m1@client.example"])
def test_the_answers_of_a_court_are_beside_the_deposit_and_the_deposit_beside_them(
    shelf: Shelf, post: Post, named: str
) -> None:
    deposit = shelf.put(post.sent(letter("Atto.enc", b"x")), post.says("accettazione"))
    third, fourth = shelf.put(answer(post, 5, named), answer(post, 30, named))
    other = shelf.put(answer(post, 40, "another@pec.example"))
    why = [f"filing:{named}"]
    assert related(shelf, DEPOSIT) == {third: why, fourth: why}
    assert related(shelf, third) == dict.fromkeys((*deposit, fourth), why)
    assert related(shelf, other[0]) == {}
    assert len(shelf.json(DEPOSIT)["messages"]) == 2


def test_the_notices_of_the_sdi_are_beside_the_invoice_and_the_invoice_beside_them(shelf: Shelf, post: Post) -> None:
    sent = shelf.put(post.sent(letter("IT01234567890_00001.xml", b"<x/>")))
    xml = b"<N><IdentificativoSdI>71</IdentificativoSdI><NomeFile>IT01234567890_00001.xml</NomeFile></N>"
    receipt, missed = shelf.put(
        envelope(post, 5, "IT01234567890_00001_RC_001.xml", xml),
        envelope(post, 9, "Notifica.pdf", b"x"),
    )
    assert related(shelf, sent[0]) == {receipt: ["invoice:IT01234567890_00001"]}
    assert related(shelf, receipt) == {sent[0]: ["invoice:IT01234567890_00001"]}
    assert related(shelf, missed) == {}


def test_a_related_message_says_what_it_is_and_why_it_is_there(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(letter("Atto.enc", b"x")), post.says("accettazione"))
    (third,) = shelf.put(answer(post, 5))
    (item,) = shelf.json(DEPOSIT)["related"]
    assert (item["kind"], item["date"], item["subject"]) == (
        "posta-certificata", "2026-11-02T15:00:00+01:00", "posta-certificata",
    )  # fmt: skip
    text = shelf.text(DEPOSIT)
    assert "collegati (non fanno parte del dossier):\n  02/11/2026 15:00:00 (+0100)" in text
    assert text.count(third) == 1
    assert f"deposito in giudizio {DEPOSIT}" in text
    assert f"filing in court {DEPOSIT}" in shelf.text(DEPOSIT, "en")


def test_what_another_holder_has_is_never_beside(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(letter("Atto.enc", b"x")), post.says("accettazione"))
    (theirs,) = shelf.put(answer(post, 5), mailbox="m-altrui", holder="h-altrui")
    assert related(shelf, DEPOSIT) == {}
    assert related(shelf, theirs) == {}


def test_a_sending_under_the_same_message_id_is_not_related_for_that(shelf: Shelf, post: Post) -> None:
    shelf.put(post.says("accettazione"), replace(post, identificativo="i2@pec.example").says("accettazione", 5))
    assert related(shelf, DEPOSIT) == {}


def test_members_are_not_related_to_themselves(shelf: Shelf, post: Post) -> None:
    original = f"From: {ME}\r\n".encode() + letter("IT01234567890_00001.xml", b"<x/>")
    delivery = post.says("avvenuta-consegna", consegna="a@pec.example", ricevuta="completa", original=original)
    shelf.put(post.sent(letter("IT01234567890_00001.xml", b"<x/>")), delivery)
    assert related(shelf, DEPOSIT) == {}
