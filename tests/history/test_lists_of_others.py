"""What others write into their lists is read with a finding; what only looks like it is refused (RFC 4998, 4.2)."""

import hashlib
from datetime import UTC, datetime

import pytest
from support.quick_tsa import DAY, QuickCA, QuickTSA

from archiver.chain import Material
from archiver.evidence.policy import Policy
from archiver.evidence.record import builder
from archiver.evidence.record.judge import judge

AT = datetime(2026, 1, 1, tzinfo=UTC)
CA = QuickCA()
TSA = QuickTSA("TSA", AT - DAY, AT + 900 * DAY, ca=CA)
ONE, TWO, THREE, FOUR = (hashlib.sha512(b"%d" % number).digest() for number in range(4))


def joined(*digests: bytes) -> bytes:
    return hashlib.sha512(b"".join(sorted(digests))).digest()


NODE = joined(ONE, TWO)
PAIR, LONE = (ONE, TWO), (ONE,)
# the first list, those above it, what was stamped; the verdict, and what is said
CASES = {
    "as it should be": (PAIR, [(THREE,)], joined(NODE, THREE), "PASSED", []),
    "a node listed above that is counted twice": (PAIR, [(NODE, THREE)], joined(NODE, NODE, THREE), "PASSED", []),
    "a node listed above": (PAIR, [(NODE, THREE)], joined(NODE, THREE), "PASSED", ["EVIDENCE_NODE_LISTED"]),
    "another node listed above": (PAIR, [(FOUR, THREE)], joined(FOUR, THREE), "FAILED", ["TOKEN_IMPRINT"]),
    "nothing of the first list above": (PAIR, [(THREE,)], THREE, "FAILED", ["TOKEN_IMPRINT"]),
    "a lone member hashed again": (LONE, [(THREE,)], joined(joined(ONE), THREE), "PASSED", ["EVIDENCE_DOUBLE_HASHED"]),
    "a lone member that is another's": (LONE, [(THREE,)], joined(joined(TWO), THREE), "FAILED", ["TOKEN_IMPRINT"]),
    "a lone member left out above": (LONE, [(TWO, THREE)], joined(TWO, THREE), "FAILED", ["TOKEN_IMPRINT"]),
}


@pytest.mark.parametrize("case", CASES)
def test_lists_lead_to_what_was_stamped_or_the_record_fails(case: str) -> None:
    first, above, stamped, indication, said = CASES[case]
    record = builder.initial(first, above, TSA.stamp("sha512", stamped, AT))
    members = {str(number): {"sha512": digest} for number, digest in enumerate(first)}
    result = judge(record, Policy(Material((CA.der,))), members=members, at=AT + DAY, subject="000001.ers")
    assert ([item.code for item in result.verdict.findings], result.verdict.indication.value) == (said, indication)
    for item in result.verdict.findings:
        assert item.subject == "000001.ers"
        assert item.code == "TOKEN_IMPRINT" or dict(item.values) == {"chain": "1", "number": "1"}
