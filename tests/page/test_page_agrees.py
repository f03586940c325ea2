"""The page and the archive's own judge say the same of an exhibit wherever a byte is changed."""

import random
from datetime import UTC, datetime
from pathlib import Path

from support.bending import flipped
from support.nodes import judged
from support.page_exhibits import Tree
from support.small import Files

from archiver.chain import Material
from archiver.evidence.policy import Policy
from archiver.pec.providers import Providers
from archiver.verify import Trust
from archiver.verify.exhibit import judge_exhibit

AT = datetime(2026, 11, 1, tzinfo=UTC)
SAME = {"failed": "FAILED", "doubt": "INDETERMINATE"}


def test_a_byte_changed_anywhere_is_judged_alike_in_browser_and_archive(trees: dict[str, Tree], tmp_path: Path) -> None:
    tree, choice = trees["new tree"], random.Random(11)
    names = sorted(name for name in tree if name.startswith("data/") and name != "data/dossier.json")
    picked = [(name, choice.randrange(len(tree[name]))) for name in choice.choices(names, k=12)]
    made = [tree, tree.unsigned(), *(tree.but({name: flipped(tree[name], at)}).unsigned() for name, at in picked)]
    paths = [one.zip(tmp_path / f"{number}.zip") for number, one in enumerate(made)]
    here = [SAME.get(one.outcome, "PASSED") for one in judged(tmp_path, *paths, at=AT)]
    trust = Trust(Providers(), Policy(Material(())))
    there = [judge_exhibit(Files(one), trust=trust, at=AT).indication.value for one in made]
    assert list(zip(["", "unsigned", *picked], here, strict=True)) == list(
        zip(["", "unsigned", *picked], there, strict=True)
    )
    assert here.count("PASSED") == 1  # what nobody signed never is
