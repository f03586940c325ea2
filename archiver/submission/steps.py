"""How far each discard has come: folded from the acts of the register (AgID guidelines 4.11)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from archiver.package import rules
from archiver.package.act import DISCARDS, Act, ActKind
from archiver.package.discard.values import Authorization, NotRequired


class State(StrEnum):
    """A discard is fully effective only when the security copies have been completely updated."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    APPROVED_IN_PART = "approved-in-part"
    REJECTED = "rejected"
    DESTROYED_IN_PRIMARY = "destroyed-in-primary"
    DESTROYED_IN_COPIES = "destroyed-in-copies"
    EFFECTIVE = "effective"


@dataclass(slots=True)
class Steps:
    """One discard: its acts, and what they come to. `list_id` is the report that holds the list, by its digest."""

    id: str
    holder: str
    proposed: Act
    approved: Act | None = None
    rejected: Act | None = None
    destroyed: dict[str, Act] = field(default_factory=dict)
    effective: Act | None = None

    @property
    def state(self) -> State:
        """The last one that was reached."""
        if self.effective:
            return State.EFFECTIVE
        if "copies" in self.destroyed:
            return State.DESTROYED_IN_COPIES
        if "primary" in self.destroyed:
            return State.DESTROYED_IN_PRIMARY
        if self.rejected:
            return State.REJECTED
        if self.approved:
            return State.APPROVED_IN_PART if self.only or self.but else State.APPROVED
        return State.PROPOSED

    @property
    def open(self) -> bool:
        """Whether something is still to be decided or done."""
        return self.state not in (State.REJECTED, State.EFFECTIVE)

    @property
    def list_id(self) -> str:
        """The id of the report with the list."""
        return str(self.proposed.what["list"])

    @property
    def list_sha256(self) -> str:
        """The SHA-256 of the list, unsigned."""
        return str(self.proposed.what["sha256"])

    @property
    def only(self) -> tuple[str, ...]:
        """What alone was authorised of the list; empty: all but `but`."""
        return _texts(self.approved, "only")

    @property
    def but(self) -> tuple[str, ...]:
        """What was not authorised."""
        return _texts(self.approved, "but")

    @property
    def authorization(self) -> Authorization | NotRequired | None:
        """Whose leave there is; None before anybody approved."""
        if self.approved is None:
            return None
        given = self.approved.what.get("authorization")
        if given is None:
            return NotRequired(self.approved.reason)
        return Authorization(given["authority"], given["protocol"], rules.day(given["date"]))

    @property
    def persons(self) -> tuple[str, ...]:
        """Who proposed, and who approved."""
        return (self.proposed.who, *((self.approved.who,) if self.approved else ()))

    def chosen(self, listed: Iterable[str]) -> tuple[str, ...]:
        """What of the list was authorised."""
        return tuple(one for one in listed if (one in self.only if self.only else one not in self.but))

    def as_json(self) -> dict[str, object]:
        """For machines."""
        leave = self.authorization
        return {
            "discard": self.id,
            "holder": self.holder,
            "state": self.state.value,
            "proposed_by": self.proposed.who,
            "proposed": self.proposed.at.isoformat(),
            "path": self.proposed.what.get("path"),
            "basis": self.proposed.reason,
            "approved_by": self.approved.who if self.approved else None,
            "approved": self.approved.at.isoformat() if self.approved else None,
            "authority": leave.authority if isinstance(leave, Authorization) else None,
            "protocol": leave.protocol if isinstance(leave, Authorization) else None,
            "date": leave.date.isoformat() if isinstance(leave, Authorization) else None,
            "not_required": leave.reason if isinstance(leave, NotRequired) else None,
            "only": list(self.only),
            "except": list(self.but),
            "rejected_by": self.rejected.who if self.rejected else None,
            "destroyed": {where: act.at.isoformat() for where, act in self.destroyed.items()},
            "effective": self.effective.at.isoformat() if self.effective else None,
            "list": self.list_id,
        }


def steps(acts: Iterable[Act]) -> dict[tuple[str, str], Steps]:
    """Every discard by holder and id, in the order in which they were proposed.

    An act that could not follow those before it (an approval by whoever proposed, a second one) changes nothing.
    """
    found: dict[tuple[str, str], Steps] = {}
    for act in sorted(acts, key=lambda act: (act.holder, act.number, act.id)):
        if act.kind not in DISCARDS:
            continue
        key = (act.holder, str(act.what["discard"]))
        if act.kind is ActKind.DISCARD_PROPOSED:
            found.setdefault(key, Steps(key[1], act.holder, act))
        elif key in found:
            _take(found[key], act)
    return found


def _take(known: Steps, act: Act) -> None:
    state = known.state
    decided = (State.APPROVED, State.APPROVED_IN_PART)
    if act.kind is ActKind.DISCARD_APPROVED and state is State.PROPOSED and act.who != known.proposed.who:
        known.approved = act
    elif act.kind is ActKind.DISCARD_REJECTED and state in (State.PROPOSED, *decided):
        known.rejected = act
    elif act.kind is ActKind.DISCARD_DESTROYED and known.approved and not known.rejected:
        known.destroyed.setdefault(str(act.what["where"]), act)
    elif act.kind is ActKind.DISCARD_EFFECTIVE and state is State.DESTROYED_IN_COPIES:
        known.effective = act


def _texts(act: Act | None, key: str) -> tuple[str, ...]:
    return tuple(map(str, act.what.get(key) or ())) if act else ()
