"""Disks of a replica, of the catalog and of the store, full or read-only: said, never lost by, healed afterwards."""

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.beset import Beset, letters
from support.commands import archiver, done
from support.disks import Disk, mounted
from support.tools import absent

MEGABYTES = 6
Refusal = Callable[[Disk], None]
REFUSALS: dict[str, tuple[Refusal, Refusal, str]] = {
    "full": (Disk.fill, Disk.empty, "disk full|disk is full|No space left"),
    "read-only": (Disk.freeze, Disk.thaw, r"[Rr]ead-only|readonly|not allowed"),
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path / "disk", MEGABYTES) as found:
        if found is None:
            absent("a small file system can only be mounted by root")
        yield found


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Beset]:
    with ExitStack() as stack:
        yield Beset(stack, tmp_path / "archive")


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_replica_that_takes_nothing_delays_nothing_and_is_caught_up(archive: Beset, disk: Disk, refusal: str) -> None:
    harm, mend, words = REFUSALS[refusal]
    archive.folder_replica("copia", disk.path / "store")
    archive.make()
    archive.post.send(letters(4, 1))
    done("ingest", config=archive.config)
    done("replicate", config=archive.config)
    gc.collect()  # lets go of the catalog's connections
    harm(disk)
    archive.post.send(letters(8, 2, size=2_000))
    done("ingest", config=archive.config)
    done("seal", "--now", config=archive.config)
    found = archiver("replicate", config=archive.config)
    assert found.code in (1, 3), found
    assert re.search(words, found.err), found
    assert archive.complaints() == []
    mend(disk)
    caught_up = done("replicate", config=archive.config)
    assert (caught_up["safe"], caught_up["unsafe"]) == (len(archive.post.sent), 0)
    assert done("verify", disk.path / "store", config=archive.config)["indication"] == "PASSED"


@pytest.mark.parametrize("part", ["catalog", "store"])
@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("errand", ["ingest", "seal"])
def test_an_errand_whose_disk_takes_nothing_is_finished_once_it_does(
    archive: Beset, disk: Disk, part: str, refusal: str, errand: str
) -> None:
    harm, mend, words = REFUSALS[refusal]
    (archive.on_disk if part == "store" else archive.catalog_on_disk)(disk.path)
    archive.make()
    archive.post.send(letters(4, 1))
    done("ingest", config=archive.config)
    if errand == "ingest":
        archive.post.send(letters(8, 2, size=2_000))
    gc.collect()  # lets go of the catalog's connections
    harm(disk)
    command = (errand, "--now") if errand == "seal" else (errand,)
    found = archiver(*command, config=archive.config)
    assert found.code == 3, found
    # SQLite cannot always say why
    assert re.search(words if part == "store" else f"{words}|disk I/O error|unable to open", found.err), found
    mend(disk)
    done("ingest", config=archive.config)
    done("seal", "--now", config=archive.config)
    assert archive.complaints() == []
