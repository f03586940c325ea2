"""What only a store on a disk can suffer: power cuts, full and read-only disks, disks that are not there."""

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.errors import Absent, ConfigError, Conflict, Unavailable

NAME = "studio/segments/ab/one.zip"


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    return FilesystemStore.create(tmp_path / "store")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one mebibyte, mounted here."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


def incoming(store: FilesystemStore) -> list[str]:
    return os.listdir(store.root / ".incoming")


def test_the_archive_is_read_by_hand_as_read_only_files(store: FilesystemStore) -> None:
    store.put(NAME, b"bytes")
    path = store.root / NAME
    assert path.read_bytes() == b"bytes"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert path.stat().st_nlink == 1
    assert incoming(store) == []


def test_creating_again_finds_the_same_store(store: FilesystemStore) -> None:
    store.put(NAME, b"bytes")
    assert FilesystemStore.create(store.root).get(NAME) == b"bytes"
    assert FilesystemStore(store.root).get(NAME) == b"bytes"


def test_creation_that_was_cut_short_is_completed(tmp_path: Path) -> None:
    (tmp_path / "store" / ".incoming").mkdir(parents=True)
    FilesystemStore.create(tmp_path / "store").put(NAME, b"x")


def test_a_folder_with_other_things_is_not_made_a_store(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"holiday\.jpg"):
        FilesystemStore.create(tmp_path)


def test_a_store_of_an_unknown_format_is_refused(store: FilesystemStore) -> None:
    (store.root / ".archiver-store").write_bytes(b"archiver store 2\n")
    with pytest.raises(ConfigError, match="archiver store 2"):
        FilesystemStore(store.root)


@pytest.mark.parametrize("made", [True, False], ids=["an empty folder", "no folder"])
def test_a_missing_disk_is_not_an_empty_archive(tmp_path: Path, made: bool) -> None:
    if made:
        (tmp_path / "mnt").mkdir()
    with pytest.raises(Unavailable, match="non montato"):
        FilesystemStore(tmp_path / "mnt")
    assert not made or os.listdir(tmp_path / "mnt") == []


def test_a_disk_that_goes_away_under_way_is_said_at_every_call_and_not_written_over(store: FilesystemStore) -> None:
    store.put(NAME, b"x")
    store.root.rename(store.root.with_name("elsewhere"))
    store.root.mkdir()
    calls = [
        lambda: store.put(NAME, b"x"), lambda: store.get(NAME), lambda: store.has(NAME), lambda: list(store.list()),
        lambda: store.open(NAME), lambda: store.read(NAME, 0, 1),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(Unavailable, match="non montato"):
            call()
    assert os.listdir(store.root) == []


def test_a_listing_does_not_end_quietly_when_the_disk_goes(store: FilesystemStore) -> None:
    for number in range(3):
        store.put(f"studio/{number}/x", b"")
    listing = store.list()
    next(listing)
    shutil.rmtree(store.root)
    with pytest.raises(Unavailable):
        list(listing)


def test_a_store_whose_incoming_folder_was_not_copied_still_takes_objects(store: FilesystemStore) -> None:
    os.rmdir(store.root / ".incoming")
    store.put(NAME, b"x")
    assert store.get(NAME) == b"x"


def test_names_of_the_store_itself_are_never_listed(store: FilesystemStore) -> None:
    (store.root / ".incoming" / "left").write_bytes(b"")
    assert list(store.list()) == []


def test_the_bytes_of_an_object_are_made_durable_exactly_once_and_before_its_name(
    store: FilesystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    history: list[str] = []
    fsync, link = os.fsync, os.link

    def spied_fsync(handle: int) -> None:
        history.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "bytes")
        fsync(handle)

    def spied_link(source: Path, target: Path) -> None:
        history.append("name")
        link(source, target)

    monkeypatch.setattr(os, "fsync", spied_fsync)
    monkeypatch.setattr(os, "link", spied_link)
    store.put("a/b/c", bytes(3 << 20))
    assert history == ["folder", "folder", "bytes", "name", "folder"]
    history.clear()
    store.put("a/b/d", b"x")
    assert history == ["bytes", "name", "folder"]


def test_an_object_found_there_is_made_durable_too(store: FilesystemStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put(NAME, b"x")
    synced: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_ino), fsync(handle))[1])
    FilesystemStore(store.root).put(NAME, b"x")
    folders = [store.root, store.root / "studio", store.root / "studio/segments", store.root / "studio/segments/ab"]
    assert set(synced) == {folder.stat().st_ino for folder in folders}


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_disk_without_hard_links_keeps_the_promise_too(
    store: FilesystemStore, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)
    store.put(NAME, b"x")
    store.put(NAME, b"x")
    with pytest.raises(Conflict):
        store.put(NAME, b"y")
    assert store.get(NAME) == b"x"
    assert incoming(store) == []


