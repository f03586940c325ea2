"""Which pieces belong together: by identificativo, then by msgid and mittente (RFC 6109, 3.1; the sent copy last).

A client may use a Message-ID twice: one msgid, several identificativo, several dossiers. What no intact signature
vouches for makes no dossier where there is one, and draws nothing to itself: it joins, and is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from archiver.pec.kind import RECEIPTS, Kind
from archiver.pec.piece import Piece

Sending = tuple[str, str, str]
"""The word `sending`, the client's Message-ID, and the sender's address in lower case."""


def group(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Every piece in exactly one dossier; dossiers and their pieces in time order, whatever order they came in."""
    found = _Groups()
    ordered = sorted(set(pieces), key=lambda piece: piece.order)
    named = [piece for piece in ordered if piece.identificativo]
    for piece in named:
        if piece.intact:
            found.join(("identificativo", piece.identificativo), piece)
    for piece in ordered:
        if not piece.identificativo:
            found.by_sending(piece)
    for piece in named:
        if not piece.intact:
            found.by_claim(piece)
    groups = [sorted(members, key=lambda piece: piece.order) for members in found.groups.values()]
    return sorted(groups, key=lambda members: members[0].order)


def sending(piece: Piece) -> Sending | None:
    """Message-ID and sender of the message that a piece is, or is about; None when it cannot say."""
    name, sender = piece.msgid, piece.mittente
    return ("sending", name, sender.lower()) if name and sender else None


@dataclass(slots=True)
class _Groups:
    """Groups by a key of their own, the time of the first in each, and the keys of the groups of each sending."""

    groups: dict[tuple[str, ...], list[Piece]] = field(default_factory=dict)
    sendings: dict[Sending, dict[tuple[str, ...], None]] = field(default_factory=dict)

    def join(self, name: tuple[str, ...], piece: Piece) -> None:
        self.groups.setdefault(name, []).append(piece)
        key = sending(piece)
        if key:
            self.sendings.setdefault(key, {})[name] = None

    def by_sending(self, piece: Piece) -> None:
        """What has no identificativo: sent copies, and receipts whose daticert.xml is not to be had."""
        key = sending(piece) if piece.kind in RECEIPTS or piece.kind is Kind.INVIATO else None
        self.join(self._nearest(key, piece) or key or ("alone", piece.sha256), piece)

    def by_claim(self, piece: Piece) -> None:
        """What claims an identificativo that nobody signed."""
        claimed = ("identificativo", piece.identificativo)
        name = claimed if claimed in self.groups else self._nearest(sending(piece), piece)
        self.groups.setdefault(name or claimed, []).append(piece)

    def _nearest(self, key: Sending | None, piece: Piece) -> tuple[str, ...] | None:
        """Of the groups of one sending the nearest in time; None without any."""
        known = self.sendings.get(key, {}) if key else {}
        return min(known, key=lambda name: self._distance(name, piece), default=None)

    def _distance(self, name: tuple[str, ...], piece: Piece) -> tuple[float, tuple[str, ...]]:
        first = min(member.at for member in self.groups[name])
        return abs((piece.at - first).total_seconds()), name
