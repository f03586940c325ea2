"""A night in units that many machines share: which there are, what each waits for, and which comes first.

What a unit may be is decided by what must not be cut: the rapporti of a mailbox are a chain, so a mailbox is one unit;
one token covers what is sealed together, so a holder is one; one token per authority covers what is renewed, so that is
one. What is read object by object is cut into shards.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from archiver.night import Unit
from archiver.submission.shard import Shard, shards

LIST = "list"
"""The key of the unit of a sweep that lists, repairs and reports, once all shards are read."""

NIGHT = Unit("night")
"""The last one: what the others came to is folded, written down and told."""

PRIORITY = {
    "night": 90, "alarms": 80, "renew": 70, "seal": 60, "ingest": 50, "replicate": 40, "sweep": 20, "index": 10,
}  # fmt: skip
"""The greater one first: evidence before sweeps; what is read for searches can wait."""

ORDER = ("ingest", "seal", "replicate", "renew", "sweep", "index", "alarms")
"""The steps as a night tells them."""


def units(polled: Iterable[str], sealing: Iterable[str], *, of: int, index: bool) -> tuple[Unit, ...]:
    """All units of a night, of an archive with these mailboxes to be polled and these holders, by id.

    `of`: shards of what is cut into shards; `index`: whether bodies are read for searches.
    """
    cut = ("replicate", "sweep", "index") if index else ("replicate", "sweep")
    return (
        *(Unit("ingest", mailbox) for mailbox in polled),
        *(Unit("seal", holder) for holder in sealing),
        *(Unit(step, shard.name) for step in cut for shard in shards(of)),
        Unit("renew"),
        Unit("sweep", LIST),
        Unit("alarms"),
        NIGHT,
    )


def ready(due: Collection[Unit], holders: Mapping[str, str]) -> Iterator[Unit]:
    """Those of the units that have not ended which need not wait for another of them. `holders`: by mailbox id.

    A seal waits for the mailboxes of its holder, copies for all seals, and for their first shard, which learns what
    there is to copy; reading again waits for copies and renewals, the listing of a sweep for its shards, alarms for
    everything, and the end of the night for the alarms.
    """
    steps = {unit.step for unit in due}
    reading = any(unit.step == "sweep" and unit.key != LIST for unit in due)
    learning = any(unit.step == "replicate" and _first(unit) for unit in due)
    polling = {holders.get(unit.key, "") for unit in due if unit.step == "ingest"}
    for unit in due:
        match unit.step:
            case "seal":
                waits = unit.key in polling
            case "replicate":
                waits = "seal" in steps or "ingest" in steps or (learning and not _first(unit))
            case "index":
                waits = "ingest" in steps
            case "sweep" if unit.key != LIST:
                waits = bool(steps & {"ingest", "seal", "replicate", "renew"})
            case "sweep":
                waits = bool(steps & {"ingest", "seal", "replicate", "renew"}) or reading
            case "alarms":
                waits = bool(steps - {"alarms", "night"})
            case "night":
                waits = steps != {"night"}
            case _:
                waits = False
        if not waits:
            yield unit


def _first(unit: Unit) -> bool:
    """Whether it is the first of its step's shards."""
    return Shard.named(unit.key).number == 0
