"""Which messages belong together, and what cannot draw them to itself."""

from dataclasses import replace

from support.pieces import ACCEPTED, A, delivered, piece, receipt, sent

from archiver.pec.kind import Kind
from archiver.pec.matching import group


def test_a_resend_with_the_same_message_id_is_another_dossier_and_takes_the_nearer_copy() -> None:
    first, second = sent(), sent(5, name="again")
    accepted = receipt(Kind.ACCETTAZIONE, 5.01, identificativo="i2@pec.example")
    assert group([accepted, second, ACCEPTED, first]) == [[first, ACCEPTED], [second, accepted]]


def test_an_envelope_to_oneself_belongs_to_its_receipts() -> None:
    envelope = receipt(Kind.POSTA_CERTIFICATA, 0.05)
    assert group([sent(), ACCEPTED, envelope, delivered()]) == [[sent(), ACCEPTED, envelope, delivered()]]


def test_a_sender_is_the_same_in_other_letters() -> None:
    copy = piece(Kind.INVIATO, sender="Me@PEC.example", message_id="m1@client")
    assert group([copy, ACCEPTED]) == [[copy, ACCEPTED]]


def test_another_sender_with_the_same_message_id_is_another_dossier() -> None:
    other = piece(Kind.INVIATO, sender="other@pec.example", message_id="m1@client")
    assert group([other, ACCEPTED]) == [[other], [ACCEPTED]]


def test_receipts_without_identificativo_follow_msgid_and_sender() -> None:
    nameless = receipt(Kind.AVVENUTA_CONSEGNA, 1, A, identificativo="")
    assert group([nameless, ACCEPTED]) == [[ACCEPTED, nameless]]
    assert group([nameless, sent()]) == [[sent(), nameless]]


def test_ordinary_mail_stands_alone() -> None:
    one, two = piece(Kind.ORDINARIO, message_id="m1@client"), piece(Kind.ORDINARIO, 1, message_id="m1@client")
    assert group([two, ACCEPTED, one]) == [[ACCEPTED], [one], [two]]


def test_a_refused_sending_and_its_resend_under_the_same_message_id_are_two_dossiers() -> None:
    first, second = sent(), sent(5, name="again")
    refused = receipt(Kind.NON_ACCETTAZIONE, 0.01, identificativo="i0@pec.example")
    accepted = receipt(Kind.ACCETTAZIONE, 5.01)
    assert group([second, accepted, refused, first]) == [[first, refused], [second, accepted]]


def test_what_nobody_signed_draws_no_sent_copy_away_from_its_acceptance() -> None:
    copy, accepted = sent(), receipt(Kind.ACCETTAZIONE, 0.5)
    forged = replace(receipt(Kind.ACCETTAZIONE, 0.001, identificativo="forged@pec.example"), intact=False)
    assert group([forged, accepted, copy]) == [[copy, forged, accepted]]
    assert group([forged, copy]) == [[copy, forged]]
    assert group([forged]) == [[forged]]


def test_what_nobody_signed_joins_the_dossier_that_it_claims() -> None:
    forged = replace(delivered(A, 0.7), intact=False)
    other = replace(receipt(Kind.AVVENUTA_CONSEGNA, 1, A, msgid="", identificativo="i1@pec.example"), intact=False)
    assert group([other, forged, ACCEPTED]) == [[ACCEPTED, forged, other]]
    assert group([other, receipt(Kind.ACCETTAZIONE, identificativo="i2@pec.example")])[1] == [other]
