"""archiver.chain: paths in the past, and revocations whenever they came."""

import random
import re
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags
from cryptography.x509.oid import ExtendedKeyUsageOID

from archiver.chain import Material, validate
from archiver.verdict import Indication

from .conftest import DAY, NOW, Issued, issue, revocations

CERTIFICATES = Path(__file__).parents[2].parent / "shared" / "corpus" / "certs" / "pec-signers"


def genuine(pattern: str) -> list[bytes]:
    if not CERTIFICATES.is_dir():
        pytest.skip(f"no corpus at {CERTIFICATES}")
    texts = [path.read_text() for path in sorted(CERTIFICATES.glob(pattern))]
    return [b64decode("".join(re.findall(r"^[A-Za-z0-9+/=]+$", text, re.MULTILINE))) for text in texts]


def codes(verdict) -> list[str]:
    return [item.code for item in verdict.findings]


@pytest.fixture(scope="module")
def root() -> Issued:
    return issue("Radice", start=NOW - 3650 * DAY, end=NOW + 3650 * DAY)


@pytest.fixture(scope="module")
def leaf(root: Issued) -> Issued:
    return issue("Foglia", root, usage=[ExtendedKeyUsageOID.EMAIL_PROTECTION])


def check(leaf: Issued, root: Issued, certificates=(), crls=(), ocsps=(), **changed):
    material = Material((root.der,), tuple(certificates), tuple(crls), tuple(ocsps))
    return validate(leaf.der, material, **{"at": NOW, "subject": "x", **changed})


@pytest.mark.parametrize(
    ("signer", "anchor", "year", "code"),
    [
        ("*ARUBA_PEC__to2017*", "DigitPA*", 2015, None),
        ("*Legalmail*", "DigitPA*", 2016, None),
        ("*Legalmail*", "DigitPA*", 2019, "CERTIFICATE_EXPIRED"),
        ("*Legalmail*", "DigitPA*", 2013, "CERTIFICATE_NOT_YET_VALID"),
        ("*Legalmail*", "AgID*", 2015, "CHAIN_NOT_FOUND"),
        ("*Namirial*", "AgID*", 2025, None),
    ],
)
def test_genuine_pec_signers_are_judged_at_their_time_sha1_or_not(signer, anchor, year, code):
    at = datetime(year, 6, 1, tzinfo=UTC)
    result = validate(genuine(signer)[0], Material(tuple(genuine(anchor))), at=at, subject="x")
    assert codes(result.verdict) == ([code] if code else [])
    assert result.verdict.indication is (Indication.INDETERMINATE if code else Indication.PASSED)


def test_the_path_goes_from_the_certificate_over_intermediates_to_the_anchor(root):
    middle = issue("In mezzo", root)
    end = issue("Foglia", middle, usage=[ExtendedKeyUsageOID.EMAIL_PROTECTION])
    result = check(end, root, certificates=(b"rubbish", middle.der))
    assert result.path == (end.der, middle.der, root.der)
    assert check(end, middle).path == (end.der, middle.der), "an anchor may be an intermediate"
    assert codes(check(end, root).verdict) == ["CHAIN_NOT_FOUND"]


def test_a_certificate_may_be_its_own_anchor_but_not_past_its_end(leaf):
    assert check(leaf, leaf).verdict.indication is Indication.PASSED
    assert codes(check(leaf, leaf, at=NOW + 400 * DAY).verdict) == ["CERTIFICATE_EXPIRED"]
    assert codes(check(leaf, leaf, at=NOW - 400 * DAY).verdict) == ["CERTIFICATE_NOT_YET_VALID"]


def test_a_certificate_signed_by_another_key_of_the_same_name_is_refused(root):
    impostor = issue("Radice")
    forged = issue("Foglia", impostor, usage=[ExtendedKeyUsageOID.EMAIL_PROTECTION])
    assert check(forged, root).verdict.indication is Indication.INDETERMINATE


def test_a_certificate_for_another_purpose_is_refused(leaf, root):
    assert check(leaf, root, extended_key_usage=frozenset({"email_protection"})).verdict.indication is Indication.PASSED
    assert codes(check(leaf, root, extended_key_usage=frozenset({"time_stamping"})).verdict) == ["CHAIN_REFUSED"]


