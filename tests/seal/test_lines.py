"""Authorities that stand in for one another, and those that give a record of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from support import letters
from support.embedded import EVENING, Disk, Embedded

from archiver.errors import ConfigError, Unavailable
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.ports import TimeStampingAuthority
from archiver.seal import Authority, Line, Report, seal
from archiver.verdict import Indication


@dataclass
class Port:
    """An authority whose answers pass through `alter`; counts its questions."""

    inner: TimeStampingAuthority
    alter: Callable[[bytes], bytes] = lambda answer: answer
    questions: list[bytes] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.inner.id

    def answer(self, query: bytes) -> bytes:
        self.questions.append(query)
        return self.alter(self.inner.answer(query))


def silent(answer: bytes) -> bytes:
    raise Unavailable("TSA prima: nessuna risposta")


def other(
    process: Embedded, name: str, alter: Callable[[bytes], bytes] = lambda answer: answer, house: Path | None = None
) -> Authority:
    authority = process.authority(name, house)
    return replace(authority, port=Port(authority.port, alter))


def unconfigured(answer: bytes) -> bytes:
    raise ConfigError("env:NOPE: the environment has no variable NOPE")


@pytest.fixture
def process(tmp_path: Path, ca: Path) -> Embedded:
    return Embedded(Disk.made(tmp_path / "disk"), ca, Providers())


def sealed(process: Embedded, lines: Sequence[Line], number: int = 1) -> Report:
    """One more message, and everything sealed under these authorities."""
    process.ingest(letters.HandedIn((letters.plain(number),)))
    process.lines = tuple(lines)
    return process.seal()


def recorded(process: Embedded) -> dict[str, set[str]]:
    """Which authorities have a record of each volume and each rapporto."""
    found: dict[str, set[str]] = {}
    for name in process.disk.objects():
        parsed = layout.parse(name)
        if parsed and parsed.kind in (Kind.VOLUME_RECORD, Kind.RDV_RECORD):
            found.setdefault(f"{parsed.kind.value} {parsed.id}", set()).add(parsed.tsa)
    return found


@pytest.mark.parametrize(
    ("alter", "words"),
    [(silent, "nessuna risposta"), (lambda answer: b"<html>", "refused"), (unconfigured, "env:NOPE")],
    ids=["silent", "lying", "without its password"],
)
def test_one_that_fails_is_passed_over_named_and_not_asked_again(
    process: Embedded, alter: Callable[[bytes], bytes], words: str
) -> None:
    first, second = other(process, "prima", alter), other(process, "seconda")
    report = sealed(process, [(first, second)])
    assert (report.volumes, report.failures) == (1, [])
    assert set(map(frozenset, recorded(process).values())) == {frozenset({"seconda"})}
    assert [found.code for found in report.warnings] == ["TSA_PASSED_OVER"]
    assert words in report.warnings[0].text("it")
    assert len(first.port.questions) == 1  # type: ignore[attr-defined]
    assert len(second.port.questions) == 2  # type: ignore[attr-defined]


def test_the_preferred_one_alone_is_asked_as_long_as_it_answers(process: Embedded) -> None:
    first, second = other(process, "prima"), other(process, "seconda")
    sealed(process, [(first, second)])
    assert second.port.questions == []  # type: ignore[attr-defined]
    assert set(map(frozenset, recorded(process).values())) == {frozenset({"prima"})}


def test_when_all_fail_each_is_named_and_nothing_is_closed(process: Embedded) -> None:
    with pytest.raises(Unavailable, match=r"nessuna risposta\nTSA seconda: its answer is refused"):
        sealed(process, [(other(process, "prima", silent), other(process, "seconda", lambda answer: b""))])
    assert recorded(process) == {}
    assert process.disk.rows()["volume"] == []


def test_each_redundant_one_gives_a_record_of_its_own(process: Embedded) -> None:
    report = sealed(process, [(other(process, "prima"),), (other(process, "seconda"),)])
    assert (report.volumes, report.tokens) == (1, 3)
    assert set(map(frozenset, recorded(process).values())) == {frozenset({"prima", "seconda"})}


def test_another_authority_does_not_stamp_the_past_again(process: Embedded) -> None:
    sealed(process, [(other(process, "prima"),)])
    before = recorded(process)
    process.clock = lambda: EVENING.replace(hour=21)
    report = sealed(process, [(other(process, "seconda"),)], number=2)
    assert report.rapporti == 1
    assert {name: tsas for name, tsas in recorded(process).items() if name in before} == before


def test_a_second_line_covers_what_had_one_record(process: Embedded) -> None:
    sealed(process, [(other(process, "prima"),)])
    process.clock = lambda: EVENING.replace(hour=21)
    report = sealed(process, [(other(process, "prima"),), (other(process, "seconda"),)], number=2)
    assert report.rapporti == 3  # the new one twice, the old one by the second


def test_a_volume_closes_whoever_covered_its_rapporti_on_the_nights_before(process: Embedded, other_ca: Path) -> None:
    """Night 1 by the first, night 2 by the second of another house, then the volume."""
    process.ingest(letters.HandedIn((letters.plain(1),)))
    process.lines = ((other(process, "prima"), other(process, "seconda", house=other_ca)),)
    assert covered_only(process).rapporti == 1
    process.clock = lambda: EVENING.replace(hour=21)
    process.ingest(letters.HandedIn((letters.plain(2),)))
    process.lines = ((other(process, "prima", silent), other(process, "seconda", house=other_ca)),)
    assert covered_only(process).rapporti == 1
    report = process.seal()
    assert (report.volumes, report.failures) == (1, [])
    assert process.verify().indication is Indication.PASSED


def test_a_retired_authority_is_still_believed_when_its_rapporto_comes_into_a_volume(
    process: Embedded, other_ca: Path
) -> None:
    process.ingest(letters.HandedIn((letters.plain(1),)))
    process.lines = ((other(process, "prima", house=other_ca),),)
    assert covered_only(process).rapporti == 1
    process.lines, process.former = ((other(process, "seconda"),),), (other(process, "prima", house=other_ca),)
    report = process.seal()
    assert (report.volumes, report.failures) == (1, [])
    assert process.verify().indication is Indication.PASSED


def test_a_seal_that_a_retired_authority_stamped_before_the_run_was_cut_is_closed(
    process: Embedded, other_ca: Path
) -> None:
    process.ingest(letters.HandedIn((letters.plain(1),)))
    once = iter([True])

    def tiring(answer: bytes) -> bytes:
        return answer if next(once, False) else silent(answer)

    process.lines = ((other(process, "prima", tiring, house=other_ca),),)
    with pytest.raises(Unavailable):
        process.seal()
    process.lines, process.former = ((other(process, "seconda"),),), (other(process, "prima", house=other_ca),)
    assert process.seal().volumes == 1
    assert process.verify().indication is Indication.PASSED


def test_a_redundant_authority_that_is_down_leaves_the_other_at_work_and_is_caught_up(
    process: Embedded, other_ca: Path
) -> None:
    down = ((other(process, "prima", silent),), (other(process, "seconda", house=other_ca),))
    with pytest.raises(Unavailable, match="nessuna risposta"):
        sealed(process, down)
    assert set(map(frozenset, recorded(process).values())) == {frozenset({"seconda"})}
    assert process.disk.rows()["volume"] == []
    process.lines = ((other(process, "prima"),), (other(process, "seconda", house=other_ca),))
    assert process.seal().volumes == 1
    assert set(map(frozenset, recorded(process).values())) == {frozenset({"prima", "seconda"})}
    assert process.verify().indication is Indication.PASSED


def covered_only(process: Embedded) -> Report:
    """The end of a night on which no volume is due."""
    with process.disk.catalog() as catalog:
        return seal(process._sealing(catalog), volumes=False)
