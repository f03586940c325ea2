"""Harm done to stored objects, behind the store's back: bits, lengths, swaps, deletions, strangers, other versions."""

import os
from datetime import datetime, timedelta

from simulation.bucket import Version
from simulation.house import Place, World
from simulation.reference import GRAVE, raw


def harm(world: World, place: Place, name: str, others: list[str]) -> tuple[list[str], str]:
    """One kind of harm to an object that is there whole; which objects it befell, and what it was.

    `others` are objects that it may be swapped with.
    """
    dice = world.fate.dice("harm")
    kinds = ["flipped", "flipped", "truncated", "zeroed", "deleted", "deleted", "swapped"]
    if place.bucket is not None:
        kinds += ["hidden", "overlaid", "succeeded", "unlocked"]
    kind = dice.choice(kinds)
    octets = raw(place, name)
    assert octets is not None
    if not octets and kind in ("flipped", "truncated", "zeroed"):
        kind = "deleted"
    match kind:
        case "flipped":
            at = dice.randrange(len(octets))
            write(place, name, octets[:at] + bytes((octets[at] ^ 1 << dice.randrange(8),)) + octets[at + 1 :])
        case "truncated":
            write(place, name, octets[: dice.randrange(len(octets))])
        case "zeroed":
            write(place, name, bytes(len(octets)))
        case "deleted":
            remove(place, name)
        case "swapped":
            other = dice.choice(others)
            theirs = raw(place, other)
            if theirs is None or theirs == octets:
                return [], ""
            write(place, name, theirs)
            write(place, other, octets)
            world.fate.fault(f"object {kind}", f"{place.id} {name} {other}")
            return [name, other], kind
        case _:
            _in_bucket(kind, place, name, octets, world)
    if raw(place, name) == octets and kind in GRAVE:
        return [], ""
    world.fate.fault(f"object {kind}", f"{place.id} {name}")
    return [name], kind


def strange(world: World, place: Place) -> str:
    """An object that nobody promised; its name."""
    dice = world.fate.dice("harm")
    name = f"h-prova/{dice.choice(('segments', 'volumes', 'note'))}/estraneo-{dice.randrange(10**6)}.txt"
    write(place, name, b"estraneo")
    world.fate.fault("foreign object", f"{place.id} {name}")
    return name


def restore(place: Place, name: str, octets: bytes) -> None:
    """The operator puts an object back from his own backup."""
    if place.bucket is not None:
        place.bucket.names[name] = [Version(octets)]
        place.bucket.aside.pop(name, None)
    else:
        write(place, name, octets)


def remove(place: Place, name: str) -> None:
    """Every version of an object goes."""
    if place.bucket is not None:
        place.bucket.names.pop(name, None)
        place.bucket.aside.pop(name, None)
    else:
        assert place.disk is not None
        (place.disk.root / name).unlink(missing_ok=True)


def _in_bucket(kind: str, place: Place, name: str, octets: bytes, world: World) -> None:
    assert place.bucket is not None
    versions = place.bucket.names[name]
    held = place.bucket.version(name)
    assert held is not None
    other = octets[: len(octets) // 2] + b"altro"
    match kind:
        case "hidden":
            versions.append(Version(None))
        case "overlaid":
            versions.append(Version(other))
        case "succeeded":
            versions.append(Version(other))
            versions.remove(held)
        case "unlocked":
            held.until = world.now - timedelta(days=1)


def write(place: Place, name: str, octets: bytes) -> None:
    """Other octets in place of an object's, as rot and intruders write them."""
    if place.bucket is not None:
        held = place.bucket.version(name)
        if held is not None:
            held.octets = octets
        else:
            place.bucket.names[name] = [Version(octets)]
        return
    assert place.disk is not None
    path = place.disk.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(octets)
    os.chmod(path, 0o444)
    place.disk.lasting(str(path))


def lifted(place: Place, name: str, now: datetime) -> bool:
    """Whether an object is neither hidden nor without a lock any more."""
    assert place.bucket is not None
    held = place.bucket.version(name)
    top = place.bucket.names[name][-1]
    return held is not None and top.octets is not None and held.until is not None and held.until > now


def aside(place: Place, name: str, octets: bytes) -> bool:
    """Whether what a repair found is still there, beside what it brought."""
    if place.bucket is not None:
        return any(version.octets == octets for version in place.bucket.names.get(name, ()))
    assert place.disk is not None
    kept = place.disk.root.glob(f".replaced/{name}.*")
    return any(path.read_bytes() == octets for path in kept)
