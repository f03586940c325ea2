"""What a provider added to a message: its claims in the headers, its daticert.xml, its signature over both."""

from dataclasses import dataclass
from datetime import datetime

from archiver.pec import address, daticert, kind, mime, parts, smime
from archiver.pec.daticert import Daticert
from archiver.pec.kind import CERTIFIED, Kind
from archiver.pec.mime import Entity, Headers
from archiver.pec.parts import Parts
from archiver.pec.providers import Providers
from archiver.pec.signature import Signature
from archiver.verdict import Finding, Indication, finding

_NOTHING = Parts()


@dataclass(frozen=True, slots=True)
class Wrapping:
    """`stated` is the kind that the headers claim, `unknown` a claim that no rule knows; `content` is the signed part.

    `daticert` is read only from a part that has a signature beside it, be the signature good or not.
    """

    stated: Kind | None
    unknown: str
    content: Entity | None
    parts: Parts
    daticert: Daticert | None
    signature: Signature | None
    findings: tuple[Finding, ...]

    @property
    def intact(self) -> bool:
        """Whether the signed part is what the signer signed."""
        return self.signature is not None and self.signature.integrity.indication is Indication.PASSED

    @property
    def trusted(self) -> bool:
        """Whether the signer is a provider that the archive trusts."""
        return self.signature is not None and self.signature.origin.indication is Indication.PASSED

    @property
    def signed_kind(self) -> Kind | None:
        """The kind that intact signed data state."""
        return kind.certified(self.daticert.tipo) if self.daticert and self.intact else None


def read(raw: bytes, whole: Entity, *, providers: Providers, proof: datetime, subject: str) -> Wrapping:
    """The wrapping of a message; a signature is judged only where something speaks of a provider."""
    stated, unknown = kind.stated(whole.headers)
    signed = smime.find(raw, whole)
    if signed is None:
        found = _NOTHING if stated is None else parts.find(raw, whole)
        return Wrapping(stated, unknown, None, found, None, None, ())
    found = parts.find(raw, signed.content)
    if stated is None and found.daticert is None and not found.rem:
        return Wrapping(stated, unknown, signed.content, found, None, None, (finding("SIGNED_BY_USER", subject),))
    # the rule about From is that of PEC: in REM the author stays there
    foreign = stated is Kind.REM or (stated is None and found.daticert is None)
    author = None if foreign else sender(whole.headers).address
    context = smime.Context(providers, author, proof, subject)
    signature = smime.judge(raw, signed, context)
    data, odd = _daticert(raw, found, subject)
    return Wrapping(stated, unknown, signed.content, found, data, signature, (*signature.findings, *odd))


def parts_of(raw: bytes) -> Parts:
    """The parts of a provider's message, whatever its signature is worth."""
    whole = mime.entity(raw)
    signed = smime.find(raw, whole)
    return parts.find(raw, signed.content if signed else whole)


def classify(
    wrapping: Wrapping, headers: Headers, own: frozenset[str], subject: str
) -> tuple[Kind, tuple[Finding, ...]]:
    """The kind of the message: by its headers, unless intact signed data say otherwise."""
    stated, signed = wrapping.stated, wrapping.signed_kind
    if signed is not None and (stated is not None or wrapping.trusted):
        differs = finding("KIND_DIFFERS", subject, expected=signed, found=stated or "-")
        return signed, () if signed is stated else (differs,)
    if stated is None and not (wrapping.parts.rem and wrapping.signature):
        return _ordinary(headers, own), _unknown(wrapping, subject)
    which = stated or Kind.REM
    confirmed = wrapping.intact and which not in CERTIFIED  # an anomaly and a REM message have no daticert.xml
    doubts = () if confirmed else (finding("KIND_UNSIGNED", subject, kind=which),)
    names = ", ".join(wrapping.parts.evidences)
    return which, (*doubts, finding("REM_EVIDENCES", subject, names=names)) if names else doubts


def sender(headers: Headers) -> address.Address:
    """The From of a message; its Sender when From has no address."""
    stated = address.first(headers.joined("from"))
    return stated if stated.address else address.first(headers.joined("sender"))


def _daticert(raw: bytes, found: Parts, subject: str) -> tuple[Daticert | None, tuple[Finding, ...]]:
    if found.daticert is None:
        return None, ()
    # base64 takes 4 octets for 3, and line ends
    return daticert.read(mime.content(raw, found.daticert, 2 * daticert.LIMIT), subject)


def _ordinary(headers: Headers, own: frozenset[str]) -> Kind:
    ours = {item.lower() for item in own}
    senders = (*address.addresses(headers.joined("from")), *address.addresses(headers.joined("sender")))
    return Kind.INVIATO if any(item.address.lower() in ours for item in senders) else Kind.ORDINARIO


def _unknown(wrapping: Wrapping, subject: str) -> tuple[Finding, ...]:
    if wrapping.unknown:
        return (finding("KIND_UNKNOWN", subject, found=wrapping.unknown),)
    if wrapping.daticert is not None:
        return (finding("DATICERT_UNTRUSTED", subject, found=wrapping.daticert.tipo),)
    return ()
