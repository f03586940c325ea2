"""archiver.evidence.timestamp: what is asked, what is let in, what it is worth."""

import hashlib
import re
import subprocess
from base64 import b64decode
from datetime import timedelta

import pytest
from asn1crypto import parser, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags
from cryptography.x509.oid import ExtendedKeyUsageOID

from archiver.chain import Material
from archiver.errors import Malformed
from archiver.evidence.der import check_der
from archiver.evidence.policy import Policy
from archiver.evidence.record import builder, reader
from archiver.evidence.timestamp import grants, judge_token, query, read_token, token_of
from archiver.verdict import Indication, Verdict

from .conftest import DAY, NOW, House, Liar, issue, revocations

MINUTE = timedelta(minutes=1)
SHA256_ECDSA = ec.ECDSA(hashes.SHA256())
IMPRINT = hashlib.sha512(b"una radice").digest()
OTHER = hashlib.sha512(b"un'altra").digest()
TSA_USAGE = [ExtendedKeyUsageOID.TIME_STAMPING]


def let_in(reply: bytes, **changed: object) -> bytes:
    return token_of(reply, **{"algorithm": "sha512", "imprint": IMPRINT, "nonce": 7, "at": NOW, **changed})


def judged(
    octets: bytes, *anchors: bytes, crls=(), ocsps=(), require_revocation: bool = False, **changed: object
) -> Verdict:
    policy = Policy(Material(anchors, (), tuple(crls), tuple(ocsps)), require_revocation=require_revocation)
    asked = {"algorithm": "sha512", "data_digest": IMPRINT, "at": NOW, "subject": "t", **changed}
    return judge_token(read_token(octets), policy, **asked)


def codes(verdict: Verdict) -> list[str]:
    return [item.code for item in verdict.findings]


