"""Who signs and who stamps over the years: certificates that begin, end, are revoked and are succeeded by others."""

from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.x509 import ReasonFlags

from archiver.config import TsaConfig
from simulation.house import CODE, World
from simulation.notary import Person, Root

DAY = timedelta(days=1)
COMPROMISED = ReasonFlags.key_compromise


def appear(world: World) -> None:
    """Everybody on the first day."""
    for tsa in world.config.tsas:
        world.stamping[tsa.id] = _authority(world, tsa, 0)
    world.sealing.append(_sealer(world, 0))


def pass_on(world: World) -> None:
    """Certificates that end in good time are succeeded by others; so are those that are revoked, and digests."""
    fate = world.fate
    for tsa in world.config.tsas:
        person = world.stamping[tsa.id]
        if world.now > person.end - 200 * DAY:
            fate.fault("TSA certificate succeeded", tsa.id)
        elif fate.chance("revoked", 0.01):
            _revoke(world, person, ReasonFlags.superseded)
            fate.fault("TSA certificate revoked", tsa.id)
        else:
            continue
        world.former.append(person)
        world.stamping[tsa.id] = _authority(world, tsa, person.serial - 9)
    if world.now > world.sealing[-1].end - 20 * DAY:
        fate.fault("seal certificate succeeded")
    elif fate.chance("revoked", 0.01):
        _revoke(world, world.sealing[-1], fate.dice("revoked").choice((ReasonFlags.superseded, COMPROMISED)))
        fate.fault("seal certificate revoked")
    else:
        _weaken(world)
        return
    world.sealing.append(_sealer(world, len(world.sealing)))


def _revoke(world: World, person: Person, reason: ReasonFlags) -> None:
    entry = world.now.replace(microsecond=0), reason
    world.revoked.setdefault(person.root.name, {})[person.serial] = entry


def _weaken(world: World) -> None:
    """A digest of the trees is to end: the operator says so, and asks for another one from now on."""
    config = world.config
    if config.trust.algorithms is not None or not world.fate.chance("weakened", 0.01):
        return
    path = config.folder / "algorithms.toml"
    end = world.now + 400 * DAY
    path.write_text(f'source = "simulazione"\n[[algorithm]]\nname = "SHA-512"\nuntil = {end:%Y-%m-%d}\n')
    tsas = tuple(replace(tsa, digest="sha3_512") if tsa.digest == "sha512" else tsa for tsa in config.tsas)
    world.config = replace(config, tsas=tsas, trust=replace(config.trust, algorithms=path))
    world.fate.fault("digest to end", "SHA-512")


def _authority(world: World, tsa: TsaConfig, number: int) -> Person:
    days = world.fate.dice("people").choice((700, 1100, 2000, 3600))
    root = Root(f"Radice {tsa.id}")
    return Person(root, f"TSA {tsa.id} {number}", 10 + number, _day(world.now), _day(world.now) + days * DAY, True)


def _sealer(world: World, number: int) -> Person:
    days = world.fate.dice("people").choice((400, 1095))
    root, start = Root("Radice sigilli"), _day(world.now)
    return Person(root, f"Sigillo {number}", 10 + number, start, start + days * DAY, False, CODE, "sha256")


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
