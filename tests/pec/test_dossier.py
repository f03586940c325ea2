"""Histories as tables: what a dossier says after any set of messages, in whatever order they came."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pieces import ACCEPTED, ME, START, A, B, C, delivered, failed, notice, piece, receipt, sent

from archiver.digest import sha256
from archiver.pec import reason
from archiver.pec.address import NOBODY
from archiver.pec.daticert import Recipient
from archiver.pec.dossier import Dossier, fold
from archiver.pec.kind import Kind
from archiver.pec.matching import group
from archiver.pec.original import Original
from archiver.pec.outcome import Content, Receipt, Role
from archiver.pec.piece import Piece, is_intact
from archiver.pec.reason import Reason
from archiver.pec.state import State
from archiver.verdict import Indication


def of(dossier: Dossier, address: str = A) -> tuple[str, bool]:
    found = next(item for item in dossier.recipients if item.address == address)
    return str(found.state), found.contradiction


def listing(item: Piece, recipients: tuple[Recipient, ...]) -> Piece:
    assert item.daticert is not None
    return replace(item, daticert=replace(item.daticert, destinatari=recipients))


HISTORIES = [
    ("nothing but the acceptance", [ACCEPTED], "pending", False),
    ("delivered", [ACCEPTED, delivered()], "delivered", False),
    ("delivered, and its acceptance not read yet", [delivered()], "delivered", False),
    ("failed", [ACCEPTED, failed()], "failed", False),
    ("only 12 h", [ACCEPTED, notice(12)], "late", False),
    ("only 24 h", [ACCEPTED, notice(23)], "expired", False),
    ("12 h and 24 h", [ACCEPTED, notice(12), notice(22)], "expired", False),
    ("12 h and 24 h, the clock of the second behind", [ACCEPTED, notice(12), notice(11, "24 ore")], "expired", False),
    ("24 h, then another of 12 h", [ACCEPTED, notice(22.5, "24 ore"), notice(23, "12 ore, a 24 un altro")], "expired",
     False),
    ("24 h by its words alone", [notice(0, "mancata consegna entro 24h")], "expired", False),
    ("24 h by its text for people", [replace(notice(0), names_24=True)], "expired", False),
    ("24 h from the acceptance to the minute", [ACCEPTED, notice(22)], "expired", False),
    ("a minute less", [ACCEPTED, notice(22 - 1 / 60)], "late", False),
    ("24 h, counted from the sent copy", [sent(), notice(22.5)], "expired", False),
    ("24 h, counted from the envelope", [receipt(Kind.POSTA_CERTIFICATA, 1), sent(0), notice(22.5)], "late", False),
    ("24 h, counted from what another got", [delivered(B, 0.5), notice(22.5)], "expired", False),
    ("nothing to count from, and no words", [notice(24)], "late", False),
    ("12 h that names another number", [ACCEPTED, notice(12, "124 ore, 240 h")], "late", False),
    ("12 h that announces 24", [ACCEPTED, notice(12, "entro 12 ore; avviso dopo 24 ore")], "late", False),
    ("two notices of 12 h are not one of 24", [ACCEPTED, notice(12), notice(12.5)], "late", False),
    ("12 h, then delivered", [ACCEPTED, notice(12), delivered(hours=13)], "delivered", False),
    ("12 h, then failed", [ACCEPTED, notice(12), failed(hours=13)], "failed", False),
    ("delivered, then 12 h", [ACCEPTED, delivered(hours=11), notice(12)], "delivered", False),
    ("delivered, then 24 h", [ACCEPTED, delivered(hours=13), notice(24)], "delivered", True),
    ("12 h, 24 h, then delivered", [ACCEPTED, notice(12), notice(24), delivered(hours=25)], "delivered", True),
    ("delivered twice", [ACCEPTED, delivered(), delivered(name="again")], "delivered", False),
    ("24 h, then delivered", [ACCEPTED, notice(24), delivered(hours=30)], "delivered", True),
    ("failed, then delivered", [ACCEPTED, failed(), delivered(hours=1)], "delivered", True),
    ("delivered, then failed", [ACCEPTED, delivered(), failed(hours=1)], "delivered", True),
    ("failed, delivered, delivered again", [ACCEPTED, failed(), delivered(hours=1), delivered(hours=2)], "delivered",
     True),
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
        ("breve", True, Receipt.BREVE, Content.NONE),
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


@pytest.mark.parametrize("found", [Content.HASHES, Content.WHOLE, Content.NONE])
def test_a_brief_receipt_proves_what_was_found_in_it(found: Content) -> None:
    brief = delivered(A, 0.1, "breve")
    item = fold([ACCEPTED, brief], contents={brief.sha256: found}).recipients[0]
    assert (item.receipt, item.content, item.sha256) == (Receipt.BREVE, found, brief.sha256)


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
        ("altro", "5.4.7 - GESTORE - tempo massimo scaduto, errore sconosciuto", Reason.OTHER),
        ("altro", "5.0.0 - GESTORE - casella del destinatario scaduta", Reason.DISABLED),
        ("altro", "il dominio di posta x.example non valido", Reason.UNKNOWN_DOMAIN),
        ("altro", "utente sconosciuto", Reason.UNKNOWN_MAILBOX),
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


def test_one_address_in_to_and_cc_and_in_other_letters_is_one_recipient_as_first_written() -> None:
    copy = piece(Kind.INVIATO, sender=ME, to=("A@Pec.example", A), cc=(A, B, B.upper()), message_id="m1@client")
    found = fold([copy, ACCEPTED, delivered(A.upper())]).recipients
    assert [(item.address, item.role, item.state) for item in found] == [
        ("A@Pec.example", Role.TO, State.DELIVERED),
        (B, Role.CC, State.PENDING),
        (C, Role.UNKNOWN, State.EXTERNAL),
    ]


def test_whoever_any_provider_lists_is_there_and_the_acceptance_says_what_they_are() -> None:
    more = listing(delivered(), (Recipient(A, True), Recipient(C, True), Recipient("d@pec.example", True)))
    found = fold([more, ACCEPTED]).recipients
    assert [(item.address, str(item.state)) for item in found] == [
        (A, "delivered"), (B, "pending"), (C, "external"), ("d@pec.example", "pending"),
    ]  # fmt: skip


def test_of_two_receipts_that_prove_as_much_the_first_stays() -> None:
    first, second = delivered(), delivered(hours=2)
    assert fold([second, first]).recipients[0].sha256 == first.sha256


def test_a_recipient_that_only_a_receipt_knows_is_there_too() -> None:
    found = fold([sent(), ACCEPTED, delivered("other@pec.example")]).recipients
    assert [(item.address, item.role, item.state) for item in found][-1] == (
        "other@pec.example", Role.UNKNOWN, State.DELIVERED,
    )  # fmt: skip


def test_without_a_sent_copy_the_message_in_a_receipt_gives_the_roles() -> None:
    inner = Original(None, "x", NOBODY, (A,), (B.upper(),), ())
    roles = {item.address: item.role for item in fold([ACCEPTED, delivered()], original=inner).recipients}
    assert roles == {A: Role.TO, B.upper(): Role.CC, C: Role.UNKNOWN}
    copied = {item.address: item.role for item in fold([sent(), ACCEPTED], original=inner).recipients}
    assert copied == {A: Role.TO, C: Role.TO, B: Role.CC}


ONESELF = [sent(), ACCEPTED, receipt(Kind.POSTA_CERTIFICATA, 0.05), delivered(), delivered(B, 0.2, "sintetica")]


def test_a_message_to_oneself_is_one_dossier_with_outcomes_and_the_envelope() -> None:
    dossier = fold(ONESELF)
    assert dossier.state is State.EXTERNAL
    assert [str(item.state) for item in dossier.recipients] == ["delivered", "external", "delivered"]
    assert [item.kind for item in dossier.pieces][2] is Kind.POSTA_CERTIFICATA


@pytest.mark.parametrize("kind", [Kind.PRESA_IN_CARICO, Kind.RILEVAZIONE_VIRUS])
def test_what_providers_tell_each_other_makes_no_sending_of_a_received_message(kind: Kind) -> None:
    envelope = receipt(Kind.POSTA_CERTIFICATA)
    assert fold([envelope, receipt(kind, 0.1)]).state is State.RECEIVED
    assert fold([receipt(kind, 0.1)]).state is State.PENDING
    assert fold([sent(), ACCEPTED, receipt(kind, 0.1)]).state is State.PENDING


FORGED = [
    receipt(Kind.ACCETTAZIONE, 0.01, identificativo="forged@pec.example"),
    receipt(Kind.NON_ACCETTAZIONE, 0.01, errore="virus"),
    delivered(), failed(), notice(12), notice(24), delivered("nobody@pec.example"),
]  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("real", [[sent()], [sent(), ACCEPTED], [ACCEPTED, delivered(B)], [piece(Kind.ORDINARIO)]])
def test_what_no_intact_signature_vouches_for_moves_nothing_and_is_shown(real: list[Piece], forged: Piece) -> None:
    without, found = fold(real), fold([*real, replace(forged, intact=False)])
    assert replace(found, pieces=()) == replace(without, pieces=())
    assert len(found.pieces) == len(real) + 1


@pytest.mark.parametrize("forged", FORGED)
def test_alone_it_is_a_sending_of_which_nothing_is_known(forged: Piece) -> None:
    found = fold([replace(forged, intact=False)])
    assert found.state is State.SENT
    assert {str(item.state) for item in found.recipients} <= {"pending", "external"}
    assert found.identificativo == forged.identificativo


def test_an_altered_envelope_is_a_message_received() -> None:
    envelope = replace(receipt(Kind.POSTA_CERTIFICATA), intact=False)
    assert fold([envelope]).state is State.RECEIVED


@pytest.mark.parametrize(
    ("kind", "integrity", "intact"),
    [
        (Kind.AVVENUTA_CONSEGNA, Indication.PASSED, True),
        (Kind.AVVENUTA_CONSEGNA, Indication.INDETERMINATE, False),
        (Kind.AVVENUTA_CONSEGNA, Indication.FAILED, False),
        (Kind.AVVENUTA_CONSEGNA, None, False),
        (Kind.POSTA_CERTIFICATA, None, False),
        (Kind.INVIATO, None, True),
        (Kind.ANOMALIA, Indication.FAILED, True),
        (Kind.ORDINARIO, None, True),
    ],
)
def test_whoever_speaks_for_a_provider_needs_its_intact_signature(
    kind: Kind, integrity: Indication | None, intact: bool
) -> None:
    assert is_intact(kind, integrity) is intact


def test_a_recipient_says_which_message_gave_the_state_and_whether_its_provider_is_known() -> None:
    stranger = replace(failed(B), trusted=False)
    found = {item.address: item for item in fold([sent(), ACCEPTED, delivered(), stranger]).recipients}
    assert (found[A].sha256, found[A].trusted) == (delivered().sha256, True)
    assert (found[B].sha256, found[B].trusted) == (stranger.sha256, False)
    assert (found[C].sha256, found[C].trusted) == (None, None)


def strange(item: Piece) -> Piece:
    """The same, signed by somebody who calls himself a provider."""
    return replace(item, trusted=False, sha256=sha256(item.sha256.encode()))


EARLY = strange(receipt(Kind.ACCETTAZIONE, -12))
REFUSAL = receipt(Kind.NON_ACCETTAZIONE, 0.2, errore="virus")
FOREIGN = [
    ("an early delivery", [ACCEPTED, delivered(hours=30)], delivered(A, 0.05, "sintetica", original=False), True),
    ("a late delivery", [ACCEPTED, delivered(A, 1, "sintetica", original=False)], delivered(A, 2), True),
    ("the same delivery", [ACCEPTED, delivered()], delivered(name="again"), False),
    ("a delivery of what failed", [ACCEPTED, failed()], delivered(A, 0.05), True),
    ("a delivery of what is late", [ACCEPTED, notice(12)], delivered(A, 13), True),
    ("a delivery of what expired", [ACCEPTED, notice(23)], delivered(A, 24), True),
    ("a delivery to ordinary mail", [ACCEPTED], delivered(C), True),
    ("a failure of what was delivered", [ACCEPTED, delivered()], failed(A, 0.05), True),
    ("a failure of what is late", [ACCEPTED, notice(12)], failed(A, 13), True),
    ("another failure", [ACCEPTED, failed()], failed(A, 0.05, words="5.2.2 - casella piena"), False),
    ("a second notice", [ACCEPTED, notice(12)], notice(23), True),
    ("a first notice", [ACCEPTED, notice(23)], notice(12), False),
    ("a refusal of what was accepted", [ACCEPTED], REFUSAL, True),
    ("a refusal of what was delivered", [sent(), delivered()], REFUSAL, True),
    ("an acceptance of what was refused", [sent(), REFUSAL], receipt(Kind.ACCETTAZIONE, 0.1), True),
    ("a delivery of what was refused", [sent(), REFUSAL], delivered(), True),
    ("an early acceptance", [ACCEPTED, notice(12)], receipt(Kind.ACCETTAZIONE, -12), False),
    ("an early acceptance of another name", [notice(12)],
     receipt(Kind.ACCETTAZIONE, -12, identificativo="forged@pec.example"), False),
    ("an early acceptance, the sent copy there", [sent(), notice(12)], receipt(Kind.ACCETTAZIONE, -12), False),
    ("an acceptance that lists others", [ACCEPTED, delivered()],
     listing(receipt(Kind.ACCETTAZIONE, -1), (Recipient("x@pec.example", True), Recipient(A, False))), False),
]  # fmt: skip


@pytest.mark.parametrize(("real", "forged", "differs"), [row[1:] for row in FOREIGN], ids=[row[0] for row in FOREIGN])
def test_where_a_known_provider_has_spoken_a_stranger_moves_nothing_but_the_contradiction(
    real: list[Piece], forged: Piece, differs: bool
) -> None:
    without, found = fold(real), fold([*real, strange(forged)])
    assert found.contradiction is (differs or without.contradiction)
    plain = [replace(item, contradiction=False) for item in without.recipients]
    known = {item.address for item in without.recipients if item.trusted or item.state is State.EXTERNAL}
    left = {item.address: replace(item, contradiction=False) for item in found.recipients}
    assert [left[item.address] for item in plain if item.address in known] == [
        item for item in plain if item.address in known
    ]
    assert set(left) == {item.address for item in plain}
    assert (found.state, found.identificativo) == (without.state, without.identificativo)
    assert (found.trusted, len(found.pieces)) == (True, len(real) + 1)


def test_what_no_known_provider_says_a_stranger_says_and_it_is_marked() -> None:
    found = fold([ACCEPTED, delivered(), strange(delivered(B, 1)), strange(delivered("other@pec.example", 1))])
    told = {item.address: (str(item.state), item.trusted, item.contradiction) for item in found.recipients}
    assert told == {
        A: ("delivered", True, False),
        B: ("delivered", False, False),
        C: ("external", None, False),
        "other@pec.example": ("delivered", False, False),
    }


@pytest.mark.parametrize("history", [row[1] for row in HISTORIES], ids=[row[0] for row in HISTORIES])
def test_where_no_provider_is_known_all_is_as_where_all_are(history: list[Piece]) -> None:
    known, strangers = fold(history), fold([replace(item, trusted=False) for item in history])
    assert [replace(item, trusted=None) for item in strangers.recipients] == [
        replace(item, trusted=None) for item in known.recipients
    ]
    assert (strangers.state, strangers.contradiction) == (known.state, known.contradiction)


STATED = [
    ([sent()], None),
    ([sent(), ACCEPTED], True),
    ([sent(), EARLY], False),
    ([EARLY, delivered(), failed(B)], True),
    ([ACCEPTED, delivered(), strange(failed(B))], False),
    ([ACCEPTED, failed(), strange(delivered(B))], True),
    ([sent(), strange(REFUSAL)], False),
    ([strange(receipt(Kind.POSTA_CERTIFICATA))], False),
    ([receipt(Kind.POSTA_CERTIFICATA)], True),
    ([piece(Kind.ORDINARIO)], None),
]


@pytest.mark.parametrize(("history", "trusted"), STATED)
def test_a_dossier_is_trusted_when_its_state_is_the_same_without_strangers(
    history: list[Piece], trusted: bool | None
) -> None:
    assert fold(history).trusted is trusted


@pytest.mark.parametrize("second", [delivered(A, 2), delivered(A, 2, "breve")])
def test_time_message_and_trust_of_an_outcome_come_from_one_piece_and_the_proof_is_named_beside(second: Piece) -> None:
    one = delivered(A, 1, "sintetica", original=False)
    item = fold([one, second], contents={second.sha256: Content.HASHES}).recipients[0]
    assert (item.at, item.sha256, item.trusted, item.proof) == (one.at, one.sha256, True, second.sha256)


ALL = [
    sent(), ACCEPTED, delivered(), delivered(B, 1, "sintetica", original=False), failed(), failed(B, 1), notice(12),
    notice(23), notice(12, "24 ore"), delivered(A, 30), receipt(Kind.POSTA_CERTIFICATA),
    receipt(Kind.NON_ACCETTAZIONE, 2),
    sent(5, name="again"), receipt(Kind.ACCETTAZIONE, 5, identificativo="i2@pec.example"),
    receipt(Kind.AVVENUTA_CONSEGNA, 5.1, A, identificativo="i2@pec.example"),
    strange(delivered()), strange(failed(B, 2)), strange(notice(23)), EARLY,
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