def test_the_query_is_what_openssl_would_ask(tmp_path):
    (tmp_path / "q").write_bytes(query("sha512", IMPRINT, 2**63 + 5))
    told = subprocess.run(
        ["openssl", "ts", "-query", "-in", "q", "-text"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "Hash Algorithm: sha512" in told
    assert f"Nonce: 0x{2**63 + 5:X}" in told
    assert "Certificate required: yes" in told


def test_a_policy_goes_into_the_query_and_none_is_asked_for_without_one():
    assert tsp.TimeStampReq.load(query("sha512", IMPRINT, 7, "1.3.76.16.1"))["req_policy"].native == "1.3.76.16.1"
    assert tsp.TimeStampReq.load(query("sha512", IMPRINT, 7))["req_policy"].native is None


def test_a_token_under_another_policy_than_asked_for_is_refused(liar: Liar):
    reply = liar.tell(IMPRINT)
    assert let_in(reply, policy="1.2.3") == let_in(reply)
    with pytest.raises(Malformed, match=r"^timestamp refused: expected policy 1\.2\.4, found 1\.2\.3$"):
        let_in(reply, policy="1.2.4")


def test_a_reply_grants_when_it_says_so_whatever_its_token_is_worth(liar: Liar, house: House):
    assert grants(liar.tell(OTHER, nonce=None, tsa=issue("W", liar.ca, usage=[ExtendedKeyUsageOID.SERVER_AUTH])))
    assert not grants(house.authority.answer(query("sha1", IMPRINT[:20], 7)))
    assert not any(map(grants, (b"", b"<html>", bytes.fromhex("30053003020100"))))


def indefinite(value: bytes, levels: int) -> bytes:
    """The same value, so many of its outer levels with an indefinite length: BER, and no longer DER."""
    _, _, _, _, content, _ = parser.parse(value)
    if levels > 1:
        head = parser.peek(content)
        content = content[:head] + indefinite(content[head:], levels - 1)
    return value[:1] + b"\x80" + content + b"\0\0"


@pytest.mark.parametrize("levels", [1, 2])
def test_a_token_in_ber_is_not_let_in_and_one_in_a_record_is_read(liar: Liar, levels: int):
    reply = liar.tell(IMPRINT)
    der = let_in(reply)
    ber = indefinite(der, levels)
    told = parser.emit(0, 1, 16, tsp.PKIStatusInfo({"status": "granted"}).dump() + ber)
    with pytest.raises(Malformed, match=r"^timestamp refused: expected a token in DER, found BER: [^;]*not DER$"):
        let_in(told)
    assert read_token(ber).octets == ber
    assert judged(ber, liar.ca.der) == Verdict()
    record = builder.initial([IMPRINT], [], ber)
    assert reader.read(record).chains[0][0].token == ber


SHAPES = {
    "a sequence of an integer and a string": ("3005 020101 0400", ""),
    "a long length": ("0481 80" + "00" * 128, ""),
    "an indefinite length": ("3080 020101 0000", "octet 0: length is not DER"),
    "one inside": ("3007 a080 020101 0000", "octet 2: length is not DER"),
    "a length longer than needed": ("048101 00", "octet 0: length is not DER"),
    "a length with a zero in front": ("04820081" + "00" * 129, "octet 0: length is not DER"),
    "a string in pieces": ("2403 040100", "octet 0: expected a string in one piece, found tag 24"),
    "a tag of two octets": ("3f8101 00", "octet 0: expected a tag of one octet, found 3f"),
    "less than it says": ("3005 0201", "expected 5 octets, found 2"),
    "a value that leaves its sequence": ("3003 0405 00", "octet 2: expected 5 octets, found 1"),
    "a string that looks like BER inside": ("0404 30800000", ""),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_der_is_told_from_ber(shape: str):
    octets, wrong = SHAPES[shape]
    if not wrong:
        check_der(bytes.fromhex(octets))
        return
    with pytest.raises(Malformed, match=wrong):
        check_der(bytes.fromhex(octets))


def test_der_as_deep_as_a_reply_may_be_large_is_walked_to_its_bottom():
    deep = b""
    for _ in range(3000):
        deep = parser.emit(0, 1, 16, deep)
    check_der(deep)
    with pytest.raises(Malformed, match="not DER"):
        check_der(deep.replace(b"\x30\x00", b"\x30\x80"))


def test_an_honest_token_is_cut_from_the_reply_as_it_is_and_passes(liar: Liar):
    reply = liar.tell(IMPRINT)
    octets = let_in(reply)
    assert reply.endswith(octets)
    token = read_token(octets)
    assert (token.gen_time, token.imprint, token.nonce, token.certificate) == (NOW, IMPRINT, 7, liar.tsa.der)
    assert judged(octets, liar.ca.der) == Verdict()


LIES = {
    "the nonce of another query": (lambda liar: liar.tell(IMPRINT, nonce=8), "expected nonce 7, found 8"),
    "no nonce": (lambda liar: liar.tell(IMPRINT, nonce=None), "expected nonce 7, found None"),
    "a nonce that fills the screen": (
        lambda liar: liar.tell(IMPRINT, nonce=1 << 20_000),
        "expected nonce 7, found a number of 20001 bits",
    ),
    "another imprint": (lambda liar: liar.tell(OTHER), f"expected sha512:{IMPRINT.hex()}, found sha512:{OTHER.hex()}"),
    "a certificate for the web": (
        lambda liar: liar.tell(IMPRINT, tsa=issue("W", liar.ca, usage=[ExtendedKeyUsageOID.SERVER_AUTH])),
        "found server_auth (critical)",
    ),
    "one for stamping and more": (
        lambda liar: liar.tell(IMPRINT, tsa=issue("W", liar.ca, usage=[*TSA_USAGE, ExtendedKeyUsageOID.SERVER_AUTH])),
        "found time_stamping, server_auth (critical)",
    ),
    "an uncritical usage": (
        lambda liar: liar.tell(IMPRINT, tsa=issue("W", liar.ca, usage=TSA_USAGE, critical=False)),
        "found time_stamping (not critical)",
    ),
    "an expired certificate": (
        lambda liar: liar.tell(IMPRINT, tsa=issue("Vecchia", liar.ca, usage=TSA_USAGE, end=NOW - DAY)),
        "Timestamp outside the validity",
    ),
    "one that begins tomorrow": (
        lambda liar: liar.tell(IMPRINT, tsa=issue("Giovane", liar.ca, usage=TSA_USAGE, start=NOW + DAY)),
        "Timestamp outside the validity",
    ),
    "another TSA's ESSCertID": (
        lambda liar: liar.tell(IMPRINT, bound=issue("Altra", liar.ca, usage=TSA_USAGE).der),
        "Certificate that the signature names",
    ),
    "a certificate that is not sent": (lambda liar: liar.tell(IMPRINT, certificates=()), "neither here nor among"),
    "two signers": (lambda liar: liar.tell(IMPRINT, signers=2), "expected exactly one signer, found 2"),
    "a signature over something else": (
        lambda liar: liar.tell(IMPRINT, spoil=lambda signature: liar.tsa.key.sign(b"x", SHA256_ECDSA)),
        "The signature (ecdsa sha256) does not fit",
    ),
    "a clock six minutes slow": (lambda liar: liar.tell(IMPRINT, at=NOW - 6 * MINUTE), "expected a time within"),
    "a clock six minutes fast": (lambda liar: liar.tell(IMPRINT, at=NOW + 6 * MINUTE), "expected a time within"),
    "a refusal with a token": (
        lambda liar: liar.tell(IMPRINT, status="rejection"),
        "expected status granted, found rej",
    ),
    "a token without a reply around it": (lambda liar: let_in(liar.tell(IMPRINT)), "expected a TimeStampResp"),
    "octets after the reply": (lambda liar: liar.tell(IMPRINT) + b"\n", "expected a TimeStampResp"),
    "half a reply": (lambda liar: liar.tell(IMPRINT)[:700], "expected a TimeStampResp"),
    "status alone": (lambda liar: bytes.fromhex("30053003020100"), "expected a token, found none"),
    "HTML": (lambda liar: b"<html><body>502 Bad Gateway</body></html>", "found b'<html><body>502"),
    "nothing": (lambda liar: b"", "found an empty answer"),
}


@pytest.mark.parametrize("lie", LIES)
def test_each_lie_of_an_authority_is_refused_for_its_own_reason(liar: Liar, lie: str):
    tell, reason = LIES[lie]
    with pytest.raises(Malformed, match=re.escape(reason)) as refusal:
        let_in(tell(liar))
    assert str(refusal.value).count(";") == 0, "one lie, one reason"


def test_a_refusal_gives_the_authoritys_reason(house: House):
    with pytest.raises(Malformed, match=r"found rejection: .*bad_alg.*digest sha1"):
        let_in(house.authority.answer(query("sha1", IMPRINT[:20], 7)))


def test_no_flipped_octet_changes_what_a_token_that_is_let_in_says(liar: Liar):
    reply = liar.tell(IMPRINT)
    honest = read_token(let_in(reply))
    survivors = 0
    for place in range(len(reply)):
        flipped = bytearray(reply)
        flipped[place] ^= 1 << place % 8
        try:
            token = read_token(let_in(bytes(flipped)))
        except Malformed:
            continue
        survivors += 1
        assert (token.gen_time, token.imprint, token.algorithm, token.certificate, token.signed.signed_octets) == (
            honest.gen_time,
            honest.imprint,
            honest.algorithm,
            honest.certificate,
            honest.signed.signed_octets,
        )
    assert survivors < 12, "versions, status, digestAlgorithms and the like; all else must be refused"


def test_a_token_is_believed_only_by_those_who_trust_its_authority(liar: Liar, house: House):
    octets = let_in(liar.tell(IMPRINT))
    assert codes(judged(octets)) == ["CHAIN_NOT_FOUND"]
    assert codes(judged(octets, house.anchor)) == ["CHAIN_NOT_FOUND"]


def test_a_token_over_other_data_fails(liar: Liar):
    assert judged(let_in(liar.tell(IMPRINT)), liar.ca.der, data_digest=OTHER).sub_indication == "HASH_FAILURE"
    assert judged(let_in(liar.tell(IMPRINT)), liar.ca.der, algorithm="sha3_512").sub_indication == "HASH_FAILURE"


def test_a_token_whose_certificate_ended_without_renewal_is_in_doubt(liar: Liar):
    later = judged(let_in(liar.tell(IMPRINT)), liar.ca.der, at=NOW + 500 * DAY)
    assert (later.indication, codes(later)) == (Indication.INDETERMINATE, ["TOKEN_RENEWAL_OVERDUE"])


def test_a_token_from_the_future_is_in_doubt(liar: Liar):
    assert codes(judged(let_in(liar.tell(IMPRINT)), liar.ca.der, at=NOW - DAY)) == ["TOKEN_FROM_FUTURE"]


@pytest.mark.parametrize(
    ("days", "reason", "indication"),
    [
        (-1, None, Indication.FAILED),
        (9, ReasonFlags.key_compromise, Indication.INDETERMINATE),
        (9, ReasonFlags.cessation_of_operation, Indication.PASSED),
    ],
)
def test_a_token_falls_with_its_authoritys_key(liar: Liar, days, reason, indication):
    entries = {liar.tsa.certificate.serial_number: (NOW + days * DAY, reason)}
    listed = revocations(liar.ca, entries, NOW + 10 * DAY)
    verdict = judged(let_in(liar.tell(IMPRINT)), liar.ca.der, crls=[listed], require_revocation=True, at=NOW + 20 * DAY)
    assert verdict.indication is indication


def test_an_injected_certificate_of_the_same_name_and_number_is_not_taken_for_the_signers(liar: Liar):
    twin = issue("Una TSA", liar.ca, usage=TSA_USAGE, serial=liar.tsa.certificate.serial_number)
    bare = tsp.TimeStampResp.load(liar.tell(IMPRINT, certificates=()))["time_stamp_token"].dump()
    assert read_token(bare, (twin.der, liar.tsa.der)).certificate == liar.tsa.der
    assert judged(let_in(liar.tell(IMPRINT, certificates=(twin.der, liar.tsa.der))), liar.ca.der) == Verdict()


def test_openssl_made_tokens_with_rsa_are_read(tmp_path, liar: Liar):
    """openssl's own TSA, RSA PKCS#1 v1.5: a reading of our own, a writing of theirs."""
    run = {"cwd": tmp_path, "check": True, "capture_output": True}
    (tmp_path / "c.cnf").write_text(
        "[ext]\nextendedKeyUsage=critical,timeStamping\nbasicConstraints=critical,CA:true\n"
        "[tsa]\ndefault_tsa=t\n[t]\nserial=./serial\ndefault_policy=1.2.3\ndigests=sha512\nsigner_digest=sha256\n"
        "ess_cert_id_alg=sha256\n[req]\ndistinguished_name=dn\n[dn]\n"
    )
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "q").write_bytes(query("sha512", IMPRINT, 7))
    make = "req -x509 -config c.cnf -extensions ext -subj /CN=TSA -newkey rsa:2048 -nodes -keyout k -out c -days 30"
    answer = "ts -reply -config c.cnf -section t -queryfile q -inkey k -signer c -out r"
    for command in (make, answer):
        subprocess.run(["openssl", *command.split()], **run)
    reply = (tmp_path / "r").read_bytes()
    made_at = tsp.TSTInfo.load(
        bytes(tsp.TimeStampResp.load(reply)["time_stamp_token"]["content"]["encap_content_info"]["content"])
    )["gen_time"].native
    octets = let_in(reply, at=made_at)
    anchor = b64decode("".join((tmp_path / "c").read_text().splitlines()[1:-1]))
    assert codes(judged(octets, anchor, at=made_at)) == []


def test_the_chains_encoding_does_not_matter_only_der_is_taken(liar: Liar):
    pem = liar.ca.certificate.public_bytes(Encoding.PEM)
    assert codes(judged(let_in(liar.tell(IMPRINT)), pem)) == ["CHAIN_NOT_FOUND"]
