"""What happens to the world: mail, users, servers, disks, buckets, and the power."""

import sqlite3
from datetime import timedelta

from simulation.harm import harm, strange, write
from simulation.house import Place, World
from simulation.reference import Harm, Reference, raw

DAY = timedelta(days=1)


def evening(world: World, reference: Reference) -> None:
    """Before a night's run."""
    fate, dice = world.fate, world.fate.dice("weather")
    world.server.come(world.now, dice.choice((0, 1, 1, 2, 3, 6)))
    if fate.chance("again", 0.1):
        world.server.come_again()
    if fate.chance("users", 0.1):
        users(world)
    if fate.chance("validity", 0.05):
        remake(world)
    if fate.chance("server", 0.06):
        world.server.away = True
        fate.fault("mail server away")
    elif fate.chance("server", 0.1):
        world.server.breaks = dice.randrange(4)
        fate.fault("mail server cut")
    for tsa in world.config.tsas:
        if fate.chance("silence", 0.05):
            world.silent.add(tsa.id)
            fate.fault("TSA silent", tsa.id)
    if fate.chance("silence", 0.04):
        world.silent.add("signer")
        fate.fault("signer away")
    for place in world.places.values():
        if fate.chance("away", 0.05):
            leave(place, world)
        while fate.chance("harm", 0.2):
            _harm(place, world, reference)
    tear(world, reference)
    world.now += timedelta(minutes=1)


def calm(world: World) -> None:
    """Everybody is there again."""
    world.server.away, world.server.breaks = False, None
    world.written = lambda store, name: None
    world.silent.clear()
    for place in world.places.values():
        place.away = False


def dark(world: World) -> None:
    """The power went."""
    for disk in world.disks:
        disk.crash()


def users(world: World) -> None:
    """Somebody tidies up his mailbox."""
    world.fate.fault("messages deleted by users", str(world.server.lose(0.4)))


def remake(world: World) -> None:
    """A folder is made anew on the mail server."""
    world.server.remake()
    world.fate.fault("UIDVALIDITY changed")


def leave(place: Place, world: World) -> None:
    """A store is out of reach."""
    place.away = True
    world.fate.fault("store away", place.id)


def promised(world: World) -> list[str]:
    """The names of all objects of which the catalog knows what they must be."""
    with sqlite3.connect(f"file:{world.database}?mode=ro", uri=True) as connection:
        found = [row for (row,) in connection.execute("SELECT name FROM object WHERE sha256 <> '' ORDER BY name")]
    connection.close()
    return found


def _noted(world: World, place: Place) -> frozenset[str]:
    """The names of the copies that the catalog knows to be there."""
    with sqlite3.connect(f"file:{world.database}?mode=ro", uri=True) as connection:
        found = frozenset(row for (row,) in connection.execute("SELECT name FROM copy WHERE store = ?", (place.id,)))
    connection.close()
    return found


def _harm(place: Place, world: World, reference: Reference) -> None:
    if world.fate.chance("strangers", 0.1):
        reference.strangers.add((place.id, strange(world, place)))
        return
    noted = _noted(world, place)
    whole = [
        name
        for name in promised(world)
        if name in noted
        and (place.id, name) not in reference.harmed
        and raw(place, name) == world.truth.get(name, b"?")
    ]
    if whole:
        name = world.fate.dice("harm").choice(whole)
        names, kind = harm(world, place, name, whole)
        for one in names:
            reference.harmed[place.id, one] = Harm(kind, world.now, raw(place, one))


def tear(world: World, reference: Reference) -> None:
    """Tonight a replica does not write what it is given, once, and says that it did."""
    replicas = list(world.places.values())[1:]
    if not replicas or not world.fate.chance("tearing", 0.15):
        return
    dice = world.fate.dice("tearing")
    place, number = dice.choice(replicas), dice.randrange(6)
    count = 0

    def written(where: str, name: str) -> None:
        nonlocal count
        if where != place.id or (place.id, name) in reference.harmed:
            return
        count += 1
        octets = raw(place, name)
        if count == number + 1 and octets and octets == world.truth.get(name):
            write(place, name, octets[: len(octets) // 2])
            reference.harmed[place.id, name] = Harm("torn", world.now, octets[: len(octets) // 2])
            world.fate.fault("write torn in silence", f"{place.id} {name}")

    world.written = written
