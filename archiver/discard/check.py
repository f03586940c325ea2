"""Everything that forbids a destruction, looked at before its first byte, and said at once."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.discard.effects import Plan
from archiver.discard.values import Discarding
from archiver.errors import ArchiverError, ConfigError, Conflict, Unavailable
from archiver.ports import Bar, Erasable

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Locked:
    """An object that nobody may destroy before `bar` ends, in one store."""

    store: str
    name: str
    bar: Bar


def check(plan: Plan, work: Discarding, *, stores: Collection[str], held: Iterable[str] = ()) -> None:
    """Nothing, when everything in these stores may be destroyed now. `held`: what a hold says, in words.

    Raises Conflict for holds and absolute locks (with the day on which each ends), ConfigError for keys that may not
    destroy, Unavailable for a store that does not answer.
    """
    reasons = list(held)
    if reasons:
        raise Conflict(
            "nulla è stato distrutto, è bloccato finché qualcuno non toglie il blocco con `archiver hold release`"
            " (nothing was destroyed: a hold stands):\n" + "\n".join(f"  {one}" for one in reasons[:_SHOWN])
        )
    for id in stores:
        _reached(id, work.stores[id])
    for id in stores:
        _may(id, work.stores[id])
    locked = [one for id in stores for one in _locked(id, work.stores[id], plan)]
    if locked:
        raise Conflict(_told(locked))


def _reached(id: str, store: Erasable) -> None:
    try:
        store.has("x")
    except ArchiverError as error:
        raise Unavailable(
            f"store {id}: {error}: nulla è stato distrutto, ogni copia dev'essere raggiungibile (nothing was destroyed:"
            " every copy must be within reach)"
        ) from error


def _may(id: str, store: Erasable) -> None:
    try:
        store.check_erases()
    except ConfigError as error:
        raise ConfigError(f"store {id}: {error}: nulla è stato distrutto (nothing was destroyed)") from error


def _locked(id: str, store: Erasable, plan: Plan) -> Iterator[Locked]:
    if not store.locks:
        return
    for name in (*plan.doomed(store), *plan.metadata):
        bar = store.bar(name)
        if bar is not None and bar.absolute:
            yield Locked(id, name, bar)


def _told(locked: list[Locked]) -> str:
    ends = [one.bar.until for one in locked if one.bar.until]
    last = f"dal {_day(max(ends))}" if len(ends) == len(locked) else "quando il servizio toglierà il suo legal hold"
    lines = [f"  {one.store}: {one.name}: {_day(one.bar.until) if one.bar.until else 'legal hold'}" for one in locked]
    more = [f"  ... {len(lines) - _SHOWN} altri (more)"] if len(lines) > _SHOWN else []
    return (
        f"nulla è stato distrutto: {len(locked)} oggetti sono bloccati (compliance) e nessuno può distruggerli prima;"
        f" lo scarto sarà possibile {last} (nothing was destroyed: {len(locked)} objects are locked against everybody"
        f" until then):\n" + "\n".join(lines[:_SHOWN] + more)
    )


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}" if at else "-"
