"""DER, value by value (X.690, 8 and 10.1)."""

from dataclasses import dataclass


class UnreadableError(Exception):
    """These octets are not what they should be."""


@dataclass(frozen=True)
class Value:
    """One value: its tag, what is in it, and all its octets."""

    tag: int
    content: bytes
    octets: bytes

    def inside(self, *tags: int) -> "list[Value]":
        """The values in it; the first ones must have these tags."""
        found = values(self.content)
        if [item.tag for item in found[: len(tags)]] != list(tags):
            raise UnreadableError(f"expected tags {tags} in {self.tag:x}, found {[item.tag for item in found]}")
        return found


def one(octets: bytes, tag: int) -> Value:
    """The only value in these octets."""
    found = values(octets)
    if len(found) != 1 or found[0].tag != tag:
        raise UnreadableError(f"expected one value {tag:x}, found {[item.tag for item in found]}")
    return found[0]


def values(octets: bytes) -> list[Value]:
    """All values in a row."""
    found, at = [], 0
    while at < len(octets):
        start, length = _length(octets, at)
        if start + length > len(octets):
            raise UnreadableError(f"value at {at} ends behind the last octet")
        found.append(Value(octets[at], octets[start : start + length], octets[at : start + length]))
        at = start + length
    return found


def wrapped(tag: int, content: bytes) -> bytes:
    """A value around some content."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 + len(length))) + length + content


def dotted(value: Value) -> str:
    """The object identifier in a value (X.690, 8.19)."""
    if value.tag != 0x06 or not value.content or value.content[-1] & 0x80:
        raise UnreadableError("expected an object identifier")
    numbers, number = [], 0
    for octet in value.content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _length(octets: bytes, at: int) -> tuple[int, int]:
    if at + 2 > len(octets):
        raise UnreadableError(f"value at {at} has no length")
    size = octets[at + 1]
    if size < 128:
        return at + 2, size
    more = octets[at + 2 : at + 2 + size - 128]
    if not more or len(more) != size - 128 or more[0] == 0 or (len(more) == 1 and more[0] < 128):
        raise UnreadableError(f"length at {at} is not DER")
    return at + 2 + len(more), int.from_bytes(more, "big")
