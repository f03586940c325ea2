"""What happens while a command is at work: each fault is a name, what it does before, and what undoes it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from support.faulty_proxy import Harm, Trouble

from soaking.world import FOLDER, PRIMARY, World

HOUR, YEAR = 3600, 365 * 86400
MARKER = ".archiver-store"


@dataclass(frozen=True)
class Plan:
    """How a command is run: by this clock, killed within this part of its usual time (0: left in peace)."""

    clock: str = ""
    kill: float = 0.0


@dataclass(frozen=True)
class Fault:
    """One fault: its kind, and what it is about."""

    kind: str
    about: str
    begin: Callable[[], None] = lambda: None
    end: Callable[[], None] = lambda: None
    plan: Plan = Plan()
    struck: Callable[[int], bool] = lambda code: True
    """Whether the command has really met it, asked when it has ended, with its exit code."""


@contextmanager
def at_work(fault: Fault) -> Iterator[None]:
    """The fault is there as long as the block."""
    fault.begin()
    try:
        yield
    finally:
        fault.end()


_WIRES = {
    "ingest": ("imap", "imap", "catalog"),
    "seal": ("tsa", "catalog"),
    "renew": ("tsa", "catalog"),
    "replicate": ("catalog", "bucket"),
    "sweep": ("tsa", "catalog", "bucket", "bucket"),
}
"""Those that an errand uses."""

_COPYING = {"replicate", "sweep"}
"""Errands that use every store."""


def drawn(world: World, dice: Random, errand: str) -> Fault:
    """One fault by lot that may meet this errand."""
    kinds: list[Callable[[World, Random, str], Fault]] = [_wire, _wire, _wire, _kill, _kill, _clock]
    kinds += [_disk, _disk] if world.disks else []
    kinds += [_crash] if world.postgres else []
    kinds += [_marker]
    return dice.choice(kinds)(world, dice, errand)


def _wire(world: World, dice: Random, errand: str) -> Fault:
    together = ("bucket",) if world.together else ()
    wires = [name for name in (*_WIRES[errand], *together) if name in world.archive.wires]
    if not wires:
        return _kill(world, dice, errand)
    name = dice.choice(wires)
    wire = world.archive.wires[name]
    trouble = Trouble.drawn(dice, http=name not in ("imap", "catalog"), seconds=dice.choice((0.5, 4.0)))
    before = wire.struck
    refused = trouble.harm is Harm.REFUSE
    return Fault(
        f"wire-{trouble.harm.value}",
        f"{name}: {trouble}",
        begin=lambda: wire.trouble(trouble),
        end=wire.heal,
        # of those who find nobody listening, only a command that failed is known
        struck=lambda code: code != 0 if refused else wire.struck > before,
    )


def _kill(_: World, dice: Random, __: str) -> Fault:
    return Fault("kill", "SIGKILL", plan=Plan(kill=dice.uniform(0.1, 1.1)))


def _clock(_: World, dice: Random, __: str) -> Fault:
    back = dice.choice((HOUR, 30 * HOUR, YEAR))
    kind = "clock-back-year" if back == YEAR else "clock-back-hours"
    if dice.random() < 0.5:
        return Fault(kind, f"by {back} s", plan=Plan(clock=f"-{back}"))
    readings = dice.randrange(1, 12)
    return Fault(f"{kind}-within", f"by {back} s after {readings} readings", plan=Plan(clock=f"0,-{back},{readings}"))


def _disk(world: World, dice: Random, errand: str) -> Fault:
    name = dice.choice([name for name in sorted(world.disks) if name == PRIMARY or errand in _COPYING])
    disk = world.disks[name]
    if dice.random() < 0.5:
        return Fault("disk-read-only", name, begin=disk.freeze, end=disk.thaw)
    spare = dice.choice((0, 8192, 65536))
    return Fault("disk-full", f"{name}: {spare} octets left", begin=lambda: disk.fill(spare=spare), end=disk.empty)


def _crash(world: World, dice: Random, _: str) -> Fault:
    """The database crashes in the middle, and comes back at once."""
    assert world.postgres
    begin, end = world.crashing(world.postgres, dice.uniform(0.3, 2.5))
    return Fault("catalog-crash", "PostgreSQL", begin=begin, end=end)


def _marker(world: World, dice: Random, errand: str) -> Fault:
    """Another disk is mounted: what marks the store is another's."""
    name = dice.choice([PRIMARY, FOLDER]) if errand in _COPYING else PRIMARY
    rot = world.damage[name]
    octets = rot.read(MARKER)
    harm = dice.choice((b"", b"archiver store 9\n", octets[:-3]))
    return Fault(
        "marker-changed",
        name,
        begin=lambda: rot.change(MARKER, lambda _: harm),
        end=lambda: rot.change(MARKER, lambda _: octets),
    )
