"""Which pieces belong together: by identificativo, then by msgid and mittente (RFC 6109, 3.1; the sent copy last).

A client may use a Message-ID twice: one msgid, several identificativo, several dossiers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from archiver.pec.dossier import Piece, identificativo, msgid
from archiver.pec.kind import RECEIPTS, Kind

Sending = tuple[str, str, str]
"""The word `sending`, the client's Message-ID, and the sender's address in lower case."""


def group(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Every piece in exactly one dossier; dossiers and their pieces in time order, whatever order they came in."""
    found = _Groups()
    ordered = sorted(set(pieces), key=lambda piece: piece.order)
    for piece in ordered:
        if identificativo(piece):
            found.by_identificativo(piece)
    for piece in ordered:
        if not identificativo(piece):
            found.by_sending(piece)
    groups = [sorted(members, key=lambda piece: piece.order) for members in found.groups.values()]
    return sorted(groups, key=lambda members: members[0].order)


def sending(piece: Piece) -> Sending | None:
    """Message-ID and sender of the message that a piece is, or is about; None when it cannot say."""
    name = msgid(piece)
    if piece.daticert:
        sender = piece.daticert.mittente
    elif piece.kind in RECEIPTS:
        sender = piece.to[0] if piece.to else ""  # a receipt goes to whoever sent
    else:
        sender = piece.sender
    return ("sending", name, sender.lower()) if name and sender else None


@dataclass(slots=True)
class _Groups:
    """Groups by a key of their own, and the keys of the groups that each sending has."""

    groups: dict[tuple[str, ...], list[Piece]] = field(default_factory=dict)
    sendings: dict[Sending, list[tuple[str, ...]]] = field(default_factory=dict)

    def by_identificativo(self, piece: Piece) -> None:
        self._join(("identificativo", identificativo(piece)), piece)

    def by_sending(self, piece: Piece) -> None:
        key = sending(piece) if piece.kind in RECEIPTS or piece.kind is Kind.INVIATO else None
        known = self.sendings.get(key, []) if key else []
        if known:
            self._join(min(known, key=lambda name: self._distance(name, piece)), piece)
        else:
            self._join(key or ("alone", piece.sha256), piece)

    def _join(self, name: tuple[str, ...], piece: Piece) -> None:
        self.groups.setdefault(name, []).append(piece)
        key = sending(piece)
        if key and name not in self.sendings.setdefault(key, []):
            self.sendings[key].append(name)

    def _distance(self, name: tuple[str, ...], piece: Piece) -> tuple[float, tuple[str, ...]]:
        """How far in time a piece is from the first of a group: of two sendings it belongs to the nearer one."""
        first = min(member.at for member in self.groups[name])
        return abs((piece.at - first).total_seconds()), name
