"""archiver.evidence.timestamp: each kind of key and digest, what a token carries, until when it proves something."""

import re
from datetime import UTC, datetime
from hashlib import sha512

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from support.answers import answer
from support.tokens import Key, Tsa

from archiver.chain import Material
from archiver.errors import Malformed
from archiver.evidence.algorithms import CATALOGUE
from archiver.evidence.policy import Policy
from archiver.evidence.timestamp import Token, end_of, judge_token, read_token
from archiver.verdict import Verdict

from .conftest import DAY, NOW, Issued, revocations

IMPRINT = sha512(b"una radice").digest()
KEYS: dict[str, object] = {
    "RSA 2048": lambda: rsa.generate_private_key(65537, 2048),
    "RSA 3072": lambda: rsa.generate_private_key(65537, 3072),
    "RSA 1024": lambda: rsa.generate_private_key(65537, 1024),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "brainpoolP256r1": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
    "brainpoolP384r1": lambda: ec.generate_private_key(ec.BrainpoolP384R1()),
    "brainpoolP512r1": lambda: ec.generate_private_key(ec.BrainpoolP512R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "Ed448": ed448.Ed448PrivateKey.generate,
}
MADE: dict[str, Key] = {}


def tsa(kind: str) -> Tsa:
    """Keys are made once: RSA takes its time."""
    if kind not in MADE:
        MADE[kind] = KEYS[kind]()
    return Tsa.with_key(MADE[kind], NOW)


def judged(octets: bytes, anchor: bytes, *, at: datetime = NOW, **changed: object) -> Verdict:
    policy = Policy(Material((anchor,)), **changed)
    token = read_token(octets)
    return judge_token(token, policy, algorithm="sha512", data_digest=IMPRINT, at=at, subject="t")


def codes(verdict: Verdict) -> list[str]:
    return [item.code for item in verdict.findings]


@pytest.mark.parametrize(
    ("kind", "how", "names", "code"),
    [
        ("RSA 2048", {}, ["sha256", "rsassa_pkcs1v15"], None),
        ("RSA 2048", {"digest": "sha512"}, ["sha512", "rsassa_pkcs1v15"], None),
        ("RSA 2048", {"digest": "sha3_256"}, ["sha3_256", "rsassa_pkcs1v15"], None),
        ("RSA 3072", {"pss": True}, ["sha256", "rsassa_pss"], None),
        ("RSA 3072", {"pss": True, "digest": "sha384"}, ["sha384", "rsassa_pss"], None),
        ("P-256", {}, ["sha256", "ecdsa", "secp256r1"], None),
        ("P-256", {"digest": "sha3_256"}, ["sha3_256", "ecdsa", "secp256r1"], None),
        ("P-256", {"version": 1}, ["sha256", "ecdsa", "secp256r1"], None),
        ("P-384", {"digest": "sha384"}, ["sha384", "ecdsa", "secp384r1"], None),
        ("P-521", {"digest": "sha512"}, ["sha512", "ecdsa", "secp521r1"], None),
        ("brainpoolP256r1", {}, ["sha256", "ecdsa", "brainpoolp256r1"], None),
        ("brainpoolP384r1", {"digest": "sha384"}, ["sha384", "ecdsa", "brainpoolp384r1"], None),
        ("brainpoolP512r1", {"digest": "sha512"}, ["sha512", "ecdsa", "brainpoolp512r1"], None),
        ("Ed25519", {"digest": "sha512"}, ["sha512", "ed25519"], None),
        ("Ed448", {"digest": "sha512"}, ["sha512", "ed448"], None),
        ("Ed448", {"digest": "shake256"}, ["shake256", "ed448"], None),
        ("P-256", {"digest": "sha1"}, ["sha1", "ecdsa", "secp256r1"], "ALGORITHM_SPENT"),
        ("RSA 1024", {}, ["sha256", "rsassa_pkcs1v15"], "ALGORITHM_SPENT"),
        ("secp256k1", {}, ["sha256", "ecdsa", "secp256k1"], "ALGORITHM_UNKNOWN"),
    ],
)
def test_each_mechanism_is_checked_and_its_age_is_judged(kind: str, how, names: list[str], code: str | None):
    authority = tsa(kind)
    octets = authority.stamp(IMPRINT, **how)
    token = read_token(octets)
    assert [name for name, _ in token.signed.algorithms] == names
    bits = {"Ed25519": 256, "Ed448": 456}.get(kind) or int(re.findall("[0-9]{3,4}", kind)[0])
    assert dict(token.signed.algorithms)[token.signed.mechanism.name] == bits
    assert codes(judged(octets, authority.anchor)) == ([code] if code else [])
    signature = token.signed.signature
    for place in (len(signature) // 3, len(signature) - 1):
        bent = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        assert "CMS_SIGNATURE" in codes(judged(octets.replace(signature, bent), authority.anchor))


def test_a_token_of_another_kind_of_key_than_its_certificates_is_refused():
    """The mechanism is what the token says; the key decides which may be."""
    mine, other = tsa("P-256"), tsa("Ed25519")
    mixed = Tsa(other.key, mine.ca, mine.ca_key, mine.certificate, NOW)
    assert "CMS_ALGORITHM" in codes(judged(mixed.stamp(IMPRINT), mine.anchor))


@pytest.mark.parametrize("version", [1, 2])
def test_a_token_bound_to_another_certificate_is_refused(version: int):
    mine = tsa("P-256")
    twin = _again(mine).public_bytes(Encoding.DER)
    octets = mine.stamp(IMPRINT, version=version, bag=(twin,))
    assert codes(judged(octets, mine.anchor)) == ["CMS_REFERENCE"]
    assert codes(judged(mine.stamp(IMPRINT, version=version, bag=(twin, mine.der)), mine.anchor)) == []
    assert codes(judged(mine.stamp(IMPRINT, version=version, bag=(tsa("P-256").der,)), mine.anchor)) == [
        "CMS_SIGNER_ABSENT"
    ]


def _again(mine: Tsa) -> x509.Certificate:
    """Another certificate of the same name, number and key."""
    old = mine.certificate
    builder = x509.CertificateBuilder(
        old.issuer,
        old.subject,
        old.public_key(),
        old.serial_number,
        old.not_valid_before_utc,
        old.not_valid_after_utc,
        list(old.extensions),
    )
    return builder.sign(mine.ca_key, hashes.SHA256())


def material(authority: Tsa, *, revoked: datetime | None = None, reason: str | None = None) -> tuple[bytes, bytes]:
    """A list and a response about the authority's certificate, both made the day after it stamped."""
    ca = Issued(authority.ca, authority.ca_key)
    entries = {} if revoked is None else {authority.certificate.serial_number: (revoked, None)}
    told = answer(
        authority.certificate,
        authority.ca,
        by=authority.ca,
        key=authority.ca_key,
        made=NOW + DAY,
        revoked=revoked,
        reason=reason,
    )
    return revocations(ca, entries, NOW + DAY), told


@pytest.mark.parametrize("place", ["crls", "ocsps", "crl values", "ocsp values"])
def test_what_a_token_carries_of_revocations_is_used(place: str):
    authority = tsa("P-256")

    def stamped(crl: bytes, ocsp: bytes) -> bytes:
        carried = {
            "crls": {"crls": [crl]},
            "ocsps": {"ocsps": [ocsp]},
            "crl values": {"values": ((), [crl], ())},
            "ocsp values": {"values": ((), (), [ocsp])},
        }[place]
        return authority.stamp(IMPRINT, **carried)

    good, bad = stamped(*material(authority)), stamped(*material(authority, revoked=NOW - DAY))
    assert codes(judged(authority.stamp(IMPRINT), authority.anchor, require_revocation=True)) == ["REVOCATION_UNKNOWN"]
    assert codes(judged(good, authority.anchor, require_revocation=True)) == []
    assert codes(judged(bad, authority.anchor)) == ["CERTIFICATE_REVOKED"]


def test_responses_are_read_as_they_came_and_once():
    authority = tsa("P-256")
    crl, ocsp = material(authority)
    token = read_token(authority.stamp(IMPRINT, crls=[crl], ocsps=[ocsp], values=([], [crl], [])))
    assert (token.crls, token.ocsps) == ((crl,), (ocsp,))


def test_certificates_among_the_unsigned_attributes_are_read():
    authority = tsa("P-256")
    bare = authority.stamp(IMPRINT, bag=())
    assert codes(judged(bare, authority.anchor)) == ["CMS_SIGNER_ABSENT"]
    assert codes(judged(authority.stamp(IMPRINT, bag=(), values=([authority.der], (), ())), authority.anchor)) == []


def test_unsigned_attributes_that_cannot_be_read_break_nothing():
    authority = tsa("P-256")
    crl, ocsp = material(authority)
    octets = authority.stamp(IMPRINT, values=([authority.der], [crl], [ocsp]))
    start = octets.rindex(bytes.fromhex("060b2a864886f70d0109100217"))  # certificate-values; the other one follows
    refused = 0
    for place in range(start + 13, len(octets), 11):
        bent = octets[:place] + bytes([octets[place] ^ 0x41]) + octets[place + 1 :]
        try:
            verdict = judged(bent, authority.anchor)
        except Malformed:  # the SET itself, which holds all attributes
            refused += 1
            continue
        assert codes(verdict) == [], place
    assert refused < 5


@pytest.mark.parametrize("reason", ["key_compromise", "superseded", None])
@pytest.mark.parametrize("next_token", [NOW + 3 * DAY, NOW + 9 * DAY], ids=["renewed before", "renewed after"])
def test_a_compromise_after_the_next_token_harms_nothing_and_one_before_it_does(reason, next_token):
    """RFC 4998, 5.3: each token must hold at the time of the next one."""
    authority = tsa("P-256")
    _, told = material(authority, revoked=NOW + 5 * DAY, reason=reason)
    octets = authority.stamp(IMPRINT, ocsps=[told])
    harmed = reason != "superseded" and next_token > NOW + 5 * DAY
    expected = "CERTIFICATE_COMPROMISED_LATER" if harmed else "CERTIFICATE_REVOKED_LATER"
    assert codes(judged(octets, authority.anchor, at=next_token)) == [expected]


def ended(token: Token, **changed: object) -> tuple[datetime, str, str]:
    catalogue = CATALOGUE
    if changed:
        catalogue = catalogue.broken(changed["names"], changed["at"])
    return tuple(end_of(token, catalogue))


def test_the_end_of_a_token_is_the_earliest_of_its_certificate_its_digests_and_its_mechanism():
    ends = NOW + 365 * DAY
    token = read_token(tsa("P-256").stamp(IMPRINT))
    soon = NOW + 9 * DAY
    assert ended(token) == (ends, "certificate", "Common Name: Una TSA")
    assert ended(token, names=["sha512"], at=soon) == (soon, "digest", "sha512")
    assert ended(token, names=["sha256"], at=soon) == (soon, "digest", "sha256")
    assert ended(token, names=["ecdsa"], at=soon) == (soon, "signature", "ecdsa")
    assert ended(token, names=["P-256"], at=soon) == (soon, "signature", "secp256r1")
    assert ended(token, names=["P-384", "sha384", "rsa"], at=soon)[1] == "certificate"


def test_the_end_of_a_token_counts_the_size_of_its_key():
    at = datetime(2028, 6, 1, tzinfo=UTC)
    short, long = (Tsa.with_key(MADE.setdefault(kind, KEYS[kind]()), at) for kind in ("RSA 2048", "RSA 3072"))
    v15 = datetime(2029, 1, 1, tzinfo=UTC)
    assert ended(read_token(short.stamp(IMPRINT))) == (v15, "signature", "rsassa_pkcs1v15")
    assert ended(read_token(short.stamp(IMPRINT, pss=True))) == (v15, "signature", "rsassa_pss")
    assert ended(read_token(long.stamp(IMPRINT))) == (v15, "signature", "rsassa_pkcs1v15")
    assert ended(read_token(long.stamp(IMPRINT, pss=True)))[1] == "certificate"


@pytest.mark.parametrize(
    ("day", "code"), [(datetime(2028, 12, 31, tzinfo=UTC), None), (datetime(2029, 1, 1, tzinfo=UTC), "ALGORITHM_SPENT")]
)
def test_a_token_whose_mechanism_ended_before_something_younger_vouched_for_it_is_in_doubt(day, code):
    authority = Tsa.with_key(MADE.setdefault("RSA 2048", KEYS["RSA 2048"]()), datetime(2028, 6, 1, tzinfo=UTC))
    assert codes(judged(authority.stamp(IMPRINT), authority.anchor, at=day)) == ([code] if code else [])


def test_what_is_not_in_the_catalogue_or_not_at_hand_proves_nothing_by_itself():
    assert ended(read_token(tsa("secp256k1").stamp(IMPRINT)))[:2] == (NOW, "signature")
    assert ended(read_token(tsa("P-256").stamp(IMPRINT, bag=())))[:2] == (NOW, "certificate")
