"""Two holders that met the same material, and took over the same package: each has its own evidence, for ever."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from support.commands import archiver, done
from support.estates import Estate, renew, silent
from support.rebuilding import different, rows
from support.revoking import Ca
from support.small import HOLDER, make, seal

from archiver import compose
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.migrations.versions import m0011_large
from archiver.adapters.catalog.tables import EVIDENCE
from archiver.collect.shelf import Shelf
from archiver.compose.register import register
from archiver.digest import sha256
from archiver.package import layout
from archiver.package.act import ActKind

EVENING = datetime(2026, 2, 20, 20, tzinfo=UTC)
OTHER = "h-altra"
HOUR = timedelta(hours=1)
SECOND_HOLDER = f"""
[[holder]]
id = "{OTHER}"
type = "legal person"
name = "Altra S.r.l."
tax_code = "98765432109"
document = "visura"

[[mailbox]]
name = "altra"
id = "m-altra"
holder = "{OTHER}"
address = "altra@pec.esempio-legale.it"
"""
LIST = Ca("CA di entrambi").crl()
ZIP = b"the same files"
PACKAGE, ANOTHER = sha256(b"indice"), sha256(b"un altro indice")
ZIPS = [layout.takeover(*where, sha256(ZIP)) for where in ((HOLDER, PACKAGE), (OTHER, PACKAGE), (HOLDER, ANOTHER))]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """An archive of two holders after a night; nobody writes to it."""
    estate = Estate(tmp_path_factory.mktemp("pair") / "archive")
    make(estate.folder, sealed=False)
    with estate.config.open("a", encoding="utf-8") as config:
        config.write(SECOND_HOLDER)
    estate.at = EVENING
    archive = estate.open()
    Shelf(archive.store, archive.catalog).keep(LIST, "crl", [HOLDER, OTHER], at=EVENING - HOUR)
    for name in ZIPS:
        archive.store.put(name, ZIP)
    register(archive, holders=[HOLDER, OTHER], kind=ActKind.SEARCH, what={}, reason="", clock=archive.clock)
    seal(estate.folder, at=EVENING)
    return estate


@pytest.fixture
def pair(lived: Estate, tmp_path: Path) -> Estate:
    """A copy of it."""
    return lived.copied(tmp_path / "archive")


def url(estate: Estate) -> str:
    return f"sqlite:///{estate.folder}/catalog.db"


def noted(estate: Estate) -> list[str]:
    """The names of all records that the catalog knows."""
    database = Database.connect(url(estate), create=False)
    with database.reading() as connection:
        found = sorted(connection.scalars(select(EVIDENCE.c.name)))
    database.close()
    return found


def kept(estate: Estate) -> list[str]:
    """The names of all records in the store."""
    return sorted(name for name in estate.objects() if name.endswith(".ers"))


def batches(names: list[str]) -> Iterator[tuple[str, int]]:
    """Of which holder, and which number, records of batches are."""
    for name in names:
        if (parsed := layout.parse(name)) and parsed.kind is layout.Kind.BATCH_RECORD:
            yield parsed.holder, parsed.number


def test_a_night_notes_every_record_that_it_made(pair: Estate) -> None:
    assert len({name.partition("/")[2] for name in pair.objects() if name.endswith(".txt")}) == 1, "the same batch"
    assert noted(pair) == kept(pair)
    assert sorted(batches(noted(pair))) == [(OTHER, 1), (HOLDER, 1)]
    assert len(noted(pair)) == 2 + 2 + len(ZIPS)


def test_every_row_of_both_comes_again(pair: Estate) -> None:
    before = rows(url(pair))
    for path in pair.folder.glob("catalog.db*"):
        path.unlink()
    assert done("catalog", "rebuild", "--jobs", "1", config=pair.config)["lost"] == []
    assert different(before, rows(url(pair))) == {}


def test_a_renewal_renews_both(pair: Estate) -> None:
    renew(pair, at=EVENING + HOUR, target="sha3_512")
    assert noted(pair) == kept(pair)
    assert sorted(batches(noted(pair))) == [(OTHER, 1), (OTHER, 2), (HOLDER, 1), (HOLDER, 2)]
    assert sum(name.endswith("000002.ers") for name in noted(pair)) == 2 + 2 + len(ZIPS)


def test_a_sweep_misses_what_either_of_them_lost(pair: Estate) -> None:
    assert pair.sweep(everything=True).as_json()["missing"] == 0
    for holder in (HOLDER, OTHER):
        pair.rot().destroy(next(name for name in kept(pair) if name.startswith(f"{holder}/trust/batches/")))
    assert pair.sweep(everything=True).as_json()["missing"] == 2


def test_an_heir_of_both_has_every_row(pair: Estate, tmp_path: Path) -> None:
    compose.hand_over(pair.open(), tmp_path / "out", clock=lambda: EVENING + HOUR)
    handed = rows(url(pair))
    other = tmp_path / "heir"
    other.mkdir()
    for name in ("archiver.toml", "ca", "providers"):
        (pair.folder / name).rename(other / name)
    found = archiver("import", tmp_path / "out", "--as-is", "--json", config=other / "archiver.toml")
    assert found.code != 4, found.err
    changed = different(handed, rows(f"sqlite:///{other}/catalog.db"))
    assert not {"evidence", "token", "trust"} & set(changed), changed


def _without_the_eleventh() -> Iterator[str]:
    """The tables as they were before that migration, in SQL."""
    yield from (f"DROP INDEX ix_{table}_{name}" for table, name, _, _ in m0011_large._SOME)
    yield from (f"DROP INDEX ix_{table}_{names.replace(' ', '_')}" for table, names in m0011_large._ALL)
    columns = [(table, name) for table, names in m0011_large._MARKS.items() for name in names]
    columns += [("pdv", "records"), ("object", "stores"), ("copy", "due")]
    yield from (f"ALTER TABLE {table} DROP COLUMN {name}" for table, name in columns)
    yield "DROP TABLE tally"
    yield "DROP INDEX ix_copy_age"
    yield "CREATE INDEX ix_copy_age ON copy (coalesce(read, at), store, name)"
    yield "CREATE INDEX ix_message_kind_size ON message (kind, size)"
    yield "CREATE INDEX ix_heading_read ON heading (read)"


def test_a_catalog_that_mixed_them_up_is_upgraded_and_the_next_night_notes_what_was_left_out(pair: Estate) -> None:
    whole = rows(url(pair))
    database = Database.connect(url(pair), create=False)
    with database.writing() as connection:
        for statement in (
            f"DELETE FROM evidence WHERE subject IN ('batch', 'takeover') AND name LIKE '{OTHER}/%'",
            f"DELETE FROM evidence WHERE name LIKE '%/takeovers/{ANOTHER}/%'",
            "UPDATE evidence SET subject_id = substr(subject_id, -64) WHERE subject IN ('batch', 'takeover')",
            *_without_the_eleventh(),
            *(f"DROP TABLE {table}" for table in ("discard", "destroyed", "tombstone", "night")),  # of the ninth, tenth
            "UPDATE alembic_version SET version_num = '0007'",
        ):
            connection.execute(text(statement))
    database.close()
    assert archiver("catalog", "upgrade", config=pair.config).code == 0
    at = EVENING + 2 * HOUR
    report = compose.seal(pair.open(), everything=True, to_sign=None, signed=None, clock=lambda: at, progress=silent)
    assert (report.failures, report.tokens, report.others) == ([], 0, 3)
    assert noted(pair) == kept(pair)
    assert different(whole, rows(url(pair))) == {}
