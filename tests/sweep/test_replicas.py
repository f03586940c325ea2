"""Replicas: brought up to date and read back; one that is away delays nothing, one that holds others' bytes is told."""

import shutil
from pathlib import Path

import pytest
from support.archives import letter
from support.estates import DAY, PRIMARY, SECOND, STORES, THIRD, Estate, kinds, with_stores
from support.small import HOLDER, HOUR, ingest, make, seal

from archiver.package.layout import Kind
from archiver.sweep import Replicated


def fresh(folder: Path, *, write: str = "nightly", copies: int = 0) -> Estate:
    """An archive of two replicas that nothing was put into yet."""
    small = make(folder, sealed=False)
    with_stores(small.folder, SECOND, THIRD, write=write)
    if copies:
        config = folder / "archiver.toml"
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("[archive]\n", f"[archive]\ncopies = {copies}\n", 1), encoding="utf-8")
    return Estate(folder)


def taken_in(estate: Estate, *texts: str) -> None:
    ingest(estate.folder, [letter(text) for text in texts], at=estate.at)


def counts(done: Replicated) -> tuple[int, int]:
    return done.safe, done.unsafe


def test_nightly_replicas_get_everything_and_it_is_safe_once_it_was_read_back(tmp_path: Path) -> None:
    estate = fresh(tmp_path / "archive")
    taken_in(estate, "una", "due")
    seal(estate.folder, at=estate.at + HOUR)
    assert estate.objects(SECOND) == {}
    estate.at += DAY
    done = estate.replicate()
    assert (counts(done), done.failures, done.wrong) == ((2, 0), [], [])
    assert estate.objects(SECOND) == estate.objects(THIRD) == estate.objects()
    assert done.copied == 2 * len(estate.objects())
    assert done.read == 3 * len(estate.objects())
    again = estate.replicate()
    assert (again.copied, again.read, counts(again)) == (0, 0, (2, 0))


def test_sync_replicas_have_it_when_the_errand_returns_but_safe_is_only_what_was_read_back(tmp_path: Path) -> None:
    estate = fresh(tmp_path / "archive", write="sync")
    taken_in(estate, "una")
    assert estate.objects(SECOND) == estate.objects(THIRD) == estate.objects() != {}
    assert estate.open().catalog.safety(STORES, 3) == (0, 0 + 1)
    done = estate.replicate()
    assert (done.copied, counts(done)) == (0, (1, 0))


@pytest.mark.parametrize("write", ["nightly", "sync"])
def test_a_replica_that_is_away_delays_nothing_and_is_caught_up(tmp_path: Path, write: str) -> None:
    estate = fresh(tmp_path / "archive", write=write)
    away = estate.root(SECOND).rename(tmp_path / "away")
    taken_in(estate, "una", "due")
    seal(estate.folder, at=estate.at + HOUR)
    done = estate.replicate()
    assert [failure.store for failure in done.failures] == [SECOND]
    assert counts(done) == (0, 2)
    assert estate.objects(THIRD) == estate.objects()
    seen = estate.sweep()
    assert [failure.store for failure in seen.failures] == [SECOND]
    assert (seen.passed, seen.open) == (False, ())
    away.rename(estate.root(SECOND))
    estate.at += DAY
    done = estate.replicate()
    assert (counts(done), done.failures) == ((2, 0), [])
    assert estate.objects(SECOND) == estate.objects()
    assert estate.sweep().passed


@pytest.mark.parametrize(("copies", "safe"), [(1, 2), (2, 2), (3, 0)])
def test_a_message_is_safe_on_as_many_stores_as_are_asked_for(tmp_path: Path, copies: int, safe: int) -> None:
    estate = fresh(tmp_path / "archive", copies=copies)
    shutil.rmtree(estate.root(THIRD))
    taken_in(estate, "una", "due")
    assert counts(estate.replicate()) == (safe, 2 - safe)


def test_other_bytes_under_a_name_are_told_each_night_and_never_overwritten(tmp_path: Path) -> None:
    estate = fresh(tmp_path / "archive")
    taken_in(estate, "una")
    (name,) = [name for name in estate.objects() if "/segments/" in name]
    good = estate.objects()[name]
    estate.rot(SECOND).foreign(name, b"another's")
    for _ in range(2):
        done = estate.replicate()
        assert [(row.store, row.name, row.code) for row in done.wrong] == [(SECOND, name, "DIGEST")]
        assert done.as_json()["findings"][0]["code"] == "SWEEP_DIGEST"
        assert (counts(done), estate.objects(SECOND)[name]) == ((0, 1), b"another's")
        estate.at += DAY
    estate.rot(SECOND).change(name, lambda _: good)
    assert (counts(estate.replicate()), estate.open().catalog.damages()) == ((1, 0), [])


def test_a_damaged_primary_is_never_copied_as_good(tmp_path: Path) -> None:
    estate = fresh(tmp_path / "archive")
    taken_in(estate, "una")
    (name,) = [name for name in estate.objects() if "/segments/" in name]
    estate.rot().flip(name, 40)
    done = estate.replicate()
    assert [(row.store, row.code) for row in done.wrong] == [(PRIMARY, "DIGEST")]
    assert not estate.store(SECOND).has(name)
    assert not estate.store(THIRD).has(name)
    assert counts(done) == (0, 1)


def test_what_the_primary_lost_comes_to_the_others_from_a_replica_that_has_it(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.SEGMENT]
    good = estate.objects()[name]
    estate.rot().flip(name)
    fourth = "quattro"
    with_stores(estate.folder, fourth)
    done = estate.replicate()
    assert done.failures == []
    assert estate.objects(fourth)[name] == good
    estate.sweep(everything=True, repair=True)
    assert estate.objects()[name] == good


def test_one_object_that_cannot_be_put_does_not_hide_behind_the_others(tmp_path: Path) -> None:
    estate = fresh(tmp_path / "archive")
    taken_in(estate, "una")
    (name,) = [name for name in estate.objects() if "/segments/" in name]
    (estate.root(SECOND) / name).mkdir(parents=True)
    done = estate.replicate()
    assert [(failure.store, name in failure.reason) for failure in done.failures] == [(SECOND, True)]
    assert estate.objects(SECOND).keys() == estate.objects().keys() - {name}
    assert estate.objects(THIRD) == estate.objects()


def test_stores_that_are_no_longer_configured_do_no_harm(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.SEGMENT]
    estate.rot(THIRD).destroy(name)
    assert not estate.sweep().passed
    text, rest = estate.config.read_text(encoding="utf-8").split(f'\n[[store]]\nid = "{THIRD}"')
    assert "[[" not in rest
    estate.config.write_text(text, encoding="utf-8")
    estate.at += DAY
    estate.replicate()
    seen = estate.sweep(everything=True, repair=True)
    assert (seen.passed, seen.open, list(seen.unread_since)) == (True, (), [PRIMARY, SECOND])
    assert seen.safe == estate.replicate().safe > 0


def test_what_a_replica_was_not_given_yet_is_no_loss_and_what_it_had_is(estate: Estate) -> None:
    taken_in(estate, "nuova")
    new = {name for name in estate.objects() if name not in estate.objects(SECOND)}
    old = kinds(estate.objects(SECOND))[Kind.METADATA]
    seen = estate.sweep()
    assert {(row.name, row.code) for row in seen.open if row.store == SECOND} == {(name, "BEHIND") for name in new}
    assert seen.passed
    estate.rot(SECOND).destroy(old)
    seen = estate.sweep()
    assert (SECOND, old, "MISSING") in {(row.store, row.name, row.code) for row in seen.open}
    assert not seen.passed
    assert HOLDER in old
