"""`archiver verify x.asice`: a container of a volume, or of a part of it, and the same with something wrong."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conformances.altering import FOREIGN
from conformances.artefact import Artefact
from conformances.containing import altered_containers, containers
from conformances.history import World
from support.small import EVENING, HOLDER, HOUR, Small

from archiver.access.export.container import contain
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.chain import Material
from archiver.cli import main
from archiver.errors import Malformed
from archiver.evidence.policy import Policy
from archiver.package.asice.reader import open_container
from archiver.pec.providers import Providers
from archiver.verdict import Indication
from archiver.verify import Report, Trust, judge_asice

# what must be said of each, at least; nothing else may make it pass
CODES = {
    "member": {"DIGEST", "ASICE_DIGEST", "EVIDENCE_MEMBER"},
    "member-and-manifest": {"DIGEST", "EVIDENCE_MEMBER"},
    "manifest": {"ASICE_DIGEST"},
    "removed": {"ASICE_MISSING"},
    "token": {"CMS_SIGNATURE"},
    "swapped": {"DIGEST", "ASICE_DIGEST"},
    "added": {"UNLISTED", "ASICE_UNCOVERED"},
    "added-and-listed": {"UNLISTED", "EVIDENCE_MEMBER"},
    "stranger": {"CHAIN_NOT_FOUND"},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.made(tmp_path_factory.mktemp("asice"))


@pytest.fixture(scope="module")
def small(world: World) -> Small:
    return world.small


@pytest.fixture(scope="module")
def good(world: World) -> dict[str, Artefact]:
    return {artefact.name: artefact for artefact in containers(world)}


def judged(artefact: Artefact) -> Report:
    policy = Policy(Material(artefact.anchors, crls=artefact.crls))
    return judge_asice(io.BytesIO(artefact.octets), artefact.name, trust=Trust(Providers(), policy), at=artefact.at)


def codes(report: Report) -> set[str]:
    return {found.code for found in report.verdict.findings}


def test_every_sound_container_passes_before_and_after_each_renewal(good: dict[str, Artefact]) -> None:
    said = {name: judged(artefact) for name, artefact in good.items()}
    assert {name: report.indication for name, report in said.items()} == dict.fromkeys(good, Indication.PASSED)
    whole = said["rehashed.asice"]
    assert sum(whole.content.values()) == 7
    assert whole.proven_at == EVENING
    assert len(said["two-records.asice"].proven) == 2


def test_a_part_passes_and_says_how_much_it_is(good: dict[str, Artefact]) -> None:
    said = [found for found in judged(good["part.asice"]).verdict.findings if found.code == "ASICE_PART"]
    assert [dict(found.values) for found in said] == [{"shown": "1", "total": "7"}]
    assert "ASICE_PART" not in codes(judged(good["first.asice"]))


def altered(world: World, good: dict[str, Artefact]) -> Iterator[Artefact]:
    yield from altered_containers(world, good)


def test_every_alteration_is_named(world: World, good: dict[str, Artefact]) -> None:
    seen = set()
    for artefact in altered(world, good):
        report, kind = judged(artefact), artefact.name.partition("/")[2]
        assert report.indication is not Indication.PASSED, artefact.name
        assert CODES[kind] <= codes(report), artefact.name
        seen.add(kind)
    assert seen == set(CODES)


def test_what_is_no_container_fails_and_raises_nothing() -> None:
    for octets in (b"", b"PK\5\6" + bytes(18), FOREIGN):
        report = judge_asice(io.BytesIO(octets), "x.asice", trust=Trust(Providers()), at=EVENING)
        assert (report.indication, codes(report)) == (Indication.FAILED, {"ASICE_UNREADABLE"})


def test_a_container_out_of_a_store_holds_what_the_index_lists_and_passes(small: Small) -> None:
    store, volume = FilesystemStore(small.store), small.volumes[1]
    for full in (False, True):
        sink = io.BytesIO()
        found = contain(store, HOLDER, volume, sink, full=full)
        report = judge_asice(sink, "volume.asice", trust=small.trust, at=EVENING + HOUR)
        assert report.indication is Indication.PASSED
        assert len(found.messages) == 7
        assert any(path.startswith("pdv/") for path in open_container(sink).files) is full
        assert ("GROUP_PARTIAL" in codes(report)) is not full


def test_a_volume_without_evidence_makes_no_container(small: Small, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    FilesystemStore.create(folder)
    small.files.but({name: None for name in small.files if name.endswith(".ers")}).write(folder)
    with pytest.raises(Malformed, match="expected an evidence record, found none"):
        contain(FilesystemStore(folder), HOLDER, small.volumes[1], io.BytesIO())


def test_the_command_line_judges_a_container_and_refuses_what_does_not_go_with_it(small: Small, tmp_path: Path) -> None:
    path = tmp_path / "volume.asice"
    with path.open("w+b") as file:
        contain(FilesystemStore(small.store), HOLDER, small.volumes[1], file)
    options = ["verify", str(path), "--trust", str(small.ca.parent)]
    done = CliRunner().invoke(main, options, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "PASSED" in done.output
    octets = bytearray(path.read_bytes())
    octets[octets.index(b"Subject:") + 3] ^= 1
    path.write_bytes(octets)
    assert CliRunner().invoke(main, options, catch_exceptions=False).exit_code == 1
    done = CliRunner().invoke(main, [*options, "--volume", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 2
