"""Proposing and deciding a discard: two different persons, an act each, and a list that is filed before."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from archiver.compose.archive import Archive
from archiver.compose.decided import decided
from archiver.compose.discards import Discard, entries, found, seen, unsigned
from archiver.compose.holding import named_digests, today
from archiver.compose.register import check_reason, written
from archiver.compose.reporting import filed
from archiver.compose.roles import NOBODY
from archiver.compose.terms import Terms
from archiver.digest import Sha256, sha256
from archiver.discard import candidates, content, messages_in, named, volumes_in
from archiver.errors import ConfigError, Conflict
from archiver.package import layout
from archiver.package.act import DISCARDS, ActKind
from archiver.package.discard.values import Authorization
from archiver.submission.steps import State, steps
from archiver.verdict import Finding, finding

Clock = Callable[[], datetime]

LEGAL = "SENZA VALORE LEGALE / WITHOUT LEGAL VALUE"
"""What a demonstration's list and record say of themselves: its seal and its time stamps are made by itself."""

DECIDED = (State.APPROVED, State.APPROVED_IN_PART)


def discard_propose(
    archive: Archive,
    *,
    until: date | None = None,
    mailboxes: Sequence[str] = (),
    messages: Sequence[str] = (),
    basis: str = "",
    clock: Clock,
) -> list[Discard]:
    """Lists what may go, files the list, and writes into the register of each holder that it is proposed.

    Without `messages` the ordinary path: whole volumes whose term ended on or before `until` (yesterday, if not said),
    and that no hold keeps. With them the exceptional one, on a `basis`. What another open discard lists is left out.
    """
    check_reason(archive, basis)
    somebody(archive)
    boxes = [archive.mailbox(name).id for name in mailboxes] or None
    if messages:
        if until or boxes:
            raise ConfigError(
                "--messages non va con --until né --mailbox: un ordine vale ovunque il messaggio sia (an order is about"
                " the message wherever it is)"
            )
        made = _single(archive, messages, basis)
    elif basis:
        raise ConfigError(
            "--basis accompagna --messages: la via ordinaria ha la sua base nel massimario (with --messages)"
        )
    else:
        made = _ordinary(archive, until, boxes, clock)
    return [_proposed(archive, holder, told, basis, clock) for holder, told in made]


def discard_approve(
    archive: Archive,
    name: str,
    *,
    authorization: Authorization | None,
    not_required: str = "",
    only: Sequence[str] = (),
    but: Sequence[str] = (),
    clock: Clock,
) -> Discard:
    """Somebody else than who proposed it approves a discard, or a part of it, with the leave there is."""
    known = found(archive, name)
    _apart(archive, known)
    if known.steps.state is not State.PROPOSED:
        raise Conflict(
            f"{known.steps.id}: {known.steps.state.value}: si approva ciò che è proposto (not to be approved)"
        )
    if (authorization is None) == (not not_required.strip()):
        raise ConfigError("indicare --authority, --protocol e --date, oppure --not-required MOTIVO (one of the two)")
    if only and but:
        raise ConfigError("--only e --except insieme: indicarne uno (one of the two)")
    listed = entries(known.told)
    what = {
        "discard": known.steps.id,
        "only": _chosen(only, listed),
        "but": _chosen(but, listed),
        "authorization": None
        if authorization is None
        else {
            "authority": authorization.authority,
            "protocol": authorization.protocol,
            "date": authorization.date.isoformat(),
        },
    }
    if what["but"] and not set(listed) - set(what["but"]):
        raise ConfigError("--except comprende tutto: `archiver discard reject` (nothing is left: reject it)")
    written(archive, known.steps.holder, ActKind.DISCARD_APPROVED, what, reason=not_required.strip(), clock=clock)
    return found(archive, known.steps.id)


def discard_reject(archive: Archive, name: str, *, reason: str, clock: Clock) -> Discard:
    """Nothing of it is destroyed. Raises Conflict for one whose destruction has begun."""
    known = found(archive, name)
    check_reason(archive, reason)
    if not reason.strip():
        raise ConfigError("--reason TESTO: una decisione ha un motivo, che resta nell'atto (a decision has a reason)")
    if known.steps.state not in (State.PROPOSED, *DECIDED) or known.record:
        raise Conflict(f"{known.steps.id}: {known.steps.state.value}: non si respinge più (can be rejected no more)")
    what = {"discard": known.steps.id}
    written(archive, known.steps.holder, ActKind.DISCARD_REJECTED, what, reason=reason.strip(), clock=clock)
    return found(archive, known.steps.id)


def discard_confirm(archive: Archive, name: str, *, reason: str, clock: Clock) -> Discard:
    """Somebody answers for it that no older copy of the catalog is left, nor of what was destroyed: it is effective.

    AgID guidelines 4.11: fully effective only when the security copies have been completely updated.
    """
    known = found(archive, name)
    check_reason(archive, reason)
    if not reason.strip():
        raise ConfigError("--reason TESTO: dire come sono state eliminate le copie più vecchie (say how)")
    if known.steps.state is not State.DESTROYED_IN_COPIES:
        raise Conflict(
            f"{known.steps.id}: {known.steps.state.value}: prima dev'essere distrutto in ogni copia:"
            f" `archiver discard execute {known.steps.id}` (every copy comes first)"
        )
    what = {"discard": known.steps.id}
    written(archive, known.steps.holder, ActKind.DISCARD_EFFECTIVE, what, reason=reason.strip(), clock=clock)
    return found(archive, known.steps.id)


