"""Carrying out a discard: by whoever proposed or approved it, alone at work, after all that any register says."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from archiver.compose.archive import Archive
from archiver.compose.decided import insisted
from archiver.compose.destroying import discarding
from archiver.compose.discards import Discard, entries, found
from archiver.compose.holding import today
from archiver.compose.proposing import DECIDED, LEGAL, somebody
from archiver.compose.register import written
from archiver.compose.reporting import check_signed, sealed_now
from archiver.compose.terms import Terms, messages_held
from archiver.discard import Order, Report, messages_in, volumes_in
from archiver.discard import execute as execute_order
from archiver.errors import Absent, ConfigError, Conflict
from archiver.package import layout
from archiver.package.act import Act, ActKind
from archiver.submission.extensions import extensions
from archiver.submission.holds import Hold, holds
from archiver.submission.steps import State, Steps
from archiver.verdict import Finding

Clock = Callable[[], datetime]
Progress = Callable[[int, int | None], None]

_BEGUN = (State.DESTROYED_IN_PRIMARY, State.DESTROYED_IN_COPIES)
_REASON = {
    "it": "termine di conservazione trascorso, senza proroghe né blocchi",
    "en": "retention term over, neither extended nor held",
}
_BEYOND = {
    "it": "Esibizioni ed esportazioni già consegnate non sono raggiunte da questo scarto",
    "en": "Exhibits and exports that were handed out are beyond the reach of this discard",
}


@dataclass(frozen=True, slots=True)
class Executed:
    """A run of a destruction: what it came to, and how far the discard is now."""

    discard: Discard
    report: Report
    seal_warnings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**self.discard.as_json(), **self.report.as_json()}


@dataclass(slots=True)
class Hands:
    """Folders of signing by hand: where the record to be signed goes, where the signed one comes from."""

    to_sign: Path | None = None
    signed: Path | None = None
    written: list[str] = field(default_factory=list)


def discard_execute(
    archive: Archive,
    name: str,
    *,
    hands: Hands | None = None,
    clock: Clock,
    progress: Progress = lambda done, total: None,
) -> Executed:
    """Destroys what was approved, on every store; cut short, or with a store that is down, the same again goes on.

    Raises as `archiver.discard.execute`; ConfigError for somebody who neither proposed nor approved.
    """
    with _alone(archive):
        first = found(archive, name).steps
        acts = insisted(archive, first.holder, going_on=first.state in _BEGUN)
        known = found(archive, first.id)  # what other stores know of it, too
        _either(archive, known)
        state = known.steps.state
        if state not in (*DECIDED, *_BEGUN, State.EFFECTIVE):
            raise Conflict(f"{known.steps.id}: {state.value}: si esegue ciò che è approvato (not to be executed)")
        warnings: list[Finding] = []
        work = discarding(archive, known.steps.holder, seal=_seal(archive, hands, warnings, clock), clock=clock)
        order = _order(known, archive)
        report = execute_order(
            order,
            work,
            primary_done=state not in DECIDED,
            held=_forbidden(archive, order, acts, known, clock),
            noted=_noting(archive, known.steps, clock),
            step=progress,
        )
    return Executed(found(archive, known.steps.id), report, tuple(warnings))


def _either(archive: Archive, known: Discard) -> None:
    who = somebody(archive)
    if who not in known.steps.persons:
        raise ConfigError(
            f"{known.steps.id}: lo esegue chi lo propose o approvò ({', '.join(known.steps.persons)}), non {who!r}"
            " (executed by who proposed or approved it)"
        )


@contextmanager
def _alone(archive: Archive) -> Iterator[None]:
    """No other errand is at work: one that copies or repairs would bring back what goes."""
    polls = [f"ingest-{box.id}" for box in archive.config.mailboxes]
    busy = "un altro comando è al lavoro su questo archivio: ripetere quando ha finito (another command is at work)"
    with ExitStack() as held:
        for name in ("discard", "rebuild", "seal", "renew", "replicate", "sweep", *polls):
            held.enter_context(archive.catalog.exclusive(name, busy=busy))
        yield


def _seal(
    archive: Archive, hands: Hands | None, warnings: list[Finding], clock: Clock
) -> Callable[[bytes, str], bytes | None]:
    """Puts the archive's seal on a record, or has a hand do it; `warnings` is filled with what is to be said of it."""

    def seal(octets: bytes, name: str) -> bytes | None:
        if hands and (hands.to_sign or hands.signed):
            return _by_hand(archive, octets, name, hands, clock)
        p7m, said = sealed_now(archive, octets, name, clock)
        warnings.extend(said)
        return p7m

    return seal


def _by_hand(archive: Archive, octets: bytes, name: str, hands: Hands, clock: Clock) -> bytes | None:
    """The record, signed by somebody elsewhere; or None, once it lies in the folder for him."""
    parsed = layout.parse(name)
    assert parsed is not None, "the record of a discard has a name of ours"
    file = f"{parsed.id}.discard.xml"
    if hands.signed:
        path = hands.signed / f"{file}.p7m"
        if not path.is_file():
            raise Absent(f"{path}: non c'è (no signed record there): prima `--to-sign DIR`")
        p7m = path.read_bytes()
        check_signed(archive, p7m, name, clock)
        return p7m
    assert hands.to_sign is not None
    hands.to_sign.mkdir(parents=True, exist_ok=True)
    (hands.to_sign / file).write_bytes(octets)
    hands.written.append(str(hands.to_sign / file))
    return None


def _order(known: Discard, archive: Archive) -> Order:
    one, leave = known.steps, known.steps.authorization
    assert leave is not None
    assert one.approved is not None
    single = messages_in(known.told)
    chosen = set(one.chosen(entries(known.told)))
    words = [one.proposed.reason or _REASON[archive.config.language], _BEYOND[archive.config.language]]
    words += [LEGAL] if archive.config.demo else []
    return Order(
        id=one.id,
        reason=". ".join(words),
        role=one.approved.role,
        authorization=leave,
        volumes=tuple(volume for volume in volumes_in(known.told) if volume in chosen),
        messages=tuple(pair for pair in single if pair[0] in chosen),
    )


def _forbidden(archive: Archive, order: Order, acts: list[Act], known: Discard, clock: Clock) -> Iterator[str]:
    """What holds and terms forbid, by all acts that any store has."""
    standing = [one for one in holds(acts) if one.released is None]
    terms = Terms(archive, extended=extensions(acts), held=standing)
    for volume in order.volumes:
        for hold in terms.held.get(volume, ()):
            yield f"volume {volume}: {_told(hold)}"
        row = archive.catalog.volume(volume)
        end = terms.last_day(row) if row else date.min
        if end is None or end >= today(clock()):
            yield f"volume {volume}: il termine finisce il {end or '9999'} (its term is not over)"
    digests = sorted({digest for digest, _ in order.messages})
    for hold in standing if digests else ():
        if hold.holder == known.steps.holder:
            for digest in sorted(messages_held(hold, digests, archive)):
                yield f"{digest}: {_told(hold)}"


def _told(hold: Hold) -> str:
    return f"blocco {hold.short} di {hold.who}, {hold.at:%Y-%m-%d}: {hold.reason} (hold)"


def _noting(archive: Archive, one: Steps, clock: Clock) -> Callable[[str, str], None]:
    def noted(where: str, digest: str) -> None:
        if where in one.destroyed:
            return
        stores = list(archive.stores)[:1] if where == "primary" else list(archive.stores)
        what = {"discard": one.id, "where": where, "stores": stores, "record": digest}
        written(archive, one.holder, ActKind.DISCARD_DESTROYED, what, reason="", clock=clock)

    return noted
