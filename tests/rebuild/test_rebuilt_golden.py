"""Archives of format 1, whose catalogs are gone for ever, become catalogs again; discards are no loss."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.rebuilding import rows
from support.small import EMPTY, EVENING, HOLDER, ORDINARY, Files, make

from archiver import compose
from archiver.adapters.catalog import Catalog
from archiver.cli.door import now
from archiver.digest import Sha256, sha256
from archiver.package import layout
from archiver.package.discard.reader import read as read_discard
from archiver.package.layout import Kind
from archiver.rebuild import Report
from archiver.submission.rows import SegmentRow

GOLDEN = Path(__file__).parents[1] / "golden" / "format-1"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An archive with nothing in it and no catalog, for the same holder and mailbox, under the golden authorities."""
    folder = make(tmp_path / "archive", sealed=False).folder
    shutil.copy(GOLDEN / "trusted" / "ca.pem", folder / "ca" / "ca.pem")
    for path in folder.glob("catalog.db*"):
        path.unlink()
    return folder / "archiver.toml"


@pytest.mark.parametrize(("which", "messages"), [("store", 7), ("discarded", 2), ("renewed", 6)])
def test_a_golden_store_becomes_a_catalog(config: Path, which: str, messages: int) -> None:
    report, files = rebuilt(config, which), Files.of(GOLDEN / which)
    assert report.lost == []
    found = rows(f"sqlite:///{config.parent}/catalog.db")
    assert (len(found["message"]), report.messages) == (messages, messages)
    assert len(found["volume"]) == len(files.kind(Kind.INDEX))
    assert {row[4] for row in found["evidence"]} == {
        name
        for name in files
        if (parsed := layout.parse(name)) and parsed.kind in layout.RECORDS - {Kind.DISCARD_RECORD}
    }
    assert len(found["standing"]) == len(files.kind(Kind.ACT))


def test_every_message_is_where_its_row_says_also_after_a_discard(config: Path) -> None:
    rebuilt(config, "discarded")
    files = Files.of(GOLDEN / "discarded")
    catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")
    try:
        segments = list(_segments(catalog))
        for segment in segments:
            octets = files[layout.segment(HOLDER, segment.sha256)]
            assert (sha256(octets), len(octets)) == (segment.sha256, segment.size)
            for row in catalog.messages_of([segment.sha256]):
                assert sha256(octets[row.offset : row.offset + row.size]) == row.sha256
        assert sum(segment.messages for segment in segments) == 2
        assert catalog.message(sha256(ORDINARY)) == [], "it was destroyed"
        assert catalog.message(sha256(EMPTY)) != []
    finally:
        catalog.close()


def test_a_whole_volume_that_was_destroyed_is_neither_lost_nor_pending(config: Path) -> None:
    rebuilt(config, "discarded")
    files = Files.of(GOLDEN / "discarded")
    unsealed = [read_discard(files[name]) for name in files.kind(Kind.DISCARD) if not name.endswith(".p7m")]
    assert unsealed, "one of the two is read without its seal"
    catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")
    try:
        assert len(catalog.pending()) == 1, "the message that waited before"
    finally:
        catalog.close()


def rebuilt(config: Path, which: str) -> Report:
    """The catalog of a golden store."""
    shutil.copytree(GOLDEN / which, config.parent / "store", dirs_exist_ok=True)
    archive = compose.open_archive(config, environ={}, clock=now)
    return compose.rebuild(archive, clock=lambda: EVENING)


def _segments(catalog: Catalog) -> Iterator[SegmentRow]:
    for digest in sorted(catalog.segments_known("m-prova")):
        segment = catalog.segment_of(Sha256(digest))
        assert segment is not None
        yield segment
