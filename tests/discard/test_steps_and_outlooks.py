"""How acts come to a state, whoever wrote them; and what the judge foresees is heeded before anything is destroyed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.scarti import ANNA, BRUNO, LATER, LEAVE, Scarti
from support.small import HOLDER

from archiver import discard
from archiver.compose.destroying import discarding
from archiver.discard.after import Outlook, insist
from archiver.errors import Conflict
from archiver.package import layout
from archiver.package.act import Act, ActKind, build, link
from archiver.submission.steps import State, steps
from archiver.verdict import Indication

AT = datetime(2027, 1, 15, tzinfo=UTC)
GIVEN = {"authority": "Soprintendenza", "protocol": "1/2027", "date": "2027-01-10"}
LISTED = {"list": "20270115t000000z-discard-" + "a" * 32, "sha256": "b" * 64, "volumes": 1, "messages": 5}
WHAT: dict[str, dict[str, Any]] = {
    "proposed": {**LISTED, "path": "ordinary"},
    "approved": {"only": [], "but": [], "authorization": GIVEN},
    "in part": {"only": [], "but": ["c" * 64], "authorization": GIVEN},
    "not required": {"only": [], "but": [], "authorization": None},
    "rejected": {},
    "primary": {"where": "primary", "stores": ["primary"], "record": "d" * 64},
    "copies": {"where": "copies", "stores": ["primary", "due"], "record": "d" * 64},
    "effective": {},
}
KINDS = {"in part": "approved", "not required": "approved", "primary": "destroyed", "copies": "destroyed"}


def register(*said: tuple[str, str]) -> list[Act]:
    found: list[Act] = []
    for number, (who, word) in enumerate(said, 1):
        kind = ActKind(f"discard-{KINDS.get(word, word)}")
        before = link(build(found[-1])) if found else None
        what = {"discard": "d-1", **WHAT[word]}
        at = AT + timedelta(minutes=number)
        found.append(Act(kind, HOLDER, number, at, who, "responsabile", "perché", what, before))
    return found


A, B = ANNA, BRUNO
HISTORIES: list[tuple[Sequence[tuple[str, str]], State]] = [
    ([(A, "proposed")], State.PROPOSED),
    ([(A, "proposed"), (B, "approved")], State.APPROVED),
    ([(A, "proposed"), (B, "not required")], State.APPROVED),
    ([(A, "proposed"), (B, "in part")], State.APPROVED_IN_PART),
    ([(A, "proposed"), (A, "approved")], State.PROPOSED),
    ([(A, "proposed"), (A, "approved"), (A, "primary")], State.PROPOSED),
    ([(A, "proposed"), (A, "rejected")], State.REJECTED),
    ([(A, "proposed"), (A, "rejected"), (B, "approved")], State.REJECTED),
    ([(A, "proposed"), (B, "approved"), (B, "rejected"), (B, "primary")], State.REJECTED),
    ([(A, "proposed"), (B, "approved"), (A, "primary")], State.DESTROYED_IN_PRIMARY),
    ([(A, "proposed"), (B, "approved"), (A, "primary"), (B, "rejected")], State.DESTROYED_IN_PRIMARY),
    ([(A, "proposed"), (B, "approved"), (A, "primary"), (B, "effective")], State.DESTROYED_IN_PRIMARY),
    ([(A, "proposed"), (B, "approved"), (A, "primary"), (A, "copies")], State.DESTROYED_IN_COPIES),
    ([(A, "proposed"), (B, "approved"), (A, "primary"), (A, "copies"), (B, "effective")], State.EFFECTIVE),
]


@pytest.mark.parametrize(("history", "state"), HISTORIES)
def test_acts_come_to_a_state_and_those_that_cannot_follow_change_nothing(
    history: Sequence[tuple[str, str]], state: State
) -> None:
    (found,) = steps(register(*history)).values()
    assert found.state is state
    assert steps(reversed(register(*history)))[HOLDER, "d-1"].state is state


@pytest.mark.parametrize(
    "what",
    [
        {"authorization": {**GIVEN, "authority": ""}},
        {"authorization": {**GIVEN, "date": "10/1/2027"}},
        {"authorization": {**GIVEN, "address": "x@y.example"}},
        {"authorization": None, "subject": "Oggetto con spazi"},
    ],
)
def test_an_approval_holds_an_authorisation_and_nothing_else_in_words(what: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Act(ActKind.DISCARD_APPROVED, HOLDER, 1, AT, B, "responsabile", "x", {"discard": "d-1", **what})


@pytest.mark.parametrize("kind", [ActKind.HOLD_PLACED, ActKind.HOLD_RELEASED, ActKind.RETENTION_EXTENDED])
def test_nobody_decides_without_a_reason(kind: ActKind) -> None:
    with pytest.raises(ValueError, match="reason"):
        Act(kind, HOLDER, 1, AT, B, "responsabile", " ", {"scope": "holder"})


def test_a_discard_after_which_the_rest_would_not_be_passed_destroys_nothing(alone: Scarti) -> None:
    """Here because nobody trusts the seal of its record."""
    _, new = alone.volumes
    one = alone.messages(new)[0]
    archive = alone.by(ANNA)
    store = alone.store()
    other = next(name for name in alone.objects() if name.endswith("PIndex.xml.p7m"))

    def broken(octets: bytes, name: str) -> bytes:
        p7m = archive.signer.sign(octets, at=LATER, stamp=None)
        return p7m[:-8] + bytes(8)

    work = discarding(archive, HOLDER, seal=broken, clock=alone.clock)
    order = discard.Order("d-1", "ordine", "responsabile", LEAVE, messages=((one, new),))  # type: ignore[arg-type]
    before = dict(alone.objects().items())
    with pytest.raises(Conflict, match="not be PASSED"):
        discard.execute(order, work, primary_done=False, held=(), noted=lambda where, digest: None)
    after = alone.objects()
    assert {name: after.get(name) for name in before} == before
    assert store.has(other)
    assert not store.has(layout.discard(HOLDER, "d-1", sealed=True))


def test_what_was_not_passed_before_does_not_keep_an_order_from_being_carried_out() -> None:
    passed, failed = Indication.PASSED, Indication.FAILED
    assert insist([]) == []
    assert insist([Outlook("v", failed, failed, ("x",))]) == ["volume v: FAILED, FAILED prima/before"]
    with pytest.raises(Conflict, match="volume v: x"):
        insist([Outlook("v", failed, passed, ("x",))])
