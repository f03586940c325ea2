"""Acts for tests: one alone, and registers of several, each behind the one before."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.adapters.stores.memory import MemoryStore
from archiver.digest import sha256
from archiver.package.act import TRUST, Act, ActKind, build, link

AT = datetime(2026, 11, 22, 7, 15, tzinfo=UTC)
CERTIFICATE = {"certificate": {"issuer": "CA PEC", "sha256": sha256(b"c"), "subject": "Gestore Uno"}}
MESSAGE = sha256(b"messaggio")


def act(kind: ActKind = ActKind.TRUST_REVOKED, *, after: Act | None = None, at: datetime = AT, **changes: Any) -> Act:
    """One act, behind another or the first of its register."""
    what = CERTIFICATE if kind in TRUST else {"messages": [MESSAGE]}
    fields: dict[str, Any] = {
        "holder": "h-1",
        "who": "rossi",
        "role": "responsabile",
        "reason": "furto della chiave è",
        "what": what,
        "number": after.number + 1 if after else 1,
        "previous": link(build(after)) if after else None,
    }
    return Act(kind=kind, at=at, **(fields | changes))


def register(*kinds: ActKind, seconds: int = 1, holder: str = "h-1") -> list[Act]:
    """As many acts, so many seconds apart."""
    made: list[Act] = []
    for number, kind in enumerate(kinds):
        at = AT + timedelta(seconds=number * seconds)
        made.append(act(kind, after=made[-1] if made else None, at=at, holder=holder))
    return made


def stored(acts: Sequence[Act], store: MemoryStore | None = None) -> MemoryStore:
    """A store with these."""
    store = store or MemoryStore()
    for item in acts:
        store.put(item.name, build(item))
    return store
