"""A ZIP that plays tricks with names, sizes or two views of itself is refused, with the entry named."""

import struct
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from support.commands import archiver
from support.exhibits import Shelf, exhibited, found, judged, zipped
from support.small import EVENING, Files

from archiver.adapters.exhibits import ZipSink
from archiver.adapters.stores.zipped import Zipped
from archiver.errors import Absent, Malformed
from archiver.package.exhibit import layout

Added = Callable[[zipfile.ZipFile], None]


def name(text: str) -> Added:
    return lambda archive: archive.writestr(zipfile.ZipInfo(text), b"x")


def link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("fascicolo/data/link")
    info.external_attr = 0o120777 << 16
    archive.writestr(info, b"/etc/passwd")


def packed_otherwise(archive: zipfile.ZipFile) -> None:
    archive.writestr("fascicolo/data/x", b"x" * 1000, zipfile.ZIP_LZMA)


TRICKS: dict[str, tuple[Added, str]] = {
    "parent": (name("fascicolo/../../etc/passwd"), "EXHIBIT_ZIP_NAME"),
    "absolute": (name("/etc/passwd"), "EXHIBIT_ZIP_NAME"),
    "drive": (name("C:/windows/x"), "EXHIBIT_ZIP_NAME"),
    "backslash": (name("fascicolo\\data\\x"), "EXHIBIT_ZIP_NAME"),
    "dot": (name("fascicolo/./index.html"), "EXHIBIT_ZIP_NAME"),
    "empty": (name("fascicolo//index.html"), "EXHIBIT_ZIP_NAME"),
    "control": (name("fascicolo/data/a\nb"), "EXHIBIT_ZIP_NAME"),
    "twice": (name("fascicolo/index.html"), "EXHIBIT_ZIP_TWICE"),
    "link": (link, "EXHIBIT_ZIP_NAME"),
    "lzma": (packed_otherwise, "EXHIBIT_ZIP_NAME"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("trick", TRICKS)
def test_a_name_that_means_two_things_is_refused_and_the_rest_is_judged(
    files: Files, tmp_path: Path, trick: str
) -> None:
    add, code = TRICKS[trick]
    path = zipped(files, tmp_path / "x.zip")
    with zipfile.ZipFile(path, "a") as archive:
        add(archive)
    answer = archiver("verify", path, "--json")
    assert answer.code == 1
    errors = {item["code"] for item in answer.json["findings"] if item["severity"] == "error"}
    assert errors == {code}


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fascicolo/bagit.txt", b"")
        archive.writestr("fascicolo/data/dossier.json", b"\0" * (300 << 20), compresslevel=9)
    began = time.monotonic()
    answer = archiver("verify", path, "--json")
    assert time.monotonic() - began < 5
    assert answer.code == 1
    assert "EXHIBIT_ZIP_TOO_LARGE" in {item["code"] for item in answer.json["findings"]}


def test_an_entry_that_unpacks_to_more_than_it_says_is_read_no_further() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bagit.txt", b"a" * (80 << 20))
    octets = bytearray(buffer.getvalue())
    for place in (22, octets.index(b"PK\1\2") + 24):  # the size in both headers
        octets[place : place + 4] = struct.pack("<L", 10)
    files = Zipped(BytesIO(bytes(octets)))
    assert [found.code for found in files.findings] == ["EXHIBIT_ZIP_UNREADABLE"]
    assert list(files.list()) == []


def test_a_directory_that_names_another_file_than_its_local_header_is_refused() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("innocuo.txt", b"x")
    octets = buffer.getvalue().replace(b"innocuo.txt", b"diverso.txt", 1)
    files = Zipped(BytesIO(octets))
    assert [found.code for found in files.findings] == ["EXHIBIT_ZIP_NAME"]
    assert list(files.list()) == []


def test_two_entries_in_the_same_bytes_are_refused() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"x" * 100)
        archive.writestr("b", b"y" * 100)
    octets = bytearray(buffer.getvalue())
    second = octets.rindex(b"PK\1\2")
    octets[second + 42 : second + 46] = struct.pack("<L", 0)
    octets[30:31] = b"b"  # the local header there names both, at last
    first = octets.index(b"PK\1\2")
    octets[first + 46 : first + 47] = b"a"
    assert "EXHIBIT_ZIP_NAME" in {found.code for found in Zipped(BytesIO(bytes(octets))).findings}


@pytest.mark.parametrize("octets", [b"", b"PK", b"PK\5\6" + b"\0" * 18 + b"x", b"no zip at all"])
def test_what_is_no_zip_is_malformed_and_nothing_else(octets: bytes) -> None:
    try:
        files = Zipped(BytesIO(octets))
    except Malformed:
        return
    assert list(files.list()) == []


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
def test_a_zip_cut_short_is_refused_with_a_clear_message(exhibit: Path, tmp_path: Path, cut: float) -> None:
    octets = exhibit.read_bytes()
    path = tmp_path / "cut.zip"
    path.write_bytes(octets[: int(len(octets) * cut)])
    answer = archiver("verify", path)
    assert answer.code in (1, 2)
    assert "Traceback" not in answer.err


def test_the_same_files_give_the_same_zip_dated_the_moment_of_the_making_in_rome() -> None:
    made = []
    for _ in range(2):
        buffer = BytesIO()
        sink = ZipSink(buffer, "fascicolo", at=EVENING)
        sink.put("data/a", b"1")
        assert sink.get("data/a") == b"1"
        sink.put("b", b"2")
        with pytest.raises(ValueError, match="already"):
            sink.put("b", b"3")
        with pytest.raises(Absent):
            sink.get("c")
        sink.close()
        made.append(buffer.getvalue())
    assert made[0] == made[1]
    (first, second) = zipfile.ZipFile(BytesIO(made[0])).infolist()
    assert (first.filename, second.filename) == ("fascicolo/data/a", "fascicolo/b")
    hour = EVENING.hour + 1  # winter
    assert first.date_time[:4] == (EVENING.year, EVENING.month, EVENING.day, hour)


LITTER = ["fascicolo/.DS_Store", "fascicolo/data/Thumbs.db", "fascicolo/data/desktop.ini", "__MACOSX/fascicolo/._x"]


@pytest.mark.parametrize("litter", LITTER)
def test_what_operating_systems_leave_in_a_zip_is_told_and_does_no_harm(
    files: Files, tmp_path: Path, litter: str
) -> None:
    path = zipped(files, tmp_path / "x.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(litter, b"x")
    answer = archiver("verify", path, "--json")
    assert (answer.code, answer.json["indication"]) == (0, "PASSED")
    assert ("EXHIBIT_LITTER", litter) in {(item["code"], item["subject"]) for item in answer.json["findings"]}


def test_what_operating_systems_leave_in_a_folder_does_no_harm_and_other_hidden_files_do(
    files: Files, tmp_path: Path
) -> None:
    folder = files.write(tmp_path / "fascicolo")
    for name in (".DS_Store", "data/Thumbs.db", "data/._dossier.json"):
        (folder / name).write_bytes(b"x")
    answer = archiver("verify", folder, "--json")
    assert (answer.code, answer.json["indication"]) == (0, "PASSED")
    litter = {item["subject"] for item in answer.json["findings"] if item["code"] == "EXHIBIT_LITTER"}
    assert litter == {".DS_Store", "data/Thumbs.db", "data/._dossier.json"}
    (folder / "data/.nota.txt").write_bytes(b"x")
    answer = archiver("verify", folder, "--json")
    assert ("EXHIBIT_STRANGER", "data/.nota.txt") in {
        (item["code"], item["subject"]) for item in answer.json["findings"]
    }


def test_litter_that_a_list_names_is_missing_and_hides_nothing(files: Files) -> None:
    assert layout.litter("data/desktop.ini")
    listed = files["manifest-sha256.txt"] + b"0" * 64 + b"  data/desktop.ini\n"
    forged = files.but({"manifest-sha256.txt": listed})
    assert ("EXHIBIT_MISSING", "data/desktop.ini") in found(judged(forged, at=EVENING))


def test_data_after_the_end_of_a_zip_is_told_and_data_before_its_beginning_refused(
    exhibit: Path, tmp_path: Path
) -> None:
    octets = exhibit.read_bytes()
    path = tmp_path / "x.zip"
    path.write_bytes(octets + b"Z" * 500)
    answer = archiver("verify", path, "--json")
    assert answer.code == 0
    (trailing,) = (item for item in answer.json["findings"] if item["code"] == "EXHIBIT_TRAILING")
    assert "500" in trailing["text"]
    for before in (b"MZ" * 500, octets):
        path.write_bytes(before + octets)
        answer = archiver("verify", path, "--json")
        assert (answer.code, [item["code"] for item in answer.json["findings"]]) == (1, ["EXHIBIT_ZIP_UNREADABLE"])


def test_a_comment_at_the_end_of_a_zip_is_no_trailing_data() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"x")
        archive.comment = b"commento"
    assert Zipped(buffer).findings == []


def test_a_zip_that_cannot_be_read_is_said_to_be_one_and_not_a_lost_segment(exhibit: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(exhibit.read_bytes()[:-300])
    answer = archiver("verify", path, "--json")
    assert (answer.code, [item["code"] for item in answer.json["findings"]]) == (1, ["EXHIBIT_ZIP_UNREADABLE"])
    segment = tmp_path / f"{'ab' * 32}.zip"
    path.rename(segment)
    assert "EXHIBIT_ZIP_UNREADABLE" not in archiver("verify", segment, "--json").out


STEMS = {
    "fascicolo": "fascicolo",
    "Perché R.G. 12-30_b": "Perché R.G. 12-30_b",
    "R.G. 12:30": "R.G. 12_30",
    'a"b\\c?d\ne': "a_b_c_d_e",
    "__MACOSX": "MACOSX",
    "???": "fascicolo",
    "\udcff": "fascicolo",
    "e\u0301": "\u00e9",
}


@pytest.mark.parametrize("stem", STEMS)
def test_the_folder_in_a_zip_is_called_so_that_every_judge_reads_it(stem: str) -> None:
    assert layout.top(stem) == STEMS[stem]
    assert len(layout.top("x" * 300)) == 100


def test_an_exhibit_with_any_name_verifies(shelf: Shelf, tmp_path: Path) -> None:
    for name in ("R.G. 12:30?.zip", 'a\\b"\n.zip'):
        path = exhibited(shelf, tmp_path / name, shelf.received)
        assert archiver("verify", path, "--json").json["indication"] == "PASSED"
