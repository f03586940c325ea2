"""The digests of files for the evidence over them, by every algorithm that it uses."""

from collections.abc import Iterable

from archiver.digest import Digests
from archiver.evidence.cms import digest
from archiver.evidence.record.members import Hashes

USUAL = ("sha512",)


def hashed(octets: bytes, algorithms: Iterable[str], known: Digests | None = None) -> Hashes:
    """The digests of `octets` by `algorithms` (asn1crypto's names); `known` spares the work that was done."""
    there = {"sha512": bytes.fromhex(known.sha512), "sha256": bytes.fromhex(known.sha256)} if known else {}
    return {name: there.get(name) or digest(name, octets) for name in algorithms}
