"""RFC 3161 timestamps: the question, the token in the answer, and what it is worth.

The token's octets are kept exactly as the authority sent them, cut from its reply and never encoded again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from asn1crypto import parser, tsp, x509

from archiver.chain import ChainResult, lasting, validate
from archiver.errors import Malformed
from archiver.evidence.algorithms import Catalogue
from archiver.evidence.cms import UNREADABLE, Signed, faults, open_signed
from archiver.evidence.der import check_der
from archiver.evidence.policy import Policy
from archiver.verdict import Finding, Indication, Verdict, finding, verdict

MARGIN = timedelta(minutes=5)
"""How far an authority's clock may be from ours."""
_SHOWN_BITS = 512
"""A longer number is not written out."""


@dataclass(frozen=True, slots=True)
class Token:
    """A timestamp token as it reads; nothing in it is proven yet. `imprint` is raw, `algorithm` as in `sha512`.

    `certificate` is the signer's (None when nothing at hand is), the other three what the token carries, DER.
    """

    octets: bytes = field(repr=False)
    gen_time: datetime
    algorithm: str
    imprint: bytes
    serial: int
    policy: str
    nonce: int | None
    certificate: bytes | None = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    ocsps: tuple[bytes, ...] = field(repr=False)
    signed: Signed = field(repr=False)


class End(NamedTuple):
    """Until when (exclusive) a token proves something by itself; `reason`: `certificate`, `digest` or `signature`.

    `name` says which: the subject of the certificate, the TSA's or a CA's above it, or the algorithm.
    """

    at: datetime
    reason: str
    name: str


def query(algorithm: str, imprint: bytes, nonce: int, policy: str = "") -> bytes:
    """The TimeStampReq for `imprint`, DER; the authority is asked for its certificate (RFC 3161, 2.4.1).

    `policy`: the OID of the policy under which the token shall be given; empty leaves it to the authority.
    """
    import rfc3161ng

    if not hasattr(rfc3161ng, f"id_{algorithm}"):  # it has no SHA-3
        return _query(algorithm, imprint, nonce, policy)
    asked = rfc3161ng.make_timestamp_request(
        digest=imprint, hashname=algorithm, include_tsa_certificate=True, nonce=nonce, tsa_policy_id=policy or None
    )
    return bytes(rfc3161ng.encode_timestamp_request(asked))


