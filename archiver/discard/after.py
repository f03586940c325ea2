"""What remains, judged before anything is destroyed: the store as it will be, and not as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from archiver.discard.effects import Effects, Plan
from archiver.discard.values import Discarding
from archiver.errors import Absent, Conflict
from archiver.ports import Erasable, Stored
from archiver.verdict import Indication, Severity
from archiver.verify import judge_volume


class Hereafter:
    """The objects of a store as they will be: `changed` have these octets, those called in `gone` are not there."""

    def __init__(self, store: Erasable, changed: Mapping[str, bytes], gone: frozenset[str]) -> None:
        self._store, self._changed, self._gone = store, changed, gone

    def has(self, name: str) -> bool:
        """Whether it will be there."""
        return name in self._changed or (name not in self._gone and self._store.has(name))

    def get(self, name: str) -> bytes:
        """Its octets. Raises Absent."""
        if name in self._changed:
            return self._changed[name]
        self._refuse(name)
        return self._store.get(name)

    def open(self, name: str) -> BinaryIO:
        """The same as a file. Raises Absent."""
        if name in self._changed:
            return BytesIO(self._changed[name])
        self._refuse(name)
        return self._store.open(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """All that will be there and is called so, ascending."""
        kept = {item.name: item.size for item in self._store.list(prefix) if item.name not in self._gone}
        kept |= {name: len(octets) for name, octets in self._changed.items() if name.startswith(prefix)}
        return (Stored(name, kept[name]) for name in sorted(kept))

    def _refuse(self, name: str) -> None:
        if name in self._gone:
            raise Absent(f"{name}: da distruggere (to be destroyed)")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will be said of one volume of which a part goes, and whether it was PASSED before."""

    volume: str
    indication: Indication
    before: Indication
    reasons: tuple[str, ...]


def outlooks(record: str, octets: bytes, effects: Effects, plan: Plan, work: Discarding) -> list[Outlook]:
    """What the judge will say of each volume that loses messages; the record lies there already."""
    changed = {**effects.replaced, record: octets}
    gone = frozenset(plan.segments) | (frozenset(plan.metadata) - effects.replaced.keys())
    files = Hereafter(work.primary, changed, gone)
    found = []
    for change in effects.metadata:
        said = judge_volume(files, work.holder, change.volume, trust=work.trust, at=work.clock(), contents=False)
        if said.indication is Indication.PASSED:
            continue
        before = judge_volume(
            work.primary, work.holder, change.volume, trust=work.trust, at=work.clock(), contents=False
        ).indication
        grave = [item for item in said.verdict.findings if item.severity in (Severity.ERROR, Severity.DOUBT)]
        reasons = tuple(f"{item.subject}: {item.text('en')}" for item in grave)
        found.append(Outlook(change.volume, said.indication, before, reasons))
    return found


def insist(found: list[Outlook]) -> list[str]:
    """What is to be said of volumes that are not PASSED today either. Raises Conflict when a discard would undo one."""
    undone = [one for one in found if one.before is Indication.PASSED]
    if undone:
        reasons = "\n".join(f"  volume {one.volume}: {'; '.join(one.reasons[:3])}" for one in undone)
        raise Conflict(
            "nulla è stato distrutto: ciò che resta non sarebbe più PASSED (nothing was destroyed: what remains would"
            f" not be PASSED any more):\n{reasons}"
        )
    return [f"volume {one.volume}: {one.indication}, {one.before} prima/before" for one in found]
