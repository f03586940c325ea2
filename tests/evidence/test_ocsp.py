"""archiver.chain: what OCSP responses say, and who may say it."""

from datetime import datetime

import pytest
from asn1crypto import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from support.answers import answer

from archiver.chain import ChainResult, Material, validate
from archiver.verdict import Indication

from .conftest import DAY, NOW, Issued, issue, revocations

LEAF_USAGE = [ExtendedKeyUsageOID.EMAIL_PROTECTION]
RESPONDER_USAGE = [ExtendedKeyUsageOID.OCSP_SIGNING]
YEAR = 365 * DAY


@pytest.fixture(scope="module")
def root() -> Issued:
    return issue("Radice", start=NOW - 10 * YEAR, end=NOW + 20 * YEAR)


@pytest.fixture(scope="module")
def leaf(root: Issued) -> Issued:
    return issue("Foglia", root, usage=LEAF_USAGE)


@pytest.fixture(scope="module")
def responder(root: Issued) -> Issued:
    return issue("Risponditore", root, usage=RESPONDER_USAGE)


def told(leaf: Issued, root: Issued, by: Issued, *, made: datetime = NOW + DAY, **changed) -> bytes:
    return answer(leaf.certificate, root.certificate, by=by.certificate, key=by.key, made=made, **changed)


def check(leaf: Issued, root: Issued, *ocsps: bytes, crls=(), certificates=(), **changed) -> ChainResult:
    material = Material((root.der,), tuple(certificates), tuple(crls), ocsps)
    return validate(leaf.der, material, **{"at": NOW, "subject": "x", **changed})


def codes(result: ChainResult) -> list[str]:
    return [item.code for item in result.verdict.findings]


@pytest.mark.parametrize("delegated", [False, True], ids=["the issuer", "a delegate"])
@pytest.mark.parametrize(
    ("days", "reason", "vouched", "code"),
    [
        (None, None, None, None),
        (-1, None, None, "CERTIFICATE_REVOKED"),
        (-1, "superseded", NOW, "CERTIFICATE_REVOKED"),
        (5, None, None, "CERTIFICATE_COMPROMISED_LATER"),
        (5, "key_compromise", NOW + 6 * DAY, "CERTIFICATE_COMPROMISED_LATER"),
        (5, "key_compromise", NOW + 4 * DAY, "CERTIFICATE_REVOKED_LATER"),
        (5, "superseded", None, "CERTIFICATE_REVOKED_LATER"),
        (5, "unspecified", None, "CERTIFICATE_COMPROMISED_LATER"),
        (-1, "remove_from_crl", None, None),
    ],
)
def test_a_response_counts_by_its_time_and_its_reason(
    root, leaf, responder, delegated: bool, days, reason, vouched, code
):
    revoked = None if days is None else NOW + days * DAY
    response = told(leaf, root, responder if delegated else root, made=NOW + 10 * DAY, revoked=revoked, reason=reason)
    assert codes(check(leaf, root, response, vouched=vouched)) == ([code] if code else [])


def test_a_response_may_say_since_when_the_key_was_lost(root, leaf):
    lost = told(leaf, root, root, revoked=NOW + 5 * DAY, reason="key_compromise", lost=NOW - DAY)
    assert codes(check(leaf, root, lost)) == ["CERTIFICATE_REVOKED"]
    other = told(leaf, root, root, revoked=NOW + 5 * DAY, reason="superseded", lost=NOW - DAY)
    assert codes(check(leaf, root, other)) == ["CERTIFICATE_REVOKED_LATER"]


def test_a_response_made_after_the_moment_covers_it_also_by_a_younger_responder(root, leaf):
    """What is fetched before a renewal is years younger than the token, and so is the responder."""
    later = NOW + YEAR / 2
    young = issue("Giovane", root, usage=RESPONDER_USAGE, start=later - DAY, end=later + DAY)
    assert codes(check(leaf, root, told(leaf, root, young, made=later), require_revocation=True)) == []


@pytest.mark.parametrize(
    ("days", "covers"), [(-9, False), (-0.5, True), (10, True)], ids=["long before", "current", "after"]
)
def test_revocation_when_required_needs_a_response_that_was_current_or_is_younger(root, leaf, responder, days, covers):
    response = told(leaf, root, responder, made=NOW + days * DAY)
    found = codes(check(leaf, root, response, require_revocation=True))
    assert found == ([] if covers else ["REVOCATION_UNKNOWN"])


