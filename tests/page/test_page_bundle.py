"""The program in the page is what its sources say, and its libraries are named by content and not by place."""

import json
import re
import subprocess
from pathlib import Path

from support.nodes import SOURCES
from support.tools import ROOT, absent, tool

from archiver.access.exhibit.page.words import words


def test_the_shipped_bundle_is_what_the_sources_give(tmp_path: Path) -> None:
    tool("node")
    if not (SOURCES / "node_modules").is_dir():
        absent("the page's libraries are not installed: scripts/page")
    subprocess.run([ROOT / "scripts" / "page", tmp_path], check=True, timeout=60)
    for name in ("page.js", "licenses.txt"):
        assert (tmp_path / name).read_bytes() == (SOURCES.parent / name).read_bytes(), name


def test_the_lock_names_no_registry_and_every_library_by_its_digest() -> None:
    packages = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    assert not [name for name, told in packages.items() if "resolved" in told]
    assert not [name for name, told in packages.items() if name and not told["integrity"].startswith("sha512-")]


def test_the_bundle_asks_nobody_and_runs_nothing_that_it_was_given() -> None:
    program = (SOURCES.parent / "page.js").read_text()
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "import(",
        "eval(",
        "new Function",
        "innerHTML",
        "document.write",
    ):
        assert word not in program, word
    assert program.isascii()
    assert not re.search(r"</script", program, re.IGNORECASE)


def test_every_finding_that_the_program_names_has_its_row() -> None:
    named = {
        code
        for path in SOURCES.glob("*.js")
        for code in re.findall(r'"([A-Z]{3,}(?:_[A-Z]+)+|DIGEST|MISSING|UNLISTED)"', path.read_text())
    }
    others = {"SEALED_BY"}  # the label of a fact
    assert {"EVIDENCE_MEMBER", "EXHIBIT_DIGEST", "MISSING"} <= named
    assert named - others <= words()["findings"].keys()
