"""The provider's S/MIME signature, judged over the octets as they came (RFC 8551, 3.5.3; RFC 6109, 3.1 and 4.5).

`openssl cms` is no oracle here: it converts line ends silently. A message stored with LF is tried again with CRLF,
and the verdict says that this was needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.pec import certificate, cms, mime
from archiver.pec.certificate import Certificate
from archiver.pec.cms import SignedData
from archiver.pec.mime import Entity
from archiver.pec.providers import Providers
from archiver.pec.signature import Signature
from archiver.verdict import PASSED, Finding, Indication, Verdict, finding

SIGNATURE_LIMIT = 1 << 20
"""Octets of a signature part that are read; a genuine one has under 20,000."""

WEAK = frozenset({"md5", "sha1"})
RSA_BITS = 2048

_PROTOCOLS = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})


@dataclass(frozen=True, slots=True)
class Signed:
    """The two parts of a multipart/signed: what was signed (its range is exactly the signed octets), and the CMS.

    `signature` is None when the message breaks off before it.
    """

    content: Entity
    signature: Entity | None
    micalg: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a signature is judged against. `sender` is the From address (None: its rule does not hold), `proof` the
    moment at which the archive can show that the message was there, `subject` what findings name.
    """

    providers: Providers
    sender: str | None
    proof: datetime
    subject: str


def find(raw: bytes, whole: Entity) -> Signed | None:
    """The signed part and its S/MIME signature when the message is a multipart/signed of that protocol."""
    if whole.media != "multipart/signed":
        return None
    parts = mime.children(raw, whole)
    signature = parts[1] if len(parts) > 1 else None
    protocol = signature.media if signature else whole.parameters.get("protocol", "").lower()
    if not parts or protocol not in _PROTOCOLS:
        return None
    return Signed(parts[0], signature, whole.parameters.get("micalg", "").lower().replace("-", ""))


def judge(raw: bytes, signed: Signed, context: Context) -> Signature:
    """The four answers."""
    data = cms.read(mime.content(raw, signed.signature, SIGNATURE_LIMIT)) if signed.signature else None
    if data is None:
        return _unreadable(context.subject)
    signer = _signer(data, context.providers)
    integrity = _integrity(raw, signed, data, signer, context.subject)
    intact = integrity.indication is Indication.PASSED
    return Signature(
        integrity=integrity,
        origin=_origin(data, signer, context),
        time=_time(data, signer, context, intact=intact),
        algorithm=_algorithm(data, signer, context.subject),
        signer=signer.name if signer else "",
        certificate=signer.der if signer else None,
        certificates=data.certificates,
        claimed_time=data.claimed_time,
        algorithms=cms.algorithms(data, signer.key if signer else None),
    )


def _unreadable(subject: str) -> Signature:
    absent = Verdict((finding("PEC_SIGNER_ABSENT", subject),))
    broken = Verdict((finding("PEC_SIGNATURE_UNREADABLE", subject),))
    return Signature(broken, absent, absent, absent, "", None, (), None)


def _signer(data: SignedData, providers: Providers) -> Certificate | None:
    """The certificate that the SignerIdentifier means, in the message or among the known signers."""
    for der in (*data.certificates, *providers.known):
        candidate = certificate.read(der)
        if candidate is not None and data.names(candidate):
            return candidate
    return None


def _integrity(raw: bytes, signed: Signed, data: SignedData, signer: Certificate | None, subject: str) -> Verdict:
    """RFC 5652, 5.4 and 5.6: first the digest of the content, then the signature over the attributes that hold it."""
    if not data.message_digest:
        return Verdict((finding("PEC_SIGNED_ATTRIBUTES_ABSENT", subject),))
    notes, digest = _notes(signed, data, subject), ""
    for digest, repaired in _digests(raw, signed.content, data.digest):
        if digest == data.message_digest.hex():
            notes += (finding("CRLF_REPAIRED", subject),) if repaired else ()
            return Verdict((*notes, *_mathematics(data, signer, subject)))
    if not digest:
        return Verdict((*notes, finding("PEC_SIGNATURE_UNSUPPORTED", subject, algorithm=data.digest)))
    return Verdict((*notes, _altered(data, digest, subject)))