def somebody(archive: Archive) -> str:
    who = archive.who.login
    if who == NOBODY:
        raise ConfigError("uno scarto lo decidono persone, con il loro utente (a discard is decided by persons)")
    return who


def _apart(archive: Archive, known: Discard) -> None:
    who = somebody(archive)
    if who == known.steps.proposed.who:
        raise ConfigError(
            f"{known.steps.id}: lo ha proposto {who!r}: lo approva un'altra persona, con il suo utente (whoever"
            " proposed it may not approve it)"
        )


def _ordinary(
    archive: Archive, until: date | None, boxes: Collection[str] | None, clock: Clock
) -> Iterator[tuple[str, dict[str, Any]]]:
    yesterday = today(clock()) - timedelta(days=1)
    if until is not None and until > yesterday:
        raise ConfigError(f"--until {until}: al più ieri ({yesterday}): il termine dev'essere trascorso (not over yet)")
    terms, through = Terms(archive), until or yesterday
    for holder in archive.config.holders:
        taken = _taken(archive, holder)
        due = candidates(
            holder,
            archive.catalog,
            through=through,
            term=terms.last_day,
            mailboxes=boxes,
            but={*terms.held, *taken},
        )
        if due:
            yield holder, content(path="ordinary", through=through, basis="", volumes=due)


def _single(archive: Archive, messages: Sequence[str], basis: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not basis.strip():
        raise ConfigError("--basis TESTO: per ordine di chi, in base a che cosa (by whose order, on what basis)")
    wanted: dict[str, set[Sha256]] = {}
    for holder, digest in named_digests(archive, messages):
        wanted.setdefault(holder, set()).add(digest)
    for holder, digests in wanted.items():
        single = named(holder, archive.catalog, sorted(digests))
        yield holder, content(path="exceptional", through=None, basis=basis.strip(), messages=single)


def _taken(archive: Archive, holder: str) -> set[str]:
    """Volumes that a discard which is still open lists already."""
    acts = decided(archive, DISCARDS)
    known = [seen(archive, one) for (of, _), one in steps(acts).items() if of == holder and one.open]
    return {volume for one in known for volume in one.steps.chosen(volumes_in(one.told))}


def _proposed(archive: Archive, holder: str, told: dict[str, Any], basis: str, clock: Clock) -> Discard:
    last = archive.catalog.last_act(holder)  # the same list may be proposed again
    digest = sha256(json.dumps([told, last.id if last else ""], sort_keys=True).encode())
    discard = f"d-{today(clock()):%Y%m%d}-{digest[:10]}"
    marked = {"notice": LEGAL} if archive.config.demo else {}
    done = filed(archive, kind="discard", holder=holder, content={"discard": discard, **told, **marked}, clock=clock)
    octets = unsigned(archive, done.name)
    parsed = layout.parse(done.name)
    assert parsed is not None, "a report has a name of ours"
    what = {
        "discard": discard,
        "path": told["path"],
        "list": parsed.id,
        "sha256": sha256(octets),
        "volumes": told["totals"]["volumes"],
        "messages": told["totals"]["messages"],
    }
    written(archive, holder, ActKind.DISCARD_PROPOSED, what, reason=basis.strip(), clock=clock)
    known = found(archive, discard)
    warnings = (*done.warnings, *_restricted(archive, known))
    return Discard(known.steps, known.told, known.list_name, known.record, warnings)


def _restricted(archive: Archive, known: Discard) -> Iterator[Finding]:
    """Whoever had the processing restricted may need what would be destroyed (GDPR 18.1 b, c)."""
    holder, volumes = known.steps.holder, set(volumes_in(known.told))
    single = {digest for digest, _ in messages_in(known.told)}
    restricted = {digest for _, digest in archive.catalog.restrictions([holder])}
    placed = archive.catalog.placed(holder, restricted)
    count = len({row.sha256 for row, segment in placed if row.sha256 in single or segment.volume in volumes})
    if count:
        yield finding("DISCARD_RESTRICTED", known.steps.id, count=count)


def _chosen(asked: Sequence[str], listed: Sequence[str]) -> list[str]:
    """The entries that are named by their beginnings. Raises ConfigError for one that names none, or several."""
    chosen = []
    for name in asked:
        mine = [one for one in dict.fromkeys(listed) if one.startswith(name.lower())]
        if len(mine) != 1:
            raise ConfigError(
                f"{name}: {'più voci' if mine else 'nessuna voce'} dell'elenco (entries of the list: {len(mine)})"
            )
        chosen.append(mine[0])
    return sorted(set(chosen))
