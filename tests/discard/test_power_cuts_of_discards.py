"""A discard cut short behind any of its writes: what is there is explained, and the same command finishes it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.estates import SECOND
from support.power import Mains, PowerCut, wired
from support.scarti import BRUNO, Scarti
from support.small import Files

from archiver import compose
from archiver.package.layout import Kind
from archiver.verdict import Indication

WRITES = ("put", "erase", "replace", "forget_discarded", "note_acts", "cover")
ORDER = "Garante, provvedimento 88/2026"


class Counted(Mains):
    """Only what changes something takes a moment, after it is done."""

    def spend(self, what: str) -> None:
        if what.startswith("after ") and what.rpartition(".")[2] in WRITES:
            super().spend(what)
        elif self.cut is not None and self.moment >= self.cut:
            raise PowerCut(what)


def whole(estate: Scarti) -> str:
    (proposal,) = estate.propose()
    return estate.approve(proposal.steps.id).steps.id


def part(estate: Scarti) -> str:
    (proposal,) = estate.propose(messages=[estate.messages(estate.volumes[1])[0]], basis=ORDER)
    return estate.approve(proposal.steps.id).steps.id


def run(estate: Scarti, name: str, mains: Mains) -> None:
    archive = estate.by(BRUNO)
    archive.__dict__["erasing"] = {id: wired(store, mains) for id, store in archive.erasing.items()}
    archive.__dict__["store"] = wired(archive.store, mains)
    archive.__dict__["catalog"] = wired(archive.catalog, mains)
    compose.discard_execute(archive, name, clock=estate.clock)


@pytest.mark.parametrize("begin", [whole, part], ids=["a volume", "a message"])
def test_a_discard_cut_behind_any_write_is_explained_and_is_finished_by_the_same_command(
    alone: Scarti, begin: Callable[[Scarti], str], tmp_path: Path
) -> None:
    name = begin(alone)
    before = Files.of(alone.root()).kind(Kind.SEGMENT)
    mains = Counted()
    run(alone.copied(tmp_path / "once"), name, mains)
    assert mains.moment > 10
    for cut in range(1, mains.moment, 2 if begin is whole else 1):
        world = alone.copied(tmp_path / f"{cut}")
        with pytest.raises(PowerCut):
            run(world, name, Counted(cut))
        assert world.verdict().indication is Indication.PASSED, cut
        done = world.execute(name)
        assert done.discard.steps.state == "destroyed-in-copies", cut
        for store in ("primary", SECOND):
            left = Files.of(world.root(store)).kind(Kind.SEGMENT)
            assert len(set(before) - set(left)) == (2 if begin is whole else 1) or begin is whole, cut
            verdict = world.verdict(store)
            assert verdict.indication is Indication.PASSED, cut
            codes = {item.code for item in verdict.verdict.findings}
            assert "DISCARDED" in codes
            assert not codes & {"DISCARD_UNFINISHED", "ORPHAN", "MISSING"}, cut


def test_a_replica_that_goes_down_under_way_is_caught_up_by_the_same_command(alone: Scarti) -> None:
    name = whole(alone)
    archive = alone.by(BRUNO)
    second = archive.erasing[SECOND]

    class Dying:
        """Answers until something is to be destroyed."""

        def __getattr__(self, called: str) -> object:
            if called == "erase":
                alone.root(SECOND).rename(alone.folder / "away")
            return getattr(second, called)

    archive.__dict__["erasing"] = {**archive.erasing, SECOND: Dying()}
    done = compose.discard_execute(archive, name, clock=alone.clock)
    assert done.discard.steps.state == "destroyed-in-primary"
    assert list(done.report.behind) == [SECOND]
    assert alone.execute(name).report.behind
    assert alone.verdict().indication is Indication.PASSED
    (alone.folder / "away").rename(alone.root(SECOND))
    assert {item.code for item in alone.verdict(SECOND).verdict.findings} >= {"DISCARD_UNFINISHED"}
    done = alone.execute(name)
    assert (done.discard.steps.state, done.report.behind) == ("destroyed-in-copies", {})
    assert "DISCARD_UNFINISHED" not in {item.code for item in alone.verdict(SECOND).verdict.findings}