def test_the_responders_certificate_may_lie_beside(root, leaf, responder):
    revoked = told(leaf, root, responder, revoked=NOW - DAY, enclosed=False)
    assert codes(check(leaf, root, revoked, certificates=[responder.der])) == ["CERTIFICATE_REVOKED"]
    assert codes(check(leaf, root, revoked)) == [], "nobody known signed it"
    good = told(leaf, root, responder, enclosed=False)
    assert codes(check(leaf, root, good, certificates=[responder.der], require_revocation=True)) == []


def strangers(root: Issued) -> dict[str, Issued]:
    impostor = issue("Radice")
    return {
        "an impostor of the same name": impostor,
        "a responder of the impostor": issue("Risponditore", impostor, usage=RESPONDER_USAGE),
        "somebody without the right to respond": issue("Server", root, usage=[ExtendedKeyUsageOID.SERVER_AUTH]),
        "who has a responder's certificate and not its key": Issued(
            issue("Risponditore", root, usage=RESPONDER_USAGE).certificate, impostor.key
        ),
        "a responder that had ended": issue("Vecchio", root, usage=RESPONDER_USAGE, end=NOW),
        "one that was issued by a delegate": issue(
            "Nipote", issue("Risponditore", root, usage=RESPONDER_USAGE), usage=RESPONDER_USAGE
        ),
    }


@pytest.mark.parametrize("who", strangers(issue("Nessuno")))
def test_a_response_by_whom_the_issuer_did_not_entitle_says_nothing(root, leaf, who: str):
    by = strangers(root)[who]
    assert codes(check(leaf, root, told(leaf, root, by, revoked=NOW - DAY))) == []
    assert codes(check(leaf, root, told(leaf, root, by), require_revocation=True)) == ["REVOCATION_UNKNOWN"]


def test_a_response_about_another_certificate_or_for_another_issuer_says_nothing(root, leaf):
    other = issue("Altra", root, usage=LEAF_USAGE)
    assert codes(check(leaf, root, told(other, root, root), require_revocation=True)) == ["REVOCATION_UNKNOWN"]
    assert codes(check(leaf, root, told(other, root, root, revoked=NOW - DAY))) == []
    for issuer in (issue("Radice"), issue("Altro nome", key=root.key)):
        assert codes(check(leaf, root, told(leaf, issuer, root, revoked=NOW - DAY))) == []


def test_no_flipped_octet_of_a_response_is_believed(root, leaf):
    response = told(leaf, root, root, revoked=NOW - DAY, enclosed=False)
    believed = 0
    for place in range(0, len(response), 2):
        flipped = response[:place] + bytes([response[place] ^ 4]) + response[place + 1 :]
        result = check(leaf, root, flipped)
        believed += codes(result) == ["CERTIFICATE_REVOKED"]
        assert result.verdict.indication in (Indication.PASSED, Indication.FAILED)
        assert codes(check(leaf, root, told(leaf, root, root)[:place])) == []
    assert believed < 20, "who the responder says it is, and the like; the rest must fall"


def test_a_refusal_and_rubbish_are_passed_over(root, leaf):
    refusal = ocsp.OCSPResponse({"response_status": "try_later"}).dump()
    assert codes(check(leaf, root, b"", b"rubbish", refusal, told(leaf, root, root), require_revocation=True)) == []
    assert codes(check(leaf, root, b"", refusal, require_revocation=True)) == ["REVOCATION_UNKNOWN"]


def test_a_list_and_a_response_together_are_one_knowledge(root):
    """The CA's list covers the intermediate, the intermediate's responder the leaf."""
    middle = issue("In mezzo", root)
    end = issue("Foglia", middle, usage=LEAF_USAGE)
    of_leaf = told(end, middle, issue("Risponditore", middle, usage=RESPONDER_USAGE))
    of_middle = revocations(root, {}, NOW)
    asked = {"certificates": [middle.der], "require_revocation": True}
    assert codes(check(end, root, of_leaf, crls=[of_middle], **asked)) == []
    assert codes(check(end, root, of_leaf, **asked)) == ["REVOCATION_UNKNOWN"]
    assert codes(check(end, root, crls=[of_middle], **asked)) == ["REVOCATION_UNKNOWN"]
    result = check(end, root, of_leaf, certificates=[middle.der])
    assert result.silent == ("In mezzo",)
