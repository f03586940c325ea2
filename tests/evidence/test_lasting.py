"""archiver.chain.lasting: which certificate of a path ends first, and what that means for a token."""

import hashlib
from dataclasses import replace

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from archiver.chain import Material, lasting
from archiver.evidence.algorithms import CATALOGUE
from archiver.evidence.policy import Policy
from archiver.evidence.timestamp import end_of, judge_token, read_token, token_of

from .conftest import DAY, NOW, Issued, Liar, issue

USAGE = [ExtendedKeyUsageOID.TIME_STAMPING]
IMPRINT = hashlib.sha512(b"una radice").digest()
LEAF, MIDDLE = NOW + 365 * DAY, NOW + 100 * DAY


@pytest.fixture(scope="module")
def root() -> Issued:
    return issue("Radice", end=NOW + 50 * DAY)


@pytest.fixture(scope="module")
def middle(root: Issued) -> Issued:
    return issue("In mezzo", root, end=MIDDLE)


@pytest.fixture(scope="module")
def leaf(middle: Issued) -> Issued:
    return issue("Una TSA", middle, usage=USAGE)


def end(leaf: Issued, *known: Issued, anchors: tuple[Issued, ...] = ()) -> tuple[object, str]:
    found = lasting(leaf.der, [one.der for one in known], [one.der for one in anchors])
    return found.end, found.name.removeprefix("Common Name: ")


def test_a_path_lasts_as_long_as_its_certificate_that_ends_first_but_for_the_root(root, middle, leaf):
    assert end(leaf) == (LEAF, "Una TSA"), "what is not at hand does not count"
    assert end(leaf, root, middle) == (MIDDLE, "In mezzo")
    assert end(middle, root) == (MIDDLE, "In mezzo")
    higher = issue("Più in alto", root, end=NOW + 20 * DAY)
    between = issue("In mezzo", higher, key=middle.key)
    assert end(issue("Una TSA", between, usage=USAGE), between, higher, root) == (NOW + 20 * DAY, "Più in alto")


def test_an_anchor_is_not_asked_how_long_it_lasts(root, middle, leaf):
    assert end(leaf, root, middle, anchors=(middle,)) == (LEAF, "Una TSA")
    assert end(leaf, root, middle, anchors=(leaf,)) == (LEAF, "Una TSA")


def test_an_authority_that_was_certified_again_counts_as_it_is_now(root, middle, leaf):
    again = issue("In mezzo", root, key=middle.key, start=NOW + DAY, end=NOW + 900 * DAY)
    assert end(leaf, middle, again) == end(leaf, again, middle) == (LEAF, "Una TSA")


def test_a_namesake_with_another_key_is_not_above(root, middle, leaf):
    namesake = issue("In mezzo", root, end=NOW + 900 * DAY)
    assert end(leaf, namesake, middle) == (MIDDLE, "In mezzo")
    assert end(leaf, issue("In mezzo", root, end=NOW + DAY)) == (LEAF, "Una TSA")


def test_two_authorities_that_certified_each_other_come_to_an_end():
    one, other = issue("Una"), issue("Altra")
    crossed = [issue("Una", other, key=one.key, end=NOW + 30 * DAY), issue("Altra", one, key=other.key)]
    assert end(issue("Una TSA", one, usage=USAGE), *crossed) == (NOW + 30 * DAY, "Una")


def test_octets_that_are_no_certificate_are_passed_over(middle, leaf):
    assert lasting(leaf.der, [b"", b"nonsense", middle.der]).end == MIDDLE


@pytest.mark.parametrize("carried", [True, False], ids=["in the token", "at hand"])
def test_a_token_is_to_be_renewed_before_an_authority_above_its_own_ends(root, middle, leaf, carried):
    reply = Liar(middle, leaf).tell(IMPRINT, certificates=(leaf.der, middle.der) if carried else None)
    token = read_token(token_of(reply, algorithm="sha512", imprint=IMPRINT, nonce=7, at=NOW))
    beside = () if carried else (middle.der,)
    assert tuple(end_of(token, CATALOGUE, beside)) == (MIDDLE, "certificate", "Common Name: In mezzo")
    policy = Policy(Material((root.der,), beside))

    def codes(policy: Policy, days: int) -> list[str]:
        asked = {"algorithm": "sha512", "data_digest": IMPRINT, "subject": "t"}
        return [item.code for item in judge_token(token, policy, at=NOW + days * DAY, **asked).findings]

    assert codes(policy, 99) == [], "the root ended long ago, and is an anchor"
    assert codes(policy, 101) == ["TOKEN_RENEWAL_OVERDUE"]
    believed = replace(policy, material=Material((middle.der,)))
    assert codes(believed, 101) == [], "whoever believes the authority itself asks not how long it lasts"
    assert codes(believed, 366) == ["TOKEN_RENEWAL_OVERDUE"]
