"""What must be refused: one thing changed in an artefact that is good."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice

from archiver.evidence.cms import open_signed
from archiver.evidence.record import reader
from archiver.evidence.timestamp import read_token
from conformances.artefact import Artefact
from conformances.history import World

FOREIGN = b"Un file che nessuno ha mai archiviato.\r\n"
EARLY = datetime(2020, 1, 1, tzinfo=UTC)
Named = Mapping[str, Artefact]


def altered_seals(world: World, good: Named) -> Iterator[Artefact]:
    """A sealed index with something wrong."""
    seal = good["PIndex.xml.p7m"]
    signed = open_signed(seal.octets)
    content = signed.content or b""
    place = content.index(b"</")
    bent = content[:place] + b" " + content[place + 1 :]
    other = seal.octets.replace(signed.tokens[0], _as_long(world, signed.tokens[0]))
    yield seal.altered("content", "a byte of the index changed", octets=seal.octets.replace(content, bent))
    yield seal.altered("signature", "a byte of the signature changed", octets=flipped(seal.octets, signed.signature))
    token = flipped(seal.octets, open_signed(signed.tokens[0]).signature)
    yield seal.altered("token", "a byte of the timestamp's signature changed", octets=token)
    yield seal.altered("other-token", "the timestamp of another seal", octets=other)
    yield seal.altered(
        "stranger", "its authority is not trusted", anchors=world.anchors[1:], crls=world.crls(seal.at)[1:]
    )


def altered_tokens(world: World, good: Named) -> Iterator[Artefact]:
    """A token with something wrong."""
    token = good["seal.tst"]
    algorithm, imprint = token.imprint or ("", b"")
    other = (algorithm, hashlib.new(algorithm, imprint).digest())
    read = open_signed(token.octets)
    year = read_token(token.octets).gen_time.strftime("%Y%m%d").encode()
    yield token.altered("data", "it stamps something else", imprint=other)
    yield token.altered("signature", "a byte of its signature changed", octets=flipped(token.octets, read.signature))
    yield token.altered("time", "its genTime changed", octets=token.octets.replace(year, b"2025" + year[4:]))
    yield token.altered(
        "stranger", "its authority is not trusted", anchors=world.anchors[1:], crls=world.crls(token.at)[1:]
    )
    yield token.altered("early", "judged at a time when it was not yet given", at=EARLY)


def altered_records(_: World, good: Named) -> Iterator[Artefact]:
    """Records with something wrong: in the data, in a list, in a token, in a link."""
    for name in ("first.ers", "two-chains.ers"):
        yield from in_data(good[name])
        yield from _lists(good[name])
    yield from in_data(good["lone.ers"])
    yield from _tokens(good)


def in_data(record: Artefact) -> Iterator[Artefact]:
    """One of the files is not what it was."""
    (name, octets), *others = record.data
    bent = ((name, octets[:-1] + bytes((octets[-1] ^ 1,))), *others)
    yield record.altered("member", "a bit of one file changed", data=bent)
    yield record.altered("foreign", "a foreign file in the place of one", data=((name, FOREIGN), *others))
    yield record.altered("added", "a foreign file beside", data=(*record.data, ("foreign", FOREIGN)))


def _lists(record: Artefact) -> Iterator[Artefact]:
    lists = reader.read(record.octets).chains[-1][0].lists
    member = record.altered(
        "first-list", "a digest of the first list changed", octets=flipped(record.octets, lists[0][0])
    )
    yield member
    yield record.altered("path", "a digest of a list above changed", octets=flipped(record.octets, lists[1][0]))


def _tokens(good: Named) -> Iterator[Artefact]:
    first, full, once = good["first.ers"], good["two-chains.ers"], good["restamped.ers"]
    for record, place, what in ((first, -1, "the"), (full, -1, "the last"), (full, 0, "the first")):
        chains = reader.read(record.octets).chains
        token = [stamp.token for chain in chains for stamp in chain][place]
        bent = flipped(record.octets, open_signed(token).signature)
        name = "token" if place else "first-token"
        yield record.altered(name, f"a byte of {what} token's signature changed", octets=bent)
    for record, gone, name in ((first, 0, "stranger"), (once, 1, "stranger"), (once, 0, "first-stranger")):
        anchors, crls = ([*all_of[:gone], *all_of[gone + 1 :]] for all_of in (record.anchors, record.crls))
        what = "the authority of the last token is not trusted" if name == "stranger" else "that of the first is not"
        yield record.altered(name, what, anchors=tuple(anchors), crls=tuple(crls))


def flipped(octets: bytes, part: bytes) -> bytes:
    """The last bit of `part`, which must stand in `octets`, turned over wherever it stands."""
    assert part in octets
    return octets.replace(part, part[:-1] + bytes((part[-1] ^ 1,)))


def _as_long(world: World, token: bytes) -> bytes:
    """A token over something else, by the same authority at the same time, of the same length (signatures vary)."""
    read = read_token(token)
    imprint = hashlib.new(read.algorithm, b"another signature").digest()
    return next(
        other
        for other in islice(world.tokens(read.algorithm, imprint, read.nonce or 1), 100)
        if len(other) == len(token)
    )
