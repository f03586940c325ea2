"""Some lives of an archive, year by year, with every fault that their seeds choose; and bugs on purpose are noticed.

The lives are lived by `scripts/simulate`, as a person would replay them. Two of the seeds are new each day.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (1, 2, 3, 7, 11, 12)
TODAY = int(datetime.now(UTC).strftime("%Y%m%d"))
YEARS = 0.5
FRESH = (2 * TODAY, 2 * TODAY + 1)


def asked(*words: str) -> dict[str, Any]:
    """What `scripts/simulate` says."""
    command = [sys.executable, ROOT / "scripts/simulate", "--jobs", "1", "--json", *words]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def lived(*seeds: int, years: float = YEARS) -> dict[str, Any]:
    """What became of these seeds."""
    return asked(*(part for seed in seeds for part in ("--seed", str(seed))), "--years", str(years))


def why(told: dict[str, Any]) -> str:
    """What is wrong, on which night, and how to see it again."""
    return "\n".join(
        f"{one['wrong']}\n{chr(10).join(one['last'])}\nscripts/simulate --seed {one['seed']} --years {one['years']:g}"
        for one in told["seeds"]
        if one["wrong"]
    )


@pytest.mark.parametrize("seeds", [SEEDS[:3], SEEDS[3:]], ids=str)
def test_nothing_is_lost_nothing_twice_and_every_repair_made_that_can_be(seeds: tuple[int, ...]) -> None:
    told = lived(*seeds)
    assert not told["wrong"], why(told)
    assert all(one["messages"] and one["objects"] and sum(one["faults"].values()) for one in told["seeds"])


@pytest.mark.parametrize("seed", FRESH)
def test_the_same_of_seeds_that_nobody_has_lived_before(seed: int) -> None:
    told = lived(seed)
    print(f"seed {seed}: log {told['seeds'][0]['digest']}")
    assert not told["wrong"], why(told)


def test_a_seed_lives_the_same_life_twice() -> None:
    (once,), (again, other) = lived(2, years=0.3)["seeds"], lived(2, 3, years=0.3)["seeds"]
    assert once == again
    assert once["digest"] != other["digest"]


def test_each_bug_on_purpose_is_caught() -> None:
    caught = asked("--bugs", "--tries", "5", "--years", "2")
    assert len(caught) == 6
    assert None not in caught.values(), caught
