"""Trust batches: what is collected and stands in no index is listed, covered, and judged."""

import hashlib
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from collecting import HOLDER, Archive, need
from hypothesis import given
from hypothesis import strategies as st
from support.quick_tsa import QuickCA, QuickTSA
from support.revoking import DAY, LISTS, NOW, Ca
from support.tools import tool

from archiver.adapters.stores.memory import MemoryStore
from archiver.chain import Material
from archiver.collect import Batch, batches, manifest
from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.policy import Policy
from archiver.evidence.record import builder
from archiver.package import layout
from archiver.package.batch import read
from archiver.verify.batch import judge_batches

CA = Ca()
ROOT = QuickCA()
TSA = QuickTSA("TSA del lotto", datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC), ca=ROOT)
POLICY = Policy(Material((ROOT.der,)))
A, B = "a" * 64, "b" * 64


def collected(archive: Archive, name: str = "Firma") -> None:
    archive.collect({LISTS: CA.crl()}, need(CA.give(name, lists=[LISTS]).der, CA.der))


def due(archive: Archive) -> tuple[Batch, ...]:
    return batches(HOLDER, archive.store, archive.catalog, at=archive.now)


def cover(archive: Archive, batch: Batch, *, leave_out: str = "") -> str:
    """The batch's record, as a sealing makes it; its name."""
    names = [name for name in batch.members if name != leave_out]
    group = [hashlib.sha512(archive.store.get(name)).digest() for name in names]
    tree = Tree.build([group_hash(group), hashlib.sha512(b"another leaf").digest()])
    record = builder.initial(group, tree.path(0), TSA.stamp("sha512", tree.root, NOW))
    name = layout.batch_record(HOLDER, batch.id, tsa="tsa", number=1)
    archive.store.put(name, record)
    archive.catalog.cover(HOLDER, batch.digests, batch.id, archive.now)
    return name


def judged(archive: Archive, store: MemoryStore | None = None) -> list[tuple[str, str]]:
    found = judge_batches(store or archive.store, HOLDER, POLICY, NOW + DAY)
    return [(item.code, item.subject) for item in found]


# what goes into one


def test_a_batch_lists_all_that_nothing_covers_and_nothing_twice(archive: Archive) -> None:
    collected(archive)
    volume, *rest = archive.catalog.uncovered(HOLDER)
    archive.catalog.cover(HOLDER, [volume.sha256], "v1", archive.now)
    (batch,) = due(archive)
    assert sorted(batch.digests) == sorted(row.sha256 for row in rest)
    assert batch.members[0] == batch.name == layout.batch(HOLDER, batch.id)
    assert due(archive) == (batch,), "without its evidence it waits, the same"
    cover(archive, batch)
    assert due(archive) == ()
    collected(archive, "Altra")
    (second,) = due(archive)
    assert len(second.digests) == 1
    assert second.id != batch.id


def test_a_batch_that_was_begun_comes_to_its_end_before_a_new_one_takes_the_rest(archive: Archive) -> None:
    collected(archive)
    (begun,) = due(archive)
    collected(archive, "Altra")
    found = due(archive)
    assert found[0] == begun
    assert {*found[1].digests}.isdisjoint(begun.digests)


def test_a_batch_whose_objects_volumes_covered_meanwhile_comes_with_and_without_a_record(archive: Archive) -> None:
    """A record in the store may be noted nowhere: whoever seals knows."""
    collected(archive)
    (batch,) = due(archive)
    archive.catalog.cover(HOLDER, batch.digests, "v1", archive.now - DAY)
    assert due(archive) == (batch,)
    cover(archive, batch)
    assert due(archive) == (batch,)


def test_a_catalog_that_forgot_learns_everything_again_from_the_store(archive: Archive, empty_catalog: Path) -> None:
    collected(archive)
    (batch,) = due(archive)
    cover(archive, batch)
    path = empty_catalog.with_name("forgetful.db")
    path.write_bytes(empty_catalog.read_bytes())
    fresh = Archive(path)
    fresh.store = archive.store
    assert due(fresh) == (batch,), "with its record there, nothing is to be stamped"
    fresh.catalog.cover(HOLDER, batch.digests, batch.id, archive.now)
    assert due(fresh) == ()
    before = {(row.sha256, row.extension): (row.kind, row.name) for row in archive.catalog.trust_of(HOLDER)}
    after = {(row.sha256, row.extension): (row.kind, row.name) for row in fresh.catalog.trust_of(HOLDER)}
    (firma,) = (key for key, (kind, _) in before.items() if kind == "tsa")
    assert after[firma][0] == "signer", "this certificate says nothing of time stamps"
    assert {key: name for key, (_, name) in before.items()} == {key: name for key, (_, name) in after.items()}
    fresh.catalog.close()


def test_what_the_store_has_lost_is_in_no_batch_and_still_promised(archive: Archive) -> None:
    collected(archive)
    lost, *_ = archive.catalog.uncovered(HOLDER)
    name = layout.trust(HOLDER, lost.sha256, lost.extension)
    archive.store._objects.pop(name)
    (batch,) = due(archive)
    assert lost.sha256 not in batch.digests
    assert name in archive.catalog.promised()


def test_a_batch_begun_that_has_lost_an_object_is_left_to_the_judge_and_the_rest_goes_on(archive: Archive) -> None:
    collected(archive)
    (begun,) = due(archive)
    archive.store._objects.pop(begun.members[-1])
    (batch,) = due(archive)
    assert (batch.digests, batch.id == begun.id) == (begun.digests[:-1], False)
    cover(archive, batch)
    assert ("MISSING", begun.members[-1]) in judged(archive)


