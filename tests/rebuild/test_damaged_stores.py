"""A damaged, missing or unreadable object never stops a rebuild: all else is there, and the loss is named."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import letters
from support.archives import set_lines
from support.commands import archiver
from support.rebuilding import Rows, different, rows
from support.small import EVENING, HOLDER, HOUR, Files, ingest, seal, two_years

from archiver import compose
from archiver.cli.door import now
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.package.rdv import reader as rdv_reader
from archiver.rebuild import Report


@dataclass(frozen=True)
class Whole:
    """An archive in which all is well: two polls in two closed volumes, a third one that names these, in another."""

    folder: Path
    files: Files
    rows: Rows
    rapporti: list[str]
    volumes: list[str]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole") / "archive"
    small = two_years(folder)
    ingest(folder, [letters.plain(1), letters.plain(2)], at=EVENING + HOUR)
    seal(folder, at=EVENING + 2 * HOUR)
    ingest(folder, [letters.plain(3)], at=EVENING + 3 * HOUR)
    files = Files.of(folder / "store")
    chain = sorted((rdv_reader.read(files[name]).at, name) for name in files.kind(Kind.RDV))
    return Whole(folder, files, rows(f"sqlite:///{folder}/catalog.db"), [name for _, name in chain], small.volumes)


def test_all_is_well_to_begin_with(whole: Whole, tmp_path: Path) -> None:
    report, found = rebuilt(whole, whole.files, tmp_path)
    assert (report.lost, different(whole.rows, found)) == ([], {})


@pytest.mark.parametrize("how", ["missing", "cut", "a byte"])
def test_of_a_damaged_segment_the_rapporto_tells(whole: Whole, tmp_path: Path, how: str) -> None:
    (name, *_) = whole.files.kind(Kind.SEGMENT)
    report, found = rebuilt(whole, damaged(whole.files, name, how), tmp_path)
    assert {lost.subject.split()[0] for lost in report.lost} == {name}
    missed = different(whole.rows, found)
    assert set(missed) <= {"message", "heading", "identifier", "trust"}
    facts = ("sha256", "mailbox", "sha512", "size", "holder", "pdv", "segment", "offset", "kind", "date", "content")
    assert told(whole.rows, facts) == told(found, facts)


@pytest.mark.parametrize("how", ["missing", "cut"])
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_behind_a_lost_rapporto_the_chain_goes_on(whole: Whole, tmp_path: Path, place: int, how: str) -> None:
    name = whole.rapporti[place]
    report, found = rebuilt(whole, damaged(whole.files, name, how), tmp_path)
    known = {row[0]: row for row in whole.rows["pdv"]}
    again = {row[0]: row for row in found["pdv"]}
    if place == len(whole.rapporti) - 1 and how == "missing":
        assert again.keys() == known.keys() - {Path(name).name.removesuffix(".xml")}, "nothing speaks of it any more"
        assert report.lost == []
        return
    assert name in {lost.subject for lost in report.lost}
    assert [(row[0], row[2], row[3]) for row in found["pdv"]] == [(row[0], row[2], row[3]) for row in whole.rows["pdv"]]
    lost = Path(name).name.removesuffix(".xml")
    assert {pdv: row for pdv, row in again.items() if pdv != lost} == {
        pdv: row for pdv, row in known.items() if pdv != lost
    }
    if place < len(whole.rapporti) - 1:
        assert (again[lost][5], again[lost][9]) == (known[lost][5], known[lost][9]), "digest and cursor"
        messages = ("sha256", "mailbox", "sha512", "segment", "offset", "kind", "subject")
        assert told(whole.rows, messages) == told(found, messages)


@pytest.mark.parametrize("how", ["missing", "cut"])
def test_a_lost_index_leaves_its_volume_closed(whole: Whole, tmp_path: Path, how: str) -> None:
    name = layout.index(HOLDER, whole.volumes[0])
    report, found = rebuilt(whole, damaged(whole.files, name, how), tmp_path)
    assert name in {lost.subject for lost in report.lost}
    missed = different(whole.rows, found)
    assert set(missed) <= {"volume", "trust"}
    assert [row[:8] for row in found["volume"]] == [row[:8] for row in whole.rows["volume"]]


@pytest.mark.parametrize("kind", [Kind.VOLUME_RECORD, Kind.RDV_RECORD])
@pytest.mark.parametrize("how", ["missing", "cut"])
def test_of_lost_evidence_the_row_is_lost_and_nothing_else(whole: Whole, tmp_path: Path, kind: Kind, how: str) -> None:
    (name, *_) = whole.files.kind(kind)
    report, found = rebuilt(whole, damaged(whole.files, name, how), tmp_path)
    missed = different(whole.rows, found)
    assert [row[4] for row in missed.pop("evidence")[0]] == [name]
    counted = {"pdv"} if kind is Kind.RDV_RECORD else set()  # a rapporto knows by how many authorities it is covered
    assert set(missed) <= {"token", "trust"} | counted
    assert [lost.subject for lost in report.lost] == [name] * (how == "cut")


@pytest.mark.parametrize("kind", [Kind.TRUST, Kind.METADATA])
def test_what_an_index_lists_is_missed(whole: Whole, tmp_path: Path, kind: Kind) -> None:
    (name, *_) = whole.files.kind(kind)
    report, found = rebuilt(whole, damaged(whole.files, name, "missing"), tmp_path)
    assert [(lost.code, lost.subject) for lost in report.lost] == [("REBUILD_MISSING", name)]
    assert set(different(whole.rows, found)) <= {"trust"}


def test_an_altered_rapporto_that_still_reads_keeps_the_digest_that_others_state(whole: Whole, tmp_path: Path) -> None:
    name = whole.rapporti[0]
    altered = whole.files[name].replace(b"<Nome>pec-archiver<", b"<Nome>pec-archiveR<", 1)
    assert altered != whole.files[name]
    report, found = rebuilt(whole, whole.files.but({name: altered}), tmp_path)
    assert [(lost.code, lost.subject) for lost in report.lost] == [("REBUILD_ALTERED", name)]
    assert [row[5] for row in found["pdv"]] == [row[5] for row in whole.rows["pdv"]]


def test_the_command_reads_a_replica_and_says_what_it_misses(whole: Whole, tmp_path: Path) -> None:
    config = placed(whole, whole.files, tmp_path)
    (name, *_) = whole.files.kind(Kind.SEGMENT)
    shutil.copytree(config.parent / "store", tmp_path / "replica")
    shutil.rmtree(config.parent / "store" / HOLDER / "segments")
    with config.open("a", encoding="utf-8") as file:
        file.write(f'\n[[store]]\nid = "altrove"\nkind = "filesystem"\npath = "{tmp_path}/replica"\ncountry = "IT"\n')
        file.write('operator = "altri"\n')
    done = archiver("catalog", "rebuild", "--from", "altrove", "--json", config=config)
    assert (done.code, done.json["lost"], done.json["messages"]) == (0, [], len(whole.rows["message"]))
    for path in tmp_path.glob("archive/catalog.db*"):
        path.rename(path.with_suffix(".aside"))
    assert archiver("catalog", "rebuild", "--from", "altrove", config=config).code == 0
    for path in tmp_path.glob("archive/catalog.db*"):
        path.unlink()
    lost = archiver("catalog", "rebuild", config=config)
    assert (lost.code, name in lost.err) == (1, True)
    again = archiver("catalog", "rebuild", config=config)
    assert (again.code, "non è vuoto" in again.err) == (2, True)
    assert archiver("catalog", "rebuild", "--from", "nessuno", config=config).code == 2


def rebuilt(whole: Whole, files: Files, tmp_path: Path) -> tuple[Report, Rows]:
    """A catalog made again from these files."""
    config = placed(whole, files, tmp_path)
    archive = compose.open_archive(config, environ={}, clock=now)
    report = compose.rebuild(archive, clock=lambda: EVENING + 4 * HOUR)
    return report, rows(f"sqlite:///{config.parent}/catalog.db")


def placed(whole: Whole, files: Files, tmp_path: Path) -> Path:
    """The archive with these files in its store and no catalog; its configuration."""
    shutil.copytree(whole.folder, tmp_path / "archive")
    shutil.rmtree(tmp_path / "archive" / "store" / HOLDER)
    files.write(tmp_path / "archive" / "store")
    for path in tmp_path.glob("archive/catalog.db*"):
        path.unlink()
    config = tmp_path / "archive" / "archiver.toml"
    set_lines(config, "archive", {"catalog": f'"sqlite:///{tmp_path}/archive/catalog.db"'})
    return config


def damaged(files: Files, name: str, how: str) -> Files:
    """One object taken away, cut, or with another byte in its midst."""
    octets = files[name]
    match how:
        case "missing":
            return files.but({name: None})
        case "cut":
            return files.but({name: octets[: len(octets) // 2]})
        case _:
            place = 200
            return files.but({name: octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]})


def told(found: Rows, names: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Columns of the messages."""
    from archiver.adapters.catalog.tables import MESSAGE

    places = [list(MESSAGE.c.keys()).index(name) for name in names]
    return sorted((tuple(row[place] for place in places) for row in found["message"]), key=repr)
