"""What a foreign package proves, and what could not be verified: every listed file, the seal, the time stamps."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from asn1crypto import x509
from lxml import etree

from archiver.errors import Malformed
from archiver.evidence.cms import Signed, digest, open_signed
from archiver.evidence.policy import Policy
from archiver.evidence.signature import judge_seal
from archiver.evidence.timestamp import Token, judge_token, read_token
from archiver.handover import stamps
from archiver.handover.bag import PIECE
from archiver.handover.packages import Package
from archiver.package.foreign.values import WEAK, Listed
from archiver.verdict import Finding, Indication, finding, verdict
from archiver.verify import Report

_SIGNATURES = frozenset((".p7s", ".p7m"))


def judge_package(root: Path, package: Package, *, policy: Policy, at: datetime) -> Report:
    """The verdict on one foreign package. Nothing is raised for what its files hold."""
    findings = list(_files(root, package))
    # the time stamps first: they say since when the seal was there
    stamped, said = _stamps(root, package, policy, at)
    findings += said
    since = min((token.gen_time for token in stamped), default=None)
    findings += _seal(root, package, policy, since, at)
    signed = _opened(package.outer.cms)
    if not stamped and not (signed and signed.tokens):  # of a token inside, the seal's verdict says what it is worth
        findings.append(finding("FOREIGN_NOT_STAMPED", package.outer.path, at=package.index.time or "?"))
    findings += _not_verified(root, package)
    return Report(verdict(findings))


def _files(root: Path, package: Package) -> Iterator[Finding]:
    weak: Counter[str] = Counter()
    for path, listed in sorted(package.files.items()):
        if listed is None:
            if PurePosixPath(path).suffix.lower() not in stamps.SUFFIXES | _SIGNATURES:
                yield finding("FOREIGN_UNLISTED", path)
        elif not listed.digest:
            yield finding("FOREIGN_ALGORITHM", path, algorithm=listed.function or "?")
        elif (found := _digest(root / path, listed)) != listed.digest:
            shown = {"algorithm": listed.function, "expected": listed.written, "found": found.hex()}
            yield finding("FOREIGN_DIGEST", path, **shown)
        elif listed.algorithm in WEAK:
            weak[listed.function] += 1
    for algorithm, count in sorted(weak.items()):
        yield finding("FOREIGN_WEAK", package.outer.path, algorithm=algorithm, count=count)
    for listed in package.missing:
        yield finding("FOREIGN_MISSING", listed.path or listed.id)


def _digest(path: Path, listed: Listed) -> bytes:
    """Of the bytes; of the canonical form where the index says that it means this, and the bytes' is another."""
    made = hashlib.new(listed.algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            made.update(piece)
    if listed.canonical and made.digest() != listed.digest:
        octets = path.read_bytes()
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            if b"<!DOCTYPE" not in octets:
                canonical = etree.tostring(etree.fromstring(octets, parser), method="c14n")
                return hashlib.new(listed.algorithm, canonical, usedforsecurity=False).digest()
        except etree.XMLSyntaxError:
            pass
    return made.digest()


def _stamps(root: Path, package: Package, policy: Policy, at: datetime) -> tuple[list[Token], list[Finding]]:
    """The tokens that hold for the index or its seal, and what is to be said of all that lie beside it."""
    good: list[Token] = []
    said: list[Finding] = []
    covered = _coverable(package)
    stem = PurePosixPath(package.outer.path).name.partition(".")[0].lower()
    meant = PurePosixPath(package.index.stamp).name.lower()
    for path in _stamp_files(package):
        name = PurePosixPath(path).name.lower()
        try:
            found = stamps.tokens((root / path).read_bytes())
        except (Malformed, OSError) as error:
            said.append(finding("FOREIGN_TOKEN_UNREADABLE", path, reason=error))
            continue
        for octets in found:
            token, more = _stamp(path, octets, covered, policy, at, ours=name.startswith(stem) or name == meant)
            said += more
            good += [token] if token else []
    return good, said


def _stamp_files(package: Package) -> list[str]:
    names = [package.outer.path, *package.others, *package.files]
    return sorted({path for path in names if PurePosixPath(path).suffix.lower() in stamps.SUFFIXES})


def _stamp(
    path: str, octets: bytes, covered: list[bytes], policy: Policy, at: datetime, *, ours: bool
) -> tuple[Token | None, list[Finding]]:
    try:
        token = read_token(octets, policy.material.certificates)
        fits = any(digest(token.algorithm, one) == token.imprint for one in covered)
    except Malformed as error:
        return None, [finding("FOREIGN_TOKEN_UNREADABLE", path, reason=error)]
    if not fits:
        if ours:
            return None, [finding("FOREIGN_ELSEWHERE", path, found=token.imprint.hex())]
        return None, [finding("FOREIGN_NOT_VERIFIED", path, what="marca di altri file (a time stamp of other files)")]
    with_own = policy.plus(certificates=token.certificates, crls=token.crls, ocsps=token.ocsps)
    judged = judge_token(token, with_own, algorithm=token.algorithm, data_digest=token.imprint, at=at, subject=path)
    name = _called(token)
    held = finding("FOREIGN_STAMPED", path, name=name, at=token.gen_time.isoformat())
    passed = judged.indication is Indication.PASSED
    return (token if passed else None), [*judged.findings, held]


def _coverable(package: Package) -> list[bytes]:
    """What a time stamp may be about: the index as delivered, its signed form, its XML, its signature's value."""
    signed = _opened(package.outer.cms)
    found = [package.outer.octets, package.outer.cms, package.outer.xml, signed.signature if signed else b""]
    return [one for one in found if one]


def _opened(cms: bytes) -> Signed | None:
    """The seal, when it is one of one signer that can be read."""
    try:
        return open_signed(cms) if cms else None
    except Malformed:
        return None


def _seal(root: Path, package: Package, policy: Policy, since: datetime | None, at: datetime) -> Iterator[Finding]:
    cms, path = package.outer.cms, package.outer.path
    if not cms:
        cms, path = _detached(root, package)
    if not cms:
        yield finding("FOREIGN_UNSIGNED", package.outer.path)
        return
    count = stamps.signers(cms)
    if count > 1:
        yield finding("FOREIGN_SIGNERS", path, count=count)
        return
    yield from judge_seal(cms, policy, at=since or at, vouched=since, subject=path).verdict.findings


def _detached(root: Path, package: Package) -> tuple[bytes, str]:
    """A signature that lies beside a plain index, with the index inside; empty without one."""
    stem = PurePosixPath(package.outer.path).name.partition(".")[0].lower()
    for path in sorted(package.files):
        name = PurePosixPath(path)
        if name.suffix.lower() == ".p7s" and name.name.lower().startswith(stem):
            try:
                return stamps.attached((root / path).read_bytes(), package.outer.xml), path
            except (Malformed, OSError):
                continue
    return b"", ""


def _not_verified(root: Path, package: Package) -> Iterator[Finding]:
    for source in package.index.sources:
        what = f"indice precedente, non consegnato come pacchetto (earlier index): {source.path or source.id}"
        yield finding("FOREIGN_NOT_VERIFIED", package.outer.path, what=what)
    for path in sorted(package.files):
        suffix = PurePosixPath(path).suffix.lower()
        if suffix == ".xml" and _xades(root / path):
            yield finding("FOREIGN_NOT_VERIFIED", path, what="firma XAdES (XAdES signature)")
        elif suffix == ".asice":
            yield finding("FOREIGN_NOT_VERIFIED", path, what="contenitore ASiC-E (ASiC-E container)")
    what = "le firme dei documenti e il contenuto dei metadati (signatures of documents, contents of metadata)"
    yield finding("FOREIGN_NOT_VERIFIED", package.outer.path, what=what)


def _xades(path: Path) -> bool:
    with path.open("rb") as file:
        return b"http://www.w3.org/2000/09/xmldsig#" in file.read(PIECE)


def _called(token: Token) -> str:
    if token.certificate is None:
        return "?"
    return str(x509.Certificate.load(token.certificate).subject.human_friendly)
