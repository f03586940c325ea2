"""Tokens of other authorities, good and bad on purpose: each judged for what it is, under the anchor that it needs."""

import re
from base64 import b64decode
from datetime import UTC, datetime

import pytest
from asn1crypto import tsp
from support.tools import shared

from archiver.chain import Material
from archiver.errors import Malformed
from archiver.evidence.policy import Policy
from archiver.evidence.timestamp import Token, judge_token, read_token, token_of
from archiver.verdict import Indication, Verdict

NOW = datetime(2026, 11, 22, tzinfo=UTC)

PASSED, OPEN, FAILED = Indication.PASSED, Indication.INDETERMINATE, Indication.FAILED

# file, the anchor (the last certificate of which chain; "" none; "bag N": a certificate that the token carries), the
# moment (None: its own), what else is at hand (True: the rest of that chain), the outcome and what is found
TABLE = [
    ("trailofbits/sigstage/response-sha256.tsr", "sigstage", None, False, PASSED, []),
    ("trailofbits/sigstage/response-sha384.tsr", "sigstage", None, False, PASSED, []),
    ("trailofbits/sigstage/response-sha512.tsr", "sigstage", None, False, PASSED, []),
    ("trailofbits/sigstage/response-sha512.tsr", "sigstage", NOW, False, PASSED, []),
    ("trailofbits/sigstage/response-sha512.tsr", "test_tsa", None, True, OPEN, ["CHAIN_NOT_FOUND"]),
    ("trailofbits/sigstage/response-sha512.tsr", "", None, False, OPEN, ["CHAIN_NOT_FOUND"]),
    ("trailofbits/sigstage/response-invalid-signature.tsr", "sigstage", None, True, FAILED, ["CMS_SIGNATURE"]),
    ("trailofbits/sigstage/response-no-embedded-cert.tsr", "sigstage", None, False, OPEN, ["CMS_SIGNER_ABSENT"]),
    ("trailofbits/sigstage/response-no-embedded-cert.tsr", "sigstage", None, True, PASSED, []),
    ("trailofbits/sigstore.mock/response-expired.tsr", "sigstore.mock", None, True, PASSED, []),
    ("trailofbits/sigstore.mock/response-expired.tsr", "sigstore.mock", NOW, True, OPEN, ["TOKEN_RENEWAL_OVERDUE"]),
    ("trailofbits/test_tsa/response.tsr", "test_tsa", None, True, PASSED, []),
    ("trailofbits/test_tsa/response.tsr", "test_tsa", None, False, OPEN, ["CHAIN_NOT_FOUND"]),
    # of the same names, under another root
    ("trailofbits/test_tsa/other_response.tsr", "test_tsa", None, True, OPEN, ["CHAIN_NOT_FOUND"]),
    # whose certificate of the right name lies in the bag too: it is the genuine authority's, and of nobody else
    ("trailofbits/test_tsa/response-injected-certs.tsr", "test_tsa", None, True, PASSED, []),
    ("trailofbits/test_tsa/response-injected-certs.tsr", "bag 0", None, False, OPEN, ["CHAIN_NOT_FOUND"]),
    ("trailofbits/test_tsa/response-injected-certs.tsr", "bag 1", None, False, OPEN, ["CHAIN_NOT_FOUND"]),
    ("trailofbits/identrust/issue-104.tsr", "identrust", None, False, PASSED, []),
    ("trailofbits/identrust/issue-104.tsr", "bag 1", None, False, PASSED, []),
    ("trailofbits/identrust/issue-104.tsr", "identrust", NOW, False, OPEN, ["TOKEN_RENEWAL_OVERDUE"]),
    ("asn1crypto/tsp_response", "", None, False, OPEN, ["CMS_SIGNER_ABSENT", "ALGORITHM_SPENT"]),
]


def chain(name: str) -> list[bytes]:
    octets = shared(f"corpus/tst/trailofbits/{name}/ts_chain.pem").read_bytes()
    blocks = re.findall(rb"BEGIN CERTIFICATE-----([^-]+)-", octets)
    return [b64decode(block) for block in blocks] or [octets]


