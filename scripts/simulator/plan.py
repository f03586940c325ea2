"""What was asked of the simulator: one value, from which everything else follows."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """The same plan gives the same bytes. `start` is UTC, `size` counts the attachments' octets.

    `variants` are names of conversations (`pecsim --list`), none for all. `shuffle` lets messages arrive in any order,
    `duplicates` is the percentage of messages that arrive twice, `reuse` how often each envelope and receipt is used,
    each time under other outer headers. `second` is the address of another mailbox of the same holder, empty for none.
    """

    messages: int
    seed: int
    size: int
    recipients: int
    address: str
    start: datetime
    variants: tuple[str, ...] = ()
    shuffle: bool = False
    duplicates: int = 0
    reuse: int = 1
    second: str = ""
