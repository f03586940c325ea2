"""What forbids a discard is said before anything is destroyed: persons, holds, terms, stores, what is chosen."""

from collections.abc import Callable
from datetime import date

import pytest
from support.estates import DAY, SECOND
from support.scarti import ANNA, BRUNO, CARLA, LEAVE, Scarti, destroyed
from support.small import HOLDER

from archiver import compose
from archiver.errors import Absent, ArchiverError, ConfigError, Conflict, Unavailable
from archiver.package import layout
from archiver.package.layout import Kind

ORDER = "Tribunale di Prova, ordinanza del 3 gennaio 2027"


def kept(estate: Scarti) -> dict[str, bytes]:
    """Everything but acts and reports."""
    return {
        f"{store} {name}": octets
        for store in ("primary", SECOND)
        if estate.root(store).exists()
        for name, octets in estate.objects(store).items()
        if (parsed := layout.parse(name)) and parsed.kind not in (Kind.ACT, Kind.REPORT)
    }


def proposed(estate: Scarti) -> str:
    (proposal,) = estate.propose()
    return proposal.steps.id


def approved(estate: Scarti) -> str:
    return estate.approve(proposed(estate)).steps.id


REFUSED: dict[str, tuple[Callable[[Scarti], object], type[ArchiverError], str]] = {
    "approved by who proposed": (lambda e: e.approve(proposed(e), ANNA), ConfigError, "anna"),
    "approved by nobody": (lambda e: e.approve(proposed(e), ""), ConfigError, "persone"),
    "proposed by nobody": (lambda e: e.propose(""), ConfigError, "persone"),
    "executed by a third": (lambda e: e.execute(approved(e), CARLA), ConfigError, "carla"),
    "executed before it is approved": (lambda e: e.execute(proposed(e), ANNA), Conflict, "proposed"),
    "approved twice": (lambda e: e.approve(approved(e), CARLA), Conflict, "approved"),
    "approved without leave": (
        lambda e: e.approve(proposed(e), authorization=None),
        ConfigError,
        "--not-required",
    ),
    "approved with leave and without": (
        lambda e: e.approve(proposed(e), authorization=LEAVE, not_required="privato"),
        ConfigError,
        "--not-required",
    ),
    "nothing left": (lambda e: e.approve(proposed(e), but=[e.volumes[0]]), ConfigError, "reject"),
    "an entry that is not listed": (lambda e: e.approve(proposed(e), only=["ffff"]), ConfigError, "ffff"),
    "rejected, then executed": (
        lambda e: (rejected(e, name := approved(e)), e.execute(name)),
        Conflict,
        "rejected",
    ),
    "effective too early": (
        lambda e: compose.discard_confirm(e.by(BRUNO), approved(e), reason="fatto", clock=e.clock),
        Conflict,
        "execute",
    ),
    "a term that is not over": (lambda e: e.propose(until=e.at.date()), ConfigError, "ieri"),
    "no such discard": (lambda e: e.execute("d-none"), Absent, "d-none"),
    "a message that nobody has": (lambda e: e.propose(messages=["f" * 64], basis=ORDER), Absent, "fff"),
    "a message without a basis": (
        lambda e: e.propose(messages=[e.messages(e.volumes[1])[0]]),
        ConfigError,
        "--basis",
    ),
    "the list is gone": (lambda e: without_list(e), ArchiverError, "reports"),
}


def rejected(estate: Scarti, name: str) -> object:
    return compose.discard_reject(estate.by(BRUNO), name, reason="non ancora", clock=estate.clock)


def without_list(estate: Scarti) -> object:
    (proposal,) = estate.propose()
    estate.approve(proposal.steps.id)
    estate.rot().destroy(proposal.list_name)
    return estate.execute(proposal.steps.id)


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_is_refused_by_name_and_nothing_is_destroyed(alone: Scarti, case: str) -> None:
    attempt, error, text = REFUSED[case]
    before = kept(alone)
    with pytest.raises(error, match=text):
        attempt(alone)
    assert kept(alone) == before


HOLDS: dict[str, Callable[[Scarti], dict[str, object]]] = {
    "a message of it": lambda e: {"messages": (e.messages(e.volumes[0])[0],)},
    "a dossier": lambda e: {"dossiers": (e.messages(e.volumes[0])[0],)},
    "its mailbox": lambda e: {"mailbox": "import"},
    "its period": lambda e: {"since": date(2025, 1, 1), "until": date(2025, 12, 31)},
    "everything": lambda e: {"everything": True},
}


@pytest.mark.parametrize("case", HOLDS)
def test_what_is_held_is_neither_proposed_nor_destroyed_until_it_is_released(alone: Scarti, case: str) -> None:
    name = approved(alone)
    hold = alone.hold(**HOLDS[case](alone))
    before = kept(alone)
    with pytest.raises(Conflict, match=r"causa R\.G\. 123/2026"):
        alone.execute(name)
    assert kept(alone) == before
    rejected(alone, name)
    assert alone.propose() == []
    compose.hold_release(alone.by(CARLA), hold.hold.short, reason="definita", clock=alone.clock)
    assert destroyed(alone).discard.steps.state == "destroyed-in-copies"


def test_a_hold_on_another_period_forbids_nothing(alone: Scarti) -> None:
    alone.hold(since=date(2026, 1, 1), until=date(2026, 12, 31))
    assert destroyed(alone).discard.steps.state == "destroyed-in-copies"


def test_a_hold_forbids_an_order_too_for_the_whole_dossier(alone: Scarti) -> None:
    _, new = alone.volumes
    rows = alone.catalog.messages_in([new])
    catalog = alone.catalog
    pairs = [
        (row.sha256, other) for row in rows for other in sorted(catalog.together(HOLDER, [row.sha256]) - {row.sha256})
    ]
    held, named = pairs[0]
    alone.hold(messages=(held,))
    (proposal,) = alone.propose(messages=[named], basis=ORDER)
    alone.approve(proposal.steps.id)
    with pytest.raises(Conflict, match=named):
        alone.execute(proposal.steps.id)


def test_a_hold_that_only_a_replica_knows_stands(alone: Scarti) -> None:
    """An older primary and an older catalog were put back: the replica has the act."""
    import shutil

    name = approved(alone)
    shutil.copytree(alone.folder, alone.folder.parent / "before")
    alone.hold(everything=True)
    alone.replicate()
    for path in alone.folder.glob("catalog.db*"):
        path.unlink()
    shutil.rmtree(alone.root())
    shutil.copytree(alone.folder.parent / "before" / "store", alone.root())
    for path in (alone.folder.parent / "before").glob("catalog.db*"):
        shutil.copy(path, alone.folder / path.name)
    with pytest.raises(Conflict, match="causa"):
        alone.execute(name)


def test_an_act_that_cannot_be_read_may_be_a_hold(alone: Scarti) -> None:
    name = approved(alone)
    hold = alone.hold(everything=True)
    act = layout.act(HOLDER, hold.hold.id)
    alone.rot().destroy(act)
    with pytest.raises(Conflict, match=hold.hold.id):
        alone.execute(name)


def test_a_term_made_longer_since_forbids_it_and_is_proposed_no_more(alone: Scarti) -> None:
    name = approved(alone)
    until = date(2030, 12, 31)
    done = compose.retention_extend(
        alone.by(CARLA), until=until, reason="accertamento", volume=alone.volumes[0][:12], clock=alone.clock
    )
    assert done.volumes == [alone.volumes[0]]
    with pytest.raises(Conflict, match="2030-12-31"):
        alone.execute(name)
    rejected(alone, name)
    assert alone.propose() == []


def test_a_shorter_term_in_the_configuration_changes_nothing_of_what_is_sealed(alone: Scarti) -> None:
    text = alone.config.read_text(encoding="utf-8")
    assert alone.volumes[1] not in str([one.told for one in alone.propose()])
    alone.config.write_text(text.replace("years = 1\n", "years = 5\n"), encoding="utf-8")
    assert [one.ends for one in compose.retention_list(alone.by(ANNA))] == [date(2030, 12, 31), date(2031, 12, 31)]
    alone.config.write_text(text.replace("years = 1\n", "years = 1 # as before\n"), encoding="utf-8")
    assert [one.ends for one in compose.retention_list(alone.by(ANNA))] == [date(2026, 12, 31), date(2027, 12, 31)]


def test_every_copy_must_be_within_reach_before_the_first_byte_goes(alone: Scarti) -> None:
    name = approved(alone)
    alone.root(SECOND).rename(alone.folder / "away")
    before = kept(alone)
    with pytest.raises(Unavailable, match=SECOND):
        alone.execute(name)
    assert kept(alone) == before
    (alone.folder / "away").rename(alone.root(SECOND))
    assert alone.execute(name).discard.steps.state == "destroyed-in-copies"


def test_a_part_that_is_approved_alone_goes_alone(alone: Scarti) -> None:
    alone.at += 365 * DAY
    (proposal,) = alone.propose()
    old, new = alone.volumes
    assert {one["volume"] for one in proposal.told["volumes"]} == {old, new}
    done = alone.approve(proposal.steps.id, but=[new[:10]])
    assert done.steps.state == "approved-in-part"
    alone.execute(proposal.steps.id)
    assert [row.id for row in alone.catalog.closed(HOLDER)] == [new]
    (again,) = alone.propose()
    assert [one["volume"] for one in again.told["volumes"]] == [new]


def test_what_an_open_discard_lists_is_not_proposed_twice(alone: Scarti) -> None:
    proposed(alone)
    assert alone.propose() == []


def test_a_list_with_restricted_messages_says_how_many(alone: Scarti) -> None:
    old, new = (alone.messages(volume) for volume in alone.volumes)
    asked = {"lift": False, "alone": True, "mailbox": None, "reason": "opposizione", "clock": alone.clock}
    compose.restrict(alone.by(CARLA), [old[0], new[0]], **asked)
    (ordinary,) = alone.propose()
    assert [(one.code, dict(one.values)["count"]) for one in ordinary.warnings] == [("DISCARD_RESTRICTED", "1")]
    (single,) = alone.propose(messages=[new[0]], basis=ORDER)
    assert [dict(one.values)["count"] for one in single.warnings] == ["1"]
    (other,) = alone.propose(messages=[new[1]], basis=ORDER)
    assert other.warnings == ()


def test_a_hold_that_comes_while_something_is_destroyed_says_so_and_stands(alone: Scarti) -> None:
    wanted = compose.Wanted(everything=True)
    with alone.catalog.exclusive("discard", busy=""):
        placed = compose.hold_place(alone.by(CARLA), wanted, reason="causa", review=None, clock=alone.clock)
    assert placed.late
    assert not compose.hold_place(alone.by(CARLA), wanted, reason="causa", review=None, clock=alone.clock).late
    assert len(compose.hold_list(alone.by(CARLA))) == 2