def _altered(data: SignedData, found: str, subject: str) -> Finding:
    expected = data.message_digest.hex()
    return finding("PEC_CONTENT_ALTERED", subject, algorithm=data.digest, expected=expected, found=found)


def _notes(signed: Signed, data: SignedData, subject: str) -> tuple[Finding, ...]:
    notes = []
    if signed.micalg and signed.micalg != data.digest.replace("_", ""):
        notes.append(finding("PEC_MICALG_DIFFERS", subject, expected=data.digest, found=signed.micalg))
    if data.signers > 1:
        notes.append(finding("PEC_SIGNERS_MANY", subject, found=data.signers))
    return tuple(notes)


def _digests(raw: bytes, part: Entity, algorithm: str) -> Iterator[tuple[str, bool]]:
    """The digest of the octets as they came; then, when they hold a bare LF, with every line end made CRLF."""
    exact = cms.digester(algorithm)
    if exact is None:
        return
    exact.update(part.octets(raw))
    yield exact.hexdigest(), False
    repaired = cms.digester(algorithm)
    bare = False
    for chunk in mime.lines(raw, part.start, part.end):
        canonical = chunk.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        bare = bare or len(canonical) != len(chunk)
        repaired.update(canonical)
    if bare:
        yield repaired.hexdigest(), True


def _mathematics(data: SignedData, signer: Certificate | None, subject: str) -> tuple[Finding, ...]:
    if signer is None:
        return (finding("PEC_SIGNER_ABSENT", subject),)
    holds = cms.holds(data, signer.key)
    if holds is None:
        return (finding("PEC_SIGNATURE_UNSUPPORTED", subject, algorithm=data.signature_digest),)
    return () if holds else (finding("PEC_SIGNATURE_FALSE", subject, signer=signer.name),)


def _origin(data: SignedData, signer: Certificate | None, context: Context) -> Verdict:
    """A path to a trusted CA (RFC 6109, 4.5), and the certificate's address against the From that people see."""
    if signer is None:
        return Verdict((finding("PEC_SIGNER_ABSENT", context.subject),))
    others = tuple(der for der in data.certificates if der != signer.der)
    chain = context.providers.origin(signer, others).verdict
    if context.sender is None or context.sender.lower() in signer.emails:
        return chain
    expected = ", ".join(sorted(signer.emails))
    return chain + Verdict((finding("PEC_SENDER_DIFFERS", context.subject, expected=expected, found=context.sender),))


def _time(data: SignedData, signer: Certificate | None, context: Context, *, intact: bool) -> Verdict:
    """Was the certificate valid at the first moment for which there is proof? EN 319 102-1, 5.2.6 and 5.6."""
    if signer is None:
        return Verdict((finding("PEC_SIGNER_ABSENT", context.subject),))
    claimed = _claimed(data, signer, context.subject)
    if signer.not_before <= context.proof <= signer.not_after:
        return Verdict(claimed)
    if context.proof < signer.not_before:
        early = finding("PEC_SIGNER_NOT_YET_VALID", context.subject, start=signer.not_before, proof=context.proof)
        return Verdict((*claimed, early))
    code = "PEC_SIGNER_EXPIRED_INTACT" if intact else "PEC_SIGNER_EXPIRED"
    return Verdict((*claimed, finding(code, context.subject, end=signer.not_after, proof=context.proof)))


def _claimed(data: SignedData, signer: Certificate, subject: str) -> tuple[Finding, ...]:
    moment = data.claimed_time
    if moment is None or signer.not_before <= moment <= signer.not_after:
        return ()
    return (finding("PEC_SIGNING_TIME_OUTSIDE", subject, start=signer.not_before, end=signer.not_after, found=moment),)


def _algorithm(data: SignedData, signer: Certificate | None, subject: str) -> Verdict:
    weak = sorted({data.digest, data.signature_digest} & WEAK)
    notes = [finding("PEC_ALGORITHM_WEAK", subject, algorithm=name.upper()) for name in weak]
    if signer is None:
        notes.append(finding("PEC_SIGNER_ABSENT", subject))
    elif signer.bits and signer.bits < RSA_BITS:
        notes.append(finding("PEC_KEY_SHORT", subject, expected=RSA_BITS, found=signer.bits))
    return Verdict(tuple(notes)) if notes else PASSED
