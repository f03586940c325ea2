"""A power cut at any moment of any errand is healed by the next run, whatever has happened since.

Between two effects on the disk one moment is like the other to whoever comes after: a run that is let through tells
which moments matter, then one run is cut at each of them. A run can be cut before a call and after its effect.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from support import letters
from support.embedded import EVENING, Disk, Embedded, the_box
from support.power import Mains, PowerCut, Scout
from support.whole import complaints, indexes

from archiver.digest import sha256
from archiver.package import layout
from archiver.ports import Files, Mailbox

SIMULATED = letters.simulated(5)
MAIL = (
    *SIMULATED[:3], letters.plain(1, year=2025), b"", letters.plain(1, year=2025),
    letters.plain(2), SIMULATED[0], *SIMULATED[3:], letters.plain(3),
    SIMULATED[0],
)  # fmt: skip
POLLS = (6, 11, 12)
"""How much of it is there at each poll; the last one brings only what is known."""
NEWS = (letters.plain(4, year=2025), letters.plain(5, year=2025))
LATER = EVENING + timedelta(days=60)
"""By then the lists of revocations of the first night are past their nextUpdate."""

Source = Callable[[tuple[bytes, ...]], Mailbox | Files]
Errand = Callable[[Embedded], None]


def polls(source: Source, process: Embedded) -> None:
    """The polls of a few nights."""
    for there in POLLS:
        process.ingest(source(MAIL[:there]))


def sealing(process: Embedded) -> None:
    """The end of a night."""
    report = process.seal()
    assert not report.failures, [failure.text("en") for failure in report.failures]


def begin_again(process: Embedded) -> tuple[bytes, ...]:
    """The same polls once more, then the sealing; which mail the archive should have."""
    polls(letters.Watched, process)
    sealing(process)
    return MAIL


def go_on_with_news(process: Embedded, source: Source) -> tuple[bytes, ...]:
    """One poll that finds new mail too, then the sealing; files that are handed in come in any order."""
    mail = (*NEWS, *MAIL) if source is letters.HandedIn else (*MAIL, *NEWS)
    process.ingest(source(mail))
    sealing(process)
    return mail


@dataclass(frozen=True)
class Desk:
    """Where the worlds of this test lie, and how a process is started on one."""

    folder: Path
    ca: Path
    signs: bool = False

    def process(self, disk: Disk, *, mains: Mains | None = None, at: datetime = EVENING) -> Embedded:
        return Embedded(disk, self.ca, letters.providers(), lambda: at, mains, signs_rapporti=self.signs)

    def later(self, disk: Disk) -> Embedded:
        """Two months on, in another year, with a newer version of the program."""
        return replace(self.process(disk, at=LATER), box=replace(the_box(), version="99.0"))

    def disk(self, name: str, like: Disk | None = None) -> Disk:
        return like.copy(self.folder / name) if like else Disk.made(self.folder / name)

    def wrecks(self, errand: Errand, before: Disk | None = None) -> Iterator[tuple[str, Disk]]:
        """A disk for each way in which a power cut can leave it, and after which call that was."""
        for moment in self._moments(errand, before):
            disk, mains = self.disk(f"wreck-{moment}", before), Mains(moment)
            with pytest.raises(PowerCut):
                errand(self.process(disk, mains=mains))
            yield f"cut at moment {moment}, {mains.last or 'the beginning'}", disk

    def _moments(self, errand: Errand, before: Disk | None) -> list[int]:
        """The first moment of each state of the disk that an uncut run passes through."""
        scout = Scout(self.disk("scout", before))
        errand(self.process(scout.disk, mains=scout))
        return scout.changes


@pytest.fixture
def desk(tmp_path: Path, ca: Path) -> Desk:
    return Desk(tmp_path, ca)


def test_polls_cut_at_any_moment_and_begun_again_end_in_the_same_archive(desk: Desk) -> None:
    whole, wrecks = uncut(desk), list(desk.wrecks(partial(polls, letters.Watched)))
    for where, disk in wrecks:
        process = desk.process(disk)
        assert complaints(process, begin_again(process)) == [], where
        assert archived(disk) == whole, where
    assert len(wrecks) > 2 * len(POLLS)


def test_a_sealing_cut_at_any_moment_and_begun_again_ends_in_the_same_archive(desk: Desk) -> None:
    polled = desk.disk("polled")
    polls(letters.Watched, desk.process(polled))
    whole, wrecks = uncut(desk), list(desk.wrecks(sealing, polled))
    for where, disk in wrecks:
        process = desk.process(disk)
        assert complaints(process, begin_again(process)) == [], where
        assert archived(disk) == whole, where
    assert len(wrecks) >= 20


@pytest.mark.parametrize(("source", "signs"), [(letters.Watched, True), (letters.HandedIn, False)])
def test_new_mail_after_a_cut_poll_never_conflicts_with_what_the_cut_left(
    desk: Desk, source: Source, signs: bool
) -> None:
    desk = replace(desk, signs=signs)
    for where, disk in desk.wrecks(partial(polls, source)):
        process = desk.later(disk)
        mail = go_on_with_news(process, source)
        # a segment put for a poll that now finds other mail is named by nobody, and harmless
        assert complaints(process, mail, allowed={"ORPHAN"}) == [], where


def test_new_mail_after_a_cut_sealing_never_conflicts_with_what_the_cut_left(desk: Desk) -> None:
    polled = desk.disk("polled")
    desk.process(polled).ingest(letters.Watched(MAIL[: POLLS[0]]))
    for where, disk in desk.wrecks(sealing, polled):
        process = desk.later(disk)
        mail = go_on_with_news(process, letters.Watched)
        assert complaints(process, mail) == [], where


@pytest.mark.parametrize("seed", range(4))
def test_a_run_cut_again_and_again_gets_done_in_the_end(desk: Desk, seed: int) -> None:
    dice, disk, cuts = random.Random(seed), desk.disk("unlucky"), 0
    while True:
        process = desk.process(disk, mains=Mains(dice.randrange(400)), at=EVENING + timedelta(hours=cuts))
        try:
            mail = begin_again(process)
            break
        except PowerCut:
            cuts += 1
    assert complaints(desk.process(disk, at=EVENING + timedelta(days=1)), mail) == []
    assert cuts > 0


def uncut(desk: Desk) -> object:
    """The archive as it is when nothing goes wrong."""
    process = desk.process(desk.disk("whole"))
    begin_again(process)
    return archived(process.disk)


def archived(disk: Disk) -> object:
    """All that two runs over the same mail at the same time must have in common: all but signatures and tokens."""
    objects = disk.objects()
    drawn = {sha256(octets): name for name, octets in objects.items() if name.endswith((layout.PINDEX, ".ers"))}
    rows = disk.rows()
    drawn |= {row[0]: "a token" for row in rows.pop("token")}
    told = {
        table: sorted(tuple(drawn.get(value, value) for value in row) for row in found) for table, found in rows.items()
    }
    return {name: octets for name, octets in objects.items() if name not in drawn.values()}, indexes(disk), told
