"""schemas/README.md tells how to check an archive by hand: its own words are run here, on an archive made just now."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.small import EVENING, HOLDER, ORDINARY, Files, Small, few
from support.tools import ROOT, tool

from archiver.package import layout
from archiver.package.layout import Kind

PAGE = ROOT / "schemas" / "README.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
TOOLS = ("bash", "unzip", "sha256sum", "openssl", "xmllint", "python3")


@pytest.mark.parametrize("which", ["of 2025, signed by its provider", "of 2026, ordinary mail", "empty"])
def test_the_words_of_the_page_prove_a_message(small: Small, tmp_path: Path, which: str) -> None:
    message = {"of": few("2025-03-01")[1], "empty": b""}.get(which[:2] if "2025" in which else which, ORDINARY)
    done = by_hand(small, small.files, message, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    volume = small.volumes[0] if "2025" in which else small.volumes[1]
    year = small.year(volume)
    assert f"pec-archiver 1 m-prova corrispondenza {year}" in done.stdout
    assert re.search(r"^(\d+) files shown, \1 covered; renewals after the first stamp: 0$", done.stdout, re.MULTILINE)
    assert "1 files shown, 1 covered" in done.stdout
    assert done.stdout.count("Verification: OK") == 3
    assert f"Time stamp: {EVENING:%b %d %H:%M:%S %Y} GMT" in done.stdout
    assert "Demo CA" in done.stdout


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (Kind.SEGMENT, ""),
        (Kind.METADATA, ""),
        (Kind.TRUST, "sha256sum"),
        (Kind.RDV, "sha256sum"),
        (Kind.INDEX, ""),
        (Kind.VOLUME_RECORD, ""),
        (Kind.RDV_RECORD, ""),
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
    other = ROOT / "tests" / "golden" / "format-1" / "ca.pem"
    done = by_hand(small, small.files, ORDINARY, tmp_path, ca=other)
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
