"""Whoever tells of revocations may lie or break: every lie is a finding with its own reason, and nothing is kept."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from asn1crypto import crl as asn1_crl
from collecting import HOLDER, Archive, need, reasons
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from support.certificates import p256
from support.revoking import DAY, HOUR, LISTS, NOW, RESPONDER, Answer, Ca, Held, responder, unsuccessful

MINUTE = timedelta(minutes=1)
CA = Ca()
OTHER = Ca("Un'altra CA")
LEAF = CA.give("Firma", lists=[LISTS])
ASKED = CA.give("Firma", responders=[RESPONDER])
GOOD = CA.crl()


def for_ever(ca: Ca) -> bytes:
    """A list that never says when the next one is due; whoever makes lists by the book cannot leave it out."""
    made = asn1_crl.CertificateList.load(ca.crl())
    body = made["tbs_cert_list"].copy()
    del body["next_update"]
    signature = ca.key.sign(body.dump(), ec.ECDSA(hashes.SHA256()))
    parts = {"tbs_cert_list": body, "signature_algorithm": made["signature_algorithm"], "signature": signature}
    return asn1_crl.CertificateList(parts).dump()


def part(
    *,
    addresses: tuple[str, ...] = (),
    users: bool = False,
    cas: bool = False,
    attributes: bool = False,
    indirect: bool = False,
    reasons: frozenset[x509.ReasonFlags] | None = None,
) -> x509.IssuingDistributionPoint:
    """What a list says that it is a list of (RFC 5280, 5.2.5)."""
    names = [x509.UniformResourceIdentifier(url) for url in addresses] or None
    return x509.IssuingDistributionPoint(names, None, users, cas, reasons, indirect, attributes)


Status = ocsp.OCSPResponseStatus

LISTED: dict[str, tuple[Answer, str]] = {
    "nothing there": ("HTTP 404", "HTTP 404"),
    "an empty list": (b"", "CRL illeggibile"),
    "a page": (b"<html>Servizio sospeso</html>", "CRL illeggibile"),
    "cut short": (GOOD[:-20], "CRL illeggibile"),
    "more behind it": (GOOD + b"\0", "CRL illeggibile"),
    "empty armour": (b"-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n", "unreadable"),
    "another CA's": (OTHER.crl(), "atteso CA che revoca, trovato Un'altra CA"),
    "another CA's under this name": (OTHER.crl(name=CA.name), "signature does not fit"),
    "signed by another key": (CA.crl(by=p256()), "signature does not fit"),
    "of some reasons": (CA.crl(part=part(reasons=frozenset({x509.ReasonFlags.key_compromise}))), "not the whole list"),
    "of attribute certificates": (CA.crl(part=part(attributes=True)), "not the whole list"),
    "of several issuers": (CA.crl(part=part(indirect=True)), "not the whole list"),
    "one bit turned": (GOOD[:60] + bytes([GOOD[60] ^ 1]) + GOOD[61:], "signature does not fit|illeggibile"),
    "stale": (CA.crl(since=NOW - 9 * DAY, until=NOW - DAY), "stale"),
    "due at this second": (CA.crl(until=NOW), "stale"),
    "from the future": (CA.crl(since=NOW + HOUR, until=NOW + DAY), "from the future"),
    "without a next one": (for_ever(CA), "without nextUpdate"),
    "only what is new": (CA.crl(delta=True), "a delta"),
}
ANSWERED: dict[str, tuple[Answer, str]] = {
    "nothing there": ("HTTP 500", "HTTP 500"),
    "a page": (b"<html>Servizio sospeso</html>", "OCSP illeggibile"),
    "cut short": (CA.answer(ASKED)[:-20], "OCSP illeggibile"),
    "unauthorized": (unsuccessful(Status.UNAUTHORIZED), "refused.*: unauthorized"),
    "try later": (unsuccessful(Status.TRY_LATER), "refused.*: try_later"),
    "unknown": (CA.answer(ASKED, status=ocsp.OCSPCertStatus.UNKNOWN), "unknown"),
    "of another certificate": (CA.answer(CA.give("Altra")), "another certificate"),
    "of the same number at another CA": (CA.answer(ASKED, issuer=OTHER.own.certificate), "another certificate"),
    "of the same number at a CA of the same key": (
        CA.answer(Ca("Un altro nome", CA.key).give(serial=ASKED.certificate.serial_number)),
        "another certificate",
    ),
    "by another CA": (OTHER.answer(ASKED, issuer=CA.own.certificate), "signature does not fit"),
    "by another CA's responder": (CA.answer(ASKED, by=responder(OTHER)), "signature does not fit"),
    "by whom nobody asked to": (CA.answer(ASKED, by=responder(CA, usage=False)), "signature does not fit"),
    "by whom it asked to do something else": (
        CA.answer(ASKED, by=CA.give("TSA", usage=(ExtendedKeyUsageOID.TIME_STAMPING,))),
        "signature does not fit",
    ),
    "by an expired responder": (CA.answer(ASKED, by=responder(CA, days=(-30, -1))), "signature does not fit"),
    "stale": (CA.answer(ASKED, since=NOW - 2 * DAY, until=NOW - DAY), "stale"),
    "from the future": (CA.answer(ASKED, since=NOW + HOUR, until=NOW + DAY), "from the future"),
    "old, and no next one": (CA.answer(ASKED, since=NOW - 2 * DAY, until=None), "old, without nextUpdate"),
}


def _refused(archive: Archive, leaf: Held, url: str, said: Answer, reason: str) -> None:
    found = archive.collect({url: said}, need(leaf.der, CA.der))
    (told,) = found.findings
    assert told.code == "REVOCATION_NOT_FETCHED"
    assert told.severity == "warning"
    text = told.text("en")
    assert f"of Firma not had from {url}: " in text
    assert re.search(reason, text), text
    assert (found.crls, found.ocsps) == ((), ())
    assert archive.kept("crl", "ocsp") == []
    row = archive.catalog.last_fetched(url)
    assert row is None, "a lie is no answer"


@pytest.mark.parametrize("lie", LISTED)
def test_a_list_that_is_none_is_a_finding_and_nothing_is_kept(archive: Archive, lie: str) -> None:
    said, reason = LISTED[lie]
    _refused(archive, LEAF, LISTS, said, reason)


@pytest.mark.parametrize("lie", ANSWERED)
def test_an_answer_that_is_none_is_a_finding_and_nothing_is_kept(archive: Archive, lie: str) -> None:
    said, reason = ANSWERED[lie]
    _refused(archive, ASKED, RESPONDER, said, reason)


def test_a_ca_that_may_not_sign_lists_has_none(archive: Archive) -> None:
    ca = Ca(signs_lists=False)
    found = archive.collect({LISTS: ca.crl()}, need(ca.give(lists=[LISTS]).der, ca.der))
    assert "signature does not fit" in reasons(found)[0]
    assert archive.kept("crl") == []


def test_a_list_that_was_had_tonight_is_none_for_whom_another_ca_issued(archive: Archive) -> None:
    archive.collect({LISTS: GOOD}, need(LEAF.der, CA.der))
    found = archive.collect({}, need(OTHER.give(lists=[LISTS]).der, OTHER.der, holders=("comune",)))
    assert "atteso Un'altra CA, trovato CA che revoca" in reasons(found)[0]
    assert (found.crls, archive.kept("crl", holder="comune")) == ((), [])


TRUTHS: dict[str, Callable[[], bytes]] = {
    "by the CA": lambda: CA.answer(ASKED),
    "by its responder": lambda: CA.answer(ASKED, by=responder(CA)),
    "revoked": lambda: CA.answer(ASKED, status=ocsp.OCSPCertStatus.REVOKED),
    "named by SHA-256": lambda: CA.answer(ASKED, algorithm=hashes.SHA256()),
    "no next one, of today": lambda: CA.answer(ASKED, until=None),
    "clocks four minutes apart": lambda: CA.answer(ASKED, since=NOW + 4 * MINUTE),
}


@pytest.mark.parametrize("truth", TRUTHS)
def test_what_a_responder_may_say_is_kept(archive: Archive, truth: str) -> None:
    """So the lies above are refused for what they are, and not because everything is."""
    said = TRUTHS[truth]()
    found = archive.collect({RESPONDER: said}, need(ASKED.der, CA.der))
    assert (found.findings, found.ocsps, archive.kept("ocsp")) == ((), (said,), [said])


ROLLED_BACK = {
    "an older number": (CA.crl(7), CA.crl(6), "6 < 7"),
    "an older number of an older day": (CA.crl(7), CA.crl(6, since=NOW - DAY), "6 < 7"),
    "no number, an older day": (CA.crl(None), CA.crl(None, since=NOW - DAY), "thisUpdate"),
}


@pytest.mark.parametrize("how", ROLLED_BACK)
def test_a_list_that_is_older_than_ours_is_refused_and_ours_stands_in(archive: Archive, how: str) -> None:
    ours, older, reason = ROLLED_BACK[how]
    archive.collect({LISTS: ours}, need(LEAF.der, CA.der))
    archive.now += DAY
    found = archive.collect({LISTS: older}, need(LEAF.der, CA.der))
    assert "rolled back" in reasons(found)[0]
    assert reason in reasons(found)[0]
    assert (found.crls, archive.kept("crl")) == ((ours,), [ours])


def test_a_ca_that_begins_its_numbers_anew_is_followed_because_its_list_is_of_a_later_day(archive: Archive) -> None:
    ours, anew = CA.crl(7), CA.crl(1, since=NOW)
    archive.collect({LISTS: ours}, need(LEAF.der, CA.der))
    archive.now += DAY
    found = archive.collect({LISTS: anew}, need(LEAF.der, CA.der))
    assert (found.findings, found.crls) == ((), (anew,))


BOTH = CA.give("Firma", lists=[LISTS], responders=[RESPONDER])
BELOW = Ca("CA sotto")
PARTS: dict[str, tuple[x509.IssuingDistributionPoint, bool, bool]] = {
    "of users": (part(users=True), True, False),
    "of CAs": (part(cas=True), False, True),
    "of this address": (part(addresses=("ldap://x/", LISTS)), True, True),
    "of another address": (part(addresses=(f"{LISTS}.2",)), False, False),
}
"""What the list is of; whether it covers a person's certificate, and a CA's of the same address."""


@pytest.mark.parametrize("what", PARTS)
@pytest.mark.parametrize("ca_first", [False, True])
def test_a_list_of_a_part_serves_those_that_it_covers_and_the_others_are_asked_about(
    archive: Archive, what: str, ca_first: bool
) -> None:
    stated, users, cas = PARTS[what]
    said = CA.crl(part=stated)
    below = BELOW.certified_by(CA, lists=[LISTS]).public_bytes(Encoding.DER)
    source = {LISTS: said, RESPONDER: CA.answer(BOTH)}
    needs = [need(BOTH.der, CA.der), need(below, CA.der)]
    for asked, covered in [(needs[0], users), (needs[1], cas)][:: -1 if ca_first else 1]:
        found = archive.collect(source, asked)
        assert found.crls == ((said,) if covered else ())
        assert any("not the whole list" in text for text in reasons(found)) is not covered
        if asked is needs[0]:
            assert bool(found.ocsps) is not covered
    assert archive.collector(None).current(HOLDER, BOTH.der).crls == ((said,) if users else ())
    assert archive.collector(None).current(HOLDER, below).crls == ((said,) if cas else ())
    together = archive.collect(source, *needs)
    assert together.crls == ((said,) if users or cas else ())
    assert len([text for text in reasons(together) if "not the whole list" in text]) == [users, cas].count(False)


def test_lists_of_parts_in_files_serve_together(archive: Archive) -> None:
    files = CA.crl(part=part(users=True)), CA.crl(part=part(cas=True))
    below = BELOW.certified_by(CA).public_bytes(Encoding.DER)
    for octets, own in ((CA.give().der, files[0]), (below, files[1])):
        found = archive.collect(None, need(octets, CA.der, crls=files))
        assert (found.crls, found.findings) == ((own,), ())


def test_a_responder_that_knows_no_sha_1_is_asked_with_sha_256(archive: Archive) -> None:
    def says(question: bytes) -> bytes:
        named = ocsp.load_der_ocsp_request(question).hash_algorithm
        if isinstance(named, hashes.SHA1):
            return unsuccessful(Status.MALFORMED_REQUEST)
        return CA.answer(ASKED, algorithm=hashes.SHA256())

    found = archive.collect({RESPONDER: says}, need(ASKED.der, CA.der))
    assert (found.findings, len(found.ocsps)) == ((), 1)


def test_a_question_has_no_nonce(archive: Archive) -> None:
    questions: list[bytes] = []

    def says(question: bytes) -> bytes:
        questions.append(question)
        return CA.answer(ASKED)

    archive.collect({RESPONDER: says}, need(ASKED.der, CA.der))
    (asked,) = map(ocsp.load_der_ocsp_request, questions)
    assert (len(asked.extensions), asked.serial_number) == (0, ASKED.certificate.serial_number)
