"""An authority that lies over HTTP: every lie is refused for its own reason, and for no other."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import repeat

import pytest
from tsa.asking import Unbelievable, account, believed
from tsa.liar import SIGNING_CODE, STAMPING, House, Liar, in_ber, parts, refusal, with_more_inside
from tsa.scripted import REPLY, Raw, Reply, Scripted

from archiver.adapters.tsa import HttpAuthority
from archiver.errors import Malformed, Unavailable
from archiver.verdict import finding

HOUR = timedelta(hours=1)
OTHER = House("Un'altra CA").give()
Lie = Callable[[Liar, bytes], Reply | Raw | bytes]


def told(**lie: object) -> Lie:
    return lambda liar, query: liar.tell(query, **lie)


def given(**quality: object) -> Lie:
    return lambda liar, query: liar.tell(query, by=liar.house.give("Cattiva", **quality))


def altered(change: Callable[[bytes], bytes]) -> Lie:
    return lambda liar, query: change(liar.tell(query))


def page(status: int = 200, kind: str = "text/html") -> Lie:
    body = b"<html><head><title>x</title></head><body><h1>Servizio  sospeso</h1> per manutenzione</body></html>"
    return lambda liar, query: Reply(status, {"content-type": kind}, body)


def trickle(liar: Liar, query: bytes) -> Reply:
    return Reply(headers={"content-type": REPLY}, body=(b"0" for _ in repeat(0)), pause=0.05)


def trickling_headers(liar: Liar, query: bytes) -> Raw:
    return Raw((octet for octet in (b"HTTP/1.1 200 OK\r\n", *repeat(b"x", 200))), pause=0.05)


def huge(liar: Liar, query: bytes) -> Reply:
    return Reply(headers={"content-type": REPLY}, body=bytes(10 << 20))


def endless(liar: Liar, query: bytes) -> Reply:
    def octets() -> Iterator[bytes]:
        while True:
            yield bytes(1 << 16)

    return Reply(headers={"content-type": REPLY}, body=octets())


LIES: dict[str, tuple[Lie, type[Exception], str]] = {
    # what was stamped (RFC 3161, 2.4.2)
    "another imprint": (told(imprint=b"\x11" * 64), Malformed, "Imprint in the timestamp: expected sha512:"),
    "the imprint under another algorithm": (told(algorithm="sha3_512"), Malformed, "found sha3_512:"),
    "another nonce": (told(nonce=7), Malformed, r"expected nonce \d+, found 7"),
    "no nonce": (told(nonce=None), Malformed, r"expected nonce \d+, found None"),
    "another version": (told(version=2), Malformed, "expected version 1"),
    "an hour slow": (told(late=-HOUR), Malformed, "expected a time within 0:05:00"),
    "an hour fast": (told(late=HOUR), Malformed, "expected a time within 0:05:00"),
    # who stamped it (2.3; RFC 5816)
    "a certificate for code": (given(usage=(SIGNING_CODE,)), Malformed, r"found code_signing \(critical\)"),
    "a certificate for anything": (given(usage=()), Malformed, r"found none \(not critical\)"),
    "a certificate for two purposes": (
        given(usage=(STAMPING, SIGNING_CODE)), Malformed, r"found time_stamping, code_signing \(critical\)",
    ),
    "a usage that is not critical": (given(critical=False), Malformed, r"found time_stamping \(not critical\)"),
    "an expired certificate": (given(days=(-400, -1)), Malformed, "Timestamp outside the validity"),
    "a certificate of tomorrow": (given(days=(1, 30)), Malformed, "Timestamp outside the validity"),
    "a certificate of another authority": (told(by=OTHER), Unbelievable, "^CHAIN_NOT_FOUND$"),
    "another certificate's ESSCertIDv2": (told(named=OTHER), Malformed, "Certificate that the signature names"),
    "another certificate's ESSCertID": (
        told(named=OTHER, named_by="v1"), Malformed, "Certificate that the signature names",
    ),
    "no ESSCertID": (told(named_by=""), Malformed, "does not say which certificate made it"),
    "no certificate": (told(certificates=()), Malformed, "certificate is neither here nor among"),
    "two signers": (told(signers=2), Malformed, "expected exactly one signer, found 2"),
    "no signer": (told(signers=0), Malformed, "expected exactly one signer, found 0"),
    # the signature (RFC 5652, 5)
    "a wrong signature": (
        told(spoil=lambda signature: signature[:-1] + bytes([signature[-1] ^ 1])), Malformed, "does not fit what was",
    ),
    "the digest of other content": (told(digested=b"altro"), Malformed, "Digest of the signed content"),
    "content of another type": (told(kind="data"), Malformed, "Type of the signed content: expected tst_info"),
    "a signature with SHA-1": (told(digest="sha1"), Unbelievable, "^ALGORITHM_SPENT$"),
    # the reply around it (2.4.2)
    "a rejection": (
        lambda liar, query: refusal("rejection", "bad_alg", "troppo"), Malformed, "found rejection: .*bad_alg.*troppo",
    ),
    "waiting": (
        lambda liar, query: refusal("waiting", "time_not_available", "poi"), Malformed, "granted, found waiting",
    ),
    "granted, and no token": (
        lambda liar, query: refusal("granted", "bad_alg", ""), Malformed, "granted: expected a token, found none",
    ),
    "a token with a rejection": (told(status="rejection"), Malformed, "expected status granted, found rejection"),
    "a token without a reply": (altered(lambda reply: parts(reply)[1]), Malformed, "expected a TimeStampResp in DER"),
    "a token in BER": (altered(in_ber), Malformed, "expected a token in DER, found BER: .*length is not DER"),
    "octets behind the reply": (altered(lambda reply: reply + b"\n"), Malformed, "expected a TimeStampResp in DER"),
    "octets behind the token": (
        altered(lambda reply: with_more_inside(reply, b"\x05\x00")), Malformed, "not a CMS SignedData",
    ),
    "half a reply": (altered(lambda reply: reply[:300]), Malformed, "expected a TimeStampResp in DER"),
    # HTTP (3.4)
    "a page": (page(), Unavailable, f"HTTP 200: atteso {REPLY}, trovato text/html.*«Servizio sospeso per manuten"),
    "a page that calls itself a reply": (page(kind=REPLY), Malformed, "expected a TimeStampResp in DER, found b'<html"),
    "an empty body": (lambda liar, query: b"", Unavailable, r"HTTP 200: risposta vuota \(empty answer\)"),
    "no answer": (lambda liar, query: Raw(), Unavailable, "connessione interrotta"),
    "no HTTP": (lambda liar, query: Raw([b"220 mail.example.it ESMTP\r\n"]), Unavailable, "connessione interrotta"),
    "less than announced": (
        lambda liar, query: Reply(headers={"content-type": REPLY, "content-length": "999"}, body=b"0", length=False),
        Unavailable, "connessione interrotta",
    ),
    "ten megabytes": (huge, Unavailable, "risposta oltre 1048576 byte"),
    "no end": (endless, Unavailable, "risposta oltre 1048576 byte"),
    "a compressed reply": (
        lambda liar, query: Reply(headers={"content-type": REPLY, "content-encoding": "gzip"}, body=b"\x1f\x8b"),
        Unavailable, r"risposta compressa \(gzip\)",
    ),
    "a trickle": (trickle, Unavailable, r"nessuna risposta completa entro 1 s \(timed out\)"),
    "a trickle of headers": (trickling_headers, Unavailable, r"nessuna risposta completa entro 1 s \(timed out\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_every_lie_is_refused_for_its_own_reason(liar: Liar, name: str) -> None:
    lie, refusing, words = LIES[name]
    with Scripted(lambda asked: lie(liar, asked.body)) as server:
        authority = HttpAuthority(account(server.url, timeout=1.0 if "trickle" in name else 20.0))
        with pytest.raises((Unavailable, Malformed, Unbelievable)) as refused:
            believed(authority, liar.anchor)
    assert refused.type is refusing, refused.value
    assert re.search(words, str(refused.value)), refused.value
    reasons = str(refused.value).removesuffix("; tentativi: 1; riprovare più tardi (try again later)")
    assert "; " not in reasons, "one lie, one reason"


@pytest.mark.parametrize("truth", [{}, {"named_by": "v1"}, {"status": "granted_with_mods"}], ids=str)
def test_the_truth_is_believed_in_each_of_its_shapes(liar: Liar, truth: dict[str, str]) -> None:
    with Scripted(lambda asked: liar.tell(asked.body, **truth)) as server:
        assert believed(HttpAuthority(account(server.url)), liar.anchor)


def test_a_policy_is_asked_for_and_another_one_refused(liar: Liar) -> None:
    with Scripted(lambda asked: liar.tell(asked.body)) as server:
        assert believed(HttpAuthority(account(server.url)), liar.anchor, policy="1.2.3.4")
    with Scripted(lambda asked: liar.tell(asked.body, policy="1.2.3.5")) as server:
        authority = HttpAuthority(account(server.url))
        assert believed(authority, liar.anchor), "who asks for none takes any"
        with pytest.raises(Malformed, match=r"refused: expected policy 1\.2\.3\.4, found 1\.2\.3\.5$"):
            believed(authority, liar.anchor, policy="1.2.3.4")


def test_the_answer_to_another_question_is_refused_even_over_the_same_digest(liar: Liar) -> None:
    kept: list[bytes] = []

    def replaying(asked: object) -> bytes:
        kept.append(liar.tell(server.asked[-1].body))
        return kept[0]

    with Scripted(replaying) as server:
        authority = HttpAuthority(account(server.url))
        assert believed(authority, liar.anchor)
        with pytest.raises(Malformed, match=r"refused: expected nonce \d+, found \d+$"):
            believed(authority, liar.anchor)


def test_a_revoked_authority_is_not_believed(liar: Liar) -> None:
    listed = liar.house.revoking(liar.tsa)
    with Scripted(lambda asked: liar.tell(asked.body)) as server:
        authority = HttpAuthority(account(server.url))
        with pytest.raises(Unbelievable, match=r"^CERTIFICATE_REVOKED$"):
            believed(authority, liar.anchor, crls=[listed])
        assert believed(authority, liar.anchor), "without the list nobody knows"


def test_a_certificate_with_the_name_of_ours_and_another_key_proves_nothing(liar: Liar) -> None:
    """The CA's name is not its key."""
    forged = House(liar.house.name).give()
    with Scripted(lambda asked: liar.tell(asked.body, by=forged)) as server, pytest.raises(Unbelievable) as refused:
        believed(HttpAuthority(account(server.url)), liar.anchor)
    assert str(refused.value) in ("CHAIN_NOT_FOUND", "CHAIN_REFUSED")


def test_every_code_named_here_is_one_that_findings_have() -> None:
    codes = [words.strip("^$") for _, kind, words in LIES.values() if kind is Unbelievable]
    assert all(finding(code, "t") for code in codes)