def _query(algorithm: str, imprint: bytes, nonce: int, policy: str) -> bytes:
    stamped = {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": imprint}
    asked = {"version": "v1", "message_imprint": stamped, "nonce": nonce, "cert_req": True}
    return bytes(tsp.TimeStampReq(asked | ({"req_policy": policy} if policy else {})).dump())


def grants(reply: bytes) -> bool:
    """Whether the reply says that a token was given, whatever it is worth."""
    try:
        return bool(_cut(reply))
    except Malformed:
        return False


def token_of(
    reply: bytes, *, algorithm: str, imprint: bytes, nonce: int | None, at: datetime, policy: str = ""
) -> bytes:
    """The token in a TimeStampResp, its octets as received (RFC 3161, 2.4.2).

    Raises Malformed, with all that is wrong, for: a status other than granted, no token, one that is not DER, another
    imprint, nonce or `policy` (the one asked for; empty: any), other than one signer, a certificate that is no TSA's or
    not the one meant, a wrong signature, or a time that lies outside the certificate's validity or more than five
    minutes from `at`. Trust is not judged: no anchor is asked for.
    """
    octets = _cut(reply)
    _must_be_der(octets)
    token = read_token(octets)
    wrong = [item.text("en") for item in _defects(token, algorithm, imprint, "token")]
    if token.nonce != nonce:
        wrong.append(f"expected nonce {nonce}, found {_shown(token.nonce)}")
    if policy and token.policy != policy:
        wrong.append(f"expected policy {policy}, found {token.policy}")
    if abs(token.gen_time - at) > MARGIN:
        wrong.append(f"expected a time within {MARGIN} of {at}, found {token.gen_time}")
    if wrong:
        raise Malformed(f"timestamp refused: {'; '.join(wrong)}")
    return octets


def claimed(reply: bytes) -> datetime:
    """The time that a TimeStampResp's token claims; nothing of it is judged. Raises Malformed when there is none."""
    return read_token(_cut(reply)).gen_time


def read_token(octets: bytes, extra: Iterable[bytes] = ()) -> Token:
    """A token, read; `extra` are certificates to look for the signer's in. Raises Malformed."""
    signed = open_signed(octets, tuple(extra))
    try:
        info = tsp.TSTInfo.load(signed.content or b"", strict=True)
        if not (info["gen_time"].native.tzinfo and info["version"].native == "v1"):
            raise Malformed("TSTInfo: expected version 1 and a genTime in UTC")
        return Token(
            octets=octets,
            gen_time=info["gen_time"].native,
            algorithm=info["message_imprint"]["hash_algorithm"]["algorithm"].native,
            imprint=info["message_imprint"]["hashed_message"].native,
            serial=info["serial_number"].native,
            policy=info["policy"].native,
            nonce=info["nonce"].native,
            certificate=signed.certificate,
            certificates=signed.certificates,
            crls=signed.crls,
            ocsps=signed.ocsps,
            signed=signed,
        )
    except UNREADABLE as error:
        raise Malformed(f"token holds no TSTInfo: {error}") from error


def end_of(token: Token, catalogue: Catalogue, certificates: Iterable[bytes] = ()) -> End:
    """What ends first: a certificate of the TSA's path, one of the digests, or the signature's algorithm at its size.

    It should be renewed before (RFC 4998, 5; standards behind the ends: `catalogue.source`). An algorithm that the
    catalogue does not know ends at the token's own time; so does a token whose certificate is not at hand. The CAs of
    the path are those that the token carries or `certificates` (DER) hold, but for a root, which issued itself.
    """
    ends = [_algorithm_end(token, "digest", token.algorithm, 0, catalogue)]
    digests = {token.algorithm, token.signed.digest_algorithm, token.signed.mechanism.digest}
    for name, bits in token.signed.algorithms:
        ends.append(_algorithm_end(token, "digest" if name in digests else "signature", name, bits, catalogue))
    if token.certificate is None:
        ends.append(End(token.gen_time, "certificate", ""))
    else:
        last = lasting(token.certificate, (*token.certificates, *certificates))
        ends.append(End(last.end, "certificate", last.name))
    return min(ends, key=lambda end: end.at)


def judge_token(
    token: Token, policy: Policy, *, algorithm: str, data_digest: bytes, at: datetime, subject: str
) -> Verdict:
    """Whether the token proves that `data_digest` existed at its genTime (EN 319 102-1, 5.4).

    `at` is the moment of judging, or that from which something younger vouches for this token: a compromise that shows
    after `token.gen_time`, an algorithm spent by `at`, or a certificate that ended before `at`, leaves it in doubt.
    """
    # 1-5. the token in itself
    found = list(_defects(token, algorithm, data_digest, subject))
    # 6. it does not come from the future
    if token.gen_time > at + MARGIN:
        found.append(finding("TOKEN_FROM_FUTURE", subject, found=token.gen_time, at=at))
    # 7. its algorithms could be trusted then, and can still be (EN 319 102-1, 5.2.8)
    found += _spent(token, policy.catalogue, at, subject)
    if token.certificate is None:
        return verdict(found)
    # 8. a path to an anchor at genTime (RFC 3161, 4; RFC 5280, 6)
    material = policy.material.plus(certificates=token.certificates, crls=token.crls, ocsps=token.ocsps)
    chain = validate(
        token.certificate,
        material,
        at=token.gen_time,
        vouched=at,
        extended_key_usage=frozenset({"time_stamping"}),
        require_revocation=policy.require_revocation,
        subject=subject,
    )
    # 9. what has expired since, the certificate or a CA above it, should have been renewed before
    last = lasting(token.certificate, material.certificates, material.anchors)
    if chain.verdict.indication is Indication.PASSED and at > last.end:
        found.append(finding("TOKEN_RENEWAL_OVERDUE", subject, name=last.name, end=last.end, at=at))
    found += chain.verdict.findings
    # 10. what is not shown, and what the trusted lists call it; neither decides
    found += _told(token.certificate, token.gen_time, chain, policy, subject)
    return verdict(found)


def _told(
    certificate: bytes, gen_time: datetime, chain: ChainResult, policy: Policy, subject: str
) -> Iterator[Finding]:
    revocation_is_known_of_some = bool(policy.material.crls or policy.material.ocsps)
    if chain.silent and revocation_is_known_of_some and not policy.require_revocation:
        yield finding("REVOCATION_NOT_SHOWN", subject, name=", ".join(chain.silent), at=gen_time)
    status = policy.accepted.status(certificate, chain.path, gen_time)
    if status != "unknown":
        source = ", ".join(f"{source.name}, SHA-256 {source.sha256[:16]}" for source in policy.accepted.sources)
        yield finding(f"TOKEN_{status.upper()}", subject, at=gen_time, source=source)


def _cut(reply: bytes) -> bytes:
    """The token's octets out of the reply, once its status is one of the two that grant (RFC 3161, 2.4.2)."""
    if not reply:
        raise Malformed("expected a TimeStampResp in DER, found an empty answer")
    try:
        kind, _, tag, _, content, _ = parser.parse(reply, strict=True)
        if (kind, tag) != (0, tsp.TimeStampResp.tag):
            raise ValueError("no SEQUENCE")
        length = parser.peek(content)
        status = tsp.PKIStatusInfo.load(content[:length], strict=True)
        granted, reasons = status["status"].native, status.native
    except UNREADABLE as error:
        raise Malformed(f"expected a TimeStampResp in DER, found {reply[:60]!r}") from error
    if granted not in ("granted", "granted_with_mods"):
        why = f"{reasons['fail_info'] or ''} {reasons['status_string'] or ''}".strip()
        raise Malformed(f"expected status granted, found {_shown(granted)}: {why or 'no reason given'}")
    if not content[length:]:
        raise Malformed(f"status {granted}: expected a token, found none")
    return bytes(content[length:])


def _shown(value: str | int | None) -> str:
    """As it is, but for a number that would fill the screen: Python refuses to write one of over 4,300 digits."""
    if isinstance(value, int) and value.bit_length() > _SHOWN_BITS:
        return f"a number of {value.bit_length()} bits"
    return str(value)


def _must_be_der(token: bytes) -> None:
    """Raises Malformed for BER (RFC 3161, 3.4), which `read_token` reads well.

    A token stands in records that are DER (RFC 4998, 3); other verifiers encode it again, and would no longer find it
    when a renewal has hashed the octets that came.
    """
    try:
        check_der(token)
    except Malformed as error:
        raise Malformed(f"timestamp refused: expected a token in DER, found BER: {error}") from error


def _defects(token: Token, algorithm: str, imprint: bytes, subject: str) -> Iterator[Finding]:
    """What is wrong with the token in itself, whomever one trusts."""
    # 1. it stamps this digest: algorithm and value (RFC 3161, 2.4.2)
    if (token.algorithm, token.imprint) != (algorithm, imprint):
        found = f"{token.algorithm}:{token.imprint.hex()}"
        yield finding("TOKEN_IMPRINT", subject, expected=f"{algorithm}:{imprint.hex()}", found=found)
    # 2. content, attributes, certificate meant and signature fit each other
    yield from faults(token.signed, expected_type="tst_info", subject=subject)
    if token.certificate is None:
        return
    signer = x509.Certificate.load(token.certificate)
    # 3. a certificate for timestamping, and for nothing else, critical (RFC 3161, 2.3)
    usage = signer.extended_key_usage_value.native if signer.extended_key_usage_value else []
    if usage != ["time_stamping"] or "extended_key_usage" not in signer.critical_extensions:
        critical = "critical" if "extended_key_usage" in signer.critical_extensions else "not critical"
        yield finding("TOKEN_USAGE", subject, found=f"{', '.join(usage) or 'none'} ({critical})")
    # 4. given while that certificate was valid
    start, end = signer.not_valid_before, signer.not_valid_after
    if not start <= token.gen_time <= end:
        yield finding("TOKEN_OUTSIDE_CERTIFICATE", subject, start=start, end=end, found=token.gen_time)


def _algorithm_end(token: Token, reason: str, name: str, bits: int, catalogue: Catalogue) -> End:
    end = catalogue.usable_until(name, bits)
    return End(token.gen_time if end is None else end, reason, name)


def _spent(token: Token, catalogue: Catalogue, at: datetime, subject: str) -> Iterator[Finding]:
    for name, bits in ((token.algorithm, 0), *token.signed.algorithms):
        then = catalogue.usable(name, bits, token.gen_time, subject=subject)
        doubt = then or catalogue.usable(name, bits, at, subject=subject)
        if doubt:
            yield doubt
