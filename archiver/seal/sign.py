"""The seal itself: the certificate checked before, the signature verified right after, the sealed index put once."""

from dataclasses import replace

from archiver.errors import Malformed, Unavailable
from archiver.evidence.signature import judge_seal
from archiver.seal.draft import Draft, write_index
from archiver.seal.values import Report, Sealing
from archiver.stamping import Stamper
from archiver.verdict import Indication, Severity, Verdict, verdict


def sealed(made: Draft, work: Sealing, report: Report) -> bytes | None:
    """The sealed index of a draft that has none in the store yet, signed and put. None: it waits for a hand.

    Raises Unavailable when signer or authority do not answer, Malformed when what was signed is no valid seal.
    """
    signer = work.seals.signer
    if signer is None:
        return None
    at = work.clock()
    found = work.seals.admits(signer.certificate, signer.chain, at)
    _refuse(made.name, "the signing certificate", verdict(found))
    index = write_index(made, work, report, at=at)
    stamp = stamper(work, report) if work.seals.stamped else None
    try:
        p7m = signer.sign(index, at=at, stamp=stamp)
    except Malformed as error:  # it would answer the same for every volume
        raise Unavailable(f"the signer's answer is refused: {error}") from error
    put(p7m, index, made, work)
    return p7m


def stamper(work: Sealing, report: Report) -> Stamper:
    """Whoever stamps seals: any authority will do."""
    return Stamper(work.signing or work.authorities, report, clock=work.clock, nonce=work.nonce)


def put(p7m: bytes, index: bytes, made: Draft, work: Sealing) -> None:
    """Puts a seal that is valid, and over exactly this index. Raises Malformed for any other."""
    check(p7m, index, work, subject=made.name, stamped=work.seals.stamped)
    work.store.put(made.name, p7m)


def whole(p7m: bytes, work: Sealing, *, subject: str) -> bytes:
    """A sealed index as an earlier run left it. Raises Malformed for one that is altered since.

    Once it is repaired, evidence over it would be against it. A certificate that was revoked since is no alteration.
    """
    judged = judge_seal(p7m, work.policy, at=work.clock(), subject=subject).verdict
    for found in judged.findings:
        if found.altered:
            raise Malformed(f"{subject}: {found.text('en')}: archiver sweep --repair")
    return p7m


def check(p7m: bytes, index: bytes, work: Sealing, *, subject: str, stamped: bool) -> None:
    """Whether `p7m` is a valid seal of ours over exactly `index`, and B-T if it must be `stamped`. Raises Malformed.

    Where lists of revocations are configured, none of them may be past its nextUpdate.
    """
    at = work.clock()
    covered = bool(work.seals.crls) and all(
        authority.trusted.material.crls for authority in (*work.authorities, *work.former)
    )
    policy = replace(work.policy, require_revocation=covered)
    seal = judge_seal(p7m, policy, at=at, subject=subject)
    _refuse(subject, "the signature", seal.verdict)
    if seal.content != index:
        raise Malformed(f"{subject}: the signature does not hold the index that was to be signed")
    if stamped and seal.token is None:
        raise Malformed(f"{subject}: expected a signature with a timestamp (B-T), found {seal.level}")
    if seal.certificate:
        found = work.seals.admits(seal.certificate, seal.certificates, seal.proven_at or at)
        _refuse(subject, "the signing certificate", verdict(found))


def _refuse(subject: str, what: str, judged: Verdict) -> None:
    if judged.indication is not Indication.PASSED:
        grave = (item for item in judged.findings if item.severity in (Severity.ERROR, Severity.DOUBT))
        found = "; ".join(item.text("en") for item in grave)
        raise Malformed(f"{subject}: {what} is {judged.indication}: {found}")