def test_nothing_collected_is_no_batch(archive: Archive) -> None:
    assert due(archive) == ()
    with pytest.raises(ValueError, match="of nothing"):
        manifest([])


def test_sha256sum_checks_a_batch(archive: Archive, tmp_path: Path) -> None:
    collected(archive)
    (batch,) = due(archive)
    for name in batch.members:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.store.get(name))
    command = [tool("sha256sum"), "--check", "--strict", f"trust/batches/{batch.id}.txt"]
    done = subprocess.run(command, cwd=tmp_path / HOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(batch.digests)


# the manifest


@given(st.sets(st.tuples(st.sampled_from([A, B, "c" * 64]), st.sampled_from(["cer", "crl", "ocsp"])), min_size=1))
def test_what_is_written_is_read(entries: set[tuple[Sha256, str]]) -> None:
    assert read(manifest(entries)) == tuple(sorted(entries))


BAD = {
    "nothing": b"",
    "an empty line": b"\n",
    "no line feed": f"{A}  trust/{A}.cer".encode(),
    "a line too many": f"{A}  trust/{A}.cer\n\n".encode(),
    "unsorted": f"{B}  trust/{B}.cer\n{A}  trust/{A}.cer\n".encode(),
    "twice": f"{A}  trust/{A}.cer\n{A}  trust/{A}.cer\n".encode(),
    "one blank": f"{A} trust/{A}.cer\n".encode(),
    "a binary mark": f"{A} *trust/{A}.cer\n".encode(),
    "another file's digest": f"{A}  trust/{B}.cer\n".encode(),
    "elsewhere": f"{A}  volumes/{A}.cer\n".encode(),
    "no folder": f"{A}  {A}.cer\n".encode(),
    "no extension": f"{A}  trust/{A}\n".encode(),
    "an extension in capitals": f"{A}  trust/{A}.CER\n".encode(),
    "two extensions": f"{A}  trust/{A}.cer.bak\n".encode(),
    "upper case": f"{A.upper()}  trust/{A.upper()}.cer\n".encode(),
    "a carriage return": f"{A}  trust/{A}.cer\r\n".encode(),
    "no ASCII": f"{A}  trust/{A}.cèr\n".encode(),
}


@pytest.mark.parametrize("which", BAD)
def test_a_manifest_has_one_form_only(which: str) -> None:
    with pytest.raises(Malformed, match=r"^manifest: "):
        read(BAD[which])


# the judge


def test_a_batch_with_its_record_is_believed(archive: Archive) -> None:
    collected(archive)
    cover(archive, *due(archive))
    assert judged(archive) == []


def test_a_batch_without_a_record_is_a_warning(archive: Archive) -> None:
    collected(archive)
    (batch,) = due(archive)
    assert judged(archive) == [("BATCH_NOT_COVERED", batch.name)]


def but(archive: Archive, name: str, change: Callable[[bytes], bytes] | None) -> MemoryStore:
    """The same store with one object changed, or without it."""
    other = MemoryStore()
    for item in archive.store.list():
        octets = archive.store.get(item.name)
        if item.name != name:
            other.put(item.name, octets)
        elif change:
            other.put(item.name, change(octets))
    return other


def turned(octets: bytes) -> bytes:
    return octets[:-2] + bytes([octets[-2] ^ 1]) + octets[-1:]


@pytest.mark.parametrize("change", [turned, None], ids=["altered", "missing"])
def test_any_object_of_a_batch_altered_or_missing_is_an_error_that_names_it(
    archive: Archive, change: Callable[[bytes], bytes] | None
) -> None:
    collected(archive)
    (batch,) = due(archive)
    record = cover(archive, batch)
    for name in (*batch.members, record):
        found = judge_batches(but(archive, name, change), HOLDER, POLICY, NOW + DAY)
        if name == record and change is None:
            assert [item.code for item in found] == ["BATCH_NOT_COVERED"]
            continue
        errors = [item for item in found if item.severity == "error"]
        assert name in {item.subject for item in errors}, (name, found)


def test_a_record_that_leaves_an_object_out_does_not_cover_the_batch(archive: Archive) -> None:
    collected(archive)
    (batch,) = due(archive)
    name = cover(archive, batch, leave_out=batch.members[-1])
    assert judged(archive) == [("EVIDENCE_MEMBER", name)]


def test_a_record_over_more_than_is_listed_is_an_error(archive: Archive) -> None:
    """The manifest was exchanged for a shorter one under another name, and the record moved beside it."""
    collected(archive)
    (batch,) = due(archive)
    record = archive.store.get(cover(archive, batch))
    octets = archive.store.get(batch.name)
    shorter = b"".join(octets.splitlines(keepends=True)[1:])
    other = but(archive, batch.name, None)
    other.put(layout.batch(HOLDER, sha256(shorter)), shorter)
    moved = layout.batch_record(HOLDER, sha256(shorter), tsa="tsa", number=1)
    other.put(moved, record)
    assert ("EVIDENCE_UNLISTED", moved) in judged(archive, other)
    assert ("MISSING", batch.name) in judged(archive, other)


def test_a_record_of_a_token_that_nobody_believes_is_a_doubt(archive: Archive) -> None:
    collected(archive)
    (batch,) = due(archive)
    cover(archive, batch)
    stranger = Policy(Material((CA.der,)))
    found = judge_batches(archive.store, HOLDER, stranger, NOW + DAY)
    assert {item.code for item in found} == {"CHAIN_NOT_FOUND"}
