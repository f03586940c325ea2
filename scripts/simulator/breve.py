"""The original as a brief receipt carries it: its tree kept, every named part a hash (RFC 6109 3.3.2.2).

The RFC does not settle over what: "the entire content of the part", encoded. So providers differ, and so do we.
"""

import binascii
import hashlib
from collections.abc import Callable, Iterator

from simulator.mime import Entity, Leaf, Multi

SIGNATURE = "smime.p7s"  # of an original that its author signed: structure and signature are kept

HASHED: dict[str, Callable[[Leaf], bytes]] = {
    "codificato-crlf": lambda leaf: leaf.body,
    "codificato": lambda leaf: leaf.body.removesuffix(b"\r\n"),
    "codificato-lf": lambda leaf: leaf.body.replace(b"\r\n", b"\n"),
    "codificato-lf-senza-fine": lambda leaf: leaf.body.removesuffix(b"\r\n").replace(b"\r\n", b"\n"),
    "decodificato": lambda leaf: decoded(leaf),
}
"""Over which octets of a part the hash is taken."""


def reduced(entity: Entity, hashed: str, *, forged: bool = False) -> Entity:
    """`entity` with text/plain parts `<name>.hash` for its named parts; `hashed` is a key of HASHED.

    `forged` gets the last of them wrong, as if another file had been delivered.
    """
    wrong = None
    if forged:
        *_, wrong = named(entity)
    return _reduced(entity, hashed, wrong)


def named(entity: Entity) -> Iterator[Leaf]:
    """The parts that a brief receipt replaces."""
    if isinstance(entity, Multi):
        for each in entity.parts:
            yield from named(each)
    elif entity.name and entity.name != SIGNATURE:
        yield entity


def decoded(leaf: Leaf) -> bytes:
    """The octets that the part stands for."""
    if leaf.encoding == "base64":
        return binascii.a2b_base64(leaf.body)
    return binascii.a2b_qp(leaf.body) if leaf.encoding == "quoted-printable" else leaf.body


def _reduced(entity: Entity, hashed: str, wrong: Leaf | None) -> Entity:
    if isinstance(entity, Multi):
        parts = tuple(_reduced(each, hashed, wrong) for each in entity.parts)
        return Multi(entity.content_type, entity.boundary, parts, entity.tight)
    if not entity.name or entity.name == SIGNATURE:
        return entity
    content = b"un altro file" if entity is wrong else HASHED[hashed](entity)
    digits = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    body = f"{digits}\r\n".encode("ascii")
    return Leaf('text/plain; charset="us-ascii"', body, "7bit", f"{entity.name}.hash", entity.disposition)
