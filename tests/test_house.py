"""Rules of the house that no library checks: who may read the clock and the environment, what may not be written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.verdict import Severity, table
from archiver.verdict.table import TABLE

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "archiver/access/exhibit/standalone/verify.py"  # a program of its own, in one file, for other machines
MODULES = sorted(set((ROOT / "archiver").rglob("*.py")) - {SHIPPED})
DOORS = ("cli", "jobs")
WORLD = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("os", "environ"),
    ("os", "getenv"),
}


def core() -> Iterator[Path]:
    return (path for path in MODULES if path.relative_to(ROOT).parts[1] not in DOORS)


@pytest.mark.parametrize("path", tuple(core()), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_doors_read_the_clock_and_the_environment_or_print(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in WORLD:
            found.append(f"line {node.lineno}: {node.value.id}.{node.attr}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            found.append(f"line {node.lineno}: print")
    assert not found


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    silent = [
        path for path in MODULES if not (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").strip()
    ]
    assert not silent


def test_no_module_holds_more_than_one_idea_can_fill() -> None:
    long = {str(path): count for path in MODULES if (count := path.read_text(encoding="utf-8").count("\n")) > 400}
    assert not long


def test_no_requirement_names_where_it_was_downloaded() -> None:
    for path in ROOT.glob("requirements*.txt"):
        assert not re.search(r"https?://|--index-url|--find-links", path.read_text(encoding="utf-8")), path


def test_no_code_of_a_finding_is_used_by_two_tables_and_every_text_names_only_what_findings_bring() -> None:
    tables = [value for name, value in vars(table).items() if name.isupper() and name != "TABLE"]
    assert len(tables) >= 8
    assert len(TABLE) == sum(map(len, tables))
    for code, row in TABLE.items():
        italian, english = (set(re.findall(r"{(\w+)", text)) for text in (row.italian, row.english))
        assert italian == english, code
        assert row.severity in set(Severity), code
