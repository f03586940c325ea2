"""An EvidenceRecord in DER is read (RFC 4998, 3.1). It shares nothing with what builds records and trees."""

from asn1crypto import algos, parser

from archiver.errors import Malformed
from archiver.evidence.cms import UNREADABLE
from archiver.evidence.der import INTEGER, OCTET_STRING, SEQUENCE, Walk, check_der
from archiver.evidence.record.values import ArchiveTimeStamp, Chain, Lists, Record

__all__ = ["ArchiveTimeStamp", "Chain", "Lists", "Record", "is_xml", "read"]

_CRYPTO_INFOS, _ENCRYPTION_INFO = 0xA0, 0xA1  # of the record
_DIGEST_ALGORITHM, _ATTRIBUTES, _REDUCED_HASHTREE = 0xA0, 0xA1, 0xA2  # of an archive timestamp


def is_xml(octets: bytes) -> bool:
    """Whether this is an XML document, such as a record of RFC 6283, and so nothing for `read`."""
    return octets[:3] == b"\xef\xbb\xbf" or octets[:200].lstrip()[:1] == b"<"


def read(octets: bytes) -> Record:
    """An EvidenceRecord in DER, and nothing behind it; the tokens in it may be BER. Raises Malformed."""
    outer = Walk.over(octets)
    walk = outer.into(SEQUENCE, "EvidenceRecord")
    outer.finish("EvidenceRecord")
    version = walk.content(INTEGER, "version")
    if version != b"\x01":
        raise Malformed(f"version: expected 01, found {version.hex()}")
    announced = walk.content(SEQUENCE, "digestAlgorithms")
    algorithms = _algorithms(announced)
    # read over: no timestamp covers them (RFC 4998, 3.1), so nothing can rest on them
    infos = b""
    for tag, name in ((_CRYPTO_INFOS, "cryptoInfos"), (_ENCRYPTION_INFO, "encryptionInfo")):
        if walk.tag == tag:
            infos += walk.whole(name)
    check_der(infos)
    sequence = walk.whole("archiveTimeStampSequence")
    walk.finish("EvidenceRecord")
    chains = _chains(sequence)
    return Record(1, algorithms, chains, announced, infos, sequence, _earlier(chains))


def _algorithms(octets: bytes) -> tuple[str, ...]:
    walk, names = Walk.over(octets), []
    while not walk.done:
        names.append(_algorithm_name(walk.whole("AlgorithmIdentifier")))
    return tuple(names)


def _algorithm_name(octets: bytes) -> str:
    check_der(octets)
    try:
        read = algos.DigestAlgorithm.load(octets, strict=True)
        _ = read["parameters"].native  # absent or NULL (RFC 5754, 2): asn1crypto is lazy, and looks only when asked
        name = str(read["algorithm"].native)
    except UNREADABLE as error:
        raise Malformed(f"AlgorithmIdentifier: {error}") from error
    _must_be_two(octets)
    return name


def _must_be_two(identifier: bytes) -> None:
    """Nothing stands behind algorithm and parameters, where asn1crypto passes over it. Raises Malformed."""
    walk = Walk.over(identifier).into(SEQUENCE, "AlgorithmIdentifier")
    walk.whole("algorithm")
    if not walk.done:
        walk.whole("parameters")
    walk.finish("AlgorithmIdentifier")


def _chains(octets: bytes) -> tuple[Chain, ...]:
    walk, chains = Walk.over(octets).into(SEQUENCE, "archiveTimeStampSequence"), []
    while not walk.done:
        inner, chain = walk.into(SEQUENCE, "ArchiveTimeStampChain"), []
        while not inner.done:
            chain.append(_archive_timestamp(inner.whole("ArchiveTimeStamp")))
        chains.append(tuple(chain))
    if not all(chains) or not chains:
        raise Malformed("archiveTimeStampSequence: expected an ArchiveTimeStamp in each chain, found an empty one")
    return tuple(chains)


def _archive_timestamp(octets: bytes) -> ArchiveTimeStamp:
    walk, algorithm = Walk.over(octets).into(SEQUENCE, "ArchiveTimeStamp"), None
    if walk.tag == _DIGEST_ALGORITHM:  # IMPLICIT: its own tag is a SEQUENCE's
        algorithm = _algorithm_name(b"\x30" + walk.whole("digestAlgorithm")[1:])
    if walk.tag == _ATTRIBUTES:
        check_der(walk.whole("attributes"))
    lists = _lists(walk.into(_REDUCED_HASHTREE, "reducedHashtree")) if walk.tag == _REDUCED_HASHTREE else ()
    token = walk.rest()  # in whatever encoding
    head = Walk.over(octets).content(SEQUENCE, "ArchiveTimeStamp").removesuffix(token)
    return ArchiveTimeStamp(algorithm, lists, head, token, octets)


def _lists(walk: Walk) -> Lists:
    lists = []
    while not walk.done:
        lists.append(_digests(walk.content(SEQUENCE, "PartialHashtree")))
    sizes = {len(digest) for digests in lists for digest in digests}
    if not all(lists) or len(sizes) != 1:
        raise Malformed(f"reducedHashtree: expected digests of one size in each list, found sizes {sorted(sizes)}")
    return tuple(lists)


def _digests(octets: bytes) -> tuple[bytes, ...]:
    """The digests of one list: cut at one stroke where they are all as long as the first, else one by one."""
    head = octets[:2]
    step = 2 + head[1] if len(head) == 2 and head[0] == OCTET_STRING and head[1] < 0x80 else 0
    if step and len(octets) % step == 0:
        places = range(0, len(octets), step)
        if all(octets[place : place + 2] == head for place in places):
            return tuple(octets[place + 2 : place + step] for place in places)
    walk, digests = Walk.over(octets), []
    while not walk.done:
        digests.append(walk.content(OCTET_STRING, "digest"))
    return tuple(digests)


def _earlier(chains: tuple[Chain, ...]) -> tuple[bytes, ...]:
    """DER has one encoding of every header, so these are the octets that were hashed (RFC 4998, 5.2 step 3)."""
    sequences, held = [b""], b""
    for chain in chains[:-1]:
        held += _sequence(b"".join(stamp.octets for stamp in chain))
        sequences.append(_sequence(held))
    return tuple(sequences)


def _sequence(content: bytes) -> bytes:
    return bytes(parser.emit(0, 1, 16, content))
