"""What providers really signed gets the same content verdict from the file in the exhibit as from the archive."""

from collections import Counter
from datetime import UTC, datetime
from types import ModuleType

import pytest
from simulator.cli import Plan, messages
from simulator.truth import Truth
from support.tools import shared

from archiver.errors import Malformed
from archiver.pec.providers import Providers
from archiver.verify.content import Contents

MOMENTS = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("proof", MOMENTS, ids=lambda at: str(at.year))
def test_genuine_messages_are_judged_alike(proof: datetime, verifier: ModuleType) -> None:
    anchors = tuple(
        der for path in shared("corpus/certs").rglob("*") if path.is_file() for der in _anchors(path.read_bytes())
    )
    providers, outcomes = Providers(anchors), Counter[str]()
    for path in sorted(shared("corpus").rglob("*.eml")):
        raw, theirs = path.read_bytes(), Contents(providers)
        theirs.judge(raw, proof=proof, subject=path.name)
        (expected,) = theirs.counts
        mine = verifier.content_of(raw, verifier.Trust((), anchors, proof), proof)
        assert mine == str(expected), path
        outcomes[mine] += 1
    assert outcomes["INDETERMINATE"]
    assert outcomes["FAILED"]


def test_simulated_messages_of_every_kind_are_judged_alike(verifier: ModuleType) -> None:
    # among them a REM message that says so in its parts alone
    address, proof = "studio@pec.esempio.it", MOMENTS[0]
    plan = Plan(300, 1, 300, 4, address, datetime(2025, 3, 1, tzinfo=UTC))
    outcomes = Counter[str]()
    for number, message in enumerate(messages(plan, Truth(address))):
        theirs = Contents(Providers())
        theirs.judge(message.raw, proof=proof, subject=str(number))
        (expected,) = theirs.counts
        mine = verifier.content_of(message.raw, verifier.Trust((), (), proof), proof)
        assert mine == str(expected), (number, message.kind)
        outcomes[f"{message.kind} {mine}"] += 1
    assert outcomes["rem INDETERMINATE"]


def _anchors(octets: bytes) -> tuple[bytes, ...]:
    try:
        return Providers.load([octets]).anchors
    except Malformed:
        return ()
