"""Histories as tables: what a dossier says after any set of messages, in whatever order they came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.digest import sha256
from archiver.pec import reason
from archiver.pec.daticert import Daticert, Recipient
from archiver.pec.dossier import Content, Dossier, Piece, Receipt, Role, fold
from archiver.pec.kind import Kind
from archiver.pec.matching import group
from archiver.pec.reason import Reason
from archiver.pec.state import TRANSITIONS, Event, State

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
ME = "me@pec.example"
A, B, C = "a@pec.example", "b@pec.example", "c@mail.example"
RECIPIENTS = (Recipient(A, True), Recipient(B, True), Recipient(C, False))


def piece(
    kind: Kind,
    hours: float = 0,
    *,
    name: str = "",
    daticert: Daticert | None = None,
    original: bool = False,
    sender: str = "posta-certificata@pec.example",
    to: tuple[str, ...] = (ME,),
    cc: tuple[str, ...] = (),
    message_id: str = "",
    reference: str = "",
) -> Piece:
    at = START + timedelta(hours=hours)
    label = f"{kind} {at} {name} {daticert} {message_id}"
    return Piece(
        sha256=sha256(label.encode()),
        kind=kind,
        date=at,
        message_id=message_id or f"{sha256(label.encode())[:8]}@pec.example",
        reference=reference,
        subject="x",
        sender=sender,
        to=to,
        cc=cc,
        daticert=daticert,
        has_original=original,
    )


def sent(hours: float = 0, *, message_id: str = "m1@client", name: str = "") -> Piece:
    return piece(Kind.INVIATO, hours, sender=ME, to=(A, C), cc=(B,), message_id=message_id, name=name)


def receipt(
    kind: Kind,
    hours: float = 0,
    consegna: str = "",
    *,
    identificativo: str = "i1@pec.example",
    errore: str = "nessuno",
    words: str = "",
    ricevuta: str = "",
    original: bool = False,
    msgid: str = "<m1@client>",
) -> Piece:
    data = Daticert(
        tipo=kind,
        errore=errore,
        mittente=ME,
        destinatari=RECIPIENTS,
        data=START + timedelta(hours=hours),
        identificativo=identificativo,
        msgid=msgid,
        consegna=consegna,
        ricevuta=ricevuta,
        errore_esteso=words,
    )
    return piece(kind, hours, daticert=data, original=original, reference=msgid.strip("<>"))


ACCEPTED = receipt(Kind.ACCETTAZIONE)


def delivered(to: str = A, hours: float = 0.1, ricevuta: str = "completa", *, original: bool = True) -> Piece:
    return receipt(Kind.AVVENUTA_CONSEGNA, hours, to, ricevuta=ricevuta, original=original)


def failed(
    to: str = A, hours: float = 0.1, errore: str = "altro", words: str = "5.1.1 - indirizzo non valido"
) -> Piece:
    return receipt(Kind.ERRORE_CONSEGNA, hours, to, errore=errore, words=words)


def notice(hours: float, words: str = "", to: str = A) -> Piece:
    return receipt(Kind.PREAVVISO_ERRORE_CONSEGNA, hours, to, words=words)


def of(dossier: Dossier, address: str = A) -> tuple[str, bool]:
    found = next(item for item in dossier.recipients if item.address == address)
    return str(found.state), found.contradiction


def listing(item: Piece, recipients: tuple[Recipient, ...]) -> Piece:
    assert item.daticert is not None
    return replace(item, daticert=replace(item.daticert, destinatari=recipients))


ROWS = [
    # state, event, new state, contradiction: readings 20 to 23, standards 3.7
    ("pending", "12h", "late", False),
    ("pending", "24h", "expired", False),
    ("pending", "errore-consegna", "failed", False),
    ("pending", "avvenuta-consegna", "delivered", False),
    ("late", "12h", "late", False),
    ("late", "24h", "expired", False),
    ("late", "errore-consegna", "failed", False),
    ("late", "avvenuta-consegna", "delivered", False),
    ("expired", "12h", "expired", False),
    ("expired", "24h", "expired", False),
    ("expired", "errore-consegna", "failed", False),
    ("expired", "avvenuta-consegna", "delivered", True),
    ("failed", "12h", "failed", False),
    ("failed", "24h", "failed", False),
    ("failed", "errore-consegna", "failed", False),
    ("failed", "avvenuta-consegna", "delivered", True),
    ("delivered", "12h", "delivered", False),
    ("delivered", "24h", "delivered", True),
    ("delivered", "errore-consegna", "delivered", True),
    ("delivered", "avvenuta-consegna", "delivered", False),
    ("external", "12h", "late", True),
    ("external", "24h", "expired", True),
    ("external", "errore-consegna", "failed", True),
    ("external", "avvenuta-consegna", "delivered", True),
    ("refused", "12h", "refused", True),
    ("refused", "24h", "refused", True),
    ("refused", "errore-consegna", "refused", True),
    ("refused", "avvenuta-consegna", "delivered", True),
]


@pytest.mark.parametrize(("state", "event", "after", "contradiction"), ROWS)
def test_each_receipt_makes_of_each_state_what_the_table_says(
    state: str, event: str, after: str, contradiction: bool
) -> None:
    assert TRANSITIONS[State(state), Event(event)] == (State(after), contradiction)


def test_the_table_is_complete() -> None:
    states = ("pending", "late", "delivered", "failed", "expired", "external", "refused")
    assert {(row[0], row[1]) for row in ROWS} == set(product(states, map(str, Event)))
    assert len(TRANSITIONS) == len(ROWS)


HISTORIES = [
    ("nothing but the acceptance", [ACCEPTED], "pending", False),
    ("delivered", [ACCEPTED, delivered()], "delivered", False),
    ("delivered, and its acceptance not read yet", [delivered()], "delivered", False),
    ("failed", [ACCEPTED, failed()], "failed", False),
    ("only 12 h", [ACCEPTED, notice(12)], "late", False),
    ("only 24 h", [ACCEPTED, notice(23)], "expired", False),
    ("12 h and 24 h", [ACCEPTED, notice(12), notice(22)], "expired", False),
    ("24 h by its words, its clock behind", [ACCEPTED, notice(12), notice(11, "oltre le 24 ore")], "expired", False),
    ("24 h by its words alone", [notice(0, "mancata consegna entro 24h")], "expired", False),
    ("24 h, counted from the sent copy", [sent(), notice(22.5)], "expired", False),
    ("12 h that names another number", [ACCEPTED, notice(12, "124 ore, 240 h")], "late", False),
    ("two notices of 12 h are not one of 24", [ACCEPTED, notice(12), notice(12.5)], "late", False),
    ("12 h, then delivered", [ACCEPTED, notice(12), delivered(hours=13)], "delivered", False),
    ("24 h, then delivered", [ACCEPTED, notice(24), delivered(hours=30)], "delivered", True),
    ("failed, then delivered", [ACCEPTED, failed(), delivered(hours=1)], "delivered", True),
    ("delivered, then failed", [ACCEPTED, delivered(), failed(hours=1)], "delivered", True),
    ("taken charge of", [ACCEPTED, receipt(Kind.PRESA_IN_CARICO, 0.1)], "pending", False),
    ("delivered to another", [ACCEPTED, delivered(B)], "pending", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "state", "contradiction"), [row[1:] for row in HISTORIES], ids=[r[0] for r in HISTORIES]
)
def test_a_history_gives_a_recipient_its_state(history: list[Piece], state: str, contradiction: bool) -> None:
    dossier = fold(history)
    assert of(dossier) == (state, contradiction)
    assert dossier.contradiction is contradiction


DOSSIERS = [
    ([sent()], "sent"),
    ([sent(), ACCEPTED], "pending"),
    ([sent(), receipt(Kind.NON_ACCETTAZIONE, errore="virus")], "refused"),
    ([ACCEPTED, delivered(A), delivered(B)], "external"),
    ([ACCEPTED, delivered(A), failed(B)], "failed"),
    ([ACCEPTED, notice(23), failed(B)], "failed"),
    ([ACCEPTED, notice(23), delivered(B)], "expired"),
    ([ACCEPTED, notice(12), delivered(B)], "late"),
    ([ACCEPTED, delivered(A)], "pending"),
    ([receipt(Kind.POSTA_CERTIFICATA)], "received"),
    ([ACCEPTED, receipt(Kind.POSTA_CERTIFICATA), delivered(A), delivered(B)], "external"),
    ([sent(), failed(B)], "failed"),
    ([piece(Kind.ANOMALIA)], "anomaly"),
    ([piece(Kind.ORDINARIO)], "ordinary"),
    ([piece(Kind.REM)], "rem"),
]


@pytest.mark.parametrize(("history", "state"), DOSSIERS)
def test_the_state_of_a_dossier_is_that_of_its_worst_recipient(history: list[Piece], state: str) -> None:
    assert fold(history).state == state


def test_before_acceptance_the_recipients_are_those_of_the_sent_copy_and_pending() -> None:
    found = fold([sent()]).recipients
    assert [(item.address, item.role, item.state) for item in found] == [
        (A, Role.TO, State.PENDING),
        (C, Role.TO, State.PENDING),
        (B, Role.CC, State.PENDING),
    ]


def test_once_a_provider_has_listed_the_recipients_its_list_counts() -> None:
    copy = piece(Kind.INVIATO, sender=ME, to=(A, "gruppo@pec.example"), cc=(B,), message_id="m1@client")
    found = fold([copy, ACCEPTED]).recipients
    assert [(item.address, item.role) for item in found] == [(A, Role.TO), (B, Role.CC), (C, Role.UNKNOWN)]


def test_roles_are_unknown_without_the_sent_copy_and_external_is_told_by_the_acceptance() -> None:
    found = fold([ACCEPTED]).recipients
    assert [(item.address, item.role, item.state) for item in found] == [
        (A, Role.UNKNOWN, State.PENDING),
        (B, Role.UNKNOWN, State.PENDING),
        (C, Role.UNKNOWN, State.EXTERNAL),
    ]


@pytest.mark.parametrize(
    ("ricevuta", "original", "receipt_", "content"),
    [
        ("completa", True, Receipt.COMPLETA, Content.WHOLE),
        ("completa", False, Receipt.COMPLETA, Content.NONE),
        ("", True, Receipt.COMPLETA, Content.WHOLE),
        ("breve", True, Receipt.BREVE, Content.HASHES),
        ("breve", False, Receipt.BREVE, Content.NONE),
        ("sintetica", False, Receipt.SINTETICA, Content.NONE),
        ("sintetica", True, Receipt.SINTETICA, Content.NONE),
    ],
)
def test_a_delivery_proves_of_the_content_what_its_receipt_carries(
    ricevuta: str, original: bool, receipt_: Receipt, content: Content
) -> None:
    found = fold([ACCEPTED, delivered(A, 0.1, ricevuta, original=original)]).recipients[0]
    assert (found.receipt, found.content, found.at) == (receipt_, content, START + timedelta(hours=0.1))


def test_of_two_receipts_the_first_gives_the_time_and_the_fuller_one_the_content() -> None:
    found = fold([delivered(A, 1, "sintetica", original=False), delivered(A.upper(), 2)]).recipients[0]
    assert (found.receipt, found.content, found.at) == (Receipt.COMPLETA, Content.WHOLE, START + timedelta(hours=1))


@pytest.mark.parametrize(
    ("errore", "words", "expected"),
    [
        ("no-dest", "", Reason.UNKNOWN_MAILBOX),
        ("altro", "5.1.1 - ARUBA PEC S.p.A. - indirizzo non valido", Reason.UNKNOWN_MAILBOX),
        ("altro", "5.2.2 - GESTORE - casella piena", Reason.FULL),
        ("no-dest", "5.2.2 - casella piena", Reason.FULL),
        ("altro", "5.2.1 casella disabilitata", Reason.DISABLED),
        ("no-dominio", "", Reason.UNKNOWN_DOMAIN),
        ("altro", "5.1.2 dominio non valido", Reason.UNKNOWN_DOMAIN),
        ("virus", "rilevato", Reason.VIRUS),
        ("altro", "15.2.21 chissà", Reason.OTHER),
        ("altro", "", Reason.OTHER),
    ],
)
def test_the_reason_is_read_in_what_the_provider_wrote(errore: str, words: str, expected: Reason) -> None:
    assert reason.of(errore, words) is expected
    found = fold([ACCEPTED, failed(errore=errore, words=words)]).recipients[0]
    assert (found.reason, found.detail) == (expected, words)


def test_a_refusal_refuses_every_recipient_with_its_reason() -> None:
    dossier = fold([sent(), receipt(Kind.NON_ACCETTAZIONE, errore="virus", words="virus")])
    assert {(item.state, item.reason) for item in dossier.recipients} == {(State.REFUSED, Reason.VIRUS)}
    assert not dossier.contradiction
    assert fold([sent(), ACCEPTED, receipt(Kind.NON_ACCETTAZIONE, 1)]).contradiction


def test_a_dossier_is_named_by_the_client_and_by_the_provider() -> None:
    dossier = fold([delivered(), ACCEPTED, sent()])
    assert (dossier.message_id, dossier.identificativo) == ("m1@client", "i1@pec.example")
    assert [item.kind for item in dossier.pieces] == [Kind.INVIATO, Kind.ACCETTAZIONE, Kind.AVVENUTA_CONSEGNA]


def test_five_hundred_recipients_are_an_ordinary_case() -> None:
    names = tuple(f"r{number}@pec.example" for number in range(500))
    copy = piece(Kind.INVIATO, sender=ME, to=(*names[:250], names[0]), cc=names[250:], message_id="m1@client")
    listed = tuple(Recipient(name, True) for name in names)
    receipts = [ACCEPTED, *(delivered(name) for name in names[1:])]
    dossier = fold([copy, *(listing(item, listed) for item in receipts)])
    assert [item.role for item in dossier.recipients] == [Role.TO] * 250 + [Role.CC] * 250
    assert dossier.state is State.PENDING
    assert sum(item.state is State.DELIVERED for item in dossier.recipients) == 499


ALL = [
    sent(), ACCEPTED, delivered(), delivered(B, 1, "sintetica", original=False), failed(), failed(B, 1), notice(12),
    notice(23), notice(12, "24 ore"), delivered(A, 30), receipt(Kind.POSTA_CERTIFICATA),
    receipt(Kind.NON_ACCETTAZIONE, 2),
    sent(5, name="again"), receipt(Kind.ACCETTAZIONE, 5, identificativo="i2@pec.example"),
    receipt(Kind.AVVENUTA_CONSEGNA, 5.1, A, identificativo="i2@pec.example"),
    receipt(Kind.ACCETTAZIONE, 1, identificativo="", msgid="<m2@client>"), sent(1, message_id="m2@client"),
    piece(Kind.ORDINARIO), piece(Kind.ANOMALIA), piece(Kind.REM), piece(Kind.ACCETTAZIONE, 3, reference="m9@client"),
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=12), st.randoms())
def test_no_order_and_no_repetition_changes_anything(pieces: list[Piece], random: object) -> None:
    shuffled = [*pieces, pieces[0]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(pieces)
    groups = group(shuffled)
    assert groups == group(pieces)
    assert sorted(item.sha256 for members in groups for item in members) == sorted({item.sha256 for item in pieces})


def test_a_resend_with_the_same_message_id_is_another_dossier_and_takes_the_nearer_copy() -> None:
    first, second = sent(), sent(5, name="again")
    accepted = receipt(Kind.ACCETTAZIONE, 5.01, identificativo="i2@pec.example")
    assert group([accepted, second, ACCEPTED, first]) == [[first, ACCEPTED], [second, accepted]]


def test_an_envelope_to_oneself_belongs_to_its_receipts() -> None:
    envelope = receipt(Kind.POSTA_CERTIFICATA, 0.05)
    assert group([sent(), ACCEPTED, envelope, delivered()]) == [[sent(), ACCEPTED, envelope, delivered()]]


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
