"""The data object group of a record: which of its members every chain covers (RFC 4998, 4.3 and 5.3)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from archiver.evidence.cms import digest
from archiver.verdict import Finding, finding

Hashes = Mapping[str, bytes]
"""One member by digest algorithm, in asn1crypto's names (`sha512`, `sha3_512`)."""


@dataclass(frozen=True, slots=True)
class Link:
    """How members get into the first list of a chain (`number` from 1): hashed by `algorithm`, over `earlier`, if any.

    `earlier` are the octets of the ArchiveTimeStampSequence that the chain renewed.
    """

    number: int
    algorithm: str
    listed: tuple[bytes, ...] = field(repr=False)
    earlier: bytes = field(repr=False)

    def leaves(self, digests: Mapping[str, bytes], *, in_order: bool = False) -> dict[str, bytes]:
        """What stands in the first list for each member: h, in a later chain h' = H(h || ha) (RFC 4998, 5.3, 3).

        `in_order`: sorted before they are joined, as the legend of Figure 4 has it.
        """
        if not self.earlier:
            return dict(digests)
        older = digest(self.algorithm, self.earlier)
        if in_order:
            return {name: digest(self.algorithm, b"".join(sorted((one, older)))) for name, one in digests.items()}
        # unsorted: RFC 4998, 5.2 step 4
        return {name: digest(self.algorithm, one + older) for name, one in digests.items()}


def coverage(
    links: Iterable[Link],
    members: Mapping[str, Hashes],
    absent: Mapping[str, Hashes],
    *,
    partial: bool,
    subject: str,
) -> tuple[Finding, ...]:
    """What is to be said of the `members` shown; see `judge.Examined.covers`.

    A member must be in the first list of every chain. Whether the group is complete is decided by the first chain; what
    a later one covers beyond the members shown may be as many as are absent, since nobody can compute their digests.
    """
    findings: list[Finding] = []
    absent = {name: hashes for name, hashes in absent.items() if name not in members}
    for link in links:
        compared = _compared(link, members, absent)
        if link.number == 1 and not members:
            findings.append(finding("EVIDENCE_NOTHING_SHOWN", subject, total=len(set(link.listed))))
        findings += _said(compared, subject, partial=partial)
        members, absent = compared.members, compared.absent
    return tuple(findings)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Members beside the first list of one chain.

    `lost` are not in the list, with what was expected there; `unhashed` have no digest of the chain's algorithm;
    `sorted_ones` were joined in order. `covered` and `beyond` are the list's entries that belong to members shown, and
    those that nothing explains. `members` and `absent` go on to the next chain.
    """

    link: Link
    lost: dict[str, bytes]
    unhashed: tuple[str, ...]
    sorted_ones: int
    covered: set[bytes]
    beyond: set[bytes]
    members: Mapping[str, Hashes]
    absent: Mapping[str, Hashes]


def _compared(link: Link, members: Mapping[str, Hashes], absent: Mapping[str, Hashes]) -> _Compared:
    listed, used = set(link.listed), link.algorithm
    # 4.3, 1 and 2; 5.3, 1 and 3: the hash value of each is in the first list
    leaves = link.leaves({name: hashes[used] for name, hashes in members.items() if used in hashes})
    lost = {name: leaf for name, leaf in leaves.items() if leaf not in listed}
    others = link.leaves({name: members[name][used] for name in lost}, in_order=True) if link.earlier else {}
    found = {name: leaf for name, leaf in others.items() if leaf in listed}
    lost = {name: leaf for name, leaf in lost.items() if name not in found}
    covered = {*leaves.values(), *found.values()} & listed
    unhashed = tuple(name for name, hashes in members.items() if used not in hashes)
    # 4.3, last paragraph: no other hash values are in the first list
    gone = link.leaves({name: hashes[used] for name, hashes in absent.items() if used in hashes})
    unknown = sum(used not in hashes for hashes in absent.values()) + len(unhashed)
    beyond = listed - covered - set(gone.values())
    return _Compared(
        link=link,
        lost=lost,
        unhashed=unhashed,
        sorted_ones=len(found),
        covered=covered,
        beyond=beyond if len(beyond) > unknown else set(),
        members={name: hashes for name, hashes in members.items() if name not in lost},
        # of another group, or deleted before this chain came: explains nothing further on
        absent={name: hashes for name, hashes in absent.items() if name not in gone or gone[name] in listed},
    )


def _said(compared: _Compared, subject: str, *, partial: bool) -> Iterator[Finding]:
    link, total = compared.link, len(set(compared.link.listed))
    for name, leaf in compared.lost.items():
        yield finding("EVIDENCE_MEMBER", subject, member=name, chain=link.number, expected=leaf.hex())
    if compared.unhashed:
        count, example = len(compared.unhashed), compared.unhashed[0]
        yield finding(
            "EVIDENCE_DIGEST_UNKNOWN", subject, chain=link.number, algorithm=link.algorithm, count=count, member=example
        )
    if compared.sorted_ones:
        yield finding("EVIDENCE_SORTED_RENEWAL", subject, chain=link.number, count=compared.sorted_ones)
    if compared.beyond and not partial:
        count, example = len(compared.beyond), min(compared.beyond).hex()
        yield finding("EVIDENCE_UNLISTED", subject, chain=link.number, count=count, found=example)
    elif link.number == 1 and 0 < len(compared.covered) < total:
        yield finding("GROUP_PARTIAL", subject, shown=len(compared.covered), total=total)
