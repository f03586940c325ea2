"""Authorities that stand in for one another, and those that give a record of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from support import letters
from support.embedded import EVENING, Disk, Embedded

from archiver.errors import Unavailable
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.ports import TimeStampingAuthority
from archiver.seal import Authority, Line, Report


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


def other(process: Embedded, name: str, alter: Callable[[bytes], bytes] = lambda answer: answer) -> Authority:
    authority = process.authority(name)
    return replace(authority, port=Port(authority.port, alter))


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
    ("alter", "words"), [(silent, "nessuna risposta"), (lambda answer: b"<html>", "refused")], ids=["silent", "lying"]
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
