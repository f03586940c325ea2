"""The verifying part of the page, without a page: what it finds, and that it agrees with the archive's own judge."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.bending import DEEP, bent
from support.nodes import Judged, judged
from support.page_exhibits import Tree, archive_of, exhibit

from archiver.evidence.cms import open_signed

AT = datetime(2035, 7, 1, tzinfo=UTC)
DAYS = ("sealed", "new tree", "new stamp")


@pytest.fixture(scope="module")
def found(trees: dict[str, Tree], tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Judged]:
    """Every alteration of every day's exhibit, and the untouched one (""), judged."""
    folder = tmp_path_factory.mktemp("bent")
    cases = [(day, name, made) for day in DAYS for name, made in (("", trees[day]), *bent(trees[day]))]
    paths = [made.zip(folder / f"{number}.zip") for number, (_, _, made) in enumerate(cases)]
    return {case[:2]: one for case, one in zip(cases, judged(folder, *paths, at=AT), strict=True)}


@pytest.mark.parametrize("day", DAYS)
def test_an_untouched_exhibit_is_green_but_for_its_anchors(found: dict[tuple[str, str], Judged], day: str) -> None:
    steps = found[day, ""].steps
    unsigned = {"index": "doubt"} if day == "new stamp" else {}
    others = {step["key"]: step["outcome"] for step in steps if step["outcome"] != "passed"}
    assert others == {"anchors": "anchor", **unsigned}
    assert found[day, ""].outcome == ("doubt" if unsigned else "anchor")
    assert [step["key"] for step in steps] == [
        "manifest", "index", "pindex", "timestamp", "evidence", "shown", "providers", "anchors"
    ]  # fmt: skip


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", DEEP)
def test_what_manifests_made_anew_hide_the_deeper_step_finds(
    found: dict[tuple[str, str], Judged], day: str, name: str
) -> None:
    _, key, code = DEEP[name]
    one = found[day, name]
    assert one.outcome == "failed"
    assert code in one.red(key)
    assert one.outcomes("manifest") == ["passed"]
    assert one.outcomes("index") == ["doubt"]  # nobody signed it


def without_anchors(tree: Tree) -> dict[str, Tree]:
    """What a forger leaves of what the exhibit is to be believed by."""
    bare = tree.but(dict.fromkeys(name for name in tree if name.startswith("data/anchors/")))
    ca = tree.find(r"data/anchors/tsa/.*\.cer$")
    signer = open_signed(tree[tree.find(r"volumes/.*/PIndex\.xml\.p7m$")]).certificate
    assert signer
    own = f"data/anchors/seal/{hashlib.sha256(signer).hexdigest()}.cer"
    return {
        "none": bare,
        "the providers' alone": bare.but({ca.replace("/tsa/", "/providers/"): tree[ca]}),
        "the signer's own certificate": bare.but({own: signer}),
    }


def test_without_anchors_nothing_is_ever_verified(tree: Tree, tmp_path: Path) -> None:
    made = {name: one.unsigned() for name, one in without_anchors(tree).items()}
    paths = [one.zip(tmp_path / f"{number}.zip") for number, one in enumerate(made.values())]
    found = {name: one.outcomes("anchors") for name, one in zip(made, judged(tmp_path, *paths, at=AT), strict=True)}
    assert found == {name: ["doubt"] for name in made}


def test_an_archive_without_anchors_does_not_pass_the_exhibit_that_it_makes(tmp_path: Path) -> None:
    made = exhibit(archive_of(tmp_path / "a"), anchored=False)
    verdict = json.loads(made["data/dossier.json"])["verdict"]
    assert verdict["indication"] == "INDETERMINATE"
    assert "ANCHOR_ABSENT" in {item["code"] for item in verdict["findings"]}
