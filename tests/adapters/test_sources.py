"""Files handed in as mail: every message comes back byte for byte, and nothing is lost without a word."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.adapters.sources import FileSource, open_source
from archiver.errors import ConfigError, Unavailable
from archiver.ports import Fetched, Files, Unfetched

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "mail" / "stalwart"
MAIL = b"From: a@pec.example\r\nSubject: x\r\n\r\nbody\r\n"

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository")


def poll(path: Path) -> list[Fetched | Unfetched]:
    source: Files = open_source(path)
    return list(source.read())


def fetched(path: Path) -> dict[str, Fetched]:
    return {item.origin: item for item in poll(path) if isinstance(item, Fetched)}


def unfetched(path: Path) -> dict[str, str]:
    return {item.origin: item.reason for item in poll(path) if isinstance(item, Unfetched)}


def write(path: Path, data: bytes = MAIL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    return tmp_path / "box"


@needs_corpus
def test_every_eml_of_the_corpus_comes_back_byte_for_byte() -> None:
    files = [path for path in (CORPUS / "eml").rglob("*") if path.suffix == ".eml"]
    assert len(files) > 100
    found = fetched(CORPUS / "eml")
    assert {origin: item.raw for origin, item in found.items()} == {
        str(path.relative_to(CORPUS / "eml")): path.read_bytes() for path in files
    }
    assert list(found) == sorted(found, key=lambda origin: origin.split("/"))
    assert unfetched(CORPUS / "eml") == {}


@needs_corpus
def test_every_message_of_a_maildir_comes_back_byte_for_byte_with_its_folder() -> None:
    root = CORPUS / "maildir"
    found = fetched(root)
    assert Counter(item.raw for item in found.values()) == Counter(
        path.read_bytes() for path in root.rglob("*") if path.is_file()
    )
    assert Counter(item.folder for item in found.values()) == {
        "INBOX": 2, "My Folder": 2, "My Folder/Nested Folder": 2,
    }  # fmt: skip


def test_a_single_eml_is_one_message(tmp_path: Path) -> None:
    assert poll(write(tmp_path / "one.EML")) == [Fetched(MAIL, "one.EML")]


def test_an_empty_folder_is_an_empty_mailbox(tmp_path: Path) -> None:
    assert poll(tmp_path) == []


def test_an_empty_eml_is_a_message_of_no_bytes(tmp_path: Path) -> None:
    write(tmp_path / "empty.eml", b"")
    assert fetched(tmp_path)["empty.eml"].raw == b""


def test_a_reading_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("b.eml", "a/z.eml", "a.eml", "B.eml", "è.eml"):
        write(tmp_path / name, name.encode())
    source = open_source(tmp_path)
    first = list(source.read())
    assert [item.origin for item in first] == ["B.eml", "a/z.eml", "a.eml", "b.eml", "è.eml"]
    assert list(source.read()) == first


def test_the_folder_of_a_message_is_its_path_in_the_tree(tmp_path: Path) -> None:
    write(tmp_path / "2025/marzo/one.eml")
    write(tmp_path / "two.eml")
    assert {origin: item.folder for origin, item in fetched(tmp_path).items()} == {
        "2025/marzo/one.eml": "2025/marzo",
        "two.eml": "",
    }


def test_what_lies_beside_the_mails_is_counted_not_reported(tmp_path: Path) -> None:
    for name, data in {
        "expected.json": b'{"From": "a"}', "README": b"Note: read me\n", "scan.pdf": b"%PDF-1.7",
        "PIndex.xsd": b"<xs/>", "notes.txt": b"From the desk of a lawyer\nhello\n", "empty": b"",
        ".DS_Store": b"x", "Inbox.msf": b"// <!-- -->",
    }.items():  # fmt: skip
        write(tmp_path / name, data)
    write(tmp_path / "one.eml")
    source = open_source(tmp_path)
    for _ in range(2):
        assert [item.origin for item in source.read()] == ["one.eml"]
        assert isinstance(source, FileSource)
        assert source.skipped == 7


def test_what_looks_like_a_message_under_another_name_is_reported(tmp_path: Path) -> None:
    write(tmp_path / "posta.txt", b"Return-Path: <a@b>\nReceived: from c\n\nx")
    assert "rinominare in .eml" in unfetched(tmp_path)["posta.txt"]


def test_what_looks_like_a_message_is_one_when_it_is_named(tmp_path: Path) -> None:
    assert poll(write(tmp_path / "posta.txt")) == [Fetched(MAIL, "posta.txt")]


@pytest.mark.parametrize(
    ("name", "reason"), [("a.msg", "firma"), ("B.PST", "webmail"), ("c.zip", "estrarre"), ("d.emlx", "Apple Mail")]
)
def test_rebuilt_or_packed_mail_is_refused_with_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    write(tmp_path / name)
    assert reason in unfetched(tmp_path)[name]
    with pytest.raises(ConfigError, match=reason):
        open_source(tmp_path / name)


def test_a_file_that_is_no_mail_is_refused_when_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"scan\.pdf.*non riconosciuto"):
        open_source(write(tmp_path / "scan.pdf", b"%PDF-1.7"))


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"nowhere.*controllare il percorso"):
        open_source(tmp_path / "nowhere")


@pytest.mark.parametrize("gone", ["b.eml", "c"])
def test_a_path_that_vanishes_under_way_is_named(tmp_path: Path, gone: str) -> None:
    root = tmp_path / "mails"
    for name in ("a.eml", "b.eml", "c/d.eml"):
        write(root / name)
    items = open_source(root).read()
    next(items)
    (root / gone).rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match=f"{gone}.*non c'è"):
        list(items)


def test_a_source_that_vanishes_between_opening_and_reading_is_named(tmp_path: Path) -> None:
    source = open_source(write(tmp_path / "one.eml"))
    (tmp_path / "one.eml").unlink()
    with pytest.raises(Unavailable, match=r"one\.eml"):
        list(source.read())


def test_links_are_followed_within_the_folder_only(tmp_path: Path) -> None:
    write(tmp_path / "secret/passwd.eml", b"not yours")
    root = tmp_path / "mails"
    write(root / "a.eml")
    write(root / ".annex/object", b"kept aside")
    for name, target in {
        "inside.eml": ".annex/object", "outside.eml": "../secret/passwd.eml", "folder": "../secret",
        "broken.eml": "nothing", "loop": ".",
    }.items():  # fmt: skip
        (root / name).symlink_to(target)
    assert {origin: item.raw for origin, item in fetched(root).items()} == {"a.eml": MAIL, "inside.eml": b"kept aside"}
    assert set(unfetched(root)) == {"outside.eml", "folder", "broken.eml"}


def test_special_files_are_not_waited_for(tmp_path: Path, maildir: Path) -> None:
    os.mkfifo(tmp_path / "pipe.eml")
    os.mkfifo(maildir / "cur" / "pipe")
    assert poll(tmp_path) == []


def test_a_name_that_is_not_text_is_shown_as_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caff\xe8\n\x01.eml"
    with open(path, "wb") as file:
        file.write(MAIL)
    [item] = poll(tmp_path)
    assert item == Fetched(MAIL, "caff\\xe8\\n\\x01.eml")


def test_drafts_and_junk_are_left_out_and_trash_is_not(tmp_path: Path) -> None:
    for folder in ("", ".Drafts", ".Bozze", ".INBOX.Junk", ".Spam", ".Trash", ".Bozze contratti"):
        write(tmp_path / folder / "cur" / f"1.{folder or 'inbox'}.host:2,S")
        (tmp_path / folder / "new").mkdir(exist_ok=True)
    assert [item.folder for item in poll(tmp_path)] == ["INBOX", "Bozze contratti", "Trash"]


UNREADABLE = """
import os, sys
from pathlib import Path
from archiver.adapters.sources import open_source
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
for item in open_source(Path(sys.argv[1])).read():
    print(type(item).__name__, item.origin, getattr(item, "reason", ""))