@pytest.mark.parametrize(
    ("days", "reason", "vouched", "code"),
    [
        (-1, None, None, "CERTIFICATE_REVOKED"),
        (0, None, NOW, "CERTIFICATE_REVOKED"),
        (-1, ReasonFlags.superseded, NOW, "CERTIFICATE_REVOKED"),
        (5, None, None, "CERTIFICATE_COMPROMISED_LATER"),
        (5, None, NOW + 4 * DAY, "CERTIFICATE_REVOKED_LATER"),
        (5, None, NOW + 6 * DAY, "CERTIFICATE_COMPROMISED_LATER"),
        (5, ReasonFlags.key_compromise, None, "CERTIFICATE_COMPROMISED_LATER"),
        (5, ReasonFlags.key_compromise, NOW, "CERTIFICATE_REVOKED_LATER"),
        (5, ReasonFlags.key_compromise, NOW + 5 * DAY, "CERTIFICATE_COMPROMISED_LATER"),
        (5, ReasonFlags.ca_compromise, NOW + 6 * DAY, "CERTIFICATE_COMPROMISED_LATER"),
        (5, ReasonFlags.superseded, None, "CERTIFICATE_REVOKED_LATER"),
        (5, ReasonFlags.superseded, NOW + 6 * DAY, "CERTIFICATE_REVOKED_LATER"),
        (5, ReasonFlags.cessation_of_operation, None, "CERTIFICATE_REVOKED_LATER"),
        (-1, ReasonFlags.remove_from_crl, None, None),
    ],
)
@pytest.mark.parametrize("stale", [False, True])
def test_a_revocation_counts_by_its_time_and_its_reason(leaf, root, days, reason, vouched, code, stale):
    entries = {leaf.certificate.serial_number: (NOW + days * DAY, reason)}
    made = NOW - 100 * DAY if stale else NOW + 10 * DAY  # a list past its nextUpdate still says what it says
    result = check(leaf, root, crls=[revocations(root, entries, made)], vouched=vouched)
    assert codes(result.verdict) == ([code] if code else [])


def test_a_list_that_another_key_signed_revokes_nothing(leaf, root):
    entries = {leaf.certificate.serial_number: (NOW - DAY, None)}
    forged = revocations(issue("Radice"), entries, NOW)
    assert codes(check(leaf, root, crls=[forged]).verdict) == []


def test_revocation_when_required_needs_a_current_list(leaf, root):
    required = {"require_revocation": True}
    assert codes(check(leaf, root, **required).verdict) == ["REVOCATION_UNKNOWN"]
    assert codes(check(leaf, root, crls=[b"rubbish"], **required).verdict) == ["REVOCATION_UNKNOWN"]
    stale, current, later = (revocations(root, {}, NOW + days * DAY) for days in (-60, -1, 10))
    assert codes(check(leaf, root, crls=[stale], **required).verdict) == ["REVOCATION_UNKNOWN"]
    assert codes(check(leaf, root, crls=[current], **required).verdict) == []
    assert codes(check(leaf, root, crls=[later], **required).verdict) == []


def test_a_later_revocation_does_not_hide_that_an_intermediate_has_no_list(root):
    middle = issue("In mezzo", root)
    end = issue("Foglia", middle, usage=[ExtendedKeyUsageOID.EMAIL_PROTECTION])
    listed = revocations(middle, {end.certificate.serial_number: (NOW + DAY, ReasonFlags.superseded)}, NOW + 2 * DAY)
    asked = {"certificates": (middle.der,), "require_revocation": True}
    found = codes(check(end, root, crls=[listed], **asked).verdict)
    assert found == ["CERTIFICATE_REVOKED_LATER", "REVOCATION_UNKNOWN"]
    of_root = revocations(root, {}, NOW - DAY)
    assert codes(check(end, root, crls=[listed, of_root], **asked).verdict) == ["CERTIFICATE_REVOKED_LATER"]


def test_no_damage_to_a_certificate_raises_or_passes(leaf, root):
    chance = random.Random(4998)
    for _ in range(150):
        damaged = bytearray(leaf.der)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        result = validate(bytes(damaged), Material((root.der,)), at=NOW, subject="x")
        assert result.verdict.indication is not Indication.PASSED
    for cut in (b"", b"\x30", leaf.der[:-1], leaf.der + b"\x00", leaf.certificate.public_bytes(Encoding.PEM)):
        result = validate(cut, Material((root.der,)), at=NOW, subject="x")
        assert codes(result.verdict) == ["CERTIFICATE_UNREADABLE"]
