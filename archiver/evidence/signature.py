"""The seal of an index: an attached CAdES signature, and when it is proven to have been there.

EN 319 122-1 (baseline B-B, B-T); EN 319 102-1, 5.3 and 5.5. Read with asn1crypto, checked with `cryptography`: nothing
is shared with what signs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import x509

from archiver.chain import validate
from archiver.errors import Malformed
from archiver.evidence.cms import Signed, digest, faults, open_signed
from archiver.evidence.policy import Policy
from archiver.evidence.timestamp import Token, judge_token, read_token
from archiver.verdict import Finding, Indication, Verdict, finding, verdict

SEALING = frozenset({"digital_signature", "non_repudiation"})


@dataclass(frozen=True, slots=True)
class Seal:
    """The judgement on a seal and what it holds; with an unreadable seal all but the verdict is empty.

    `content` is what was sealed (None: nothing is attached), `certificate` the signer's, `certificates` the bag, DER.
    `level` is "B-T" with a signature timestamp, whatever it is worth, else "B-B"; `proven_at` is its time if it PASSED.
    """

    verdict: Verdict
    content: bytes | None = field(default=None, repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    token: Token | None = None
    proven_at: datetime | None = None
    level: str = "B-B"


def judge_seal(p7m: bytes, policy: Policy, *, at: datetime, vouched: datetime | None = None, subject: str) -> Seal:
    """Judges an attached CAdES signature with one signer (DER or BER) at its timestamp's time, without one at `at`.

    From `vouched` on something else proves that the seal was there, such as evidence over it: a compromise of its key
    that shows later does no harm. None: nothing does, but for a timestamp of its own.
    Nothing is raised for bad input: an unreadable seal is an error in the verdict.
    """
    try:
        # 1. SignedData, one signer (EN 319 102-1, 5.2.2)
        signed = open_signed(p7m, policy.material.certificates)
        # 2. the signature timestamp, which tells the moment to judge at (5.5)
        token, stamped = _timestamp(signed, policy, at, subject)
        # 3. what was signed, by whom, and the signature (5.2.3, 5.2.7)
        found = [*stamped.findings, *_form(signed, subject), *faults(signed, expected_type="data", subject=subject)]
    except Malformed as error:
        return Seal(verdict((finding("SEAL_UNREADABLE", subject, reason=error),)))
    proven_at = token.gen_time if token and stamped.indication is Indication.PASSED else None
    # 4. algorithms and chain at the moment that is proven, else now (5.2.6, 5.2.8)
    spent = (policy.catalogue.usable(*item, proven_at or at, subject=subject) for item in signed.algorithms)
    found += filter(None, spent)
    proofs = [moment for moment in (proven_at, vouched) if moment]
    found += _signer(signed, policy, at=proven_at or at, vouched=min(proofs, default=None), subject=subject)
    return Seal(
        verdict=verdict(found),
        content=signed.content,
        certificate=signed.certificate,
        certificates=signed.certificates,
        token=token,
        proven_at=proven_at,
        level="B-T" if token else "B-B",
    )


def _timestamp(signed: Signed, policy: Policy, at: datetime, subject: str) -> tuple[Token | None, Verdict]:
    """The first signature timestamp and its verdict; it stamps the signature's value (EN 319 122-1, 5.3)."""
    if not signed.tokens:
        return None, verdict((finding("SEAL_WITHOUT_TIMESTAMP", subject),))
    policy = policy.plus(certificates=signed.certificates, crls=signed.crls, ocsps=signed.ocsps)
    token = read_token(signed.tokens[0], policy.material.certificates)
    stamped = digest(token.algorithm, signed.signature)
    judged = judge_token(token, policy, algorithm=token.algorithm, data_digest=stamped, at=at, subject=subject)
    return token, judged


def _form(signed: Signed, subject: str) -> Iterator[Finding]:
    """What makes a signature a CAdES one that holds its content (EN 319 122-1, 6.3)."""
    if signed.content is None:
        yield finding("SEAL_DETACHED", subject)
    if signed.reference is not None and signed.reference.version != 2:
        yield finding("SEAL_REFERENCE_VERSION", subject)


def _signer(
    signed: Signed, policy: Policy, *, at: datetime, vouched: datetime | None, subject: str
) -> tuple[Finding, ...]:
    if signed.certificate is None:
        return ()  # `faults` has said so
    chain = validate(
        signed.certificate,
        policy.material.plus(certificates=signed.certificates, crls=signed.crls, ocsps=signed.ocsps),
        at=at,
        vouched=vouched,
        require_revocation=policy.require_revocation,
        subject=subject,
    )
    usage = x509.Certificate.load(signed.certificate).key_usage_value
    if usage is None or SEALING & usage.native:
        return chain.verdict.findings
    found = ", ".join(sorted(usage.native))
    return (*chain.verdict.findings, finding("SEAL_KEY_USAGE", subject, found=found))
