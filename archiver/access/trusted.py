"""One certificate in all its details, to be compared with what its CA publishes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from asn1crypto import x509

from archiver.access.trust import Entry
from archiver.chain import Material, validate
from archiver.digest import sha256
from archiver.package.act import Act
from archiver.pec import certificate
from archiver.pec.certificate import UGLY
from archiver.submission.issuers import Issuers
from archiver.verdict import Finding, Indication


class Catalogue(Protocol):
    """Until when algorithms may be trusted."""

    @property
    def source(self) -> str: ...

    def usable_until(self, name: str, key_bits: int = 0, /) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One certificate of a path: what it is called, and its SHA-256; the last one is the anchor."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Details:
    """What a certificate says and where it leads; of a list only the entry. `findings` are those of the path.

    `ends`: the algorithm of its key, and the digest of its signature, each with the last moment at which the catalogue
    of `source` trusts it (None: unknown there; datetime.max: no end announced). `revocation`: None when nothing current
    is kept that tells, else whether it was found good.
    """

    entry: Entry
    subject: str = ""
    issuer: str = ""
    serial: str = ""
    key: str = ""
    signature: str = ""
    usages: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    ends: tuple[tuple[str, datetime | None], ...] = ()
    source: str = ""
    path: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    revocation: bool | None = None
    acts: tuple[Act, ...] = ()

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        return self.entry.as_json() | {
            "subject": self.subject,
            "issuer": self.issuer or self.entry.issuer,
            "serial": self.serial,
            "key": self.key,
            "signature": self.signature,
            "usages": list(self.usages),
            "emails": list(self.emails),
            "algorithms": {name: end.isoformat() if end else None for name, end in self.ends},
            "algorithms_source": self.source,
            "path": [{"name": step.name, "sha256": step.sha256} for step in self.path],
            "findings": [found.as_json(lang) for found in self.findings],
            "revocation": {None: "unknown", True: "good", False: "revoked"}[self.revocation],
            "acts": [
                {
                    "name": act.name,
                    "kind": act.kind.value,
                    "at": act.at.isoformat(),
                    "who": act.who,
                    "reason": act.reason,
                }
                for act in self.acts
            ],
        }


def details(
    entry: Entry,
    octets: bytes,
    *,
    anchors: Iterable[bytes],
    crls: tuple[bytes, ...],
    ocsps: tuple[bytes, ...],
    acts: tuple[Act, ...],
    catalogue: Catalogue,
    at: datetime,
) -> Details:
    """What is to be said of the object `octets`; a certificate is judged at `at`, or at its end when that is past."""
    if not entry.is_certificate:
        return Details(entry)
    try:
        read = x509.Certificate.load(octets, strict=True)
        subject, issuer = str(read.subject.human_friendly), str(read.issuer.human_friendly)
        key, bits, signature = _key(read), read.public_key.bit_size, str(read.signature_algo)
        digest = str(read.hash_algo)
        usages = (*_names(read.key_usage_value), *_names(read.extended_key_usage_value))
        serial = f"{read.serial_number:x}"
    except UGLY:
        return Details(entry, acts=acts)
    issuers = Issuers(anchors)
    line = issuers.line(octets)
    material = Material(tuple(der for der in (octets, *line) if der in issuers.known), line, crls, ocsps)
    moment = min(at, entry.until) if entry.until else at
    judged = validate(octets, material, at=moment, subject=entry.sha256)
    known = validate(octets, material, at=moment, require_revocation=True, subject=entry.sha256)
    mine = certificate.read(octets)
    return Details(
        entry=entry,
        subject=subject,
        issuer=issuer,
        serial=serial,
        key=f"{key} {bits}",
        signature=f"{signature} {digest}",
        usages=usages,
        emails=tuple(sorted(mine.emails)) if mine else (),
        ends=((f"{key} {bits}", catalogue.usable_until(_SIGNS.get(key, key), bits)), (digest, _end(catalogue, digest))),
        source=catalogue.source,
        path=tuple(Step(_called(der), sha256(der)) for der in judged.path),
        findings=judged.verdict.findings,
        revocation=_revocation(judged.verdict.findings, known.verdict.indication is Indication.PASSED),
        acts=acts,
    )


_SIGNS = {"rsa": "rsassa_pkcs1v15", "ec": "ecdsa"}
"""What keys sign with, as the catalogue of algorithms calls it; of RSA's two ways the one that ends earlier."""

_REVOKED = frozenset({"CERTIFICATE_REVOKED", "CERTIFICATE_COMPROMISED_LATER", "CERTIFICATE_REVOKED_LATER"})


def _end(catalogue: Catalogue, name: str) -> datetime | None:
    return catalogue.usable_until(name, 0)


def _key(read: Any) -> str:
    return str(read.public_key.algorithm)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(sorted(value.native)) if value is not None else ()


def _called(octets: bytes) -> str:
    read = certificate.read(octets)
    return read.name if read else ""


def _revocation(findings: tuple[Finding, ...], known: bool) -> bool | None:
    if any(item.code in _REVOKED for item in findings):
        return False
    return True if known else None
