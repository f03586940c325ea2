"""archiver.chain: whose lists of revocations count, and what their entries say beside the date."""

from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags
from cryptography.x509.oid import ExtendedKeyUsageOID

from archiver.chain import ChainResult, Material, validate

from .conftest import DAY, NOW, Issued, issue, revocations

USAGE = [ExtendedKeyUsageOID.TIME_STAMPING]


@pytest.fixture(scope="module")
def root() -> Issued:
    return issue("Radice", start=NOW - 3650 * DAY, end=NOW + 3650 * DAY)


@pytest.fixture(scope="module")
def leaf(root: Issued) -> Issued:
    return issue("Foglia", root, usage=USAGE)


def check(leaf: Issued, *anchors: Issued, crls=(), certificates=(), **changed) -> ChainResult:
    material = Material(tuple(one.der for one in anchors), tuple(one.der for one in certificates), tuple(crls))
    return validate(leaf.der, material, **{"at": NOW, "subject": "x", **changed})


def codes(result: ChainResult) -> list[str]:
    return [item.code for item in result.verdict.findings]


def listed(
    issuer: Issued,
    entries: dict[int, tuple[datetime, list[x509.ExtensionType]]],
    *,
    made: datetime = NOW + 10 * DAY,
    extensions: tuple[x509.ExtensionType, ...] = (),
    name: x509.Name | None = None,
) -> bytes:
    """A CRL with extensions of its entries and of its own."""
    builder = x509.CertificateRevocationListBuilder(name or issuer.certificate.subject, made, made + 30 * DAY)
    for serial, (when, said) in entries.items():
        entry = x509.RevokedCertificateBuilder(serial, when)
        for extension in said:
            entry = entry.add_extension(extension, critical=isinstance(extension, x509.CertificateIssuer))
        builder = builder.add_revoked_certificate(entry.build())
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (ReasonFlags.key_compromise, "CERTIFICATE_REVOKED"),
        (None, "CERTIFICATE_REVOKED"),
        (ReasonFlags.superseded, "CERTIFICATE_REVOKED_LATER"),
    ],
)
def test_a_compromise_counts_from_the_day_on_which_the_key_was_lost(root, leaf, reason, code):
    said = [x509.CRLReason(reason)] if reason else []
    said.append(x509.InvalidityDate((NOW - DAY).replace(tzinfo=None)))
    crl = listed(root, {leaf.certificate.serial_number: (NOW + 5 * DAY, said)})
    assert codes(check(leaf, root, crls=[crl], vouched=NOW + DAY)) == [code]


def test_a_key_lost_after_something_vouched_for_it_does_no_harm_though_it_was_lost_before_its_revocation(root, leaf):
    said = [x509.CRLReason(ReasonFlags.key_compromise), x509.InvalidityDate((NOW + 3 * DAY).replace(tzinfo=None))]
    crl = listed(root, {leaf.certificate.serial_number: (NOW + 5 * DAY, said)})
    assert codes(check(leaf, root, crls=[crl], vouched=NOW + 2 * DAY)) == ["CERTIFICATE_REVOKED_LATER"]
    assert codes(check(leaf, root, crls=[crl], vouched=NOW + 4 * DAY)) == ["CERTIFICATE_COMPROMISED_LATER"]


@pytest.mark.parametrize("lifted", ["gone from a younger list", "removed by a younger list", "still on it"])
def test_a_hold_counts_until_it_is_lifted(root, leaf, lifted):
    serial = leaf.certificate.serial_number
    held = revocations(root, {serial: (NOW - DAY, ReasonFlags.certificate_hold)}, NOW - DAY)
    younger = {
        "gone from a younger list": {},
        "removed by a younger list": {serial: (NOW + DAY, ReasonFlags.remove_from_crl)},
        "still on it": {serial: (NOW - DAY, ReasonFlags.certificate_hold)},
    }[lifted]
    found = codes(check(leaf, root, crls=[held, revocations(root, younger, NOW + 2 * DAY)]))
    assert found == (["CERTIFICATE_REVOKED"] if lifted == "still on it" else [])


@pytest.fixture(scope="module")
def namesake() -> Issued:
    return issue("Radice", start=NOW - 3650 * DAY, end=NOW + 3650 * DAY)


def test_two_authorities_of_one_name_are_kept_apart_by_their_keys(root, leaf, namesake):
    """A CA that began anew with a new key and its old name: both are anchors, both publish lists."""
    serial = leaf.certificate.serial_number
    clean, guilty = revocations(root, {}, NOW), revocations(root, {serial: (NOW - DAY, None)}, NOW)
    of_other = revocations(namesake, {serial: (NOW - DAY, None)}, NOW)
    for anchors in ((root, namesake), (namesake, root)):
        required = {"require_revocation": True}
        assert codes(check(leaf, *anchors, crls=[clean, of_other], **required)) == []
        assert codes(check(leaf, *anchors, crls=[of_other, clean], **required)) == []
        assert codes(check(leaf, *anchors, crls=[of_other], **required)) == ["REVOCATION_UNKNOWN"]
        assert codes(check(leaf, *anchors, crls=[of_other])) == []
        assert codes(check(leaf, *anchors, crls=[of_other, guilty])) == ["CERTIFICATE_REVOKED"]


