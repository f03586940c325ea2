"""Many machines in a configuration: when the night begins, into how many parts work is cut, how much at once."""

from dataclasses import dataclass

from archiver.config.table import Table

_HOUR = r"([01]\d|2[0-3]):[0-5]\d"


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """`at`: when the night begins, Europe/Rome (HH:MM); `shards`: parts of what is read object by object.

    `imap`: polls at once of one mail server, `tsa`: questions at once to one authority, over all machines. `patience`:
    minutes that a unit is tried again while a service is down. `heartbeat`: seconds between two signs of life; a worker
    without one for three of them counts as dead.
    """

    at: str = "02:00"
    shards: int = 8
    imap: int = 4
    tsa: int = 2
    patience: int = 30
    heartbeat: int = 10


NO_ENGINE = EngineConfig()
"""Without its table."""


def engine(top: Table) -> EngineConfig:
    """The table [engine]."""
    if not top.has("engine"):
        return NO_ENGINE
    table = top.table("engine")
    found = EngineConfig(
        at=table.text("at", NO_ENGINE.at, pattern=_HOUR, hint='must be an hour such as "02:00"'),
        shards=table.number("shards", NO_ENGINE.shards, low=1, high=64),
        imap=table.number("imap", NO_ENGINE.imap, low=1, high=64),
        tsa=table.number("tsa", NO_ENGINE.tsa, low=1, high=64),
        patience=table.number("patience", NO_ENGINE.patience, low=1, high=24 * 60),
        heartbeat=table.number("heartbeat", NO_ENGINE.heartbeat, low=1, high=300),
    )
    table.close()
    return found
