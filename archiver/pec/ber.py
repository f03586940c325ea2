"""Walking through BER by hand: DER, and the indefinite lengths and split strings that providers write (X.690, 8).

A value is its tag and offsets into the octets; nothing is copied, nothing is ever encoded again.
"""

from typing import NamedTuple

from archiver.errors import Malformed

OID, INTEGER, OCTET_STRING, SEQUENCE, SET = 0x06, 0x02, 0x04, 0x30, 0x31
DEPTH = 30
"""Levels of nested indefinite lengths that are followed."""

_CONSTRUCTED = 0x20


class Value(NamedTuple):
    """One value: the first octet of its tag, where it starts, where its content starts and ends, where the next begins.

    `next` differs from `end` after an indefinite length, by the two octets that close it.
    """

    tag: int
    start: int
    body: int
    end: int
    next: int


def value(octets: bytes, at: int, end: int, depth: int = DEPTH) -> Value:
    """The value that begins at `at` and ends by `end`. Raises Malformed."""
    head = octets[at : min(at + 2, end)]
    if len(head) < 2 or head[0] & 0x1F == 0x1F:
        raise Malformed(f"octet {at}: expected a tag of one octet and a length, found {octets[at : at + 4].hex()!r}")
    tag, length = head
    body = at + 2
    if length == 0x80:
        stop = _closing(octets, body, end, depth) if tag & _CONSTRUCTED else -1
        if stop < 0:
            raise Malformed(f"octet {at}: expected an indefinite length to be closed within {DEPTH} levels")
        return Value(tag, at, body, stop, stop + 2)
    if length > 0x80:
        size = length - 0x80
        body, length = body + size, int.from_bytes(octets[body : min(body + size, end)])
    if body + length > end:
        raise Malformed(f"octet {at}: expected {length} octets, found {max(0, end - body)}")
    return Value(tag, at, body, body + length, body + length)


def values(octets: bytes, parent: Value) -> list[Value]:
    """The values in `parent`, in order. Raises Malformed."""
    found, at = [], parent.body
    while at < parent.end:
        item = value(octets, at, parent.end)
        found.append(item)
        at = item.next
    return found


def expect(octets: bytes, found: Value, *tags: int) -> list[Value]:
    """The first values in `found`, which must have these tags; what follows them is not looked at. Raises Malformed."""
    items, at = [], found.body
    for tag in tags:
        item = value(octets, at, found.end)
        if item.tag != tag:
            raise Malformed(f"octet {at}: expected tag {tag:02x}, found {item.tag:02x}")
        items.append(item)
        at = item.next
    return items


def whole(octets: bytes, found: Value) -> bytes:
    """A value as it lies there, tag, length and all."""
    return octets[found.start : found.next]


def string(octets: bytes, found: Value) -> bytes:
    """The octets of a string, joined when BER splits it (X.690, 8.7.3). Raises Malformed."""
    if not found.tag & _CONSTRUCTED:
        return octets[found.body : found.end]
    return b"".join(octets[item.body : item.end] for item in values(octets, found))


def _closing(octets: bytes, at: int, end: int, depth: int) -> int:
    """Where the two octets lie that close an indefinite length; -1 when they do not come, or too deep."""
    while depth and at < end:
        if octets[at : at + 2] == b"\0\0":
            return at if at + 2 <= end else -1
        at = value(octets, at, end, depth - 1).next
    return -1
