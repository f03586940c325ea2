"""The catalog is only an index: it is put back from an old copy, or lost and made again from the store."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine, select

from archiver import compose
from archiver.adapters.catalog.restoring import NOT_OF_THE_STORE
from archiver.adapters.catalog.tables import METADATA
from archiver.submission.rows import Outcome
from simulation.fate import Wrong
from simulation.house import World, opened
from simulation.power import PowerCut

USABLE = timedelta(days=90)
"""A copy that is older is thrown away, and the catalog made anew from the store."""

HEALED = timedelta(days=180)
"""After so long every errand has run again, and has noted what a catalog that was put back did not know."""

Rows = dict[str, list[tuple[Any, ...]]]


def trouble(world: World) -> None:
    """On some evenings a copy is made; on some the copy takes the catalog's place; on some there is no catalog left."""
    fate = world.fate
    if fate.chance("backup", 0.15):
        world.backup = world.now, _copied(world)
    if world.backup and fate.chance("backup", 0.06) and world.now - world.backup[0] < USABLE:
        _emptied(world)
        world.database.write_bytes(world.backup[1])
        world.put_back = world.now
        fate.fault("older catalog put back")
    elif fate.chance("rebuild", 0.05):
        _rebuilt(world)


def _rebuilt(world: World) -> None:
    """Lost, and made again, whatever comes between; each row is as it was."""
    world.fate.fault("catalog lost")
    before = _rows(world)
    _emptied(world)
    source = world.fate.dice("rebuild").choice([*world.places, next(iter(world.places))])
    if any(table and _lags(world, source) for table in before.values()):
        source = next(iter(world.places))
    cuts = world.fate.dice("rebuild").randrange(3)
    while not _once(world, source, cut=cuts > 0):
        cuts -= 1
    after = _rows(world)
    if world.put_back and world.now - world.put_back < HEALED:
        return  # what the catalog had before was not all that it had ever known: the errands are still at it
    for name, rows in before.items():
        if rows != after[name]:
            lost, new = [row for row in rows if row not in after[name]], [row for row in after[name] if row not in rows]
            raise Wrong(f"a rebuilt catalog differs, table {name}: lost {lost[:2]}, new {new[:2]}"[:1500])


def _once(world: World, source: str, *, cut: bool) -> bool:
    """One run of the rebuild; whether it came to its end."""
    power = world.power
    power.cut = power.moment + world.fate.dice("rebuild").randrange(1, 200) if cut else None
    try:
        compose.rebuild(opened(world), source=source, clock=world.clock)
    except PowerCut:
        return False
    except Exception as error:  # whatever it is, it is a finding of the simulation
        raise Wrong(f"rebuild raises {type(error).__name__}: {error}") from error
    finally:
        power.dead, power.cut = False, None
    return True


def _lags(world: World, store: str) -> bool:
    """Whether a replica has not all that the primary has."""
    place, primary = world.places[store], next(iter(world.places.values()))
    return any(_has(primary, name) and not _has(place, name) for name in world.truth)


def _has(place: Any, name: str) -> bool:
    if place.bucket is not None:
        return place.bucket.octets(name) is not None
    return bool((place.disk.root / name).exists())


def _rows(world: World) -> Rows:
    """All rows that the store can tell again, by table; numbers that the database gives itself are left out."""
    engine = create_engine(f"sqlite:///{world.database}")
    told: Callable[[Any], list[Any]] = lambda table: [  # noqa: E731
        column
        for column in table.columns
        if column is not table.autoincrement_column and column.name != "promised"  # the next sweep notes that
    ]
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(*told(table)))), key=repr)
            for table in METADATA.sorted_tables
            if table not in NOT_OF_THE_STORE
        }
    engine.dispose()
    return _tellable(found)


def _tellable(found: Rows) -> Rows:
    """But for the columns that no store tells: see ops/decisions/0007."""
    trust = {row[:-2] if row[-1] == "" else row[:-1] if row[3] == "provider" else row for row in found["trust"]}
    ledger = [row for row in found["ledger"] if row[5] is not Outcome.GONE]
    brought = {row[2] for row in found["pdv"]}  # its mailbox: a poll without news writes no rapporto
    polls = [row[:1] for row in found["poll"] if row[0] in brought]
    tally = [row for row in found["tally"] if any(row[-2:])]  # of what is gone a count of nothing is left
    return {**found, "trust": sorted(trust, key=repr), "ledger": ledger, "poll": polls, "tally": tally}


def _copied(world: World) -> bytes:
    """The catalog as it is now, in one piece."""
    source = sqlite3.connect(world.database)
    octets = source.serialize()
    source.close()
    return octets


def _emptied(world: World) -> None:
    """No process has it open, and nothing is left of it."""
    if world.opened is not None:
        world.opened.close()
        world.opened = None
    for ending in ("", "-wal", "-shm"):
        world.database.with_name(world.database.name + ending).unlink(missing_ok=True)
