"""Whether octets that no other object names are what was put: their own evidence says it, or the other stores do."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from archiver.digest import sha256
from archiver.errors import Absent, ConfigError, Unavailable
from archiver.ports import ObjectStore
from archiver.verdict import Finding, finding
from archiver.verify.witness import witnessed


def against(
    name: str, store: ObjectStore, records: Iterable[str], others: Mapping[str, ObjectStore], *, at: datetime
) -> Finding | None:
    """What speaks against this object: a whole record of its evidence, or, without any, another store's octets."""
    octets = store.get(name)
    proven = False
    for record in records:
        match witnessed(octets, _read(record, store), at=at):
            case False:
                return finding("REBUILD_CONTRADICTED", name, by=record)
            case True:
                proven = True
    return None if proven else _elsewhere(name, octets, others)


def _read(name: str, store: ObjectStore) -> bytes:
    try:
        return store.get(name)
    except Absent:
        return b""


def _elsewhere(name: str, octets: bytes, others: Mapping[str, ObjectStore]) -> Finding | None:
    here = sha256(octets)
    for id, store in others.items():
        try:
            there = sha256(store.get(name))
        except (Absent, Unavailable, ConfigError):
            continue  # one that does not answer is said where acts are read
        if there != here:
            return finding("REBUILD_DIFFERENT", name, here=here, store=id, there=there)
    return None
