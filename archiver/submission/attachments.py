"""Signed attachments at the door: who signed, whether the signature is intact, and where its certificate leads.

CAdES around a file (.p7m), beside it (.p7s), and PAdES in it. It informs and never blocks: whatever an attachment
holds, its message is archived. Everything is bounded: attachments, octets, nesting, signatures.
"""

import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from archiver import chain
from archiver.chain import ChainResult, Material
from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.pec import ber, certificate, cms, mime, pades, parts, provider
from archiver.pec.certificate import UGLY, Certificate
from archiver.pec.cms import SignedData
from archiver.pec.kind import Kind
from archiver.pec.message import Message
from archiver.pec.mime import Entity
from archiver.pec.parts import Attached
from archiver.submission.certificates import AUTHORITY, SIGNER, Met, issuer_name
from archiver.submission.issuers import Issuers
from archiver.verdict import PASSED, Finding, Indication, finding

ATTACHMENTS = 20
"""Attachments of one message that may be signed and are looked at."""

LARGEST = 50 << 20
"""Octets of one attachment that are looked at."""

DEPTH = 3
"""Levels of .p7m in .p7m."""

SIGNATURES = 40
"""Signatures of one message that are judged."""

_ENCODED = LARGEST * 3 // 2  # base64 takes 4 octets for 3, and line ends
_ENDINGS = (".p7m", ".p7s", ".pdf")
_MEDIA = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pdf"})
_UNWRAPPED = frozenset({Kind.INVIATO, Kind.ORDINARIO})
_TIMESTAMP = bytes.fromhex("2a864886f70d0109100104")  # id-ct-TSTInfo
_PDF = b"%PDF-"
_HEAD = 40  # octets in which a ContentInfo names its type
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_ARMOUR = re.compile(rb"-----[A-Z0-9 ]{1,40}-----")
_LONGEST_NAME = 200
_CACHED = 1024

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is to be said of a message's signed attachments, and the certificates behind intact signatures."""

    findings: tuple[Finding, ...] = ()
    met: tuple[Met, ...] = ()


NOTHING = Inspected()


class Inspector:
    """Looks at signed attachments; `anchors` (DER) are the CAs that their signers should lead to, none: not judged."""

    def __init__(self, anchors: Iterable[bytes] = ()) -> None:
        self._issuers = Issuers(anchors)
        self._judge = lru_cache(maxsize=_CACHED)(self._chain)

    @property
    def judges(self) -> bool:
        """Whether it has anchors to judge with."""
        return bool(self._issuers.known)

    def inspect(self, raw: bytes, message: Message, *, subject: str) -> Inspected:
        """The signed attachments of the original message in `raw`, which `message` is the reading of.

        `subject` is what findings name. Never raises on what `raw` holds.
        """
        if not any(_may_be_signed(name) for name in message.attachments):
            return NOTHING
        return _Inspection(self, _attached(raw, message), subject).all()

    def chain(self, signer: Certificate, bag: tuple[bytes, ...]) -> ChainResult:
        """Where the certificate leads, by way of the bag beside it; judged at the last moment of its validity."""
        return self._judge(signer.der, signer.not_after, bag) if self.judges else ChainResult(PASSED, ())

    def _chain(self, signer: bytes, at: datetime, bag: tuple[bytes, ...]) -> ChainResult:
        line = self._issuers.line(signer, bag)
        anchors = tuple(der for der in (signer, *line) if der in self._issuers.known)
        return chain.validate(signer, Material(anchors, line), at=at, subject=f"sha256:{sha256(signer)}")


