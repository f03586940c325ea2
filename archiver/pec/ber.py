"""Walking through BER by hand: DER, and the indefinite lengths and split strings that providers write (X.690, 8).

A value is its tag and offsets into the octets; nothing is copied, nothing is ever encoded again. A walk takes so many
steps and no more: whoever splits a string into single octets makes work for himself.
"""

from typing import NamedTuple

from archiver.errors import Malformed

OID, INTEGER, OCTET_STRING, SEQUENCE, SET = 0x06, 0x02, 0x04, 0x30, 0x31
DEPTH = 30
"""Levels of nested indefinite lengths that are followed."""

STEPS = 200_000
"""Values that one walk looks at: 50 MB in pieces of 1000 octets, as signing software writes them, take 100,000."""

_CONSTRUCTED = 0x20


class TooMany(Malformed):
    """A walk came to the end of its steps: what it read may be sound. Its text says the limit."""


class Steps:
    """What is left of the steps of several walks that share them."""

    def __init__(self, left: int = STEPS) -> None:
        self.most = self.left = left

    def take(self) -> None:
        """One step. Raises TooMany."""
        if self.left <= 0:
            raise TooMany(f"{self.most} elementi BER (BER values)")
        self.left -= 1


class Value(NamedTuple):
    """One value: the first octet of its tag, where it starts, where its content starts and ends, where the next begins.

    `next` differs from `end` after an indefinite length, by the two octets that close it.
    """

    tag: int
    start: int
    body: int
    end: int
    next: int


class Walk:
    """A walk through `octets`. Where an indefinite length ends is looked for once."""

    def __init__(self, octets: bytes, steps: Steps | None = None) -> None:
        self.octets = octets
        self._steps = steps or Steps()
        self._closed: dict[int, int] = {}  # where a content of indefinite length starts: where it ends

    def value(self, at: int, end: int) -> Value:
        """The value that begins at `at` and ends by `end`. Raises Malformed."""
        self._steps.take()
        tag, body, stop = self._head(at, end)
        if stop is not None:
            return Value(tag, at, body, stop, stop)
        if body not in self._closed:
            self._close(body, end)
        stop = self._closed[body]
        return Value(tag, at, body, stop, stop + 2)

    def values(self, parent: Value) -> list[Value]:
        """The values in `parent`, in order. Raises Malformed."""
        found, at = [], parent.body
        while at < parent.end:
            item = self.value(at, parent.end)
            found.append(item)
            at = item.next
        return found

    def expect(self, found: Value, *tags: int) -> list[Value]:
        """The first values in `found`, which must have these tags; what follows them is not looked at.

        Raises Malformed.
        """
        items, at = [], found.body
        for tag in tags:
            item = self.value(at, found.end)
            if item.tag != tag:
                raise Malformed(f"octet {at}: expected tag {tag:02x}, found {item.tag:02x}")
            items.append(item)
            at = item.next
        return items

    def content(self, found: Value) -> bytes:
        """What a value holds."""
        return self.octets[found.body : found.end]

    def whole(self, found: Value) -> bytes:
        """A value as it lies there, tag, length and all."""
        return self.octets[found.start : found.next]

    def string(self, found: Value) -> bytes:
        """The octets of a string, joined when BER splits it (X.690, 8.7.3). Raises Malformed."""
        if not found.tag & _CONSTRUCTED:
            return self.content(found)
        return b"".join(map(self.content, self.values(found)))

    def _head(self, at: int, end: int) -> tuple[int, int, int | None]:
        """Tag, where the content starts, and where it ends; None for an indefinite length. Raises Malformed."""
        octets, body = self.octets, at + 2
        if body > end or octets[at] & 0x1F == 0x1F:
            raise Malformed(
                f"octet {at}: expected a tag of one octet and a length, found {octets[at : at + 4].hex()!r}"
            )
        tag, length = octets[at], octets[at + 1]
        if length == 0x80:
            if not tag & _CONSTRUCTED:
                raise Malformed(f"octet {at}: expected a length, found an indefinite one that nothing closes")
            return tag, body, None
        if length > 0x80:
            size = length - 0x80
            body, length = body + size, int.from_bytes(octets[body : min(body + size, end)])
        if body + length > end:
            raise Malformed(f"octet {at}: expected {length} octets, found {max(0, end - body)}")
        return tag, body, body + length

    def _close(self, body: int, end: int) -> None:
        """Notes where the content from `body` on ends, and every indefinite one in it. Raises Malformed."""
        opened, at = [body], body
        while opened:
            self._steps.take()
            if self.octets[at : min(at + 2, end)] == b"\0\0":
                self._closed[opened.pop()] = at
                at += 2
                continue
            _, start, stop = self._head(at, end)
            if stop is None:
                opened.append(start)
            if len(opened) > DEPTH:
                raise Malformed(f"octet {body}: expected an indefinite length to be closed within {DEPTH} levels")
            at = start if stop is None else stop