def reply(name: str) -> bytes:
    return shared(f"corpus/tst/{name}").read_bytes()


def opened(name: str, known: list[bytes]) -> Token:
    return read_token(tsp.TimeStampResp.load(reply(name))["time_stamp_token"].dump(), known)


def judged(name: str, anchor: str, at: datetime | None, *, beside: bool) -> tuple[Token, Verdict]:
    known = chain(anchor) if anchor and not anchor.startswith("bag") else []
    token = opened(name, known if beside else [])
    trusted = [token.certificates[int(anchor[4:])]] if anchor.startswith("bag") else known[-1:]
    policy = Policy(Material(tuple(trusted), tuple(known if beside else ())))
    verdict = judge_token(
        token,
        policy,
        algorithm=token.algorithm,
        data_digest=token.imprint,
        at=at or token.gen_time,
        subject=name,
    )
    return token, verdict


@pytest.mark.parametrize(("name", "anchor", "at", "beside", "indication", "codes"), TABLE)
def test_each_token_gets_the_verdict_that_its_name_promises(name, anchor, at, beside, indication, codes):
    _, verdict = judged(name, anchor, at, beside=beside)
    assert (verdict.indication, [item.code for item in verdict.findings]) == (indication, codes)


def test_every_reply_of_the_corpus_is_in_the_table():
    folder = shared("corpus/tst")
    replies = {*folder.rglob("*.tsr"), *folder.rglob("*tsp_response*")}
    assert {str(path.relative_to(folder)) for path in replies} == {row[0] for row in TABLE}


def test_the_signer_of_the_token_with_injected_certificates_is_the_genuine_one():
    token, _ = judged("trailofbits/test_tsa/response-injected-certs.tsr", "test_tsa", None, beside=True)
    assert token.certificate == chain("test_tsa")[0] == token.certificates[2]


REQUESTS = [
    ("trailofbits/test_tsa/request.der", "trailofbits/test_tsa/response.tsr", None),
    ("trailofbits/test_tsa/other_request.der", "trailofbits/test_tsa/other_response.tsr", "expected nonce"),
    ("trailofbits/test_tsa/other_request.der", "trailofbits/test_tsa/response.tsr", "expected nonce"),
    ("trailofbits/test_tsa/request.der", "trailofbits/sigstage/response-sha512.tsr", "expected nonce"),
    ("trailofbits/test_tsa/request.der", "trailofbits/sigstage/response-sha384.tsr", "Imprint in the timestamp"),
    ("asn1crypto/tsp_request", "asn1crypto/tsp_response", "neither here nor among"),
]


@pytest.mark.parametrize(("asked", "answered", "words"), REQUESTS)
def test_a_reply_is_let_in_for_its_own_request_only(asked: str, answered: str, words: str | None):
    request = tsp.TimeStampReq.load(shared(f"corpus/tst/{asked}").read_bytes())
    wanted = {
        "algorithm": request["message_imprint"]["hash_algorithm"]["algorithm"].native,
        "imprint": request["message_imprint"]["hashed_message"].native,
        "nonce": request["nonce"].native,
        "at": opened(answered, []).gen_time,
    }
    if words is None:
        assert token_of(reply(answered), **wanted) in reply(answered)
        return
    with pytest.raises(Malformed, match=words):
        token_of(reply(answered), **wanted)


def test_a_token_falls_when_any_octet_of_what_was_signed_is_turned():
    name = "trailofbits/identrust/issue-104.tsr"
    octets = tsp.TimeStampResp.load(reply(name))["time_stamp_token"].dump()
    token, policy = read_token(octets), Policy(Material(tuple(chain("identrust")[-1:])))
    for part in (token.signed.content, token.signed.signature, token.certificate):
        start = octets.index(part)
        for place in range(start, start + len(part), 17):
            bent = octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]
            try:
                changed = read_token(bent)
            except Malformed:
                continue
            verdict = judge_token(
                changed,
                policy,
                algorithm=token.algorithm,
                data_digest=token.imprint,
                at=token.gen_time,
                subject="t",
            )
            assert verdict.indication is not Indication.PASSED, place
