"""An estate of three stores that a deep sweep has looked through; copied for whoever changes it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support import file_shapes
from support.estates import HOUR, PRIMARY, Estate, with_stores
from support.small import few, make

RISKY = (
    b"From: Mario Verdi <mario@posta-ordinaria.example>\r\nTo: studio@pec.esempio-legale.it\r\nSubject: relazione\r\n"
    b"Date: Mon, 02 Feb 2026 11:00:00 +0100\r\nMessage-ID: <2@posta-ordinaria.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nVedi.\r\n--x\r\n'
    b"Content-Type: application/msword\r\nContent-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="relazione.doc"\r\n\r\n%s\r\n--x--\r\n'
)


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """Nobody changes it."""
    from base64 import encodebytes

    risky = RISKY % encodebytes(file_shapes.word(encrypted=False)).replace(b"\n", b"\r\n")
    small = make(tmp_path_factory.mktemp("verbali") / "estate", [*few("2026-01-07", seed=2), risky])
    with_stores(small.folder, "due")
    estate = Estate(small.folder)
    estate.replicate()
    estate.at += HOUR  # what is read in the moment of another reading is not read again
    report = estate.sweep(deep=True)
    assert report.passed, report.as_json()
    estate.at += HOUR
    return estate


@pytest.fixture
def estate(swept: Estate, tmp_path: Path) -> Estate:
    """A copy of it."""
    return swept.copied(tmp_path / "estate")


@pytest.fixture
def rotten(estate: Estate) -> Callable[[], str]:
    """Flips a byte of a segment in the replica; the name of it."""

    def rot() -> str:
        name = next(name for name in sorted(estate.objects(PRIMARY)) if "/segments/" in name)
        estate.rot("due").flip(name)
        return name

    return rot
