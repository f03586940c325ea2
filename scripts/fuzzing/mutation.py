"""DER changed value by value, so that the octets stay DER most of the time, and a reader gets past the first length."""

import random
from collections.abc import Callable, Iterator

from support.quick_tsa import tlv

DEPTH = 24
CONSTRUCTED = 0x20
ENDLESS = {0x02: b"\x7f" * 2100, 0x0A: b"\x7f" * 2100, 0x06: b"\x2a" + b"\xff" * 2100 + b"\x7f"}
"""A number, an enumerated value and an arc of more digits than Python writes (4,300)."""

Node = tuple[int, "bytes | list[Node]"]


def changed(octets: bytes, limit: int, seed: int, plainly: Callable[[bytes, int], bytes]) -> bytes:
    """One to three changes; one time of four, and where there is no DER, by `plainly` (octets, limit)."""
    dice = random.Random(seed)
    nodes = _parsed(octets, 0)
    if nodes is None or not nodes or dice.random() < 0.25:
        return plainly(octets, limit)
    for _ in range(dice.randint(1, 3)):
        _change(nodes, dice, plainly)
    return b"".join(map(_written, nodes))[:limit]


def endless(octets: bytes) -> Iterator[bytes]:
    """DER once for each number in it, which is of more digits than Python writes."""
    nodes = _parsed(octets, 0) or []
    for row in list(_rows(nodes)):
        for place, (tag, content) in enumerate(row):
            if tag in ENDLESS:
                row[place] = (tag, ENDLESS[tag])
                yield b"".join(map(_written, nodes))
                row[place] = (tag, content)


def _rows(nodes: list[Node]) -> Iterator[list[Node]]:
    """Every list of values, this one first."""
    yield nodes
    for _, content in nodes:
        if isinstance(content, list):
            yield from _rows(content)


def _parsed(octets: bytes, depth: int) -> list[Node] | None:
    """The values in a row; None when they are not DER from end to end."""
    nodes: list[Node] = []
    at = 0
    while at < len(octets):
        size = octets[at + 1] if at + 1 < len(octets) else 0x80
        start = at + 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(octets[at + 2 : start]) if 0x80 < size < 0x85 else len(octets)
        if start + size > len(octets):
            return None
        content = octets[start : start + size]
        # an OCTET STRING may hold DER too
        opened = octets[at] & CONSTRUCTED or octets[at] == 0x04
        inside = _parsed(content, depth + 1) if opened and content and depth < DEPTH else None
        nodes.append((octets[at], content if inside is None else inside))
        at = start + size
    return nodes


def _change(nodes: list[Node], dice: random.Random, plainly: Callable[[bytes, int], bytes]) -> None:
    """One change in one list of values, reached by going down at random."""
    while True:
        place = dice.randrange(len(nodes))
        tag, content = nodes[place]
        if not isinstance(content, list) or not content or dice.random() < 0.2:
            break
        nodes = content
    match dice.randrange(6):
        case 0:
            del nodes[place]
            if not nodes:
                nodes.append((0x05, b""))
        case 1:
            nodes.insert(place, nodes[dice.randrange(len(nodes))])
        case 2:
            other = dice.randrange(len(nodes))
            nodes[place], nodes[other] = nodes[other], nodes[place]
        case 3:
            nodes[place] = (
                dice.choice((0x02, 0x04, 0x05, 0x06, 0x0C, 0x17, 0x18, 0x30, 0x31, 0xA0, 0xA1, tag ^ 1)),
                content,
            )
        case 4:
            nodes[place] = (tag, dice.choice((b"", b"\x00", b"\xff" * 8, b"\x80", b"\x01" * 300, ENDLESS[0x02])))
        case _:
            raw = content if isinstance(content, bytes) else b"".join(map(_written, content))
            nodes[place] = (tag, plainly(raw, max(len(raw), 1) + 8) if raw else b"\x00")


def _written(node: Node) -> bytes:
    tag, content = node
    return tlv(tag, content if isinstance(content, bytes) else b"".join(map(_written, content)))