@pytest.mark.parametrize("above", [False, True], ids=["by itself", "by the authority above both"])
def test_a_list_may_be_signed_with_another_key_that_the_authority_was_given_and_with_no_other(namesake, above):
    top = issue("In cima", identified=True)
    root = issue("Radice", top, identified=True)
    leaf = issue("Foglia", root, usage=USAGE)
    serial = leaf.certificate.serial_number
    heir = issue("Radice", top if above else root, identified=True)
    guilty, clean = revocations(heir, {serial: (NOW - DAY, None)}, NOW), revocations(heir, {}, NOW)
    of_root = revocations(top, {}, NOW)
    known = [root, heir, namesake]
    assert codes(check(leaf, top, crls=[guilty], certificates=known)) == ["CERTIFICATE_REVOKED"]
    assert codes(check(leaf, top, crls=[clean, of_root], certificates=known, require_revocation=True)) == []
    forged = revocations(issue("Radice", namesake), {serial: (NOW - DAY, None)}, NOW)
    assert codes(check(leaf, top, crls=[forged], certificates=known)) == []


def test_a_list_for_other_authorities_certificates_is_no_list_of_ours(root, leaf):
    """An indirect CRL: the serial number alone says nothing, the entry names its issuer (RFC 5280, 5.2.5, 5.3.3)."""
    scope = x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=True,
        only_contains_attribute_certs=False,
    )
    elsewhere = x509.CertificateIssuer([x509.DirectoryName(issue("Altra CA").certificate.subject)])
    crl = listed(root, {leaf.certificate.serial_number: (NOW - DAY, [elsewhere])}, extensions=(scope,))
    assert codes(check(leaf, root, crls=[crl])) == []
    of_stranger = listed(issue("Altra CA"), {leaf.certificate.serial_number: (NOW - DAY, [])}, extensions=(scope,))
    assert codes(check(leaf, root, crls=[of_stranger])) == []
    assert codes(check(leaf, root, crls=[of_stranger], require_revocation=True)) == ["REVOCATION_UNKNOWN"]
    ours = listed(root, {leaf.certificate.serial_number: (NOW - DAY, [])}, extensions=(scope,))
    assert codes(check(leaf, root, crls=[ours])) == ["CERTIFICATE_REVOKED"]


HERE = x509.UniformResourceIdentifier("http://crl.example/nostra.crl")
ELSEWHERE = x509.UniformResourceIdentifier("http://crl.example/altra.crl")


def part(**limits: object) -> x509.IssuingDistributionPoint:
    """A part of a list (RFC 5280, 5.2.5)."""
    all_of_it = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(all_of_it | limits))


SUPERSEDED = frozenset({ReasonFlags.superseded})
PARTS = {
    "a delta": x509.DeltaCRLIndicator(3),
    "of CAs": part(only_contains_ca_certs=True),
    "of attributes": part(only_contains_attribute_certs=True),
    "of some reasons": part(only_some_reasons=SUPERSEDED),
    "of another point": part(full_name=[ELSEWHERE]),
    "of users at another point": part(full_name=[ELSEWHERE], only_contains_user_certs=True),
    "of something new": x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00"),
}


@pytest.mark.parametrize("of", PARTS)
def test_a_list_that_does_not_cover_a_certificate_does_not_show_by_its_silence_that_it_is_good(root, leaf, of):
    silent = listed(root, {}, extensions=(PARTS[of],))
    result = check(leaf, root, crls=[silent])
    assert (codes(result), result.silent) == ([], ("Foglia",))
    assert codes(check(leaf, root, crls=[silent], require_revocation=True)) == ["REVOCATION_UNKNOWN"]
    assert check(leaf, root, crls=[silent, revocations(root, {}, NOW)]).silent == ()


@pytest.mark.parametrize("of", PARTS)
def test_a_list_that_does_not_cover_a_certificate_lifts_no_hold(root, leaf, of):
    held = revocations(root, {leaf.certificate.serial_number: (NOW - DAY, ReasonFlags.certificate_hold)}, NOW - DAY)
    younger = listed(root, {}, extensions=(PARTS[of],))
    assert codes(check(leaf, root, crls=[held, younger])) == ["CERTIFICATE_REVOKED"]


@pytest.mark.parametrize("of", PARTS)
def test_a_revocation_counts_wherever_it_stands(root, leaf, of):
    entry = {leaf.certificate.serial_number: (NOW - DAY, [x509.CRLReason(ReasonFlags.superseded)])}
    crls = [revocations(root, {}, NOW + 20 * DAY), listed(root, entry, extensions=(PARTS[of],))]
    assert codes(check(leaf, root, crls=crls)) == ["CERTIFICATE_REVOKED"]