class _Inspection:
    """One message under the glass."""

    def __init__(self, inspector: Inspector, attached: Attached, subject: str) -> None:
        self._inspector = inspector
        self._attached = attached
        self._subject = subject
        self._findings: list[Finding] = []
        self._met: dict[bytes, Met] = {}
        self._signatures = 0

    def all(self) -> Inspected:
        signed = [
            item for item in enumerate(self._attached.leaves, 1) if _may_be_signed(item[1][0] or item[1][1].media)
        ]
        for number, (name, part) in signed[:ATTACHMENTS]:
            self._one(number, name.lower().strip(), part)
        more = max(len(signed), self._signatures)
        if len(signed) > ATTACHMENTS or self._signatures > SIGNATURES:
            limit = ATTACHMENTS if len(signed) > ATTACHMENTS else SIGNATURES
            self._findings.append(finding("ATTACHMENTS_MANY", self._subject, found=more, limit=limit))
        return Inspected(tuple(self._findings), tuple(self._met.values()))

    def _one(self, number: int, name: str, part: Entity) -> None:
        octets = self._content(part)
        if octets is None:
            self._skipped(number, f"{LARGEST} byte (octets)")
            return
        place = {"number": str(number), "sha256": sha256(octets)}
        try:
            if octets[:5] == _PDF:
                self._pdf(octets, place)
            elif name.endswith(_ENDINGS[:2]) or part.media in _MEDIA:
                self._cades(_binary(octets), name, place)
        except ber.TooMany as error:
            self._skipped(number, str(error))
        except (Malformed, *UGLY) as error:
            self._broken(place, "CAdES", "", f"illeggibile (unreadable): {str(error)[:_LONGEST_NAME]}")

    def _content(self, part: Entity) -> bytes | None:
        """What is attached, decoded; None beyond LARGEST."""
        if part.end - part.body > _ENCODED:
            return None
        octets = mime.content(self._attached.raw, part, _ENCODED)
        return None if len(octets) > LARGEST else octets

    def _cades(self, octets: bytes, name: str, place: Mapping[str, str]) -> None:
        """A CMS and, when it is around a file, what may be signed in there. Raises Malformed, `ber.TooMany`."""
        steps = ber.Steps()
        for _ in range(DEPTH):
            enclosed = cms.enclosed(octets, steps)
            if enclosed is None:  # encrypted, or some other envelope: no signature of a person
                return
            covered, ranges = self._beside(name) if enclosed.content is None else (octets, enclosed.content)
            for data in enclosed.signers:
                self._signature(data, covered, ranges, "CAdES", place)
            self._signatures += enclosed.found - len(enclosed.signers)
            if enclosed.content is None:
                return
            head = b"".join(octets[start : min(end, start + _HEAD)] for start, end in enclosed.content[:_HEAD])[:_HEAD]
            if head[:5] != _PDF and _SIGNED_DATA not in head:
                return
            octets = b"".join(octets[start:end] for start, end in enclosed.content)
            name = name.removesuffix(_ENDINGS[0])
            if head[:5] == _PDF:
                self._pdf(octets, place)
                return
        self._findings.append(finding("ATTACHMENT_NESTED", self._subject, **place, limit=DEPTH))

    def _beside(self, name: str) -> tuple[bytes, Ranges | None]:
        """The attachment that a detached signature is about: that of the same name without the ending."""
        wanted = name.removesuffix(_ENDINGS[0]).removesuffix(_ENDINGS[1])
        for stated, part in self._attached.leaves:
            if wanted != name and stated.lower().strip() == wanted:
                octets = self._content(part)
                return (b"", None) if octets is None else (octets, ((0, len(octets)),))
        return b"", None

    def _pdf(self, octets: bytes, place: Mapping[str, str]) -> None:
        end, steps = 0, ber.Steps()
        for number, found in enumerate(pades.signatures(octets)):
            if number == SIGNATURES:
                break
            end = max(end, found.end)
            self._pdf_signature(found, octets, place, steps)
        if end and octets[end:].strip():
            added = len(octets) - end
            self._findings.append(finding("ATTACHMENT_EXTENDED", self._subject, **place, octets=added))

    def _pdf_signature(
        self, found: pades.PdfSignature, octets: bytes, place: Mapping[str, str], steps: ber.Steps
    ) -> None:
        try:
            enclosed = cms.enclosed(found.cms, steps) if found.cms is not None else None
        except ber.TooMany:
            raise
        except Malformed:
            enclosed = None
        if enclosed is None or not enclosed.signers:
            self._broken(place, "PAdES", "", "illeggibile (unreadable)")
        elif enclosed.kind != _TIMESTAMP:
            for data in enclosed.signers:
                self._signature(data, octets, found.ranges, "PAdES", place)

    def _signature(
        self, data: SignedData, octets: bytes, ranges: Ranges | None, form: str, place: Mapping[str, str]
    ) -> None:
        self._signatures += 1
        if self._signatures > SIGNATURES:
            return
        candidates = (certificate.read(der) for der in data.certificates)
        signer = next((item for item in candidates if item is not None and data.names(item)), None)
        reason = _fault(data, signer, octets, ranges)
        if signer is None or reason:
            self._broken(place, form, _short(signer.name) if signer else "?", reason)
            return
        result = self._inspector.chain(signer, data.certificates)
        judged = str(result.verdict.indication) if self._inspector.judges else "non giudicata (not judged)"
        values = {"form": form, "signer": _short(signer.name), "issuer": _short(issuer_name(signer))}
        end = f"{signer.not_after:%Y-%m-%d}"
        self._findings.append(finding("ATTACHMENT_SIGNED", self._subject, **place, **values, end=end, chain=judged))
        if self._inspector.judges and result.verdict.indication is not Indication.PASSED:
            why = ", ".join(dict.fromkeys(item.code for item in result.verdict.findings))
            found = finding(
                "ATTACHMENT_SIGNER_DOUBTED", self._subject, **place, form=form, signer=values["signer"], reason=why
            )
            self._findings.append(found)
        self._keep(signer, result)

    def _keep(self, signer: Certificate, result: ChainResult) -> None:
        """What stays provable: the signer's certificate, and the path that leads to an anchor.

        A CA that no anchor stands behind is never kept: among trust material it could pass for one that is trusted.
        """
        if not signer.authority or result.path:
            self._met.setdefault(signer.der, Met(SIGNER, signer.der))
        for der in result.path[1:]:
            self._met.setdefault(der, Met(AUTHORITY, der))

    def _skipped(self, number: int, limit: str) -> None:
        self._findings.append(finding("ATTACHMENT_SKIPPED", self._subject, number=number, limit=limit))

    def _broken(self, place: Mapping[str, str], form: str, signer: str, reason: str) -> None:
        values = {**place, "form": form, "signer": signer or "?", "reason": reason}
        self._findings.append(finding("ATTACHMENT_SIGNATURE_BROKEN", self._subject, **values))


