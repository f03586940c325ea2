"""The ZIP writer: others read what it wrote, and nobody needs to read it to know its digest."""

import hashlib
import io
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.tools import tool

from archiver.adapters.zipping import Zip

AT = datetime(2026, 11, 22, 14, 30, 58, tzinfo=UTC)
FILES = {"a/uno.eml": b"", "a/due.eml": b"x" * 3_000_000, "perché.txt": "è".encode()}


def written(files: dict[str, bytes]) -> tuple[bytes, Zip]:
    sink = io.BytesIO()
    made = Zip(sink, at=AT)
    for name, octets in files.items():
        made.add(name, octets)
    made.close()
    return sink.getvalue(), made


def test_others_read_names_bytes_and_date() -> None:
    octets, _ = written(FILES)
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == FILES
        assert {info.date_time for info in archive.infolist()} == {(2026, 11, 22, 14, 30, 58)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_unzip_finds_nothing_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(written(FILES)[0])
    done = subprocess.run([tool("unzip"), "-tq", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_digest_is_that_of_the_file() -> None:
    octets, made = written(FILES)
    assert made.sha256 == hashlib.sha256(octets).hexdigest()


def test_the_same_entries_give_the_same_bytes() -> None:
    assert written(FILES)[0] == written(FILES)[0]


def test_what_was_added_is_read_back_at_once_and_spoils_nothing() -> None:
    sink = io.BytesIO()
    made = Zip(sink, at=AT)
    for name, octets in FILES.items():
        made.add(name, octets)
        assert made.read(name) == octets
        assert made.read("a/uno.eml") == FILES["a/uno.eml"]
    made.close()
    assert sink.getvalue() == written(FILES)[0]


def test_a_name_comes_once() -> None:
    made = Zip(io.BytesIO(), at=AT)
    made.add("a", b"1")
    with pytest.raises(ValueError, match="already"):
        made.add("a", b"2")


@pytest.mark.parametrize("count", [65_534, 65_535])
def test_so_many_entries_as_you_like(count: int) -> None:
    octets, _ = written({f"{number:x}": b"." for number in range(count)})
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert len(archive.namelist()) == count
        assert archive.read(f"{count - 1:x}") == b"."
    assert (b"PK\6\6" in octets) == (count > 65_534)
