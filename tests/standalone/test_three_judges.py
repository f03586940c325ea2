"""The archive, the file in the exhibit and the page say the same of odd ZIPs and of accounts that are a lie."""

import io
import json
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest
from altered_exhibits import COVERS, Exhibit, listed
from support.nodes import judged

from archiver.access.exhibit.standalone import standalone
from archiver.compose.unpacked import judge
from archiver.evidence.cms import open_signed
from archiver.pec.providers import Providers
from archiver.verify import Trust

PAGE = {"failed": "FAILED", "refused": "FAILED", "doubt": "INDETERMINATE"}
CENTRAL, END = b"PK\1\2", b"PK\5\6"


def zipped(exhibit: Exhibit, top: str = "x/") -> bytearray:
    """Each file deflated, below one folder."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, octets in exhibit.items():
            file.writestr(top + name, octets)
    return bytearray(target.getvalue())


def said(path: Path, verifier: ModuleType, at: datetime) -> tuple[dict[str, str], dict[str, set[str]]]:
    """The indication and the codes of each of the three; a ZIP that the file cannot open at all is FAILED."""
    theirs = judge(path, trust=Trust(Providers()), without=frozenset(), at=at, progress=lambda done, total: None)
    try:
        mine = verifier.judge(verifier.Tree(path), at).findings
        outcome = verifier.indication(mine)
    except (zipfile.BadZipFile, NotImplementedError):
        mine, outcome = [verifier.Finding("EXHIBIT_ZIP_UNREADABLE", ".")], "FAILED"
    (page,) = judged(path.parent, path, at=at)
    return (
        {"archive": str(theirs.indication), "file": outcome, "page": PAGE.get(page.outcome, "PASSED")},
        {
            "archive": {one.code for one in theirs.verdict.findings},
            "file": {one.code for one in mine},
            "page": page.codes | ({page.code} if page.code else set()),
        },
    )


def entry(raw: bytearray, name: bytes) -> int:
    """Where the directory tells of a file."""
    at = raw.index(CENTRAL)
    while raw[at + 46 : at + 46 + len(name)] != name:
        at = raw.index(CENTRAL, at + 4)
    return at


def other_checksum(raw: bytearray) -> None:
    raw[entry(raw, b"x/index.html") + 16] ^= 1


def other_checksum_in_the_header(raw: bytearray) -> None:
    (offset,) = struct.unpack_from("<L", raw, entry(raw, b"x/index.html") + 42)
    raw[offset + 14] ^= 1


def spoilt(raw: bytearray) -> None:
    (offset,) = struct.unpack_from("<L", raw, entry(raw, b"x/rapporto.pdf") + 42)
    raw[offset + 50 : offset + 110] = b"\xff" * 60


def from_the_future(raw: bytearray) -> None:
    raw[entry(raw, b"x/index.html") + 6] = 99


def linked(raw: bytearray) -> None:
    struct.pack_into("<L", raw, entry(raw, b"x/index.html") + 38, 0o120777 << 16)


def before(raw: bytearray) -> None:
    raw[:0] = b"MZ" * 500


def behind(raw: bytearray) -> None:
    raw += b"Z" * 500


def cut(raw: bytearray) -> None:
    del raw[-300:]


ODD: dict[str, tuple[Callable[[bytearray], None], str, str]] = {
    "another checksum in the directory": (other_checksum, "FAILED", "EXHIBIT_ZIP_UNREADABLE"),
    "another checksum in the header": (other_checksum_in_the_header, "FAILED", "EXHIBIT_ZIP_UNREADABLE"),
    "what does not unpack": (spoilt, "FAILED", "EXHIBIT_ZIP_UNREADABLE"),
    "a version that is to come": (from_the_future, "FAILED", "EXHIBIT_ZIP_UNREADABLE"),
    "a link": (linked, "FAILED", "EXHIBIT_ZIP_NAME"),
    "data before it": (before, "FAILED", "EXHIBIT_ZIP_UNREADABLE"),
    "cut off": (cut, "FAILED", "EXHIBIT_ZIP_UNREADABLE"),
    "data behind it": (behind, "PASSED", "EXHIBIT_TRAILING"),
    "nothing odd": (lambda raw: None, "PASSED", "ANCHOR_FROM_PACKAGE"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_zip_is_judged_alike_by_all_three(
    name: str, exhibits: dict[str, Exhibit], moments: dict[str, datetime], verifier: ModuleType, tmp_path: Path
) -> None:
    bend, indication, code = ODD[name]
    raw = zipped(exhibits["plain"])
    bend(raw)
    (tmp_path / "x.zip").write_bytes(raw)
    outcomes, codes = said(tmp_path / "x.zip", verifier, moments["plain"])
    assert outcomes == dict.fromkeys(outcomes, indication)
    assert {judge for judge, found in codes.items() if code in found} == {"archive", "file", "page"}


def test_what_operating_systems_leave_behind_is_a_notice_for_all_three(
    exhibits: dict[str, Exhibit], moments: dict[str, datetime], verifier: ModuleType, tmp_path: Path
) -> None:
    left = (
        "x/.DS_Store",
        "x/data/Thumbs.db",
        "x/data/volumes/DESKTOP.INI",
        "__MACOSX/x/._index.html",
        "x/._index.html",
    )
    files = {f"x/{name}": octets for name, octets in exhibits["plain"].items()} | dict.fromkeys(left, b"x")
    (tmp_path / "x.zip").write_bytes(zipped(Exhibit(files), top=""))
    with zipfile.ZipFile(tmp_path / "x.zip") as file:
        file.extractall(tmp_path / "folder")
    shutil.rmtree(tmp_path / "folder" / "__MACOSX")
    for path in (tmp_path / "x.zip", tmp_path / "folder" / "x"):
        outcomes, codes = said(path, verifier, moments["plain"])
        assert outcomes == dict.fromkeys(outcomes, "PASSED")
        assert {judge for judge, found in codes.items() if "EXHIBIT_LITTER" in found} == {"archive", "file", "page"}


def bare_rapporti(exhibit: Exhibit) -> Exhibit:
    """Every waiting rapporto without its seal, as anybody can write one."""
    sealed = exhibit.below("data/pending/pdv/", ".xml.p7m")
    changed = {name.removesuffix(".p7m"): open_signed(exhibit[name]).content for name in sealed}
    return COVERS["list"](exhibit.but({**dict.fromkeys(sealed), **changed}))


LIES: dict[str, tuple[str, Callable[[Exhibit], Exhibit], str, str]] = {
    "nobody signed it": ("plain", listed, "INDETERMINATE", "EXHIBIT_UNSIGNED"),
    "a stranger signed it": ("plain", COVERS["seal"], "INDETERMINATE", "EXHIBIT_OTHER_SIGNER"),
    "nobody sealed a rapporto": ("waiting", bare_rapporti, "INDETERMINATE", "EXHIBIT_PENDING_"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_an_account_that_is_a_lie_is_told_by_all_three(
    name: str, exhibits: dict[str, Exhibit], moments: dict[str, datetime], verifier: ModuleType, tmp_path: Path
) -> None:
    which, lie, indication, code = LIES[name]
    (tmp_path / "x.zip").write_bytes(zipped(lie(exhibits[which])))
    outcomes, codes = said(tmp_path / "x.zip", verifier, moments[which])
    assert outcomes == dict.fromkeys(outcomes, indication)
    told = {judge for judge, found in codes.items() if any(one.startswith(code) for one in found)}
    assert told == {"archive", "file", "page"}


@pytest.mark.parametrize("which", ["plain", "full", "pending", "waiting", "grown", "renewed"])
def test_untouched_exhibits_are_judged_alike_by_all_three_and_no_renewal_is_missed(
    which: str, exhibits: dict[str, Exhibit], moments: dict[str, datetime], verifier: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "x.zip").write_bytes(zipped(exhibits[which]))
    outcomes, codes = said(tmp_path / "x.zip", verifier, moments[which])
    assert len(set(outcomes.values())) == 1, (outcomes, codes)
    assert not {judge for judge, found in codes.items() if "TOKEN_RENEWAL_OVERDUE" in found}


def test_nothing_that_an_exhibit_holds_reaches_the_terminal_as_a_command(
    exhibits: dict[str, Exhibit], tmp_path: Path
) -> None:
    told = exhibits["plain"].told
    told["dossiers"][0]["messages"][0]["path"] = "data/x\x1b[2JESITO: PASSED\n\u202e\ud800"
    lied = COVERS["bag"](exhibits["plain"].but({"data/dossier.json": _json(told), "data/a;touch b.ers": b"x"}))
    (tmp_path / "x.zip").write_bytes(zipped(lied))
    (tmp_path / "verify.py").write_bytes(standalone())
    for more in ([], ["--json"], ["--extract", str(tmp_path / "cut")]):
        done = subprocess.run(
            [sys.executable, "verify.py", "x.zip", *more],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            env={"PYTHONIOENCODING": "ascii", "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=60,
        )
        assert done.returncode == 1, done.stderr
        assert b"Traceback" not in done.stderr
        assert not {sign for sign in done.stdout + done.stderr if sign < 32} - {10}
        assert b"\nESITO: PASSED" not in done.stdout
        assert b"touch" not in done.stderr
    assert "touch" not in (tmp_path / "cut" / "commands.sh").read_text()


@pytest.mark.parametrize("bend", [from_the_future, cut])
def test_a_zip_that_python_cannot_open_is_refused_in_one_line(
    bend: Callable[[bytearray], None], exhibits: dict[str, Exhibit], tmp_path: Path
) -> None:
    raw = zipped(exhibits["plain"])
    bend(raw)
    (tmp_path / "x.zip").write_bytes(raw)
    (tmp_path / "verify.py").write_bytes(standalone())
    done = subprocess.run(
        [sys.executable, "-B", "verify.py", "x.zip"], cwd=tmp_path, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1


def _json(told: object) -> bytes:
    return json.dumps(told).encode()
