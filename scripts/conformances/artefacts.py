"""All that is put before the judges: good artefacts of every sort, and altered ones."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from support.small import HOUR

from archiver.evidence.cms import open_signed
from archiver.evidence.record import reader
from archiver.evidence.timestamp import read_token
from conformances.altering import altered_records, altered_seals, altered_tokens
from conformances.artefact import Artefact, Kind
from conformances.containing import altered_containers, containers
from conformances.history import DAY, FIRST, LAST, REHASHED, STAMPED_AGAIN, Grown, World, lone, rehashed, restamped
from conformances.mislinking import mislinked, unshown, untimely

ALTERATIONS = (altered_seals, altered_tokens, altered_records, mislinked, unshown, untimely, altered_containers)


def artefacts(world: World) -> list[Artefact]:
    """Each under a name of its own."""
    good = sound(world)
    wrong = chain.from_iterable(alter(world, good) for alter in ALTERATIONS)
    found = [*good.values(), *wrong]
    assert len({artefact.name for artefact in found}) == len(found)
    return found


def sound(world: World) -> dict[str, Artefact]:
    """Those that must be accepted, by name."""
    good = {artefact.name: artefact for artefact in (*_seals(world), *_records(world), *containers(world))}
    return good | {artefact.name: artefact for artefact in _tokens(world, good)}


def _seals(world: World) -> Iterator[Artefact]:
    at = FIRST + HOUR
    yield Artefact(
        "PIndex.xml.p7m", "a sealed index, CAdES B-T", Kind.SEAL, world.seal, at, world.anchors, world.crls(at)
    )


def _records(world: World) -> Iterator[Artefact]:
    first = world.first
    yield _record(world, "first", "the first record of a volume, in a tree with others", first)
    yield _part(world, "first-part", "two members shown of that group", first)
    name, octets, record = world.rapporto
    rapporto = Grown(record, ((name, octets),), FIRST)
    yield _record(world, "first-of-one", "the first record of a rapporto, a group of one in a tree", rapporto)
    alone = lone(world, world.second, STAMPED_AGAIN[0])
    yield _record(world, "lone", "one file that was stamped itself, without a tree", alone)

    once = world.once
    yield _record(world, "restamped", "timestamp renewal in a tree", once)
    bare = restamped(world, first, world.second, STAMPED_AGAIN[0], alone=True)
    yield _record(world, "restamped-alone", "timestamp renewal without a tree", bare)
    answered = restamped(world, first, world.second, STAMPED_AGAIN[0], by_ocsp=True)
    what = "timestamp renewal, the old token completed by an OCSP answer and a certificate"
    yield _record(world, "restamped-ocsp", what, answered)
    twice = restamped(world, once, world.second, STAMPED_AGAIN[1])
    yield _record(world, "restamped-twice", "two timestamp renewals", twice)

    new = rehashed(world, first, world.second, STAMPED_AGAIN[0])
    yield _record(world, "rehashed", "hash-tree renewal to SHA3-512", new)
    other = rehashed(world, first, world.second, STAMPED_AGAIN[0], algorithm="sha384")
    yield _record(world, "rehashed-sha384", "hash-tree renewal to SHA-384", other)
    single = rehashed(world, alone, world.second, STAMPED_AGAIN[1], alone=True)
    yield _record(world, "rehashed-lone", "hash-tree renewal of one file, both without a tree", single)
    one = rehashed(world, rapporto, world.second, STAMPED_AGAIN[0])
    yield _record(world, "rehashed-of-one", "hash-tree renewal of a group of one, in a tree", one)
    yield _part(world, "rehashed-part", "two members shown of a renewed group", new)
    less = rehashed(world, first, world.second, STAMPED_AGAIN[0], without=[world.members[0][0]])
    yield _record(world, "rehashed-discarded", "a member was discarded before the hash-tree renewal", less)

    both = rehashed(world, once, world.third, REHASHED)
    full = restamped(world, both, world.third, LAST)
    yield _record(world, "two-chains", "two chains of two timestamps each", full)
    yield _part(world, "two-chains-part", "two members shown of it", full)
    digests = _record(world, "two-chains-digests", "its data given as digests", full)
    yield replace(digests, as_digests=True, only=frozenset({"DSS"}))
    five = restamped(world, rehashed(world, twice, world.third, REHASHED), world.third, LAST)
    yield _record(world, "three-and-two", "two chains, of three and of two timestamps", five)
    third = rehashed(world, both, world.third, LAST, algorithm="sha384")
    yield _record(world, "three-chains", "three chains: SHA-512, SHA3-512, SHA-384", third)


def _record(world: World, name: str, what: str, grown: Grown) -> Artefact:
    """Judged a day after its last token."""
    at = grown.at + DAY
    return Artefact(
        f"{name}.ers",
        what,
        Kind.RECORD,
        grown.octets,
        at,
        world.anchors,
        world.crls(at),
        data=grown.members,
        discarded=grown.discarded,
    )


def _part(world: World, name: str, what: str, grown: Grown) -> Artefact:
    shown = Grown(grown.octets, grown.members[:2], grown.at)
    return replace(_record(world, name, what, shown), whole=False)


def _tokens(world: World, good: dict[str, Artefact]) -> Iterator[Artefact]:
    """Those in the seal and in the longest record, each at its own time."""
    seal = open_signed(world.seal)
    named = [("seal.tst", "the signature timestamp in the seal", seal.tokens[0])]
    full, answered = good["three-and-two.ers"], good["restamped-ocsp.ers"]
    chains = reader.read(full.octets).chains
    for number, stamp in enumerate(chain.from_iterable(chains), 1):
        named.append((f"archive-{number}.tst", f"token {number} of {full.name}", stamp.token))
    completed = reader.read(answered.octets).chains[0][0].token
    named.append(("archive-ocsp.tst", "a token completed by an OCSP answer", completed))
    for name, what, octets in named:
        token = read_token(octets)
        yield Artefact(
            name,
            what,
            Kind.TOKEN,
            octets,
            token.gen_time,
            world.anchors,
            world.crls(token.gen_time),
            imprint=(token.algorithm, token.imprint),
        )
