"""What happens to objects at rest, always where other stores are right: each must be found and made right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from support.damage import Damage, Raw, flipped

from archiver.errors import ArchiverError
from archiver.package.layout import parse
from archiver.ports import ObjectStore
from soaking.world import World


@dataclass(frozen=True)
class Rotten:
    """One object that is not what it was: in which store, its bytes as they should be (None: it should not be).

    `until` is when its lock should end at the earliest.
    """

    kind: str
    store: str
    name: str
    right: bytes | None
    mend: Callable[[], None] | None = None
    """How a person puts right what the archive must not: it destroys nothing."""
    until: datetime | None = None


def rotten(world: World, dice: Random, count: int) -> list[Rotten]:
    """So many objects rot, each in one store only."""
    stores = world.archive.opened.stores
    common = sorted(
        set.intersection(*({item.name for item in store.list() if item.size > 1} for store in stores.values()))
    )
    names = dice.sample(common, min(2 * count, len(common)))
    found = []
    for _ in range(min(count, len(names) // 2)):
        where = dice.choice(sorted(world.damage))
        ways = harms(world.damage[where], where, names.pop(), names.pop(), dice)
        found += ways[dice.choice(sorted(ways))]()
    return found


def is_right(store: ObjectStore, harm: Rotten) -> bool:
    """Whether the object is what it was, with nothing over or beside it, and locked as it was."""
    held = [item for item in store.inventory(harm.name) if item.name == harm.name]
    if harm.right is None:
        return not held
    try:
        whole = store.get(harm.name) == harm.right
        until = store.locked_until(harm.name) if harm.until else None
    except ArchiverError:
        return False
    alone = all(not (item.hidden or item.others) for item in held)
    return whole and alone and (harm.until is None or (until is not None and until >= harm.until))


def harms(damage: Damage, where: str, name: str, other: str, dice: Random) -> dict[str, Callable[[], Sequence[Rotten]]]:
    """Everything that can be done to an object in the store `where`; only a swap needs the `other` one."""
    right = damage.read(name)

    def changed(kind: str, octets: bytes) -> list[Rotten]:
        return _done(damage.change(name, lambda _: octets), kind, where, name, right)

    found: dict[str, Callable[[], Sequence[Rotten]]] = {
        # of what is there now: the oldest version of a repaired object is the rotten one
        "rot-flip": lambda: changed("rot-flip", flipped(right, dice.randrange(len(right)))),
        "rot-truncate": lambda: changed("rot-truncate", right[: dice.randrange(1, len(right))]),
        "rot-empty": lambda: changed("rot-empty", b""),
        "rot-zero": lambda: changed("rot-zero", bytes(len(right))),
        "rot-destroy": lambda: _done(damage.destroy(name), "rot-destroy", where, name, right),
        "rot-swap": lambda: _swapped(damage, where, name, other),
        "foreign": lambda: _foreign(damage, where, f"straniero/{dice.getrandbits(32):08x}.jpg"),
    }
    if isinstance(damage, Raw):
        found |= {
            "delete-marker": lambda: _done(damage.hide(name), "delete-marker", where, name, right),
            "lock-shortened": lambda: _unlocked(damage, where, name, right),
            "covered": lambda: _covered(damage, where, name, right),
        }
    return found


def _done(_: None, kind: str, where: str, name: str, right: bytes) -> list[Rotten]:
    return [Rotten(kind, where, name, right)]


def _swapped(damage: Damage, where: str, one: str, other: str) -> list[Rotten]:
    first, second = damage.read(one), damage.read(other)
    damage.swap(one, other)
    if first == second:
        return []
    return [Rotten("rot-swap", where, one, first), Rotten("rot-swap", where, other, second)]


def _foreign(damage: Damage, where: str, name: str) -> list[Rotten]:
    damage.foreign(name, b"an unexpected picture")
    return [Rotten("foreign", where, name, None, mend=lambda: damage.destroy(name))]


def _unlocked(damage: Raw, where: str, name: str, right: bytes) -> list[Rotten]:
    """Somebody made its lock shorter, as whoever may bypass governance can."""
    held = damage("get_object_retention", name, VersionId=damage.versions(name)[-1])["Retention"]
    damage.lock(name, datetime.now(UTC) + timedelta(days=1))
    return [Rotten("lock-shortened", where, name, right, until=held["RetainUntilDate"])]


def _covered(damage: Raw, where: str, name: str, right: bytes) -> list[Rotten]:
    """Somebody put another version on top."""
    damage.cover(name)
    newest = damage.versions(name)[0]
    return [Rotten("covered", where, name, right, mend=lambda: damage.destroy_version(name, newest))]


def kind_of(name: str) -> str:
    """What an object is, for a complaint."""
    found = parse(name)
    return found.kind.value if found else "?"
