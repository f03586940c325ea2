"""What only repairs on a disk can suffer: power cuts, no hard links, folders in place of files."""

import errno
import itertools
import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support.damage import Rot, flipped
from support.places import GOOD, NAME
from support.power import Mains, PowerCut

from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.errors import Absent, ConfigError, Conflict, Unavailable

BAD = flipped(GOOD)


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    return damaged(tmp_path / "store")


@pytest.fixture
def rot(store: FilesystemStore) -> Rot:
    return Rot(store.root)


def damaged(root: Path) -> FilesystemStore:
    made = FilesystemStore.create(root)
    made.put(NAME, GOOD)
    Rot(root).flip(NAME)
    return made


def no_links(source: Path, target: Path) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_what_was_replaced_is_read_by_hand_under_its_name_and_a_number(store: FilesystemStore, rot: Rot) -> None:
    before = (store.root / NAME).stat().st_ino
    store.repair(NAME, GOOD)
    kept = store.root / ".replaced" / f"{NAME}.1"
    assert kept.read_bytes() == BAD
    assert kept.stat().st_ino == before, "the very file, not a copy of it: it may be unreadable"
    path = store.root / NAME
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_nlink) == (0o444, 1)
    rot.truncate(NAME, 1)
    store.repair(NAME, GOOD)
    assert rot.replaced(NAME) == [BAD, GOOD[:1]]
    assert os.listdir(store.root / ".incoming") == []
    assert [item.name for item in store.list()] == [NAME]
    assert FilesystemStore.create(store.root).get(NAME) == GOOD


def test_the_good_copy_is_durable_before_anything_is_moved_and_the_old_name_before_the_new_one(
    store: FilesystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    history: list[str] = []

    def spied(name: str, what: Callable[..., str]) -> None:
        honest = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *args: (history.append(what(*args)), honest(*args))[1])

    def synced(handle: int) -> str:
        found = os.fstat(handle)
        if not stat.S_ISDIR(found.st_mode):
            return "bytes"
        return f"sync {Path(os.readlink(f'/proc/self/fd/{handle}')).relative_to(store.root)}"

    spied("fsync", synced)
    spied("link", lambda source, target: f"link {Path(target).relative_to(store.root)}")
    spied("replace", lambda source, target: f"replace {Path(target).relative_to(store.root)}")
    FilesystemStore(store.root).repair(NAME, GOOD)
    folder = "studio/segments/ab"
    assert history[history.index("bytes") :] == [
        "bytes",
        "sync .",
        "sync .replaced",
        "sync .replaced/studio",
        "sync .replaced/studio/segments",
        f"link .replaced/{NAME}.1",
        f"sync .replaced/{folder}",
        f"replace {NAME}",
        f"sync {folder}",
    ]


@pytest.mark.parametrize("links", [True, False], ids=["with hard links", "without"])
def test_any_power_cut_is_healed_by_repairing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    cuts = 0
    for cut in itertools.count():
        store = damaged(tmp_path / str(cut))
        rot = Rot(store.root)
        with monkeypatch.context() as patch:
            on_mains(patch, Mains(cut))
            try:
                store.repair(NAME, GOOD)
            except PowerCut:
                cuts += 1
            else:
                break
        found = bytes_at(store)
        assert found in ((BAD, GOOD) if links else (BAD, GOOD, None)), f"cut {cut}"
        assert found == BAD or rot.replaced(NAME) == [BAD], f"cut {cut}: what was there is nowhere"
        again = FilesystemStore(store.root)
        again.repair(NAME, GOOD)
        assert again.get(NAME) == GOOD
        assert rot.replaced(NAME) == [BAD], f"cut {cut}"
    assert cuts > 20


def bytes_at(store: FilesystemStore) -> bytes | None:
    with suppress(Absent):
        return FilesystemStore(store.root).get(NAME)
    return None


def on_mains(patch: pytest.MonkeyPatch, mains: Mains) -> None:
    """Whatever changes a disk spends a moment before, and one after."""

    def wired(name: str, honest: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            mains.spend(f"before {name}")
            result = honest(*args, **kwargs)
            mains.spend(f"after {name}")
            return result

        return call

    for name in ("fsync", "link", "rename", "replace", "mkdir", "unlink"):
        patch.setattr(os, name, wired(name, getattr(os, name)))


def test_a_disk_without_hard_links_keeps_what_was_replaced_too(
    store: FilesystemStore, rot: Rot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    store.repair(NAME, GOOD)
    rot.truncate(NAME, 1)
    store.repair(NAME, GOOD)
    assert store.get(NAME) == GOOD
    assert rot.replaced(NAME) == [BAD, GOOD[:1]]


def test_a_file_that_cannot_be_read_is_kept_and_replaced(store: FilesystemStore) -> None:
    if not Path("/proc/self/mem").exists():
        pytest.skip("no file here that fails when it is read")
    path = store.root / NAME
    path.unlink()
    path.symlink_to("/proc/self/mem")  # opens, and answers EIO
    store.repair(NAME, GOOD)
    assert store.get(NAME) == GOOD
    assert not path.is_symlink()
    assert (store.root / ".replaced" / f"{NAME}.1").is_symlink()


def test_a_link_that_leads_nowhere_is_replaced(store: FilesystemStore) -> None:
    path = store.root / NAME
    path.unlink()
    path.symlink_to("nowhere")
    store.repair(NAME, GOOD)
    assert store.get(NAME) == GOOD
    assert path.stat().st_nlink == 1


def test_a_link_to_the_right_bytes_elsewhere_is_no_object_of_the_store(store: FilesystemStore, tmp_path: Path) -> None:
    path = store.root / NAME
    (tmp_path / "elsewhere").write_bytes(GOOD)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    store.repair(NAME, GOOD)
    assert not path.is_symlink()
    assert store.get(NAME) == GOOD


def test_a_folder_in_place_of_a_file_and_a_file_in_place_of_a_folder_are_said_and_left(store: FilesystemStore) -> None:
    (store.root / NAME).unlink()
    (store.root / NAME / "deeper").mkdir(parents=True)
    with pytest.raises(Conflict, match=f"{NAME}.*cartella.*move it out"):
        store.repair(NAME, GOOD)
    store.put("studio/flat", b"x")
    with pytest.raises(Conflict, match=r"studio/flat.*non una cartella"):
        store.repair("studio/flat/x", GOOD)
    assert (store.root / NAME / "deeper").is_dir()
    assert store.get("studio/flat") == b"x"
    assert os.listdir(store.root / ".incoming") == []


def test_nothing_is_repaired_where_no_store_is(store: FilesystemStore) -> None:
    store.root.rename(store.root.with_name("elsewhere"))
    store.root.mkdir()
    for ask in (lambda: store.repair(NAME, GOOD), lambda: list(store.inventory()), lambda: store.locked_until(NAME)):
        with pytest.raises(Unavailable, match="non montato"):
            ask()
    assert os.listdir(store.root) == []


def test_a_folder_with_nothing_but_what_repairs_replaced_is_no_new_store(store: FilesystemStore) -> None:
    store.repair(NAME, GOOD)
    (store.root / ".archiver-store").unlink()
    shutil.rmtree(store.root / "studio")
    with pytest.raises(ConfigError, match=r"\.replaced"):
        FilesystemStore.create(store.root)
