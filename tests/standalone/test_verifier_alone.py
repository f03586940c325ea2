"""The file runs where nothing of the archive is, on Python 3.9, reads folders and ZIPs, and says what it leaves out."""

import ast
import json
import os
import shutil
import subprocess
import sys
import warnings
import zipfile
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import cryptography
import pytest
from altered_exhibits import Exhibit
from support.tools import tool

from archiver.access.exhibit.standalone import standalone
from archiver.verdict.table import TABLE

LATER = "2026-03-01"


def run(*arguments: object, folder: Path, bare: Path) -> subprocess.CompletedProcess[str]:
    """The file in a process that finds `cryptography` (and what it needs) in `bare`, and nothing else."""
    guard = (
        "import runpy, sys; sys.dont_write_bytecode = True; import socket; socket.socket = None;"
        f"sys.path[:] = [one for one in sys.path if 'site-packages' not in one] + [{str(bare)!r}];"
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-I", "-S", "-c", guard, str(folder / "verify.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library folder with `cryptography` and the foreign function interface that it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    installed = Path(cryptography.__file__).parents[1]
    for path in installed.iterdir():
        if path.name.startswith(("cryptography", "cffi", "_cffi", "pycparser")):
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def unpacked(zips: dict[str, Path], tmp_path: Path) -> Path:
    """An exhibit as a court's expert unpacks it."""
    with zipfile.ZipFile(zips["plain"]) as file:
        file.extractall(tmp_path)
    return tmp_path / "plain"


def test_inside_the_unpacked_exhibit_it_needs_only_python_and_cryptography(unpacked: Path, bare: Path) -> None:
    found = run("--at", LATER, folder=unpacked, bare=bare)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("SENZA VALORE LEGALE")
    assert "revoca dei certificati: non controllata qui (INDETERMINATE)" in found.stdout
    assert found.stdout.endswith("ESITO (revoca a parte): PASSED\n")
    assert not list(unpacked.rglob("__pycache__"))


def test_a_changed_byte_fails_it_and_is_named(unpacked: Path, bare: Path) -> None:
    message = next(unpacked.glob("data/volumes/*/messages/*.eml"))
    message.write_bytes(message.read_bytes() + b" ")
    found = run("--at", LATER, "--json", folder=unpacked, bare=bare)
    said = json.loads(found.stdout)
    assert (found.returncode, said["indication"], said["revocation"]) == (1, "FAILED", "INDETERMINATE")
    codes = {one["code"] for one in said["findings"] if one["subject"].endswith(message.name)}
    assert codes == {"EXHIBIT_DIGEST", "EXHIBIT_TOLD_DIFFERS", "DIGEST"}


def test_it_speaks_english_when_asked(unpacked: Path, bare: Path) -> None:
    found = run("--at", LATER, "--lang", "en", folder=unpacked, bare=bare)
    assert "OUTCOME (revocation aside): PASSED" in found.stdout
    assert "ESITO" not in found.stdout


def test_what_is_no_exhibit_is_refused_with_the_way_out(tmp_path: Path, bare: Path) -> None:
    (tmp_path / "verify.py").write_bytes(standalone())
    for path in (tmp_path, tmp_path / "nessuno.zip", tmp_path / "verify.py"):
        found = run(path, folder=tmp_path, bare=bare)
        assert found.returncode == 2
        assert found.stderr
        assert "Traceback" not in found.stderr


def test_folder_and_zip_are_judged_alike(
    zips: dict[str, Path], unpacked: Path, verifier: ModuleType, moments: dict[str, datetime]
) -> None:
    (one, other) = (verifier.judge(verifier.Tree(path), moments["plain"]) for path in (zips["plain"], unpacked))
    assert one.findings == other.findings
    assert one.files == other.files


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("plain/../../etc/passwd", "EXHIBIT_ZIP_NAME"),
        ("/etc/passwd", "EXHIBIT_ZIP_NAME"),
        ("altra/x.txt", "EXHIBIT_MANIFEST"),
        ("plain/a:b.txt", "EXHIBIT_ZIP_NAME"),
        ("plain\\x.txt", "EXHIBIT_ZIP_NAME"),
        ("plain/data/dossier.json", "EXHIBIT_ZIP_TWICE"),
        ("plain/x.txt", "EXHIBIT_STRANGER"),
    ],
)
def test_names_in_a_zip_that_lead_elsewhere_or_come_twice_are_refused(
    name: str, code: str, zips: dict[str, Path], tmp_path: Path, verifier: ModuleType, moments: dict[str, datetime]
) -> None:
    path = tmp_path / "x.zip"
    shutil.copy(zips["plain"], path)
    with zipfile.ZipFile(path, "a") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile sees the same name twice
        file.writestr(name, b"x")
    report = verifier.judge(verifier.Tree(path), moments["plain"])
    assert verifier.indication(report.findings) == "FAILED"
    assert code in {one.code for one in report.findings}


