"""Records whose parts are all sound, and that do not hold together: wrong links, wrong order, wrong times."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from cryptography.x509 import ReasonFlags

from archiver.evidence.der import SEQUENCE, Walk
from archiver.evidence.hashtree import group_hash
from archiver.evidence.record import builder, reader
from archiver.evidence.record.builder import tlv
from archiver.evidence.record.values import ArchiveTimeStamp
from archiver.evidence.timestamp import read_token
from conformances.artefact import Artefact
from conformances.history import DAY, FIRST, REHASHED, STAMPED_AGAIN, Grown, World, planted, rehashed, restamped

AFTER_THE_END = datetime(2036, 6, 1, 12, tzinfo=UTC)
"""The first token's certificate ends with 2035."""
NEW = "sha3_512"

Named = Mapping[str, Artefact]


def mislinked(world: World, good: Named) -> Iterator[Artefact]:
    """A link that leads elsewhere (RFC 4998, 5.3)."""
    once, twice, full = good["restamped.ers"], good["restamped-twice.ers"], good["two-chains.ers"]
    ((first, second),) = _chains(once)
    other = _assembled(once, [[first, _stamp(world, hashlib.sha512(b"another token").digest())]])
    yield once.altered("link", "the renewal covers another token", octets=other)
    fresh = _same_again(world, reader.read(once.octets).chains[0][0])
    yield once.altered(
        "replaced",
        "another token over the same root in the first one's place",
        octets=_assembled(once, [[fresh, second]]),
    )
    ((one, two, three),) = _chains(twice)
    yield twice.altered("removed", "the timestamp in the middle is gone", octets=_assembled(twice, [[one, three]]))
    yield twice.altered("order", "the last two have changed places", octets=_assembled(twice, [[one, three, two]]))
    (one, two), *rest = _chains(full)
    yield full.altered("removed", "the very first timestamp is gone", octets=_assembled(full, [[two], *rest]))
    yield from _rehashed(world, good["rehashed.ers"])


def unshown(world: World, good: Named) -> Iterator[Artefact]:
    """Files that the newest chain does not cover (RFC 4998, 5.2: "still present and not deleted")."""
    less, new = good["rehashed-discarded.ers"], good["rehashed.ers"]
    shown = {"data": world.members, "discarded": ()}
    yield less.altered("shown", "the discarded file is shown again: its proof ended", **shown)
    (name, _), *others = world.members
    forged = Grown(world.record, ((name, b"changed"), *others), FIRST)
    yield new.altered(
        "forged",
        "a file was changed before the renewal",
        octets=rehashed(world, forged, world.second, new.at - DAY).octets,
    )


def untimely(world: World, good: Named) -> Iterator[Artefact]:
    """A certificate that had ended, or was revoked, before the next token vouched for it (RFC 4998, 5.3; 7)."""
    first, full = good["first.ers"], good["two-chains.ers"]
    yield first.altered("expired", "never renewed, judged after its authority's certificate", at=AFTER_THE_END)
    late = restamped(world, world.first, world.third, AFTER_THE_END)
    changes = {"octets": late.octets, "at": late.at + DAY, "crls": world.crls(late.at + DAY)}
    yield first.altered("late", "renewed after its authority's certificate had ended", **changes)
    at = REHASHED + DAY
    both = rehashed(world, world.once, world.third, REHASHED, crls=_compromised(world, REHASHED - DAY))
    yield full.altered(
        "compromised",
        "the second authority's key was lost before the next token",
        octets=both.octets,
        at=at,
        crls=_compromised(world, at),
    )


def _compromised(world: World, day: datetime) -> tuple[bytes, ...]:
    """The lists of a day, the second authority's certificate revoked a month after it last stamped."""
    own, _, third = world.crls(day)
    when = (STAMPED_AGAIN[0] + 30 * DAY, ReasonFlags.key_compromise)
    return (own, world.second.ca.crl({world.second.serial: when}, day), third)


def _rehashed(world: World, record: Artefact) -> Iterator[Artefact]:
    """Hash-tree renewals that tie the data to the past in another way than RFC 4998, 5.2."""
    digests = [_hash(octets) for _, octets in record.data]
    pasts = (_same_again(world, reader.read(record.octets).chains[0][0]) for _ in range(100))
    # sorted is neither of the two orders for all members at once
    past, sequence = next(
        (past, sequence)
        for past in pasts
        if min(digests) < _hash(sequence := tlv(SEQUENCE, tlv(SEQUENCE, past))) < max(digests)
    )
    ties: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
        "sorted": (
            "h and ha were sorted (RFC 4998, Figure 4)",
            lambda h: _hash(b"".join(sorted((h, _hash(sequence))))),
        ),
        "reversed": ("ha before h", lambda h: _hash(_hash(sequence) + h)),
        "headless": ("ha without the header of the sequence", lambda h: _hash(h + _hash(tlv(SEQUENCE, past)))),
        "another-past": ("ha of another record's sequence", lambda h: _hash(h + _hash(sequence[::-1]))),
        "no-past": ("the data alone, no ha", lambda h: h),
    }
    for name, (what, tie) in ties.items():
        group = [tie(_hash(octets)) for _, octets in record.data]
        tree, place = planted(group_hash(group, NEW), NEW)
        token = world.second.stamp(NEW, tree.root, STAMPED_AGAIN[0])
        stamp = builder.archive_timestamp(group, tree.path(place), token, NEW)
        yield record.altered(name, what, octets=_assembled(record, [[past], [stamp]]))


def _hash(data: bytes) -> bytes:
    return hashlib.new(NEW, data).digest()


def _stamp(world: World, leaf: bytes) -> bytes:
    """An ArchiveTimeStamp over this leaf, sound in itself."""
    tree, place = planted(leaf, "sha512")
    token = world.second.stamp("sha512", tree.root, STAMPED_AGAIN[0])
    return builder.archive_timestamp([leaf], tree.path(place), token, "sha512")


def _same_again(world: World, stamp: ArchiveTimeStamp) -> bytes:
    """The ArchiveTimeStamp with another token of the archive's own authority over the same root."""
    read = read_token(stamp.token)
    fresh = next(world.tokens(read.algorithm, read.imprint))
    return tlv(SEQUENCE, Walk.over(stamp.octets).content(SEQUENCE, "ArchiveTimeStamp")[: -len(stamp.token)] + fresh)


def _chains(record: Artefact) -> list[list[bytes]]:
    return [[stamp.octets for stamp in chain] for chain in reader.read(record.octets).chains]


def _assembled(record: Artefact, chains: Sequence[Sequence[bytes]]) -> bytes:
    """The record with other chains."""
    named = b"".join(map(builder.identifier, reader.read(record.octets).algorithms))
    sequence = tlv(SEQUENCE, b"".join(tlv(SEQUENCE, b"".join(chain)) for chain in chains))
    return tlv(SEQUENCE, builder.VERSION + tlv(SEQUENCE, named) + sequence)
