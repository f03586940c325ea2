"""Legal holds: what nobody may destroy until somebody lets it go; made again from the acts of the register."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from archiver.digest import Sha256
from archiver.package import rules
from archiver.package.act import Act, ActKind


class Scope(StrEnum):
    """What a hold is about. What a later format may name, and nobody here knows, is everything."""

    MESSAGES = "messages"
    MAILBOX = "mailbox"
    PERIOD = "period"
    HOLDER = "holder"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold: `id` is that of the act that placed it, `review` a day on which it asks to be looked at again.

    `messages` and all that belongs to their dossiers; or all of `mailbox` (its id); or what is dated `since` to `until`
    in Italy, both included (of `mailbox`, or of all). It ends when it is `released` (by whom, when), and never else.
    """

    id: str
    holder: str
    at: datetime
    who: str
    reason: str
    scope: Scope
    messages: tuple[Sha256, ...] = ()
    mailbox: str = ""
    since: date | None = None
    until: date | None = None
    review: date | None = None
    released: Act | None = None

    @property
    def short(self) -> str:
        """Enough of the id for people."""
        return self.id.rpartition("-")[2][:8]

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "hold": self.id,
            "holder": self.holder,
            "at": self.at.isoformat(),
            "who": self.who,
            "reason": self.reason,
            "scope": self.scope.value,
            "messages": list(self.messages),
            "mailbox": self.mailbox,
            "since": _shown(self.since),
            "until": _shown(self.until),
            "review": _shown(self.review),
            "released": self.released.at.isoformat() if self.released else None,
            "released_by": self.released.who if self.released else None,
        }


def holds(acts: Iterable[Act]) -> list[Hold]:
    """All holds that these acts placed, the oldest first, those that were released too."""
    ordered = sorted(acts, key=lambda act: (act.holder, act.number, act.id))
    released = {(act.holder, str(act.what.get("hold"))): act for act in ordered if act.kind is ActKind.HOLD_RELEASED}
    return [_hold(act, released.get((act.holder, act.id))) for act in ordered if act.kind is ActKind.HOLD_PLACED]


def _hold(act: Act, released: Act | None) -> Hold:
    what = act.what
    scope = what.get("scope")
    known = Scope(scope) if isinstance(scope, str) and scope in set(Scope) else Scope.HOLDER
    return Hold(
        id=act.id,
        holder=act.holder,
        at=act.at,
        who=act.who,
        reason=act.reason,
        scope=known,
        messages=tuple(act.about) if known is Scope.MESSAGES else (),
        mailbox=str(what.get("mailbox") or ""),
        since=_day(what.get("since")),
        until=_day(what.get("until")),
        review=_day(what.get("review")),
        released=released,
    )


def _day(value: object) -> date | None:
    try:
        return rules.day(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _shown(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
