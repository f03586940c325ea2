"""A rebuild from a store with rot in it: what nobody vouches for is neither believed nor laid over a good replica."""

from pathlib import Path

import pytest
from support import letters
from support.commands import archiver
from support.rebuilding import rows
from support.small import EVENING, HOUR, Files, ingest, look, make

from archiver import compose
from archiver.cli.door import now
from archiver.errors import Conflict
from archiver.package.layout import Kind
from archiver.package.rdv import reader as rdv_reader
from archiver.rebuild import Report


@pytest.mark.parametrize("named", [True, False], ids=["a rapporto states it", "only its evidence does"])
def test_a_rotten_index_is_reported_and_repaired_from_a_replica(tmp_path: Path, named: bool) -> None:
    config = archive(tmp_path, named=named)
    store, replica = places(config)
    (name,) = Files.of(store).kind(Kind.INDEX)
    good = rot(store / name)
    report = rebuilt(config)
    assert [(lost.code, lost.subject) for lost in report.lost] == [
        ("REBUILD_ALTERED" if named else "REBUILD_CONTRADICTED", name)
    ]
    assert len(rows(url(config))["volume"]) == 1, "never to be sealed again under its name"
    assert archiver("sweep", "--all", "--repair", config=config).code == 0
    assert ((store / name).read_bytes(), (replica / name).read_bytes()) == (good, good)


@pytest.mark.parametrize("lost", ["the last one", "all of the mailbox"])
def test_a_lost_last_rapporto_that_an_index_lists_keeps_its_place(tmp_path: Path, lost: str) -> None:
    config = archive(tmp_path, named=False)
    store, replica = places(config)
    names = chain(store)
    for name in names[-1:] if lost == "the last one" else names:
        for path in store.glob(name.replace(".xml", "*")):
            path.unlink()
    report = rebuilt(config)
    assert {(found.subject, "indice" in found.text("it")) for found in report.lost if found.subject == names[-1]} == {
        (names[-1], True)
    }
    assert {Path(name).stem for name in names} == {row[0] for row in rows(url(config))["pdv"]}
    with pytest.raises(Conflict, match="restore it"):
        ingest(config.parent, [letters.plain(9)], at=EVENING + 4 * HOUR)
    assert archiver("sweep", "--all", "--repair", config=config).code == 0
    assert {(store / name).read_bytes() == (replica / name).read_bytes() for name in names} == {True}
    again(config, source="copia")  # their records too: no other object of the primary knows of these
    assert archiver("sweep", "--all", "--repair", config=config).code == 0
    ingest(config.parent, [letters.plain(9)], at=EVENING + 4 * HOUR)
    judged = look(config.parent).judge(at=EVENING + 5 * HOUR)
    assert [(found.code, found.subject) for found in judged.verdict.findings if found.severity == "error"] == []


@pytest.mark.parametrize("sealed", [True, False], ids=["with evidence", "without evidence"])
def test_an_altered_last_rapporto_does_not_reach_a_replica(tmp_path: Path, sealed: bool) -> None:
    config = archive(tmp_path, waiting=True, covered=sealed)
    store, replica = places(config)
    name = chain(store)[-1]
    good = (store / name).read_bytes()
    (store / name).chmod(0o644)
    (store / name).write_bytes(good.replace(b"<Nome>pec-archiver<", b"<Nome>pec-archiveR<", 1))
    report = rebuilt(config)
    assert [(lost.code, lost.subject) for lost in report.lost] == [
        ("REBUILD_CONTRADICTED" if sealed else "REBUILD_DIFFERENT", name)
    ]
    assert [row[5] for row in rows(url(config))["pdv"] if row[8] == name] == [""]
    with pytest.raises(Conflict, match="rebuild once more"):
        ingest(config.parent, [letters.plain(9)], at=EVENING + 4 * HOUR)
    archiver("sweep", "--all", "--repair", config=config)
    assert (replica / name).read_bytes() == good
    assert ((store / name).read_bytes() == good) == sealed, "without evidence nobody knows which is right"
    if sealed:
        again(config)
        ingest(config.parent, [letters.plain(9)], at=EVENING + 4 * HOUR)