def _attached(raw: bytes, message: Message) -> Attached:
    if message.kind in _UNWRAPPED:
        return parts.to_message(raw, mime.entity(raw))
    return parts.attached(raw, provider.parts_of(raw).original)


def _may_be_signed(name: str) -> bool:
    lower = name.lower().strip()
    return lower.endswith(_ENDINGS) or lower in _MEDIA


def _fault(data: SignedData, signer: Certificate | None, octets: bytes, ranges: Ranges | None) -> str:
    """What is wrong with a signature over these ranges of `octets` (RFC 5652, 5.4 and 5.6); empty when it is intact."""
    if ranges is None:
        return "il file firmato non è allegato (the signed file is not attached)"
    if not data.message_digest:
        return "senza attributi firmati (no signed attributes)"
    digester = cms.digester(data.digest)
    if digester is None:
        return f"algoritmo non gestito (unsupported algorithm): {_short(data.digest)}"
    for start, end in ranges:
        digester.update(memoryview(octets)[start:end])
    if digester.digest() != data.message_digest:
        return "il contenuto non è quello firmato (other content than was signed)"
    if signer is None:
        return "manca il certificato del firmatario (no certificate of the signer)"
    holds = cms.holds(data, signer.key)
    if holds is None:
        return f"algoritmo non gestito (unsupported algorithm): {_short(data.signature_digest)}"
    return "" if holds else "la firma non è di questo certificato (not made with this certificate)"


def _binary(octets: bytes) -> bytes:
    """The DER or BER of a CMS that came as base64, with or without PEM's lines; anything else as it is."""
    if octets[:1] == b"0":
        return octets
    try:
        return binascii.a2b_base64(_ARMOUR.sub(b"", octets)) or octets
    except binascii.Error:
        return octets


def _short(text: str) -> str:
    return text[:_LONGEST_NAME]
