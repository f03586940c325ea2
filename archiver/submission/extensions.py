"""Terms that were made longer after sealing; made again from the acts of the register. Nothing makes one shorter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from archiver.package import rules
from archiver.package.act import Act, ActKind
from archiver.submission.rows import VolumeRow


@dataclass(frozen=True, slots=True)
class Extension:
    """Kept through `until`: the volume called so, or all of a `mailbox` (its id) and of a class, those to come too.

    An empty one names all.
    """

    id: str
    holder: str
    at: datetime
    who: str
    reason: str
    until: date
    volume: str = ""
    mailbox: str = ""
    retention: str = ""

    def covers(self, volume: VolumeRow) -> bool:
        """Whether it is about that one."""
        return (
            self.holder == volume.holder
            and self.volume in ("", volume.id)
            and self.mailbox in ("", volume.mailbox)
            and self.retention in ("", volume.retention)
        )

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "act": self.id,
            "holder": self.holder,
            "at": self.at.isoformat(),
            "who": self.who,
            "reason": self.reason,
            "until": self.until.isoformat(),
            "volume": self.volume,
            "mailbox": self.mailbox,
            "class": self.retention,
        }


def extensions(acts: Iterable[Act]) -> list[Extension]:
    """All of them, in the order in which they were decided."""
    ordered = sorted(acts, key=lambda act: (act.holder, act.number, act.id))
    return [
        Extension(
            id=act.id,
            holder=act.holder,
            at=act.at,
            who=act.who,
            reason=act.reason,
            until=rules.day(str(act.what["until"])),
            volume=str(act.what.get("volume") or ""),
            mailbox=str(act.what.get("mailbox") or ""),
            retention=str(act.what.get("class") or ""),
        )
        for act in ordered
        if act.kind is ActKind.RETENTION_EXTENDED
    ]


def extended(volume: VolumeRow, known: Iterable[Extension]) -> date | None:
    """The last day that an extension gives to a volume; None when none does."""
    return max((one.until for one in known if one.covers(volume)), default=None)
