"""Every kind of rot, on a disk and in a real bucket: the sweep names each object, and repairs what it can.

What no store has right stays named, by the sweep and by the judge.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from servers.ceph import Ceph
from soaking.rotting import Rotten, harms, is_right
from support.beset import Beset, letters
from support.commands import archiver, done
from support.damage import Damage, Raw, Rot

from archiver.package.layout import Kind, parse
from archiver.ports import ObjectStore

PRIMARY, COPY = "primary", "copia"
MARKER = ".archiver-store"


OF_VOLUMES = {Kind.SEGMENT, Kind.INDEX, Kind.METADATA, Kind.VOLUME_RECORD, Kind.RDV, Kind.RDV_RECORD}
"""What is locked to the end of a term; other locks are made longer by every sweep, without a word."""


@dataclass
class Twins:
    """An archive whose objects are in a folder and in a bucket, and the ways past both; `dice` choose objects."""

    archive: Beset
    damage: dict[str, Damage]
    dice: Random

    @property
    def stores(self) -> Mapping[str, ObjectStore]:
        return self.archive.opened.stores

    def names(self) -> list[str]:
        """What both have, in the order of the dice."""
        found = [item.name for item in self.stores[COPY].list() if item.size]
        mine = [name for name in found if (parsed := parse(name)) and parsed.kind in OF_VOLUMES]
        return self.dice.sample(mine, len(mine))

    def rot(self, where: str) -> list[Rotten]:
        """Everything that can be done there, each to other objects."""
        names, found = self.names(), []
        for kind in harms(self.damage[where], where, names[0], names[1], self.dice):
            found += harms(self.damage[where], where, names.pop(), names.pop(), self.dice)[kind]()
        return found

    def swept(self, *options: str) -> "Swept":
        """Everything is swept; that the replica has not the reports of the sweeps before is nothing wrong."""
        found = archiver("sweep", "--all", *options, "--json", config=self.archive.config)
        return Swept(
            found.code,
            {tuple(row["subject"].split(": ", 1)) for row in found.json["findings"] if row["code"] != "SWEEP_BEHIND"},
            {(row["store"], row["name"]) for row in found.json["repairs"] if row["code"] != "LOCK"},
            {(row["store"], row["name"]) for row in found.json["repairs"] if row["code"] == "LOCK"},
        )


@dataclass(frozen=True)
class Swept:
    """The exit code of a sweep; the objects, by store, that are wrong, were repaired, and were locked again."""

    code: int
    wrong: set[tuple[str, ...]]
    repaired: set[tuple[str, ...]]
    locked: set[tuple[str, ...]]


@pytest.fixture(params=["bucket-first", "folder-first"])
def twins(request: pytest.FixtureRequest, tmp_path: Path, gateway: Ceph) -> Iterator[Twins]:
    with ExitStack() as stack:
        archive = Beset(stack, tmp_path / "archive", patience=60)
        bucket_first = request.param == "bucket-first"
        if bucket_first:
            archive.s3(gateway)
            archive.folder_replica(COPY, tmp_path / "copia")
        else:
            archive.replica(COPY, gateway)
        archive.make()
        for seed in range(4):
            archive.post.send(letters(3, seed))
            done("ingest", config=archive.config)
            done("seal", "--now", config=archive.config)
        done("replicate", config=archive.config)
        (s3,) = (store.s3 for store in archive.opened.config.stores if store.s3)
        folder = tmp_path / "copia" if bucket_first else archive.folder / "store"
        ways: tuple[Damage, Damage] = Raw(gateway.client(), s3.bucket, s3.prefix), Rot(folder)
        yield Twins(archive, dict(zip((PRIMARY, COPY), ways if bucket_first else ways[::-1], strict=True)), Random(7))


def test_whatever_rots_is_named_and_repaired_from_the_other_store_or_stays_named(twins: Twins) -> None:
    for where in (PRIMARY, COPY):
        everything_is_named_and_repaired(twins, where)
        another_marker_is_no_empty_store(twins, where)
    assert twins.archive.complaints() == []
    what_no_store_has_right_stays_named(twins)


def everything_is_named_and_repaired(twins: Twins, where: str) -> None:
    rotten = twins.rot(where)
    kinds: dict[tuple[str, ...], str] = {(harm.store, harm.name): harm.kind for harm in rotten}
    left = {(harm.store, harm.name) for harm in rotten if harm.mend}
    found = twins.swept()
    assert (found.code, {kinds[place] for place in kinds.keys() - found.wrong}) == (1, set())
    assert found.wrong - kinds.keys() == set()
    repaired = twins.swept("--repair")
    assert {kinds[place] for place in (kinds.keys() - left) ^ (repaired.repaired | repaired.locked)} == set()
    for harm in rotten:
        if harm.mend:
            harm.mend()
    assert [harm.kind for harm in rotten if not is_right(twins.stores[harm.store], harm)] == []


def another_marker_is_no_empty_store(twins: Twins, where: str) -> None:
    right = twins.damage[where].read(MARKER)
    twins.damage[where].change(MARKER, lambda _: b"archiver store 9\n")
    found = archiver("sweep", "--all", "--repair", config=twins.archive.config)
    assert found.code in (1, 2, 3), found
    assert MARKER in found.err, found
    twins.damage[where].change(MARKER, lambda _: right)
    after = twins.swept()
    assert (after.code, after.wrong) == (0, set())


def what_no_store_has_right_stays_named(twins: Twins) -> None:
    name = next(name for name in twins.names() if (found := parse(name)) and found.kind is Kind.SEGMENT)
    for where in (PRIMARY, COPY):
        twins.damage[where].flip(name, 60)
    found = twins.swept("--repair")
    assert (found.code, found.repaired) == (1, set())
    assert found.wrong == {(PRIMARY, name), (COPY, name)}
    assert {(PRIMARY, name), (COPY, name)} <= twins.swept().wrong, "until it is put right"
    verdict = archiver("verify", "--json", config=twins.archive.config)
    assert (verdict.code, verdict.json["indication"]) == (1, "FAILED")
    errors = [found for found in verdict.json["findings"] if found["severity"] == "error"]
    subjects = {found["subject"] for found in errors}
    assert name in subjects
    volume = name.rpartition("/")[2].removesuffix(".zip")
    assert {each for each in subjects if volume not in each and not each.startswith("messages/")} == set()
