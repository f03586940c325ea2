"""Evidence records that BouncyCastle makes and renews, for every judge; and the same with something wrong."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import pem
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.quick_tsa import QuickTSA, key

from archiver.evidence.cms import open_signed
from archiver.evidence.record import reader
from conformances.altering import flipped, in_data
from conformances.artefact import Artefact, Kind
from conformances.history import Root
from conformances.java import build, java

WHAT = {
    "lone": "one file, no tree",
    "group": "a group, no other in the tree",
    "tree": "a group in a tree with others",
    "restamped": "timestamp renewal",
    "restamped-twice": "two timestamp renewals, the last over both tokens before it",
    "rehashed-lone": "hash-tree renewal of one file to SHA3-512",
    "rehashed": "hash-tree renewal of a group to SHA3-512, after a timestamp renewal",
    "two-chains": "the same, and a timestamp renewal more",
    "three-chains": "the same, and a hash-tree renewal to SHA-384 more",
}
DATA = tuple((f"file-{number}", f"contenuto {number}\r\n".encode() * 10) for number in range(4))


def bouncy_records() -> list[Artefact]:
    """Each under the name `BouncyCastle/...`; judged in 2022, lists of revocations of each renewal's day beside."""
    ca = Root("Radice di BouncyCastle")
    tsa = QuickTSA("BouncyCastle", datetime(2010, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC), ca=ca)
    made = _made(tsa)
    good = {name: _artefact(name, octets, tsa) for name, octets in made.items()}
    return [*good.values(), *_altered(good)]


def _made(tsa: QuickTSA) -> dict[str, bytes]:
    build()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        for file, octets in DATA:
            (folder / "data" / file).write_bytes(octets)
        secret = key(tsa.kind, tsa.name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key.pem").write_bytes(secret)
        (folder / "certificate.pem").write_bytes(pem.armor("CERTIFICATE", tsa.der))
        java("BouncyMaker", str(folder / "key.pem"), str(folder / "certificate.pem"), name)
        return {stem: (folder / f"{stem}.ers").read_bytes() for stem in WHAT}


def _artefact(name: str, octets: bytes, tsa: QuickTSA) -> Artefact:
    at = datetime(2022, 5, 2, tzinfo=UTC)
    return Artefact(
        f"BouncyCastle/{name}.ers",
        WHAT[name],
        Kind.RECORD,
        octets,
        at,
        (tsa.ca.der,),
        (tsa.ca.crl({}, at - timedelta(hours=1)),),
        data=DATA[:1] if "lone" in name else DATA,
    )


def _altered(good: dict[str, Artefact]) -> Iterator[Artefact]:
    for name in ("tree", "two-chains"):
        record = good[name]
        yield from in_data(record)
        stamps = [stamp for chain in reader.read(record.octets).chains for stamp in chain]
        listed = flipped(record.octets, stamps[0].lists[0][0])
        yield record.altered("first-list", "a digest of the first list changed", octets=listed)
        token = flipped(record.octets, open_signed(stamps[-1].token).signature)
        yield record.altered("token", "a byte of the last token's signature changed", octets=token)
    record = good["restamped"]
    token = open_signed(reader.read(record.octets).chains[0][0].token).signature
    yield record.altered(
        "first-token", "a byte of the first token's signature changed", octets=flipped(record.octets, token)
    )
    yield replace(good["tree"], name="BouncyCastle/tree-part.ers", what="two members shown", data=DATA[:2], whole=False)
