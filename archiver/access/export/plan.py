"""How an export is cut into parts: in the order of the pieces, each part as full as its size allows.

A part ends where a piece (a segment, at most 16 MiB but for a giant message) would make it larger than asked; a piece
that is larger itself is a part alone. A volume that fits into one part is not cut: its index goes with each part of it.
So no segment is read twice, hardly an index is, and the same catalog gives the same plan.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.access.export.chosen import Piece

MOST = 5_000
"""Messages in one part, as in a volume: its manifests and index are in memory while it is written (18 kB a message)."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A piece in a plan: which segment of which mailbox, its volume, and how much of it is meant."""

    mailbox: str
    segment: str
    volume: str | None
    holder: str
    messages: int
    octets: int
    whole: bool

    @classmethod
    def of(cls, piece: Piece) -> "Planned":
        """Of a piece with its rows."""
        segment = piece.segment
        return cls(
            segment.mailbox,
            segment.sha256,
            segment.volume,
            segment.holder,
            len(piece.rows),
            piece.octets,
            piece.whole,
        )


Part = tuple[Planned, ...]


def parts(pieces: Iterable[Planned], *, size: int, by_volume: bool = False, most: int = MOST) -> Iterator[Part]:
    """The parts of at most `size` bytes and `most` messages; `by_volume`: one for each volume, however large.

    A part holds one holder's messages.
    """
    held: list[Planned] = []
    for volume in _volumes(pieces):
        if by_volume:
            yield tuple(volume)
        elif held and _is_full(held, volume, size, most) and not _is_full([], volume, size, most):
            yield tuple(held)
            held = volume
        else:
            for piece in volume:
                if held and _is_full(held, [piece], size, most):
                    yield tuple(held)
                    held = []
                held.append(piece)
    if held:
        yield tuple(held)


def _apart(last: Planned, piece: Planned) -> bool:
    return (last.holder, last.mailbox, last.volume) != (piece.holder, piece.mailbox, piece.volume)


def _volumes(pieces: Iterable[Planned]) -> Iterator[list[Planned]]:
    """The pieces, those of one volume together."""
    held: list[Planned] = []
    for piece in pieces:
        if held and _apart(held[-1], piece):
            yield held
            held = []
        held.append(piece)
    if held:
        yield held


def _is_full(held: list[Planned], more: list[Planned], size: int, most: int) -> bool:
    """Whether these are too much together."""
    both = [*held, *more]
    return (
        both[0].holder != both[-1].holder
        or sum(item.octets for item in both) > size
        or sum(item.messages for item in both) > most
    )
