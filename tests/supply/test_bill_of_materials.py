"""What is shipped is known: every package by its digests and its licence, and nothing is pinned without."""

import json
import re
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest
from materials.bill import BUNDLE, FONT, LOCK, bill, refused
from materials.licences import ALLOWED, allowed
from materials.pinned import normal, page, requirements

ROOT = Path(__file__).resolve().parents[2]
REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "crates" + ".io", "yarnpkg" + ".com")
FILES = ("requirements.txt", "requirements-test.txt", "requirements-tools.txt")


@pytest.fixture(scope="module")
def written() -> str:
    return bill(ROOT)


def test_the_bill_names_every_runtime_dependency_with_the_digests_that_are_pinned(written: str) -> None:
    found = {item["name"]: item for item in json.loads(written)["components"]}
    for one in requirements(ROOT / "requirements.txt"):
        hashes = [entry for source in found[one.name]["externalReferences"] for entry in source["hashes"]]
        assert {entry["content"] for entry in hashes if entry["alg"] == "SHA-256"} == set(one.sha256), one.name
        assert found[one.name]["version"] == one.version
        assert found[one.name]["purl"] == f"pkg:pypi/{one.name}@{one.version}"
    for one in page(ROOT / LOCK):
        (source,) = found[one.name]["externalReferences"]
        assert [(entry["alg"], entry["content"]) for entry in source["hashes"]] == [("SHA-512", one.sha512[0])]
    for path in (FONT, BUNDLE):
        assert found[path]["hashes"][0]["content"] == sha256((ROOT / path).read_bytes()).hexdigest()
    shipped = len(list(requirements(ROOT / "requirements.txt"))) + len(list(page(ROOT / LOCK))) + 2
    assert len(found) == shipped


def test_the_bill_is_the_same_each_time_and_says_nothing_of_where_or_when(written: str) -> None:
    assert bill(ROOT) == written
    told = json.loads(written)
    assert (told["bomFormat"], told["specVersion"], "timestamp" in told["metadata"]) == ("CycloneDX", "1.6", False)
    assert not [name for name in REGISTRIES if name in written]


def test_every_licence_may_be_combined_with_ours(written: str) -> None:
    assert refused(written) == []


@pytest.mark.parametrize("terms", [(), ("GPL-3.0-only",), ("SSPL-1.0",), ("MIT AND AGPL-3.0-only",)])
def test_a_licence_that_is_not_allowed_or_not_known_is_refused(written: str, terms: tuple[str, ...]) -> None:
    told = json.loads(written)
    told["components"][0]["licenses"] = [{"expression": one} for one in terms]
    assert len(refused(json.dumps(told))) == 1


def test_a_component_that_says_nothing_of_its_licence_is_refused(written: str) -> None:
    told = json.loads(written)
    del told["components"][0]["licenses"]
    assert len(refused(json.dumps(told))) == 1


EXPRESSIONS = {
    "MIT": True, "MIT OR GPL-2.0-only": True, "MIT AND Apache-2.0": True, "(MIT OR Apache-2.0)": True,
    "Apache-2.0 WITH LLVM-exception": True, "GPL-2.0-only": False, "MIT AND GPL-2.0-only": False, "": False,
}  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_is_allowed_when_one_of_its_alternatives_is(expression: str) -> None:
    assert allowed(expression) is EXPRESSIONS[expression]
    assert not {"GPL-2.0-only", "AGPL-3.0-only"} & ALLOWED


@pytest.mark.parametrize("name", FILES)
def test_every_line_that_is_pinned_has_one_version_and_digests(name: str) -> None:
    found = list(requirements(ROOT / name))
    assert len(found) > 5
    assert len({(one.name, one.marker) for one in found}) == len(found)


@pytest.mark.parametrize(
    "line",
    ["requests", "requests>=2", "requests==2.34.2", "-e .", "x @ https://example.it/x.whl", "--index-url https://e"],
)
def test_a_line_that_is_not_pinned_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="digests"):
        list(requirements(tmp_path / "requirements.txt"))


def wanted(*groups: str) -> set[str]:
    """What pyproject.toml asks for, for use and in these groups."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = list(told["project"]["dependencies"])
    for group in groups:
        lines += told["dependency-groups"][group]
    return {normal(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in lines if isinstance(line, str)}  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "groups"), [("requirements.txt", ("build",)), ("requirements-test.txt", ("build", "test"))]
)
def test_what_the_project_asks_for_is_pinned_and_nothing_else_stands_alone(name: str, groups: tuple[str, ...]) -> None:
    pinned = {one.name for one in requirements(ROOT / name)}
    assert wanted(*groups) <= pinned
    direct = set(
        re.findall(
            r"^([\w.-]+)(?:\[.*\])?==(?:(?!^[\w.-]+(?:\[.*\])?==)[\s\S])*?pyproject\.toml", _text(name), re.MULTILINE
        )
    )
    assert {normal(one) for one in direct} == wanted(*groups)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_both_environments_pin_the_same_versions() -> None:
    used, tested = ({one.name: one.version for one in requirements(ROOT / name)} for name in FILES[:2])
    assert used.items() <= tested.items()


def test_no_file_names_a_package_registry() -> None:
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [
        name
        for name in filter(None, found.split("\0"))
        if (ROOT / name).is_file() and any(one.encode() in (ROOT / name).read_bytes() for one in REGISTRIES)
    ]
    assert named == []


def test_the_script_writes_the_same_and_is_content(written: str, tmp_path: Path) -> None:
    run = [sys.executable, str(ROOT / "scripts/sbom"), "-o", str(tmp_path / "sbom.json")]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "sbom.json").read_text(encoding="utf-8") == written