def test_a_last_rapporto_whose_record_is_the_altered_one_is_believed(tmp_path: Path) -> None:
    config = archive(tmp_path, waiting=True, covered=True)
    store, _ = places(config)
    last = Path(chain(store)[-1]).stem
    (record,) = (name for name in Files.of(store).kind(Kind.RDV_RECORD) if last in name)
    octets = (store / record).read_bytes()
    (store / record).chmod(0o644)
    (store / record).write_bytes(octets[:100] + bytes([octets[100] ^ 1]) + octets[101:])
    report = rebuilt(config)
    assert [row[5] for row in rows(url(config))["pdv"] if row[0] == last] != [""]
    assert {found.subject for found in report.lost} <= {record}


def test_what_was_told_by_others_asks_for_another_rebuild_after_the_repair(tmp_path: Path) -> None:
    config = archive(tmp_path)
    store, _ = places(config)
    (name, *_) = Files.of(store).kind(Kind.SEGMENT)
    (store / name).unlink()
    assert [note.code for note in rebuilt(config).notes] == ["REBUILD_AGAIN"]
    assert archiver("sweep", "--all", "--repair", config=config).code == 0
    (metadata,) = Files.of(store).kind(Kind.METADATA)
    (store / metadata).unlink()
    report = again(config)
    assert ([lost.subject for lost in report.lost], report.notes) == ([metadata], [])
    assert len(archiver("search", "lettera", "--json", config=config).json["results"]) == 3


def archive(tmp_path: Path, *, named: bool = True, waiting: bool = False, covered: bool = False) -> Path:
    """Two polls in a closed volume (`waiting`: in none, `covered` by evidence of their own), and a replica.

    `named`: a third poll says that the volume was closed.
    """
    folder = tmp_path / "archive"
    if waiting:
        make(folder, sealed=False)
        for number in (1, 2):  # of today: nothing is due to be closed
            ingest(folder, [letters.plain(number)], at=now() - (3 - number) * HOUR)
        if covered:
            assert archiver("seal", config=folder / "archiver.toml").code == 0
    else:
        make(folder, [letters.plain(1)], [letters.plain(2)])
        if named:
            ingest(folder, [letters.plain(3)], at=EVENING + HOUR)
    config = folder / "archiver.toml"
    with config.open("a", encoding="utf-8") as file:
        file.write(
            '\n[[store]]\nid = "copia"\nkind = "filesystem"\npath = "copia"\ncountry = "IT"\noperator = "altri"\n'
        )
    assert archiver("init", folder, config=config).code == 0
    assert archiver("replicate", config=config).code == 0
    return config


def places(config: Path) -> tuple[Path, Path]:
    """The primary store and the replica."""
    return config.parent / "store", config.parent / "copia"


def url(config: Path) -> str:
    """Where the catalog is."""
    return f"sqlite:///{config.parent}/catalog.db"


def chain(store: Path) -> list[str]:
    """The names of the rapporti, the oldest first."""
    files = Files.of(store)
    return [name for _, name in sorted((rdv_reader.read(files[name]).at, name) for name in files.kind(Kind.RDV))]


def rot(path: Path) -> bytes:
    """Turns a bit near the end; the octets that were there."""
    good = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(good[:-40] + bytes([good[-40] ^ 1]) + good[-39:])
    return good


def rebuilt(config: Path, *, source: str = "primary") -> Report:
    """The catalog made again from a store."""
    for path in config.parent.glob("catalog.db*"):
        path.unlink()
    return compose.rebuild(compose.open_archive(config, environ={}, clock=now), source=source, clock=now)


again = rebuilt
