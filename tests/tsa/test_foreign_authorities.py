"""Authorities that others wrote, and other judges than ours: certomancer, and openssl on both sides."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha512
from pathlib import Path

import pytest
from asn1crypto import tsp
from servers.certomancer import FAKE_TIME, POLICY, Certomancer
from support.tools import tool
from tsa.asking import IMPRINT, account, believed
from tsa.liar import Liar
from tsa.relay import Relay
from tsa.scripted import Scripted

from archiver.adapters.tsa import HttpAuthority
from archiver.errors import Malformed
from archiver.evidence.timestamp import query, read_token

PRESENTED = b"una radice"
LIVING = ("rsa2048", "rsa3072", "pss", "p256", "ed25519")
TS_CANNOT, CMS_CANNOT = ("pss", "ed25519"), ("ed25519",)
"""What openssl 3.0 cannot verify, in a timestamp by its own name for one, and as the CMS that it is."""
POLICIES = ("1.3.6.1.4.1.99999.2.1", "1.3.6.1.4.1.99999.2.2")
_TSA = f"""\
[tsa]
default_tsa = one
[one]
serial = ./serial
default_policy = {POLICIES[0]}
other_policies = {POLICIES[1]}
digests = sha512
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
ess_cert_id_chain = no
"""


def openssl(*arguments: str, folder: Path, data: bytes | None = None) -> bytes:
    done = subprocess.run([tool("openssl"), *arguments], cwd=folder, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def openssl_verifies(token: bytes, ca: bytes, folder: Path, *, data: bytes = PRESENTED) -> bool:
    """Whether openssl believes the token over these data."""
    (folder / "token").write_bytes(token)
    (folder / "data").write_bytes(data)
    (folder / "ca.pem").write_bytes(ca)
    return judged("ts", "-verify", "-in", "token", "-token_in", "-data", "data", "-CAfile", "ca.pem", folder=folder)


def judged(*arguments: str, folder: Path) -> bool:
    """Whether openssl says yes."""
    return subprocess.run([tool("openssl"), *arguments], cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("kind", LIVING)
def test_a_foreign_token_is_believed_by_us_and_by_openssl(certomancer: Certomancer, tmp_path: Path, kind: str) -> None:
    authority = HttpAuthority(account(certomancer.url(kind), timeout=30))
    token = believed(authority, certomancer.anchor, crls=[certomancer.crl()], policy=POLICY)
    assert kind in TS_CANNOT or openssl_verifies(token, certomancer.ca.read_bytes(), tmp_path)
    assert not openssl_verifies(token, certomancer.ca.read_bytes(), tmp_path, data=b"altro")
    cms = ("cms", "-verify", "-inform", "DER", "-in", "token", "-purpose", "timestampsign", "-CAfile", "ca.pem")
    assert kind in CMS_CANNOT or judged(*cms, folder=tmp_path)


def test_a_foreign_authority_that_does_not_heed_the_policy_is_refused(certomancer: Certomancer) -> None:
    authority = HttpAuthority(account(certomancer.url("p256"), timeout=30))
    with pytest.raises(Malformed, match=f"expected policy 1.2.3.4, found {POLICY}"):
        believed(authority, certomancer.anchor, policy="1.2.3.4")


def test_a_foreign_authority_whose_certificate_has_ended_is_refused(certomancer: Certomancer) -> None:
    authority = HttpAuthority(account(certomancer.url("ended"), timeout=30))
    with pytest.raises(Malformed, match=r"outside the validity of the TSA's certificate: .* and 2025-01-01"):
        believed(authority, certomancer.anchor)


def test_the_certificate_is_judged_on_the_day_of_the_token(certomancer: Certomancer) -> None:
    """On that day it was valid, and so the token stays; to be believed today it would need a renewal."""
    day = datetime(2024, 6, 1, 12, tzinfo=UTC)
    with Relay(adds={FAKE_TIME: day.isoformat()}) as relay:
        authority = HttpAuthority(account(certomancer.url("ended"), proxy=relay.url, timeout=30))
        crl = certomancer.crl(day.isoformat())
        assert read_token(believed(authority, certomancer.anchor, at=day, crls=[crl])).gen_time == day
        with pytest.raises(Malformed, match="expected a time within 0:05:00"):
            believed(authority, certomancer.anchor)


@pytest.fixture
def answering(liar: Liar, tmp_path: Path) -> Iterator[Scripted]:
    """openssl's own TSA behind a socket, with a certificate of the liar's CA."""
    tool("openssl")
    held = liar.house.give("TSA di openssl")
    for name, octets in (("tsa.pem", held.pem), ("tsa.key", held.key_pem), ("tsa.cnf", _TSA.encode())):
        (tmp_path / name).write_bytes(octets)
    (tmp_path / "serial").write_text("01\n")
    reply = "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key"

    def answer(query: bytes) -> bytes:
        (tmp_path / "query").write_bytes(query)
        return openssl(*reply.split(), folder=tmp_path)

    with Scripted(lambda asked: answer(asked.body)) as server:
        yield server


@pytest.mark.parametrize("policy", ["", *POLICIES])
def test_openssls_own_authority_is_believed(answering: Scripted, liar: Liar, tmp_path: Path, policy: str) -> None:
    token = believed(HttpAuthority(account(answering.url, timeout=30)), liar.anchor, policy=policy)
    assert read_token(token).policy == policy or (not policy and read_token(token).policy == POLICIES[0])
    assert openssl_verifies(token, liar.house.ca.pem, tmp_path)


def test_openssls_own_authority_refuses_a_policy_that_it_does_not_have(answering: Scripted, liar: Liar) -> None:
    with pytest.raises(Malformed, match=r"found rejection: .*unaccepted_policy"):
        believed(HttpAuthority(account(answering.url, timeout=30)), liar.anchor, policy="1.2.3.4")


def test_openssl_reads_our_question_as_it_is_meant(tmp_path: Path) -> None:
    (tmp_path / "query").write_bytes(query("sha512", IMPRINT, 0xABCDEF0123456789, POLICIES[1]))
    told = openssl("ts", "-query", "-in", "query", "-text", folder=tmp_path).decode()
    for line in (f"Policy OID: {POLICIES[1]}", "Nonce: 0xABCDEF0123456789", "Certificate required: yes"):
        assert line in told


def test_what_the_liar_says_when_it_is_honest_openssl_believes_too(liar: Liar, tmp_path: Path) -> None:
    """So that a lie is refused for what is false in it, and not for something else."""
    reply = liar.tell(query("sha512", sha512(PRESENTED).digest(), 7))
    token = tsp.TimeStampResp.load(reply)["time_stamp_token"].dump()
    assert openssl_verifies(token, liar.house.ca.pem, tmp_path)
