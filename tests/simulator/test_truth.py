"""What expected.json says of dossiers is what the readings say of the messages that lie in the mailbox."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from simulator.outcomes import worst
from simulator.sending import PLOTS
from simulator.story import TALES
from support.pecsim import Box, Mail, alone, pecsim

HOUR = timedelta(hours=1)
STATES = {"pending", "late", "delivered", "failed", "expired", "external", "refused"}
NOTICE, RECEIPT, FAILURE = "preavviso-errore-consegna", "avvenuta-consegna", "errore-consegna"


class Case(NamedTuple):
    """A variant, what lies in the mailbox about the first recipient, and what the readings make of it.

    `decides` is the place, among `events` in time order, of the one that gives the time.
    """

    variant: str
    events: tuple[str, ...]
    state: str
    decides: int = 0
    contradiction: bool = False
    reason: str = ""


NOTICES = [  # reading 20, with words that name the hours and without
    Case("preavviso-12", (NOTICE,), "late"),
    Case("preavviso-12-muto", (NOTICE,), "late"),
    Case("preavviso-24", (NOTICE,), "expired"),
    Case("preavviso-24-muto", (NOTICE,), "expired"),
    Case("preavviso-24-nel-testo", (NOTICE,), "expired"),
    Case("preavvisi-12-e-24", (NOTICE, NOTICE), "expired", 1),
    Case("preavvisi-12-e-24-muti", (NOTICE, NOTICE), "expired", 1),
    Case("preavvisi-rovesciati", (NOTICE, NOTICE), "expired", 1),
    Case("preavvisi-muti-rovesciati", (NOTICE, NOTICE), "expired", 1),
    Case("preavviso-24-poi-consegna", (NOTICE, RECEIPT), "delivered", 1, contradiction=True),
    Case("preavviso-24-muto-poi-consegna", (NOTICE, RECEIPT), "delivered", 1, contradiction=True),
    Case("preavviso-12-poi-consegna", (NOTICE, RECEIPT), "delivered", 1),
    Case("preavviso-12-muto-poi-consegna", (NOTICE, RECEIPT), "delivered", 1),
    Case("preavviso-12-muto-poi-errore", (NOTICE, FAILURE), "failed", 1, reason="unknown-mailbox"),
    Case("preavviso-12-poi-errore", (NOTICE, FAILURE), "failed", 1, reason="full"),
]
FAILURES = [  # reading 22
    Case("no-dest", (FAILURE,), "failed", reason="unknown-mailbox"),
    Case("sconosciuto", (FAILURE,), "failed", reason="unknown-mailbox"),
    Case("no-dominio", (FAILURE,), "failed", reason="unknown-domain"),
    Case("casella-piena", (FAILURE,), "failed", reason="full"),
    Case("casella-disabilitata", (FAILURE,), "failed", reason="disabled"),
    Case("errore-altro", (FAILURE,), "failed", reason="other"),
    Case("virus", (FAILURE,), "failed", reason="virus"),
    Case("rilevazione-virus", ("rilevazione-virus", FAILURE), "failed", 1, reason="virus"),
]
OTHERS = [
    Case("completa", (RECEIPT,), "delivered"),
    Case("consegna-lenta", (RECEIPT,), "delivered"),
    Case("presa-in-carico", ("presa-in-carico", RECEIPT), "delivered", 1),
    Case("presa-in-carico-e-silenzio", ("presa-in-carico",), "pending"),
    Case("silenzio", (), "pending"),
    Case("senza-accettazione", (RECEIPT,), "delivered"),
    Case("anticipate", (RECEIPT,), "delivered"),
    Case("tardive", (RECEIPT,), "delivered"),
    Case("doppie", (RECEIPT,), "delivered"),
    Case("doppie-altro-nome", (RECEIPT, RECEIPT), "delivered"),
    Case("a-se-stesso", (RECEIPT,), "delivered"),
    Case("solo-copia", (), "sent"),
]


@pytest.mark.parametrize("case", NOTICES + FAILURES + OTHERS, ids=lambda case: case.variant)
def test_what_comes_about_a_recipient_means_what_the_readings_say(case: Case, tmp_path: Path) -> None:
    mailbox, dossier = alone(tmp_path, case.variant)
    events = [mail for mail in mailbox.of(dossier, *STATING) if mail.stated("consegna") or mail.stated("ricezione")]
    assert tuple(mail.truth["kind"] for mail in events) == case.events
    (recipient,) = dossier["recipients"]
    assert dossier["state"] == case.state
    assert recipient["state"] == ("pending" if case.state == "sent" else case.state)
    assert (dossier["contradiction"], recipient["reason"]) == (case.contradiction, case.reason)
    silent = case.state in ("pending", "sent")
    assert recipient["at"] == (None if silent else events[case.decides].at.isoformat())
    assert (recipient["receipt"], recipient["content"]) == (
        ("completa", "whole") if case.state == "delivered" else ("none", "none")
    )


STATING = (NOTICE, RECEIPT, FAILURE, "presa-in-carico", "rilevazione-virus")


def test_every_combination_of_the_notices_is_in_the_table() -> None:
    assert {case.variant for case in NOTICES} == {name for name in PLOTS if name.startswith("preavvis")}


def test_the_first_notice_comes_after_12_hours_the_second_never_before_22(mixed: Box) -> None:
    for dossier in mixed.dossiers:
        accepted, notices = mixed.of(dossier, "accettazione"), mixed.of(dossier, NOTICE)
        if accepted and notices and len(dossier["recipients"]) == 1:
            hours = [(mail.at - accepted[0].at) / HOUR for mail in notices]
            first, second = sum(12 <= each < 13 for each in hours), sum(22 <= each <= 24 for each in hours)
            assert first + second == len(hours)
            assert (second > 0) == (dossier["state"] == "expired" or dossier["contradiction"])


WORDS = [
    ("preavviso-12", True, False),
    ("preavviso-24", False, True),
    ("preavviso-12-muto", False, False),
    ("preavviso-24-muto", False, False),
    ("preavviso-24-nel-testo", False, False),
]


@pytest.mark.parametrize(("variant", "names_12", "names_24"), WORDS)
def test_notices_name_their_hours_or_say_nothing(variant: str, names_12: bool, names_24: bool, mixed: Box) -> None:
    notices = [mail for dossier in mixed.told(variant) for mail in mixed.of(dossier, NOTICE)]
    assert notices
    for mail in notices:
        words = mail.stated("errore-esteso")
        assert bool(re.search("12|dodici", words)) == names_12
        assert bool(re.search("24|ventiquattro", words)) == names_24
        assert (b"24 ore" in mail.top_parts[0].as_bytes()) == (variant == "preavviso-24-nel-testo")


def test_reversed_notices_arrive_the_second_first(mixed: Box) -> None:
    place = {mail.truth["sha256"]: number for number, mail in enumerate(mixed.mails)}
    for variant in ("preavvisi-rovesciati", "preavvisi-muti-rovesciati"):
        for dossier in mixed.told(variant):
            first, second = (place[mail.truth["sha256"]] for mail in mixed.of(dossier, NOTICE))
            assert second < first


def test_anticipated_receipts_arrive_before_their_message_and_late_ones_days_after(mixed: Box) -> None:
    place = {mail.truth["sha256"]: number for number, mail in enumerate(mixed.mails)}
    for dossier in mixed.told("anticipate"):
        copy, receipt = (place[mixed.of(dossier, kind)[0].truth["sha256"]] for kind in ("inviato", RECEIPT))
        assert receipt < copy
    gaps = [
        place[mixed.of(dossier, RECEIPT)[0].truth["sha256"]]
        - place[mixed.of(dossier, "accettazione")[0].truth["sha256"]]
        for dossier in mixed.told("tardive")
    ]
    assert max(gaps) > 2


def test_two_thousand_messages_have_every_variant(whole: Box) -> None:
    assert {dossier["variant"] for dossier in whole.dossiers} == {
        name for name, tale in TALES.items() if not tale.second
    }


def test_every_message_is_in_exactly_one_dossier(whole: Box) -> None:
    members = Counter(each for dossier in whole.dossiers for each in dossier["messages"])
    assert members == Counter({mail.truth["sha256"] for mail in whole.mails})


def test_a_dossier_is_named_as_its_messages_name_it(mixed: Box) -> None:
    for dossier in mixed.dossiers:
        mails = mixed.of(dossier) if dossier["variant"] != "cinquecento" else []
        assert {mail.truth["identificativo"] for mail in mails} - {""} <= {dossier["identificativo"]}
        assert {mail.stated("msgid").strip("<>") for mail in mails if mail.daticert is not None} - {""} <= {
            dossier["message_id"]
        }


def test_the_states_of_sendings_to_five_are_those_that_the_receipts_tell(crowd: Box) -> None:
    meant = {RECEIPT: "delivered", FAILURE: "failed"}
    for dossier in crowd.dossiers:
        told = {mail.stated("consegna").lower(): meant[mail.truth["kind"]] for mail in crowd.of(dossier, *meant)}
        states = {each["address"].lower(): each["state"] for each in dossier["recipients"]}
        assert {address: state for address, state in states.items() if state in meant.values()} == told
    assert {each["state"] for dossier in crowd.dossiers for each in dossier["recipients"]} == STATES


def test_the_external_are_those_that_the_provider_calls_esterno(crowd: Box) -> None:
    for dossier in crowd.dossiers:
        told = {
            each.text
            for mail in crowd.of(dossier, "accettazione", RECEIPT)
            for each in mail.daticert.iterfind(".//destinatari[@tipo='esterno']")
        }
        assert told == {each["address"] for each in dossier["recipients"] if each["state"] == "external"}


def test_the_state_of_a_sending_is_the_worst_of_its_recipients(crowd: Box) -> None:
    order = ["failed", "expired", "late", "pending", "external", "delivered"]  # reading 23
    accepted = [row for row in crowd.dossiers if row["recipients"] and row["state"] not in ("sent", "refused")]
    assert accepted
    for dossier in accepted:
        assert dossier["state"] == min((each["state"] for each in dossier["recipients"]), key=order.index)
    assert worst({"late", "failed", "delivered"}) == "failed"


def test_a_role_is_that_of_the_header_of_whatever_shows_the_message_else_unknown(crowd: Box, mixed: Box) -> None:
    seen = set()
    pairs = [(each, row) for each in (crowd, mixed) for row in each.dossiers if row["variant"] != "cinquecento"]
    for mailbox, dossier in pairs:
        headers = [mail.parsed for mail in mailbox.of(dossier, "inviato", "posta-certificata")]
        whole = [mail for mail in mailbox.of(dossier, RECEIPT) if b'"completa"' in mail.xml]
        headers += [mail.top_part("postacert.eml").get_payload(0) for mail in whole if mail.top_part("postacert.eml")]
        for each in dossier["recipients"]:
            wanted = "unknown" if not headers else "to" if each["address"] in headers[0]["To"] else "cc"
            assert each["role"] == wanted
            seen.add((wanted, bool(mailbox.of(dossier, "inviato"))))
    assert seen == {("to", True), ("cc", True), ("to", False), ("cc", False), ("unknown", False)}


def test_what_was_refused_has_no_outcome_but_the_refusal(mixed: Box) -> None:
    for variant, reason in (("non-accettazione", "other"), ("non-accettazione-virus", "virus")):
        for dossier in mixed.told(variant):
            (notice,) = mixed.of(dossier, "non-accettazione")
            fates = {(each["state"], each["reason"], each["at"]) for each in dossier["recipients"]}
            assert fates == {("refused", reason, notice.at.isoformat())}


def test_five_hundred_recipients_are_to_and_cc_external_and_failed_and_one_stands_there_twice(whole: Box) -> None:
    (dossier,) = whole.told("cinquecento")
    recipients = dossier["recipients"]
    assert len(recipients) == len({each["address"].lower() for each in recipients}) == 500
    assert {each["role"] for each in recipients} == {"to", "cc"}
    assert {each["state"] for each in recipients} >= {"delivered", "external", "failed", "pending"}
    (copy,) = whole.of(dossier, "inviato")
    written = re.findall(rb"[\w.]+@[\w.-]+", copy.raw.partition(b"\r\nSubject")[0].partition(b"\r\nTo: ")[2])
    assert Counter(each.lower() for each in written).most_common(1)[0][1] == 2
    assert max(Counter(written).values()) == 1
    assert (recipients[0]["role"], recipients[0]["receipt"], recipients[0]["content"]) == ("to", "completa", "whole")


def test_without_a_message_id_the_copy_stands_alone_and_the_receipts_tell_the_rest(mixed: Box) -> None:
    dossiers = mixed.told("senza-msgid")
    assert Counter(row["state"] for row in dossiers)["sent"] == len(dossiers) / 2 > 0
    for dossier in dossiers:
        kinds = {mail.truth["kind"] for mail in mixed.of(dossier)}
        assert kinds == ({"inviato"} if dossier["state"] == "sent" else {"accettazione", RECEIPT})
        assert {each["role"] for each in dossier["recipients"]} == {"to"}


def test_one_message_id_used_twice_makes_two_dossiers(mixed: Box) -> None:
    names = Counter(row["message_id"] for row in mixed.told("stesso-msgid"))
    assert names
    assert set(names.values()) == {2}


def test_a_message_to_oneself_has_all_its_pieces_in_one_dossier(mixed: Box) -> None:
    for dossier in mixed.told("a-se-stesso"):
        kinds = Counter(mail.truth["kind"] for mail in mixed.of(dossier))
        assert kinds == Counter(("inviato", "accettazione", "posta-certificata", RECEIPT))


def test_a_filing_is_named_by_the_courts_third_and_fourth_pec(mixed: Box) -> None:
    for deposit, others in relations(mixed, "deposito"):
        texts = [sought(mail, "EsitoAtto.xml", rb"<IdMsg>(?:&lt;)?([^<&]+)") for mail in others]
        assert texts == [deposit["identificativo"].encode()] * 2


def test_an_invoice_is_named_by_the_notices_of_the_exchange(mixed: Box) -> None:
    for sending, others in relations(mixed, "fattura"):
        (copy,) = mixed.of(sending, "inviato")
        (name,) = (part.get_filename() for part in copy.parsed.walk() if part.get_filename())
        assert {sought(mail, r"_(RC|NS|MC)_001\.xml", rb"<NomeFile>([^<]+)") for mail in others} == {name.encode()}
    for received in mixed.told("fattura-passiva"):
        (mail,) = mixed.of(received)
        assert sought(mail, r"_MT_001\.xml", rb"<NomeFile>([^<]+)")
        assert received["related"] == []


def relations(mailbox: Box, variant: str) -> list[tuple[dict[str, Any], list[Mail]]]:
    """Each sending of a kind of matter, and the messages that are related to it, both ways."""
    found = []
    dossiers = mailbox.told(variant)
    for sending in (row for row in dossiers if row["recipients"]):
        others = [mailbox.by_digest[each] for each in sending["related"]]
        assert others
        for mail in others:
            (back,) = (row for row in dossiers if mail.truth["sha256"] in row["messages"])
            assert set(sending["messages"]) <= set(back["related"])
        found.append((sending, others))
    assert found
    return found


def sought(mail: Mail, name: str, pattern: bytes) -> bytes:
    """What a pattern finds in an attachment of a delivered message."""
    for part in mail.top_part("postacert.eml").walk():
        if re.search(name, part.get_filename() or ""):
            match = re.search(pattern, part.get_payload(decode=True))
            assert match
            return match[match.lastindex or 0]
    return b""


def test_the_truth_of_a_large_mailbox_is_one_json(tmp_path: Path) -> None:
    truth = pecsim(tmp_path / "out", messages=1000, size=0, reuse=10)
    assert len(truth["messages"]) == 1000
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []
