"""`hold`, `retention` and `discard` as people give them: what they answer, refuse, show, and write down."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.clocks import clock
from support.commands import archiver, done
from support.scarti import ANNA, LATER, Scarti, past
from support.small import HOLDER
from support.users import give_role

from archiver import compose
from archiver.cli.door import login
from archiver.errors import ArchiverError
from archiver.package.act import read
from archiver.submission.holds import Scope, holds


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scarti:
    return past(tmp_path_factory.mktemp("held") / "a", replicas=())


@pytest.fixture
def estate(made: Scarti, tmp_path: Path) -> Scarti:
    return made.copied(tmp_path / "a")


@pytest.fixture(autouse=True)
def later() -> Any:
    with clock(lambda: LATER):
        yield


def acts(estate: Scarti, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(octets) for name, octets in estate.objects().items() if "/acts/" in name and ".json" in name]
    return [act for act in found if act["kind"] == kind]


def test_a_hold_is_placed_listed_and_released_and_each_is_an_act_without_an_address(estate: Scarti) -> None:
    row = estate.catalog.messages_in([estate.volumes[1]])[0]
    made = ("hold", "place", row.sha256[:12], "--reason", "causa R.G. 123/2026", "--review", "2027-06-30")
    (placed,) = done(*made, config=estate.config)["holds"]
    assert placed["messages"]
    assert placed["review"] == "2027-06-30"
    assert placed["volumes"] == [estate.volumes[1]]
    (listed,) = done("hold", "list", config=estate.config)["holds"]
    assert listed == placed
    shown = archiver("hold", "list", config=estate.config)
    assert "causa R.G. 123/2026" in shown.out
    assert "da rivedere il 2027-06-30" in shown.out
    short = placed["hold"].rpartition("-")[2][:8]
    released = done("hold", "release", short, "--reason", "definita", config=estate.config)
    assert released["released_by"] == login()
    assert done("hold", "list", config=estate.config)["holds"] == []
    assert len(done("hold", "list", "--all", config=estate.config)["holds"]) == 1
    again = archiver("hold", "release", short, "--reason", "ancora", config=estate.config)
    assert (again.code, "no such hold" in again.err) == (1, True)
    (place,) = acts(estate, "hold-placed")
    assert set(place["what"]) == {"scope", "messages", "review"}
    assert "@" not in json.dumps(place["what"])
    (release,) = acts(estate, "hold-released")
    assert release["what"] == {"hold": placed["hold"]}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "say what is to be held"),
        (("--everything", "--mailbox", "import"), "say what is to be held"),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "ends before it begins"),
        (("--since", "ieri"), "a day such as"),
        (("--message", "ffffffff"), "no message with this digest"),
        (("--mailbox", "altra"), "no mailbox is called"),
        (("--everything", "--holder", "altri"), "no such holder"),
    ],
)
def test_what_says_nothing_is_refused_and_leaves_no_act(estate: Scarti, arguments: tuple[str, ...], text: str) -> None:
    found = archiver("hold", "place", *arguments, "--reason", "x", config=estate.config)
    assert (found.code in (1, 2), text in found.err) == (True, True), found
    assert acts(estate, "hold-placed") == []


def test_holds_come_again_from_the_acts_alone_and_what_nobody_knows_keeps_everything(estate: Scarti) -> None:
    done("hold", "place", "--mailbox", "import", "--reason", "x", config=estate.config)
    (name,) = [name for name in estate.objects() if "/acts/" in name and name.endswith(".json")]
    act = read(estate.store().get(name))
    assert [one.scope for one in holds([act])] == [Scope.MAILBOX]
    from dataclasses import replace

    later = replace(act, what={"scope": "galaxy"})
    assert [one.scope for one in holds([later])] == [Scope.HOLDER]
    for path in estate.folder.glob("catalog.db*"):
        path.unlink()
    compose.rebuild(estate.by(ANNA), clock=estate.clock)
    assert len(done("hold", "list", config=estate.config)["holds"]) == 1
    estate.propose()
    assert estate.propose() == []


def test_status_asks_for_holds_to_be_looked_at_again_and_for_discards_that_wait(estate: Scarti) -> None:
    done("hold", "place", "--since", "2019-01-01", "--until", "2019-12-31", "--reason", "x", "--review", "2027-01-15",
         config=estate.config)  # fmt: skip
    (proposal,) = done("discard", "propose", config=estate.config)["discards"]
    alerts = done("status", config=estate.config)["alerts"]
    assert any("archiver hold list" in alert for alert in alerts)
    assert any(f"archiver discard approve {proposal['discard']}" in alert for alert in alerts)


class Recording:
    """A store that locks, and remembers until when."""

    locks = True

    def __init__(self, store: Any) -> None:
        self._store, self.until = store, dict[str, datetime]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def retain(self, name: str, *, until: datetime) -> None:
        self._store.has(name)
        self.until[name] = max(until, self.until.get(name, until))


def test_a_longer_term_locks_every_object_of_the_volume_at_once_on_every_store(estate: Scarti) -> None:
    archive = estate.by(ANNA)
    store = Recording(estate.store())
    archive.__dict__["stores"] = {"primary": store}
    until = datetime(2040, 12, 31, tzinfo=UTC).date()
    found = compose.retention_extend(
        archive, until=until, reason="accertamento", volume=estate.volumes[0], clock=estate.clock
    )
    assert found.failures == []
    folder = f"{HOLDER}/volumes/{estate.volumes[0]}/"
    mine = {name for name in estate.objects() if name.startswith(folder)}
    assert mine <= set(store.until)
    assert any("/segments/" in name for name in store.until)
    assert any("/pdv/" in name for name in store.until)
    assert set(store.until.values()) == {datetime(2040, 12, 31, 23, tzinfo=UTC)}
    from archiver.compose.sweeping import sweeping

    term = sweeping(estate.by(ANNA), estate.clock).term
    assert term(estate.volumes[0]).least == datetime(2040, 12, 31, 23, tzinfo=UTC)
    assert term(estate.volumes[1]).least == datetime(2027, 12, 31, 23, tzinfo=UTC)
    assert [term(one).moves for one in estate.volumes] == [True, False]  # a sweep locks, and calls it no damage


def test_what_is_held_past_its_term_is_locked_on_for_as_long_as_the_hold_stands(estate: Scarti) -> None:
    from archiver.compose.sweeping import sweeping

    old, new = estate.volumes
    assert sweeping(estate.by(ANNA), estate.clock).term(old).least < estate.at
    estate.hold(mailbox="import")
    term = sweeping(estate.by(ANNA), estate.clock).term
    assert term(old).least > estate.at + timedelta(days=20)
    assert term(old).moves
    assert not term(new).moves


def test_retention_list_tells_what_ends_when_and_what_is_held(estate: Scarti) -> None:
    done("retention", "extend", "--class", "corrispondenza", "--until", "2030-12-31", "--reason", "x",
         config=estate.config)  # fmt: skip
    estate.hold(since=datetime(2025, 1, 1, tzinfo=UTC).date(), until=datetime(2025, 12, 31, tzinfo=UTC).date())
    found = done("retention", "list", config=estate.config)["terms"]
    assert [(one["year"], one["ends"], one["sealed_until"], one["held"]) for one in found] == [
        (2025, "2030-12-31", "2026-12-31", 1),
        (2026, "2030-12-31", "2027-12-31", 0),
    ]
    assert "sigillato 2026-12-31" in archiver("retention", "list", config=estate.config).out
    shorter = archiver("retention", "extend", "--mailbox", "import", "--until", "2020-01-01", "--reason", "x",
                       "--json", config=estate.config)  # fmt: skip
    assert shorter.code == 0
    assert done("retention", "list", config=estate.config)["terms"] == found


def test_the_whole_way_by_command_for_two_persons(estate: Scarti, tmp_path: Path) -> None:
    (proposal,) = done("discard", "propose", config=estate.config)["discards"]
    name = proposal["discard"]
    assert proposal["proposed_by"] == login()
    refused = archiver("discard", "approve", name, "--not-required", "privato", config=estate.config)
    assert (refused.code, login() in refused.err) == (2, True)
    shown = archiver("discard", "show", name, "--subjects", "--reason", "esame", config=estate.config)
    subject = estate.catalog.messages_in([estate.volumes[0]])[0].subject
    assert subject in shown.out
    (seen,) = acts(estate, "show")
    assert (seen["what"]["discard"], len(seen["what"]["messages"]), seen["reason"]) == (name, 5, "esame")
    told = archiver("discard", "show", name, "--json", config=estate.config)
    assert subject not in told.out
    estate.approve(name, not_required="archivio privato non dichiarato")
    executed = archiver("discard", "execute", name, config=estate.config)
    assert (executed.code, "distrutto in ogni copia" in executed.out) == (0, True), executed
    assert f"confirm-backups {name}" in executed.out
    out = tmp_path / "certificato.p7m"
    assert archiver("discard", "show", name, "-o", out, config=estate.config).code == 0
    assert b"urn:pec-archiver:discard:1" in out.read_bytes()
    sealed = done("discard", "confirm-backups", name, "--reason", "backup eliminati", config=estate.config)
    assert sealed["state"] == "effective"
    (listed,) = done("discard", "show", config=estate.config)["discards"]
    assert listed["not_required"] == "archivio privato non dichiarato"
    assert "nulla da scartare" in archiver("discard", "propose", config=estate.config).out


def test_an_operatore_proposes_and_does_not_approve_and_reads_no_subject(estate: Scarti) -> None:
    give_role(estate.config, "operatore")
    (proposal,) = done("discard", "propose", config=estate.config)["discards"]
    for command in (
        ("discard", "approve", proposal["discard"], "--not-required", "x"),
        ("discard", "show", proposal["discard"], "--subjects"),
        ("hold", "place", "--everything", "--reason", "x"),
        ("retention", "extend", "--class", "corrispondenza", "--until", "2040-01-01", "--reason", "x"),
    ):
        found = archiver(*command, config=estate.config)
        assert (found.code, "operatore" in found.err) == (2, True), found


def test_a_record_signed_by_hand_is_written_out_and_taken_back(estate: Scarti, tmp_path: Path) -> None:
    from support.discarding import seal_of

    (proposal,) = estate.propose()
    estate.approve(proposal.steps.id)
    before = estate.objects()
    hands = compose.Hands(to_sign=tmp_path / "firma")
    done_ = estate.execute(proposal.steps.id, hands=hands)
    assert done_.report.waiting
    (path,) = map(Path, hands.written)
    assert {name for name in estate.objects() if "/acts/" not in name} == {n for n in before if "/acts/" not in n}
    good = seal_of(estate.small(), path.read_bytes())
    for bad in (b"", path.read_bytes(), good[:-40] + bytes(40)):
        path.with_name(f"{path.name}.p7m").write_bytes(bad)
        with pytest.raises(ArchiverError):
            estate.execute(proposal.steps.id, hands=compose.Hands(signed=path.parent))
    path.with_name(f"{path.name}.p7m").write_bytes(good)
    assert {name for name in estate.objects() if "/acts/" not in name} == {n for n in before if "/acts/" not in n}
    executed = estate.execute(proposal.steps.id, hands=compose.Hands(signed=path.parent))
    assert executed.discard.steps.state == "destroyed-in-copies"
    assert estate.verdict().indication == "PASSED"
