"""How full a mailbox is, where its server says so (RFC 9208: GETQUOTAROOT, the resource STORAGE)."""

from collections.abc import Sequence

from archiver.adapters.imap.syntax import Literal, Value, values
from archiver.adapters.imap.wire import Wire
from archiver.ports import Quota

_UNIT = 1024
"""Octets in one unit of STORAGE."""


def quota(wire: Wire) -> Quota | None:
    """The tightest of INBOX's quota roots; None when the server sets none, or does not say. Raises Broken."""
    found: list[Quota] = []

    def take(text: bytes, literals: Sequence[Literal]) -> None:
        if text[:8].upper() == b"* QUOTA ":
            found.extend(_storage(values(text, literals, 8)))

    wire.command("GETQUOTAROOT", b"INBOX", take=take)
    return max(found, key=lambda one: one.used / one.limit, default=None)


def _storage(told: list[Value]) -> list[Quota]:
    """What a root says of storage: its resources are three words each, name, used and limit."""
    match told:
        case [_, list(words)]:
            threes = zip(words[::3], words[1::3], words[2::3], strict=False)
            return [
                Quota(int(used) * _UNIT, int(limit) * _UNIT)
                for name, used, limit in threes
                if _is_storage(name) and isinstance(used, bytes) and isinstance(limit, bytes) and int(limit) > 0
            ]
    raise ValueError("a QUOTA answer without a root and a list")


def _is_storage(name: Value) -> bool:
    return isinstance(name, bytes) and name.upper() == b"STORAGE"
