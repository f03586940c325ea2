"""An evidence record grows: a timestamp renewal, or a hash-tree renewal (RFC 4998, 5.2).

Octets in, octets out: whatever a record held goes into the grown one as it was, and only headers are written anew. All
of it raises Malformed for a record or token that cannot be read, and ValueError for digests of another size than their
algorithm's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archiver.errors import Malformed
from archiver.evidence.completion import completed
from archiver.evidence.der import SEQUENCE
from archiver.evidence.hashtree import hash_with
from archiver.evidence.record.builder import VERSION, archive_timestamp, identifier, tlv
from archiver.evidence.record.reader import read
from archiver.evidence.record.values import ArchiveTimeStamp, Record
from archiver.evidence.timestamp import read_token


def complete(
    record: bytes, *, certificates: Iterable[bytes] = (), crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()
) -> bytes:
    """The record, its newest token holding this validation data too: all of it DER, each once.

    It comes before the renewal, which freezes the token (RFC 6283, 4.2). See `completion.completed`.
    """
    old = _Old.of(record)
    token = completed(old.newest.token, certificates=certificates, crls=crls, ocsps=ocsps)
    *chains, chain = old.chains
    return old.grown((*chains, (*chain[:-1], tlv(SEQUENCE, old.newest.head + token))))


def timestamp_leaf(record: bytes) -> bytes:
    """What a timestamp renewal puts into a tree: the digest of the newest `timeStamp`, by its chain's algorithm."""
    return _Old.of(record).leaf


def restamped(record: bytes, path: Sequence[Sequence[bytes]], token: bytes) -> bytes:
    """Timestamp renewal: the record with one more ArchiveTimeStamp in its newest chain.

    `path` leads from `timestamp_leaf` to the root that `token` stamps, with the chain's own algorithm.
    """
    old = _Old.of(record)
    _must_stamp(token, old.algorithm)
    *chains, chain = old.chains
    return old.grown((*chains, (*chain, archive_timestamp([old.leaf], path, token, old.algorithm))))


def rehashed_group(record: bytes, digests: Sequence[bytes], algorithm: str) -> list[bytes]:
    """The first list of a new chain: H'(H'(d) || ha) for each H'(d) of `digests`, in their order.

    ha is H' of the ArchiveTimeStampSequence as it stands, with its header (RFC 4998, 5.2, steps 3 and 4).
    """
    older = hash_with(algorithm, _Old.of(record).record.sequence)
    # unsorted: RFC 4998, 5.2 step 4, against its Figure 4
    return [hash_with(algorithm, digest + older) for digest in digests]


def rehashed(
    record: bytes, group: Sequence[bytes], path: Sequence[Sequence[bytes]], token: bytes, algorithm: str
) -> bytes:
    """Hash-tree renewal: the record with a new chain of one ArchiveTimeStamp over `group`, from `rehashed_group`.

    `path` leads from the group's leaf to the root that `token` stamps with `algorithm`.
    """
    old = _Old.of(record)
    _must_stamp(token, algorithm)
    return old.grown((*old.chains, (archive_timestamp(group, path, token, algorithm),)), announced=algorithm)


def algorithm_of(record: bytes) -> str:
    """The digest algorithm of the newest chain: as it says, else that of its token's imprint (RFC 4998, 4.1)."""
    return _Old.of(record).algorithm


@dataclass(frozen=True, slots=True)
class _Old:
    """A record as it was; `chains` are the octets of every ArchiveTimeStamp."""

    record: Record
    chains: tuple[tuple[bytes, ...], ...]

    @classmethod
    def of(cls, octets: bytes) -> "_Old":
        record = read(octets)
        return cls(record, tuple(tuple(stamp.octets for stamp in chain) for chain in record.chains))

    @property
    def newest(self) -> ArchiveTimeStamp:
        return self.record.chains[-1][-1]

    @property
    def algorithm(self) -> str:
        return self.newest.algorithm or read_token(self.newest.token).algorithm

    @property
    def leaf(self) -> bytes:
        try:
            return hash_with(self.algorithm, self.newest.token)
        except ValueError as error:
            raise Malformed(f"newest chain: {error}") from error  # only a hash-tree renewal leads out of it

    def grown(self, chains: Iterable[Iterable[bytes]], *, announced: str = "") -> bytes:
        """The record with these chains; digestAlgorithms names `announced` too (RFC 4998, 3.1)."""
        more = identifier(announced) if announced and announced not in self.record.algorithms else b""
        sequence = tlv(SEQUENCE, b"".join(tlv(SEQUENCE, b"".join(chain)) for chain in chains))
        return tlv(SEQUENCE, VERSION + tlv(SEQUENCE, self.record.announced + more) + self.record.infos + sequence)


def _must_stamp(token: bytes, algorithm: str) -> None:
    """`digestAlgorithm` is left out, so the imprint's must be the tree's (RFC 4998, 4.1)."""
    found = read_token(token).algorithm
    if found != algorithm:
        raise Malformed(f"token: expected an imprint of {algorithm}, found {found}")