"""


def test_what_may_not_be_read_is_reported_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    root = tmp_path / "mails"
    write(root / "a.eml")
    write(root / "b.eml").chmod(0)
    write(root / "c/d.eml")
    write(root / "e.eml")
    (root / "c").chmod(0)
    base = Path(tempfile.gettempdir())
    for folder in (root, *root.parents):
        if folder != base and folder.is_relative_to(base):
            folder.chmod(0o755)
    command = [sys.executable, "-c", UNREADABLE, str(root)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    (root / "c").chmod(0o755)
    assert run.returncode == 0, run.stderr
    said = [line.split(" ", 2) for line in run.stdout.splitlines()]
    assert [line[:2] for line in said] == [
        ["Fetched", "a.eml"], ["Unfetched", "b.eml"], ["Unfetched", "c"], ["Fetched", "e.eml"],
    ]  # fmt: skip
    assert all("non leggibile" in line[2] for line in said[1:3])


def test_a_maildir_gives_the_second_of_delivery(maildir: Path) -> None:
    write(maildir / "cur" / "1741000000.M1P2.host:2,S")
    write(maildir / "new" / "odd-name")
    found = fetched(maildir)
    assert found["cur/1741000000.M1P2.host:2,S"].received == datetime.fromtimestamp(1741000000, UTC)
    assert found["new/odd-name"].received is None


def test_what_a_maildir_has_aside_is_no_message(maildir: Path) -> None:
    write(maildir / "tmp" / "half", b"half a mess")
    write(maildir / "dovecot-uidlist", b"3 V1 N2\n")
    write(maildir / "cur" / ".nfs0001", b"x")
    write(maildir / ".hidden" / "x.eml")
    assert poll(maildir) == []


@pytest.mark.parametrize(
    ("stored", "folder"),
    [
        (".Posta inviata", "Posta inviata"),
        (".Archivio.2025.Citt&AOA-", "Archivio/2025/Città"),
        (".R&-D", "R&D"),
        (".Tizio & Caio", "Tizio & Caio"),
        (".&U,BTFw-", "台北"),
        (".&AGE-&notbase64", "a&notbase64"),
    ],
)
def test_names_of_maildir_folders_are_decoded(maildir: Path, stored: str, folder: str) -> None:
    write(maildir / stored / "cur" / "1")
    assert fetched(maildir)[f"{stored}/cur/1"].folder == folder


def test_maildirs_below_other_folders_are_found(maildir: Path) -> None:
    root = maildir.parent
    write(maildir / "cur" / "1", b"1")
    write(maildir / ".Sent" / "new" / "2", b"2")
    write(maildir / "Sub" / "new" / "3", b"3")
    (maildir / "Sub" / "cur").mkdir()
    write(root / "loose.eml", b"4")
    assert {item.folder: item.raw for item in fetched(root).values()} == {
        "box": b"1", "box/Sent": b"2", "box/Sub": b"3", "": b"4",
    }  # fmt: skip


def test_a_giant_message_is_held_once(tmp_path: Path) -> None:
    size = 100 << 20
    with (tmp_path / "giant.eml").open("wb") as file:
        file.truncate(size)
    with (tmp_path / "box.mbox").open("wb") as file:
        file.write(b"From a Thu Oct 24 19:48:59 2002\n" + b"x" * 999_999 + b"\n")
        for _ in range(100):
            file.write(b"x" * 999_999 + b"\n")
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom archiver.adapters.sources import open_source\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10\n"
        "before = peak()\n"
        "for item in open_source(Path(sys.argv[1])).read():\n    assert len(item.raw) >= 100_000_000; del item\n"
        "print(peak() - before)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 130