def test_a_delta_lifts_a_hold_when_it_says_so(root, leaf):
    serial = leaf.certificate.serial_number
    held = revocations(root, {serial: (NOW - DAY, ReasonFlags.certificate_hold)}, NOW - DAY)
    lifted = {serial: (NOW - DAY, [x509.CRLReason(ReasonFlags.remove_from_crl)])}
    assert codes(check(leaf, root, crls=[held, listed(root, lifted, extensions=(PARTS["a delta"],))])) == []


LAST = x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CRL1")])
COVERING = {
    "users": ((), part(only_contains_user_certs=True)),
    "the issuer's own point": ((), part(full_name=[x509.DirectoryName(issue("Radice").certificate.subject)])),
    "one of its points": ([[ELSEWHERE], [HERE]], part(full_name=[HERE])),
    "its point by another of its names": ([[HERE, ELSEWHERE]], part(full_name=[ELSEWHERE])),
    "its point by a relative name": ([LAST], part(relative_name=LAST)),
}


@pytest.mark.parametrize("of", COVERING)
def test_a_part_of_a_list_that_covers_a_certificate_shows_that_it_is_good(root, of):
    points, scope = COVERING[of]
    named = [
        x509.DistributionPoint(None, point, None, None)
        if isinstance(point, x509.RelativeDistinguishedName)
        else x509.DistributionPoint(point, None, None, None)
        for point in points
    ]
    leaf = issue("Foglia", root, usage=USAGE, more=(x509.CRLDistributionPoints(named),) if named else ())
    assert check(leaf, root, crls=[listed(root, {}, extensions=(scope,))]).silent == ()
    held = revocations(root, {leaf.certificate.serial_number: (NOW - DAY, ReasonFlags.certificate_hold)}, NOW - DAY)
    assert codes(check(leaf, root, crls=[held, listed(root, {}, extensions=(scope,))])) == []


def test_a_list_of_users_covers_no_authority(root):
    middle = issue("In mezzo", root)
    leaf = issue("Foglia", middle, usage=USAGE)
    users, authorities = (
        listed(root, {}, extensions=(part(**{f"only_contains_{of}_certs": True}),)) for of in ("user", "ca")
    )
    of_leaf = revocations(middle, {}, NOW)
    assert check(leaf, root, crls=[of_leaf, users], certificates=[middle]).silent == ("In mezzo",)
    assert check(leaf, root, crls=[of_leaf, authorities], certificates=[middle]).silent == ()


def test_the_number_of_unused_bits_of_a_signature_is_none(root, leaf):
    """Nobody signs it: a list whose signature ends with a zero bit would verify with one unused bit too."""
    crl = next(octets for octets in (listed(root, {}) for _ in range(64)) if octets[-1] % 2 == 0)
    place = len(crl) - len(x509.load_der_x509_crl(crl).signature) - 1
    spoiled = crl[:place] + b"\x01" + crl[place + 1 :]
    assert check(leaf, root, crls=[crl]).silent == ()
    assert check(leaf, root, crls=[spoiled]).silent == ("Foglia",)


def test_no_flipped_octet_of_a_list_is_believed_or_raises(root, leaf):
    crl = revocations(root, {leaf.certificate.serial_number: (NOW - DAY, ReasonFlags.superseded)}, NOW)
    signature = x509.load_der_x509_crl(crl).signature
    unused_bits = len(crl) - len(signature) - 1  # says nothing when the last bit is 0
    assert codes(check(leaf, root, crls=[crl])) == ["CERTIFICATE_REVOKED"]
    for place in set(range(len(crl))) - {unused_bits}:
        for bit in (1, 0x20, 0x80):
            flipped = crl[:place] + bytes([crl[place] ^ bit]) + crl[place + 1 :]
            assert codes(check(leaf, root, crls=[flipped])) == [], place


def test_a_revoked_authority_is_walked_around_where_another_path_leads(root, leaf):
    old = issue("Radice vecchia", start=NOW - 3650 * DAY, end=NOW + 3650 * DAY)
    middle = issue("In mezzo", old)
    again = issue("In mezzo", root, key=middle.key)
    end = issue("Foglia", middle, usage=USAGE)
    of_old = revocations(old, {middle.certificate.serial_number: (NOW - DAY, None)}, NOW)
    assert codes(check(end, old, crls=[of_old], certificates=[middle])) == ["CERTIFICATE_REVOKED"]
    for certificates in ((middle, again), (again, middle)):
        result = check(end, old, root, crls=[of_old], certificates=certificates)
        assert codes(result) == []
        assert result.path == (end.der, again.der, root.der)


def test_who_is_spoken_of_by_nobody_is_told(root):
    middle = issue("In mezzo", root)
    end = issue("Foglia", middle, usage=USAGE)
    of_root, of_middle = revocations(root, {}, NOW), revocations(middle, {}, NOW)
    for crls, silent in (
        ((), ("Foglia", "In mezzo")),
        ((of_root,), ("Foglia",)),
        ((of_middle,), ("In mezzo",)),
        ((of_root, of_middle), ()),
    ):
        assert check(end, root, crls=crls, certificates=[middle]).silent == silent
    assert check(root, root).silent == (), "an anchor is asked for nothing"
