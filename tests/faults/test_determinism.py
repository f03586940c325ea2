"""The same work done twice gives the same bytes; only what is drawn by lot, signatures and tokens, differs."""

import os
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import letters
from support.archives import demo, objects, simulated, trust
from support.embedded import Disk, Embedded
from support.tools import ROOT
from support.whole import indexes, rapporti

from archiver.adapters.authority import crl
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index.values import File

NIGHT = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
"""The certificates of a demo begin when it is made."""
RUN = """
import sys
from datetime import datetime
from pathlib import Path
from archiver import compose
from archiver.seal import apart

apart.WORTH = 1
night = datetime.fromisoformat(sys.argv[3])
archive = compose.open_archive(Path(sys.argv[1]), environ={}, clock=lambda: night)
nothing = lambda done, total: None
compose.ingest(
    archive, (), source=Path(sys.argv[2]), target=None, annotations=None, clock=lambda: night, progress=nothing
)
jobs, hands = int(sys.argv[4]), {"to_sign": None, "signed": None}
compose.seal(archive, everything=True, **hands, jobs=jobs, clock=lambda: night, progress=nothing)
"""
"""Ingest and seal by a clock that stands, the seal by so many processes."""


def test_two_processes_make_the_same_archive_of_the_same_mail(tmp_path: Path) -> None:
    mailbox = simulated(tmp_path / "mail", 60)
    config = demo(tmp_path / "one")
    trust(config, (tmp_path / "mail/providers").glob("*.pem"))
    crl(config.parent / "ca", NIGHT)
    shutil.copytree(config.parent, tmp_path / "two")
    twin = tmp_path / "two" / config.name
    # a set in the wrong place comes out in another order under another seed
    for where, seed, jobs in ((config, "1", 1), (twin, "2", 3)):
        night(where, mailbox, seed, jobs)
    one, two = objects(config), objects(twin)
    assert list(one) == list(two)
    drawn = [name for name in one if one[name] != two[name]]
    assert drawn == [name for name in one if name.endswith((layout.PINDEX, ".ers"))]
    sealed = [name for name in drawn if name.endswith(layout.PINDEX)]
    assert len(sealed) > 1
    assert [open_signed(one[name]).content for name in sealed] == [open_signed(two[name]).content for name in sealed]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_files_changes_the_rapporto_and_no_segment(tmp_path: Path, ca: Path, seed: int) -> None:
    mail = [letters.plain(number, year=2025 + number % 2) for number in range(20)]
    shuffled = random.Random(seed).sample(mail, len(mail))
    disks = []
    for name, order in (("one", mail), ("other", shuffled)):
        process = Embedded(Disk.made(tmp_path / name), ca, letters.providers())
        process.ingest(letters.HandedIn(order))
        process.seal()
        disks.append(process.disk)
    one, other = disks
    kinds = (layout.Kind.SEGMENT, layout.Kind.METADATA)
    assert objects_of(one, kinds) == objects_of(other, kinds)
    assert listed(one) == listed(other)
    assert list(rapporti(one)) == list(rapporti(other))
    assert list(rapporti(one).values()) != list(rapporti(other).values())


def night(config: Path, mailbox: Path, seed: str, jobs: int) -> None:
    """A whole night in a process of its own, with its own seed for Python's hashes; `jobs` of them seal."""
    environ = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    arguments = [str(config), str(mailbox), NIGHT.isoformat(), str(jobs)]
    subprocess.run([sys.executable, "-c", RUN, *arguments], check=True, env=environ)


def listed(disk: Disk) -> list[tuple[File, ...]]:
    """The messages of each index, in its order."""
    return [tuple(index.messages) for index in indexes(disk).values()]


def objects_of(disk: Disk, kinds: tuple[layout.Kind, ...]) -> dict[str, bytes]:
    found = {name: layout.parse(name) for name in disk.objects()}
    return {name: disk.store.get(name) for name, parsed in found.items() if parsed and parsed.kind in kinds}