def test_a_bomb_is_not_unpacked(tmp_path: Path, bare: Path) -> None:
    (tmp_path / "verify.py").write_bytes(standalone())
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x/data/messages.bin", bytes(128 << 20))
    found = run("x.zip", folder=tmp_path, bare=bare)
    assert found.returncode == 1
    assert "EXHIBIT_ZIP_TOO_LARGE" in found.stdout


def test_a_trusted_folder_takes_the_place_of_the_anchors_that_came(unpacked: Path, bare: Path, tmp_path: Path) -> None:
    own = tmp_path / "ancore"
    shutil.copytree(unpacked / "data/anchors/seal", own)
    found = json.loads(run("--at", LATER, "--trust", own, "--json", folder=unpacked, bare=bare).stdout)
    assert (found["indication"], found["findings"]) == (
        "PASSED",
        [one for one in found["findings"] if one["severity"] == "info"],
    )


def test_every_word_of_it_weighs_as_in_the_archives_table(verifier: ModuleType) -> None:
    differing = {
        code: row[0] for code, row in verifier.WORDS.items() if code in TABLE and TABLE[code].severity != row[0]
    }
    assert differing == {}
    assert not verifier.WORDS.keys() - TABLE.keys()
    altered = {code for code in verifier.ALTERED if TABLE[code].severity != "error"}
    assert not altered


def test_it_is_written_for_python_3_9_and_imports_nothing_but_cryptography() -> None:
    tree = ast.parse(standalone(), feature_version=(3, 9))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names - set(sys.stdlib_module_names) == {"cryptography"}


def test_openssl_agrees_on_every_token_that_it_cuts_out(unpacked: Path, tmp_path: Path, bare: Path) -> None:
    openssl, target = tool("openssl"), tmp_path / "estratti"
    found = run("--at", LATER, "--extract", target, folder=unpacked, bare=bare)
    assert found.returncode == 0
    commands = (target / "commands.sh").read_text(encoding="ascii").splitlines()
    assert len(commands) >= 5
    for line in commands:
        words = [openssl, *line.split()[1:]]
        done = subprocess.run(words, cwd=target, capture_output=True, text=True, check=False)
        assert "Verification: OK" in done.stdout + done.stderr, (line, done.stderr)


def test_openssl_and_sha256sum_alone_do_the_essentials(unpacked: Path) -> None:
    tool("openssl")
    script = """
        set -e
        sha256sum --quiet --strict -c manifest-sha256.txt tagmanifest-sha256.txt
        for f in data/anchors/*/*.cer; do openssl x509 -inform DER -in "$f"; done > ../ancore.pem
        openssl cms -verify -binary -inform DER -in PdD.xml.p7m -CAfile ../ancore.pem -purpose any \
            -attime "$AT" -out ../PdD.xml
        for f in data/volumes/*/PIndex.xml.p7m; do
            openssl cms -verify -binary -inform DER -in "$f" -CAfile ../ancore.pem -purpose any -attime "$AT" \
                -out ../PIndex.xml
        done
        f=$(echo data/volumes/*/messages/*.eml | cut -d' ' -f1); d=$(sha256sum < "$f" | cut -c1-64)
        grep -q "$d" ../PdD.xml
    """
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=unpacked,
        env={"AT": str(int(datetime.fromisoformat(LATER + "T00:00:00+00:00").timestamp())), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_whatever_lies_in_the_folder_it_gives_a_verdict(
    exhibits: dict[str, Exhibit], verifier: ModuleType, moments: dict[str, datetime], tmp_path: Path
) -> None:
    for name, octets in exhibits["plain"].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(octets[::-1])
    report: Any = verifier.judge(verifier.Tree(tmp_path), moments["plain"])
    assert verifier.indication(report.findings) == "FAILED"
    assert verifier.as_text(report, "it").endswith("FAILED\n")
