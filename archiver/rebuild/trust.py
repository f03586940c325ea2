"""Trust material: its rows from the objects themselves, what covers them from indexes and manifests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.collect.describe import described
from archiver.digest import Sha256, sha256
from archiver.errors import Absent, Malformed
from archiver.package import batch, layout
from archiver.ports import ObjectStore
from archiver.rebuild.listing import Listing
from archiver.submission.certificates import CERTIFICATE
from archiver.submission.rows import TrustRow
from archiver.verdict import Finding, finding


@dataclass(frozen=True, slots=True, order=True)
class Cover:
    """What covers trust material, in the order in which sealing comes to it.

    `at` is what rows say of it: the time of the index, or of the batch's first evidence.
    """

    at: datetime
    batch: bool
    id: str
    digests: tuple[Sha256, ...]


def rows(
    listing: Listing, store: ObjectStore, signers: frozenset[Sha256], wrong: list[Finding], *, at: datetime
) -> Iterator[TrustRow]:
    """The row of every object that is whole, first seen `at`; `signers` are certificates of seals.

    The catalog keeps an earlier sight, and what covers an object takes its place.
    """
    for digest, extension in listing.trust:
        name = layout.trust(listing.holder, digest, extension)
        octets = _whole(name, digest, store, wrong)
        if octets is not None:
            kind = "signer" if extension == CERTIFICATE and digest in signers else ""
            yield described(listing.holder, octets, extension, kind=kind, at=at)


def sight(holder: str, digest: Sha256, store: ObjectStore, *, kind: str, at: datetime) -> Iterator[TrustRow]:
    """The row of a certificate that a person named `at` as one of this `kind`, if it is whole.

    A holder that never met it in a message has no other word for what it is.
    """
    octets = _whole(layout.trust(holder, digest, CERTIFICATE), digest, store, [])
    if octets is not None:
        yield described(holder, octets, CERTIFICATE, kind=kind, at=at)


def missing(listing: Listing, listed: Iterable[tuple[str, tuple[tuple[Sha256, str], ...]]]) -> Iterator[Finding]:
    """What indexes and manifests (by name) list, and the store does not have; each once."""
    there = set(listing.trust)
    for by, entries in listed:
        for digest, extension in entries:
            if (digest, extension) not in there:
                there.add((digest, extension))
                yield finding("REBUILD_MISSING", layout.trust(listing.holder, digest, extension), by=by)


def manifests(
    listing: Listing, store: ObjectStore, wrong: list[Finding]
) -> Iterator[tuple[Sha256, tuple[batch.Entry, ...]]]:
    """The trust batches whose manifest can be read, and what each lists."""
    for digest in listing.batches:
        name = layout.batch(listing.holder, digest)
        octets = _whole(name, digest, store, wrong)
        try:
            if octets is not None:
                yield digest, batch.read(octets)
        except Malformed as error:
            wrong.append(finding("REBUILD_UNREADABLE", name, reason=error))


def _whole(name: str, digest: Sha256, store: ObjectStore, wrong: list[Finding]) -> bytes | None:
    """The octets of an object that is named by its digest; None, and a finding, when they are others."""
    try:
        octets = store.get(name)
    except Absent:
        wrong.append(finding("REBUILD_MISSING", name, by="l'elenco dello store (the store's listing)"))
        return None
    if (found := sha256(octets)) != digest:
        wrong.append(finding("REBUILD_ALTERED", name, expected=digest, found=found))
        return None
    return octets
