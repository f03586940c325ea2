"""A dossier as it is shown: for machines, for a lawyer, whatever has come and wherever it lies."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from support.pec_provider import pec_provider
from support.post import LISTED, ME, A, B, C, Post, attachment, multipart
from support.shelf import Shelf

from archiver.access import words
from archiver.errors import Absent, ConfigError
from archiver.pec import links
from archiver.pec.reason import Reason
from archiver.pec.state import State

BODY = base64.encodebytes(b"%PDF uno due " * 40).replace(b"\n", b"\r\n")
ATTACHED = multipart(b"Content-Type: text/plain\r\n\r\nx", attachment("atto.pdf", BODY), boundary="o")
HEAD = f"From: Io <{ME}>\r\nTo: {A}, {C}\r\nCc: {B}\r\nSubject: Diffida\r\n".encode()
ORIGINAL = HEAD + ATTACHED


def hashes(over: bytes) -> bytes:
    digits = hashlib.sha1(over, usedforsecurity=False).hexdigest().encode()
    named = b'Content-Type: text/plain; name="atto.pdf.hash"\r\n\r\n' + digits
    return HEAD + multipart(b"Content-Type: text/plain\r\n\r\nx", named, boundary="o")


def delivered(
    post: Post, to: str = A, ricevuta: str = "completa", *, original: bytes = ORIGINAL, name: str = ""
) -> bytes:
    inner = None if ricevuta == "sintetica" else original
    return post.says("avvenuta-consegna", 0.1, consegna=to, ricevuta=ricevuta, original=inner, name=name)


def recipient(found: dict[str, Any], address: str = A) -> dict[str, Any]:
    return next(item for item in found["recipients"] if item["address"] == address)


def test_a_sending_shows_what_became_of_each_recipient(shelf: Shelf, post: Post) -> None:
    failure = post.says("errore-consegna", 0.2, consegna=B, errore="altro", esteso="5.2.2 - Prova - casella piena")
    sent, _, receipt, failed = shelf.put(post.sent(ATTACHED), post.says("accettazione"), delivered(post), failure)
    found = shelf.json("m1@client.example")
    assert (found["identificativo"], found["state"], found["contradiction"]) == ("i1@pec.example", "failed", False)
    assert found["counts"] == {"delivered": 1, "external": 1, "failed": 1}
    keys = ("role", "state", "receipt", "content", "at", "reason", "sha256", "trusted")
    told = {item["address"]: tuple(item[key] for key in keys) for item in found["recipients"]}
    assert told == {
        A: ("to", "delivered", "completa", "whole", "2026-11-02T10:06:00+01:00", "", receipt, True),
        C: ("to", "external", "none", "none", None, "", None, None),
        B: ("cc", "failed", "none", "none", "2026-11-02T10:12:00+01:00", "full", failed, True),
    }
    assert recipient(found, B)["detail"] == "5.2.2 - Prova - casella piena"
    assert (found["original"]["source"], found["original"]["sha256"]) == ("inviato", sent)
    assert [item["kind"] for item in found["messages"]] == [
        "inviato", "accettazione", "avvenuta-consegna", "errore-consegna",
    ]  # fmt: skip


def test_every_way_of_naming_a_dossier_shows_the_same(shelf: Shelf, post: Post) -> None:
    digests = shelf.put(post.sent(ATTACHED), post.says("accettazione"), delivered(post))
    expected = shelf.json("i1@pec.example")
    for name in ("<m1@client.example>", *digests, digests[0][:8].upper()):
        assert shelf.json(name) == expected


def test_receipts_that_came_before_their_message_and_out_of_order_change_nothing(shelf: Shelf, post: Post) -> None:
    shelf.put(delivered(post))
    assert shelf.json("i1@pec.example")["state"] == "pending"  # of B nothing is known
    shelf.put(post.says("accettazione"))
    shelf.put(post.sent(ATTACHED))
    assert recipient(shelf.json("i1@pec.example"))["state"] == "delivered"


def test_the_message_in_a_receipt_stands_in_for_a_sent_copy_and_says_so(shelf: Shelf, post: Post) -> None:
    _, receipt = shelf.put(post.says("accettazione"), delivered(post))
    found = shelf.json("i1@pec.example")
    assert found["original"] == {
        "source": "avvenuta-consegna", "sha256": receipt, "date": None, "from": ME, "to": [A, C], "cc": [B],
        "subject": "Diffida", "attachments": ["atto.pdf"],
    }  # fmt: skip
    assert [item["role"] for item in found["recipients"]] == ["to", "to", "cc"]
    assert found["subject"] == "Diffida"
    text, english = shelf.text("i1@pec.example"), shelf.text("i1@pec.example", "en")
    assert f"contenuto nella ricevuta di consegna (postacert.eml) {receipt}" in text
    assert "allegati: atto.pdf" in text
    assert f"is the one in the delivery receipt (postacert.eml) {receipt}" in english


def test_without_the_message_its_provider_says_who_wrote_to_whom_and_about_what(shelf: Shelf, post: Post) -> None:
    _, accepted = shelf.put(delivered(post, ricevuta="sintetica"), post.says("accettazione"))
    found = shelf.json("i1@pec.example")
    assert found["original"] == {
        "source": "daticert", "sha256": accepted, "date": None, "from": ME, "to": [A, B, C], "cc": [],
        "subject": "Diffida",
    }  # fmt: skip
    assert found["subject"] == "Diffida"
    assert {item["role"] for item in found["recipients"]} == {"unknown"}
    text, english = shelf.text("i1@pec.example"), shelf.text("i1@pec.example", "en")
    assert f"dichiarati dal gestore (daticert.xml) in {accepted}\n    da: {ME}\n    a: {A}, {B}, {C}\n" in text
    assert f"that the provider states (daticert.xml) in {accepted}\n    from: {ME}" in english


def test_what_an_altered_receipt_states_of_the_message_is_not_believed(shelf: Shelf, post: Post) -> None:
    shelf.put(post.says("accettazione").replace(b"<mittente>me@", b"<mittente>io@"))
    found = shelf.json("i1@pec.example")
    assert found["original"] is None
    assert found["subject"] == "accettazione"


def test_a_message_received_is_by_whoever_wrote_it_and_not_by_the_provider(shelf: Shelf, post: Post) -> None:
    letter = b"From: Io <me@pec.example>\r\nSubject: Diffida\r\n\r\nTesto"
    shelf.put(post.says("posta-certificata", original=letter, to=A))
    found = shelf.json("i1@pec.example")
    assert (found["subject"], found["original"]["from"], found["original"]["source"]) == (
        "Diffida", ME, "posta-certificata",
    )  # fmt: skip


def test_ordinary_mail_is_headed_by_its_own_words(shelf: Shelf) -> None:
    (name,) = shelf.put(b"From: Uno <uno@mail.example>\r\nTo: me@pec.example\r\nSubject: ciao\r\n\r\nTesto")
    original = shelf.json(name)["original"]
    assert (original["source"], original["from"], original["subject"]) == ("ordinario", "uno@mail.example", "ciao")


def test_receipts_in_another_mailbox_of_the_holder_count_and_those_of_another_holder_do_not(
    shelf: Shelf, post: Post
) -> None:
    (sent,) = shelf.put(post.sent(ATTACHED), mailbox="m-uno")
    (there,) = shelf.put(delivered(post), mailbox="m-due")
    (elsewhere,) = shelf.put(delivered(post, B), mailbox="m-altrui", holder="h-altrui")
    found = shelf.json(sent)
    assert {item["sha256"]: item["mailbox"] for item in found["messages"]} == {sent: "uno", there: "due"}
    assert [recipient(found, address)["state"] for address in (A, B)] == ["delivered", "pending"]
    assert [item["sha256"] for item in shelf.json(elsewhere)["messages"]] == [elsewhere]


def test_the_same_message_in_two_mailboxes_is_one_piece(shelf: Shelf, post: Post) -> None:
    receipt = delivered(post)
    shelf.put(post.sent(ATTACHED), receipt, mailbox="m-uno")
    shelf.put(receipt, mailbox="m-due")
    assert len(shelf.json("m1@client.example")["messages"]) == 2


def test_one_event_told_twice_is_no_contradiction(shelf: Shelf, post: Post) -> None:
    shelf.put(delivered(post), delivered(post, name="again"))
    found = shelf.json("i1@pec.example")
    assert (recipient(found)["state"], found["contradiction"], len(found["messages"])) == ("delivered", False, 2)
    assert recipient(found)["at"] == "2026-11-02T10:06:00+01:00"


def test_a_message_to_oneself_is_one_dossier_with_its_envelope(shelf: Shelf, post: Post) -> None:
    own = replace(post, listed=((ME, "certificato"),))
    shelf.put(own.sent(ATTACHED), own.says("accettazione"), own.says("posta-certificata", original=ORIGINAL))
    shelf.put(delivered(own, ME))
    found = shelf.json("m1@client.example")
    assert [(item["address"], item["state"]) for item in found["recipients"]] == [(ME, "delivered")]
    assert "posta-certificata" in {item["kind"] for item in found["messages"]}
    assert found["original"]["source"] == "inviato"


def test_two_sendings_with_one_message_id_have_to_be_told_apart(shelf: Shelf, post: Post) -> None:
    again = replace(post, identificativo="i2@pec.example")
    shelf.put(post.says("accettazione"), again.says("accettazione", 5))
    with pytest.raises(ConfigError, match="several dossiers match") as complaint:
        shelf.show("m1@client.example")
    for name in ("i1@pec.example", "i2@pec.example"):
        assert shelf.json(name)["dossier"][:16] in str(complaint.value)


def test_a_name_that_nobody_has_is_absent(shelf: Shelf) -> None:
    with pytest.raises(Absent, match="nobody@x"):
        shelf.show("nobody@x")


def test_what_is_forged_moves_nothing_and_is_shown_for_what_it_is(shelf: Shelf, post: Post) -> None:
    unsigned = b"X-Ricevuta: non-accettazione\r\nX-Riferimento-Message-ID: <m1@client.example>\r\nTo: " + ME.encode()
    altered = delivered(post, B).replace(b"<ora>10:06", b"<ora>10:07")
    shelf.put(post.sent(ATTACHED), post.says("accettazione"), unsigned + b"\r\n\r\nrifiutato", altered)
    found = shelf.json("m1@client.example")
    assert found["state"] == "pending"
    assert recipient(found, B)["state"] == "pending"
    contents = {item["kind"]: item["content"].split()[0] for item in found["messages"]}
    assert (contents["non-accettazione"], contents["avvenuta-consegna"]) == ("UNSIGNED", "FAILED")
    assert "firma del gestore: ALTERATA" in shelf.text("m1@client.example")


def test_a_provider_that_nobody_knows_is_pointed_at(shelf: Shelf, post: Post) -> None:
    stranger = Post(pec_provider(ec.generate_private_key(ec.SECP256R1())))
    shelf.put(post.sent(ATTACHED), post.says("accettazione"), delivered(stranger))
    assert recipient(shelf.json("m1@client.example"))["trusted"] is False
    text = shelf.text("m1@client.example")
    assert text.count("da un gestore NON riconosciuto") == 1
    assert "firma del gestore: integra, gestore NON riconosciuto, " in text


@pytest.fixture
def stranger() -> Post:
    """Somebody who calls himself a provider."""
    return Post(pec_provider(ec.generate_private_key(ec.SECP256R1())))


def test_a_forged_receipt_that_came_first_gives_neither_time_nor_original_and_the_dossier_says_that_they_differ(
    shelf: Shelf, post: Post, stranger: Post
) -> None:
    forged = stranger.says("avvenuta-consegna", 0.05, consegna=A, original=ORIGINAL.replace(b"Diffida", b"Falso"))
    genuine = post.says("avvenuta-consegna", 30, consegna=A, ricevuta="completa", original=ORIGINAL)
    *_, receipt = shelf.put(post.says("accettazione"), forged, genuine)
    found = shelf.json("i1@pec.example")
    keys = ("at", "sha256", "proof", "trusted", "contradiction")
    assert [recipient(found)[key] for key in keys] == ["2026-11-03T16:00:00+01:00", receipt, receipt, True, True]
    assert (found["original"]["sha256"], found["subject"]) == (receipt, "Diffida")
    assert len(found["messages"]) == 3


def test_the_message_in_a_known_providers_receipt_is_shown_before_that_in_another(
    shelf: Shelf, post: Post, stranger: Post
) -> None:
    forged = stranger.says("avvenuta-consegna", 0.05, consegna=B, original=ORIGINAL.replace(b"Diffida", b"Falso"))
    *_, receipt = shelf.put(post.says("accettazione"), forged, delivered(post))
    assert shelf.json("i1@pec.example")["original"]["sha256"] == receipt


def test_a_dossier_whose_state_only_strangers_tell_says_so(shelf: Shelf, post: Post, stranger: Post) -> None:
    phrase = "solo per ricevute di gestori NON riconosciuti"
    one = (replace(stranger, listed=LISTED[:1]), replace(post, listed=LISTED[:1]))
    shelf.put(one[1].says("accettazione"), delivered(one[0]))
    found = shelf.json("i1@pec.example")
    assert (found["state"], found["trusted"], phrase in shelf.text("i1@pec.example")) == ("delivered", False, True)
    shelf.put(delivered(one[1]))
    found = shelf.json("i1@pec.example")
    assert (found["state"], found["trusted"], phrase in shelf.text("i1@pec.example")) == ("delivered", True, False)


def test_a_message_that_two_holders_have_is_shown_by_its_mailbox(shelf: Shelf, post: Post) -> None:
    receipt = delivered(post)
    (digest,) = shelf.put(receipt, mailbox="m-uno")
    shelf.put(receipt, mailbox="m-due", holder="h-altrui")
    with pytest.raises(ConfigError, match="--mailbox") as complaint:
        shelf.show(digest)
    assert all(f"  {name}  " in str(complaint.value) for name in ("uno", "due"))
    for mailbox, name in (("m-uno", "uno"), ("m-due", "due")):
        assert [item["mailbox"] for item in shelf.show(digest, mailbox).as_json()["messages"]] == [name]
    with pytest.raises(Absent, match="no message in the mailbox m-tre"):
        shelf.show(digest, "m-tre")


def test_the_text_of_a_notice_tells_the_second_from_the_first(shelf: Shelf, post: Post) -> None:
    words = "non è stato consegnato nelle ventiquattro ore successive al suo invio"
    first = post.says("preavviso-errore-consegna", 0, consegna=B, text="non consegnato nelle prime dodici ore")
    shelf.put(first, post.says("preavviso-errore-consegna", 0, consegna=A, text=words))
    found = shelf.json("i1@pec.example")
    assert [recipient(found, address)["state"] for address in (A, B)] == ["expired", "late"]


@pytest.mark.parametrize(
    ("sent", "over", "content", "code"),
    [
        (True, BODY, "hashes", "BREVE_AGREES"),
        (True, BODY[:-2], "hashes", "BREVE_AGREES"),
        (True, b"x", "none", "BREVE_DIFFERS"),
        (False, BODY, "none", "BREVE_WITHOUT_SENT_COPY"),
    ],
)
def test_a_brief_receipt_is_compared_with_the_sent_copy_and_the_dossier_says_how_it_went(
    shelf: Shelf, post: Post, sent: bool, over: bytes, content: str, code: str
) -> None:
    shelf.put(post.says("accettazione"), delivered(post, ricevuta="breve", original=hashes(over)))
    if sent:
        shelf.put(post.sent(ATTACHED))
    found = shelf.json("i1@pec.example")
    assert (recipient(found)["receipt"], recipient(found)["content"]) == ("breve", content)
    assert [item["code"] for item in found["findings"]] == [code]
    assert found["findings"][0]["text"] in shelf.text("i1@pec.example")


def test_one_sent_copy_of_several_that_agrees_is_enough(shelf: Shelf, post: Post) -> None:
    other = post.sent(ATTACHED.replace(BODY, b"AAAA\r\n"))
    shelf.put(other, post.sent(ATTACHED), delivered(post, ricevuta="breve", original=hashes(BODY)))
    assert recipient(shelf.json("i1@pec.example"))["content"] == "hashes"


def test_one_cms_object_in_a_brief_receipt_is_the_whole_message(shelf: Shelf, post: Post) -> None:
    envelope = b"Subject: x\r\n" + attachment("smime.p7m", b"AAAA", media="application/pkcs7-mime")
    shelf.put(delivered(post, ricevuta="breve", original=envelope))
    assert recipient(shelf.json("i1@pec.example"))["content"] == "whole"


@pytest.mark.parametrize("damage", [lambda octets: b"?" + octets[1:], lambda octets: octets[:10]])
def test_a_message_that_cannot_be_had_is_noted_and_the_rest_is_shown(
    shelf: Shelf, post: Post, damage: Callable[[bytes], bytes]
) -> None:
    shelf.put(post.sent(ATTACHED))
    shelf.put(delivered(post, ricevuta="breve", original=hashes(BODY)))
    shelf.damage(damage)
    found = shelf.json("i1@pec.example")
    assert [item["code"] for item in found["findings"]] == ["MESSAGE_NOT_READ"] * 2
    assert (recipient(found)["state"], recipient(found)["content"]) == ("delivered", "none")
    assert "non letto dall'archivio" in shelf.text("i1@pec.example")


def test_the_text_counts_the_recipients_and_gives_times_as_stated_with_utc_beside(shelf: Shelf, post: Post) -> None:
    shelf.put(post.sent(ATTACHED), post.says("accettazione"), delivered(post))
    text, english = shelf.text("m1@client.example"), shelf.text("m1@client.example", "en")
    assert "destinatari: 3 (1 × consegnato, 1 × posta ordinaria: nessuna prova possibile, 1 × in attesa)" in text
    assert f"  {A} (A): consegnato 02/11/2026 10:06:00 (+0100) [2026-11-02 09:06:00 UTC]" in text
    assert "ricevuta completa: prova l'intero contenuto" in text
    assert "recipients: 3 (1 × delivered, 1 × ordinary mail: no proof possible, 1 × pending)" in english
    assert f"  {B} (Cc): pending" in english
    assert "art. 147" not in text
    assert "nessuna copia inviata" not in text


@pytest.mark.parametrize(("hours", "noted"), [(10.9, False), (11, True), (20.9, True), (21, False)])
def test_a_delivery_by_night_gets_its_note(shelf: Shelf, post: Post, hours: float, noted: bool) -> None:
    shelf.put(post.says("avvenuta-consegna", hours, consegna=A, ricevuta="sintetica"))
    assert ("art. 147 c. 3 c.p.c., se notificazione" in shelf.text("i1@pec.example")) is noted


def test_every_state_reason_and_link_has_its_words_in_both_languages() -> None:
    assert {str(item) for item in State} == set(words.STATES)
    assert {str(item) for item in Reason} - {""} == set(words.REASONS)
    assert {links.FILING, links.INVOICE, links.SDI} == set(words.LINKS)


def test_a_search_shows_the_state_of_each_dossier(shelf: Shelf, post: Post) -> None:
    second = replace(post, msgid="m2@client.example", identificativo="i2@pec.example")
    one = shelf.put(post.sent(ATTACHED), post.says("accettazione"), delivered(post))
    two = shelf.put(second.sent(ATTACHED))
    assert shelf.states() == dict.fromkeys(one, "pending") | dict.fromkeys(two, "sent")


def test_a_rem_message_names_its_evidences(shelf: Shelf, post: Post) -> None:
    evidence = (
        b'Content-Type: application/xml; name="SubmissionAcceptance.xml"\r\n\r\n'
        b'<Evidence xmlns="http://uri.etsi.org/19522/v1#"/>'
    )
    body = multipart(b"Content-Type: text/plain\r\n\r\nx", evidence, boundary="in")
    (digest,) = shelf.put(post.provider.sign(body, b"REM-Section-Type: rem_message\r\n"))
    found = shelf.json(digest)
    assert found["state"] == "rem"
    (evidences,) = found["findings"]
    assert (evidences["code"], "SubmissionAcceptance.xml" in evidences["text"]) == ("REM_EVIDENCES", True)
