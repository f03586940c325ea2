"""The arithmetic of RFC 4998, 4.3: up a reduced hash tree. Nothing here is shared with what builds trees."""

from archiver.evidence.cms import digest
from archiver.evidence.record.values import Lists


def root(lists: Lists, algorithm: str, *, twice: bool = False, listed: bool = False) -> bytes:
    """Step 3: each list sorted with the value from the one before, duplicates kept, and hashed.

    A first list of one digest goes up as it is. Two things that some do against 4.2, each on its own: `twice` hashes it
    again; `listed` takes a value that the next list holds already for that one. Raises Malformed for an algorithm that
    is not known.
    """
    value: tuple[bytes, ...] = ()
    for digests in lists:
        held = listed and value and value[0] in digests
        together = sorted(digests if held else (*value, *digests))
        as_it_is = len(together) == 1 and not twice
        value = (together[0] if as_it_is else digest(algorithm, b"".join(together)),)
    return value[0]
