"""Walking through DER by hand: one value at a time, nothing that DER forbids (X.690, 10.1)."""

from dataclasses import dataclass

from archiver.errors import Malformed

INTEGER, OCTET_STRING, SEQUENCE, SET = 0x02, 0x04, 0x30, 0x31
_CLASS, _CONSTRUCTED, _NUMBER = 0xC0, 0x20, 0x1F


def check_der(octets: bytes) -> None:
    """Raises Malformed unless every length is definite and as short as can be, and every string in one piece.

    X.690, 10.1 and 10.2. What lies inside a string is not looked at, nor is the order of a SET OF, which many
    authorities do not keep.
    """
    walks = [Walk.over(octets)]
    while walks:
        walk = walks.pop()
        while not walk.done:
            place, tag = walk.place, walk.tag
            if tag & _NUMBER == _NUMBER:
                raise Malformed(f"value at octet {place}: expected a tag of one octet, found {tag:02x}")
            if not tag & _CLASS and tag & _CONSTRUCTED and tag not in (SEQUENCE, SET):
                raise Malformed(f"value at octet {place}: expected a string in one piece, found tag {tag:02x}")
            inside = walk.into(tag, "value")
            if tag & _CONSTRUCTED:
                walks.append(inside)


@dataclass(slots=True)
class Walk:
    """A place in `octets`; it moves forward, up to `end`. Raises Malformed wherever DER is broken."""

    octets: bytes
    place: int
    end: int

    @classmethod
    def over(cls, octets: bytes) -> "Walk":
        """From the first octet to the last."""
        return cls(octets, 0, len(octets))

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.place == self.end

    @property
    def tag(self) -> int:
        """The tag of the next value, -1 when nothing is left."""
        return -1 if self.done else self.octets[self.place]

    def into(self, tag: int, name: str) -> "Walk":
        """A walk through the content of the next value, which has this tag; this walk goes on behind it."""
        if self.tag != tag:
            found = "nothing" if self.done else f"tag {self.tag:02x}"
            raise Malformed(f"{name} at octet {self.place}: expected tag {tag:02x}, found {found}")
        start, length = self._length(name)
        if start + length > self.end:
            raise Malformed(f"{name} at octet {self.place}: expected {length} octets, found {self.end - start}")
        self.place = start + length
        return Walk(self.octets, start, start + length)

    def content(self, tag: int, name: str) -> bytes:
        """The content of the next value."""
        inner = self.into(tag, name)
        return inner.octets[inner.place : inner.end]

    def whole(self, name: str) -> bytes:
        """The next value with its tag and length, whatever is inside."""
        start = self.place
        self.into(self.tag, name)
        return self.octets[start : self.place]

    def rest(self) -> bytes:
        """All that is left."""
        start, self.place = self.place, self.end
        return self.octets[start : self.end]

    def finish(self, name: str) -> None:
        """Raises Malformed unless nothing is left."""
        if not self.done:
            raise Malformed(
                f"{name}: expected its end at octet {self.place}, found {self.end - self.place} more octets"
            )

    def _length(self, name: str) -> tuple[int, int]:
        """Where the content starts, and how long it is: definite, in the fewest octets."""
        head = self.octets[self.place + 1 : min(self.place + 6, self.end)]
        if not head:
            raise Malformed(f"{name} at octet {self.place}: expected a length, found nothing")
        if head[0] < 0x80:
            return self.place + 2, head[0]
        size = head[0] - 0x80
        length = int.from_bytes(head[1 : 1 + size])
        if not 0 < size < len(head) or length < 0x80 or length.bit_length() <= 8 * (size - 1):
            raise Malformed(f"{name} at octet {self.place}: length is not DER")
        return self.place + 2 + size, length
