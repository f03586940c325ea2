"""The seal of an index: an attached CAdES signature, and when it is proven to have been there.

EN 319 122-1 (baseline B-B, B-T); EN 319 102-1, 5.3 and 5.5. Read with asn1crypto, checked with `cryptography`: nothing
is shared with what signs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import x509

from archiver.chain import validate
from archiver.errors import Malformed
from archiver.evidence.algorithms import usable
from archiver.evidence.cms import Signed, digest, faults, open_signed
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


@dataclass(frozen=True, slots=True)
class _Trust:
    anchors: tuple[bytes, ...]
    intermediates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    require_revocation: bool


def judge_seal(
    p7m: bytes,
    *,
    anchors: Iterable[bytes],
    intermediates: Iterable[bytes] = (),
    crls: Iterable[bytes] = (),
    at: datetime,
    require_revocation: bool = False,
    subject: str,
) -> Seal:
    """Judges an attached CAdES signature with one signer (DER or BER) at its timestamp's time, without one at `at`.

    Nothing is raised for bad input: an unreadable seal is an error in the verdict.
    """
    trust = _Trust(tuple(anchors), tuple(intermediates), tuple(crls), require_revocation)
    try:
        # 1. SignedData, one signer (EN 319 102-1, 5.2.2)
        signed = open_signed(p7m, trust.intermediates)
        # 2. the signature timestamp, which tells the moment to judge at (5.5)
        token, stamped = _timestamp(signed, trust, at, subject)
        # 3. what was signed, by whom, and the signature (5.2.3, 5.2.7)
        found = [*stamped.findings, *_form(signed, subject), *faults(signed, expected_type="data", subject=subject)]
    except Malformed as error:
        return Seal(verdict((finding("SEAL_UNREADABLE", subject, reason=error),)))
    proven_at = token.gen_time if token and stamped.indication is Indication.PASSED else None
    # 4. algorithms and chain at the moment that is proven, else now (5.2.6, 5.2.8)
    found += filter(None, (usable(name, bits, proven_at or at, subject=subject) for name, bits in signed.algorithms))
    found += _signer(signed, trust, proven_at, at, subject)
    return Seal(
        verdict=verdict(found),
        content=signed.content,
        certificate=signed.certificate,
        certificates=signed.certificates,
        token=token,
        proven_at=proven_at,
        level="B-T" if token else "B-B",
    )


def _timestamp(signed: Signed, trust: _Trust, at: datetime, subject: str) -> tuple[Token | None, Verdict]:
    """The first signature timestamp and its verdict; it stamps the signature's value (EN 319 122-1, 5.3)."""
    if not signed.tokens:
        return None, verdict((finding("SEAL_WITHOUT_TIMESTAMP", subject),))
    known = (*signed.certificates, *trust.intermediates)
    token = read_token(signed.tokens[0], known)
    judged = judge_token(
        token,
        algorithm=token.algorithm,
        data_digest=digest(token.algorithm, signed.signature),
        anchors=trust.anchors,
        intermediates=known,
        crls=(*signed.crls, *trust.crls),
        at=at,
        require_revocation=trust.require_revocation,
        subject=subject,
    )
    return token, judged


def _form(signed: Signed, subject: str) -> Iterator[Finding]:
    """What makes a signature a CAdES one that holds its content (EN 319 122-1, 6.3)."""
    if signed.content is None:
        yield finding("SEAL_DETACHED", subject)
    if signed.reference is not None and signed.reference.version != 2:
        yield finding("SEAL_REFERENCE_VERSION", subject)


def _signer(
    signed: Signed, trust: _Trust, proven_at: datetime | None, at: datetime, subject: str
) -> tuple[Finding, ...]:
    if signed.certificate is None:
        return ()  # `faults` has said so
    chain = validate(
        signed.certificate,
        intermediates=(*signed.certificates, *trust.intermediates),
        anchors=trust.anchors,
        at=proven_at or at,
        crls=(*signed.crls, *trust.crls),
        require_revocation=trust.require_revocation,
        proven=proven_at is not None,
        subject=subject,
    )
    usage = x509.Certificate.load(signed.certificate).key_usage_value
    if usage is None or SEALING & usage.native:
        return chain.verdict.findings
    found = ", ".join(sorted(usage.native))
    return (*chain.verdict.findings, finding("SEAL_KEY_USAGE", subject, found=found))
