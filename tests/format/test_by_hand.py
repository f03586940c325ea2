"""schemas/README.md tells how to check an archive by hand: its own words are run here, on an archive made just now."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.small import EMPTY, EVENING, HOLDER, ORDINARY, Files, Small, few
from support.tools import ROOT, tool

from archiver.adapters import authority
from archiver.package import layout
from archiver.package.layout import Kind

PAGE = ROOT / "schemas" / "README.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
TOOLS = ("bash", "unzip", "sha256sum", "openssl", "xmllint", "python3")


@pytest.mark.parametrize(("which", "year"), [("signed by its provider", 2025), ("ordinary", 2026), ("empty", 2026)])
def test_the_words_of_the_page_prove_a_message(small: Small, tmp_path: Path, which: str, year: int) -> None:
    messages = {"signed by its provider": few("2025-03-01")[1], "ordinary": ORDINARY, "empty": EMPTY}
    done = by_hand(small, small.files, messages[which], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"pec-archiver 1 m-prova corrispondenza {year}" in done.stdout
    assert re.search(r"^(\d+) files shown, \1 covered; renewals after the first stamp: 0$", done.stdout, re.MULTILINE)
    assert "1 files shown, 1 covered" in done.stdout
    assert done.stdout.count("Verification: OK") == 3
    assert f"Time stamp: {EVENING:%b %d %H:%M:%S %Y} GMT" in done.stdout
    assert "Demo CA" in done.stdout


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (Kind.SEGMENT, "did NOT match"),
        (Kind.METADATA, "did NOT match"),
        (Kind.TRUST, "did NOT match"),
        (Kind.RDV, "did NOT match"),
        (Kind.INDEX, "not covered by this record"),
        (Kind.VOLUME_RECORD, "signature failure"),
        (Kind.RDV_RECORD, "signature failure"),
    ],
)
def test_the_words_of_the_page_find_what_was_altered(small: Small, tmp_path: Path, kind: Kind, step: str) -> None:
    """The last byte of each file of the kind turned: signatures and digests end there, nothing is silent."""
    altered = {name: small.files[name][:-1] + bytes([small.files[name][-1] ^ 1]) for name in small.files.kind(kind)}
    done = by_hand(small, small.files.but(altered), ORDINARY, tmp_path)
    assert done.returncode != 0
    assert step in done.stderr


def test_the_words_of_the_page_find_another_ones_seal(small: Small, tmp_path: Path) -> None:
    """The right files, and somebody else's certificate as the one to be trusted."""
    authority.create(tmp_path / "other", at=datetime(2026, 1, 1, tzinfo=UTC), holder_name="qualcun altro")
    done = by_hand(small, small.files, ORDINARY, tmp_path, ca=tmp_path / "other" / "ca.pem")
    assert done.returncode != 0
    assert "Verification: FAILED" in done.stdout + done.stderr


def test_some_files_of_a_volume_are_proven_without_the_others(small: Small, tmp_path: Path) -> None:
    """The walk alone, as for an exhibit: two files of the group, and none that is not of it."""
    record = layout.volume_record(HOLDER, small.volumes[1], tsa="local", number=1)
    walk = next(block for block in BLOCKS if "walk.py <<" in block).split("RECORD=")[0]
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "letter.eml").write_bytes(ORDINARY)
    (tmp_path / "some" / "index").write_bytes(small.files[layout.index(HOLDER, small.volumes[1])])
    command = [tool("bash"), "-c", f"{walk}\npython3 walk.py {small.store / record} some"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert re.match(r"2 files shown, \d\d covered", done.stdout), done.stderr
    (tmp_path / "some" / "stranger").write_bytes(b"stranger")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not covered" in done.stderr


def test_every_schema_is_named_on_the_page_and_every_kind_of_object() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for schema in (ROOT / "schemas").glob("*.xsd"):
        assert schema.name in page
    for part in ("segments/", "pdv/", "trust/", "volumes/", "metadata.zip", "evidence/", "discards/", "acts/"):
        assert part in page


def by_hand(
    small: Small, files: Files, message: bytes, folder: Path, *, ca: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """All blocks of the page as one script, in a folder that has what the page asks for."""
    for name in TOOLS:
        tool(name)
    files.write(folder / "store")
    (folder / "schemas").symlink_to(ROOT / "schemas")
    shutil.copy(ca or small.ca, folder / "ca.pem")
    (folder / "message.eml").write_bytes(message)
    return subprocess.run(
        [tool("bash"), "-c", "\n".join(BLOCKS)], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
