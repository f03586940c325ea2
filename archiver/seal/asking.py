"""What the night asks about beside its volumes: who signed attachments, and the authorities that stamped.

Their lists and OCSP answers are kept for the holders, and covered by the next batch: so they too stay provable.
"""

from collections.abc import Iterable, Iterator

from archiver.chain import Material, validate
from archiver.collect import Need
from archiver.collect.shelf import Shelf
from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.evidence.policy import Policy
from archiver.evidence.record import reader
from archiver.evidence.timestamp import read_token
from archiver.pec import certificate
from archiver.seal.evidence import Leaf, covering
from archiver.seal.values import Report, Sealing
from archiver.stamping import path_of
from archiver.submission.certificates import AUTHORITY, CERTIFICATE, SIGNER
from archiver.submission.issuers import Issuers
from archiver.submission.rows import TrustRow
from archiver.verdict import Severity, finding

SIGNERS = 300
"""Signers of attachments that one run asks about."""


def collect_signers(work: Sealing, report: Report) -> None:
    """Asks about those who signed attachments and whom nothing covers yet, if they lead to a configured anchor.

    To be called before the night's batches are made. Only an anchor's word makes an address worth asking.
    """
    needs = list(_signers(work))
    if len(needs) > SIGNERS:
        found = finding("SIGNERS_NOT_ASKED", "attachments", more=len(needs) - SIGNERS, limit=SIGNERS)
        report.warnings.append(found)
    _collect(needs[:SIGNERS], work, report)


def collect_stamping(given: Iterable[tuple[bytes, Policy]], work: Sealing, report: Report) -> None:
    """Asks about the authorities of these tokens, each with what it is judged with (RFC 3161, 4; EN 319 102-1, 5.4)."""
    needs: dict[tuple[bytes, ...], Need] = {}
    for octets, policy in given:
        path = _path(octets, policy, work)
        needs.setdefault(path, Need(path, work.holders, "tsa", policy.material.crls))
    _collect([need for path, need in needs.items() if path], work, report)


def stamps(leaves: Iterable[Leaf], work: Sealing) -> Iterator[tuple[bytes, Policy]]:
    """The tokens that these leaves stand on, each once, and what they are judged with."""
    seen = set()
    for leaf in leaves:
        for authority in filter(None, (covering(leaf, line, work) for line in work.lines)):
            token = reader.read(work.store.get(leaf.record(authority.id))).chains[0][0].token
            if token not in seen:
                seen.add(token)
                yield token, authority.trusted


def _collect(needs: list[Need], work: Sealing, report: Report) -> None:
    found = work.collector.collect(needs).findings if work.collector and needs else ()
    said = (item for item in found if item.severity is Severity.WARNING)
    report.warnings += [item for item in said if item not in report.warnings]


def _signers(work: Sealing) -> Iterator[Need]:
    if not work.attachment_anchors or not work.collector:
        return
    own = sha256(work.seals.signer.certificate) if work.seals.signer else ""
    needed: dict[tuple[bytes, ...], list[str]] = {}
    for holder in work.holders:
        for path in _paths(holder, own, work):
            needed.setdefault(path, []).append(holder)
    yield from (Need(path, tuple(holders), SIGNER) for path, holders in needed.items())


def _paths(holder: str, own: Sha256 | str, work: Sealing) -> Iterator[tuple[bytes, ...]]:
    """The paths of a holder's signers, as intake judges them: at the last moment of the certificate."""
    rows = [row for row in work.catalog.uncovered(holder) if row.kind == SIGNER and row.extension == CERTIFICATE]
    rows = [row for row in rows if row.sha256 != own]
    if not rows:
        return
    known = (*work.attachment_anchors, *_octets(work.catalog.trust_of(holder, kind=AUTHORITY), work))
    issuers = Issuers(known)
    for octets in _octets(rows, work):
        read, line = certificate.read(octets), issuers.line(octets)
        anchors = tuple(der for der in (octets, *line) if der in work.attachment_anchors)
        if read is None or not anchors:
            continue
        path = validate(octets, Material(anchors, line), at=read.not_after, subject=f"sha256:{sha256(octets)}").path
        if path:
            yield path


def _octets(rows: Iterable[TrustRow], work: Sealing) -> Iterator[bytes]:
    shelf = Shelf(work.store, work.catalog)
    yield from (octets for octets in map(shelf.read, rows) if octets is not None)


def _path(octets: bytes, policy: Policy, work: Sealing) -> tuple[bytes, ...]:
    """From the authority's certificate to an anchor; empty without one."""
    try:
        token = read_token(octets, policy.material.certificates)
    except Malformed:
        return ()  # the judge has said so
    return path_of(token, policy, now=work.clock())
