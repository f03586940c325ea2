"""An evidence record as it reads, whatever it was written in: chains of archive timestamps, all in order of time.

RFC 4998, 3.1 and 5.1; RFC 6283 has the same parts in XML. Beside what was read stand the octets that later archive
timestamps have hashed, so that nothing is encoded again.
"""

from dataclasses import dataclass, field

Lists = tuple[tuple[bytes, ...], ...]
"""The lists of a reduced hash tree, the first one first."""


@dataclass(frozen=True, slots=True)
class ArchiveTimeStamp:
    """RFC 4998, 4.1. `algorithm` is None when it is that of the token's imprint; `lists` are empty without a tree.

    `token` is the content of `timeStamp`, which a timestamp renewal hashes; `head` are the octets before it, `octets`
    the whole ArchiveTimeStamp.
    """

    algorithm: str | None
    lists: Lists = field(repr=False)
    head: bytes = field(repr=False)
    token: bytes = field(repr=False)
    octets: bytes = field(repr=False)


Chain = tuple[ArchiveTimeStamp, ...]
"""RFC 4998, 5.1: the archive timestamps of one digest algorithm, each over the one before."""


@dataclass(frozen=True, slots=True)
class Record:
    """RFC 4998, 3.1. `algorithms` are those announced, in asn1crypto's names.

    `announced` is the content of digestAlgorithms, `infos` cryptoInfos and encryptionInfo, `sequence` the whole
    ArchiveTimeStampSequence, octets all three. `earlier` has for each chain the ArchiveTimeStampSequence before that
    chain came, which its hash-tree renewal hashed; nothing for the first.
    """

    version: int
    algorithms: tuple[str, ...]
    chains: tuple[Chain, ...]
    announced: bytes = field(repr=False)
    infos: bytes = field(repr=False)
    sequence: bytes = field(repr=False)
    earlier: tuple[bytes, ...] = field(repr=False)