@pytest.mark.parametrize("links", [True, False], ids=["with hard links", "without"])
def test_who_comes_second_in_a_race_for_a_name_compares(
    store: FilesystemStore, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    path, link = store.root / NAME, os.link

    def overtaken(source: Path, target: Path) -> None:
        path.write_bytes(b"first")
        if not links:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    store.put(NAME, b"first")
    path.unlink()
    with pytest.raises(Conflict):
        store.put(NAME, b"second")
    assert path.read_bytes() == b"first"
    assert incoming(store) == []


def test_a_full_disk_is_said_and_leaves_nothing_half_written(small_disk: Path) -> None:
    store = FilesystemStore.create(small_disk / "store")
    with pytest.raises(Unavailable, match=r"big.*disco pieno"):
        store.put("a/big", bytes(2 << 20))
    assert not store.has("a/big")
    assert incoming(store) == []
    store.put("a/small", b"x")
    assert store.get("a/small") == b"x"


def test_a_read_only_disk_can_be_read_and_refuses_to_be_written(small_disk: Path) -> None:
    store = FilesystemStore.create(small_disk / "store")
    store.put(NAME, b"x")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True, capture_output=True)
    again = FilesystemStore(store.root)
    assert again.get(NAME) == b"x"
    with pytest.raises(Unavailable, match="sola lettura"):
        again.put("a/other", b"x")


def test_an_object_is_not_a_folder(store: FilesystemStore) -> None:
    store.put("a/b", b"x")
    with pytest.raises(Conflict, match="non una cartella"):
        store.put("a/b/c", b"x")
    with pytest.raises(Conflict, match="una cartella"):
        store.put("a", b"x")
    with pytest.raises(Absent):
        store.get("a")


def test_a_disk_that_fails_while_it_is_read_is_said(store: FilesystemStore) -> None:
    if not Path("/proc/self/mem").exists():
        pytest.skip("no file here that fails when it is read")
    (store.root / "a").mkdir()
    (store.root / "a/b").symlink_to("/proc/self/mem")  # opens, and answers EIO
    for read in (store.get, lambda name: store.read(name, 0, 10), lambda name: store.open(name).read(10)):
        with pytest.raises(Unavailable, match="a/b"):
            read("a/b")


def test_tidying_removes_only_what_was_left_more_than_a_day_ago(store: FilesystemStore) -> None:
    now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    store.put(NAME, b"x")
    for name, age in (("old", timedelta(days=1, seconds=1)), ("young", timedelta(hours=23))):
        path = store.root / ".incoming" / name
        path.write_bytes(b"")
        os.utime(path, ((now - age).timestamp(),) * 2)
    assert store.tidy(at=now) == 1
    assert incoming(store) == ["young"]
    assert store.get(NAME) == b"x"


WRITER = """
import sys
from pathlib import Path
from typing import Any
from archiver.adapters.stores.filesystem import FilesystemStore
store, size = FilesystemStore(Path(sys.argv[1])), 3 << 20
print("ready", flush=True)
for number in range(100000):
    store.put(f"a/{sys.argv[2]}-{number}", bytes([number % 256]) * size)
"""


def test_a_writer_that_is_killed_leaves_whole_objects_or_none(store: FilesystemStore) -> None:
    for turn in range(6):
        command = [sys.executable, "-c", WRITER, str(store.root), str(turn)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            while not any(store.list(f"a/{turn}-")):
                time.sleep(0.002)
            time.sleep(turn * 0.007)
            writer.send_signal(signal.SIGKILL)
    found = list(store.list())
    assert len(found) >= 6
    for item in found:
        number = int(item.name.rpartition("-")[2])
        assert store.get(item.name) == bytes([number % 256]) * (3 << 20)


def test_what_a_disk_keeps_at_its_root_and_lets_nobody_read_is_nobodys_business(
    store: FilesystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(NAME, b"x")
    (store.root / "lost+found").mkdir()
    honest = os.scandir

    def scandir(path: Path) -> Any:
        if Path(path).name == "lost+found":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return honest(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [item.name for item in store.list()] == [NAME]


def test_links_in_a_circle_are_no_objects_and_end_no_listing(store: FilesystemStore) -> None:
    store.put(NAME, b"x")
    (store.root / "studio" / "up").symlink_to("..")
    (store.root / "itself").symlink_to("itself")
    (store.root / "studio" / "nowhere").symlink_to("nobody")
    assert [item.name for item in store.list()] == [item.name for item in store.inventory()] == [NAME]
