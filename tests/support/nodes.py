"""The page's judge in node, without a page."""

import json
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.access.exhibit.page.words import severities
from support.tools import ROOT, absent, tool

SOURCES = ROOT / "archiver" / "access" / "exhibit" / "page" / "src"


@dataclass(frozen=True)
class Judged:
    """What it said: the whole outcome, and of each step its key, outcome and findings."""

    outcome: str
    steps: list[dict[str, Any]]
    code: str = ""

    def red(self, key: str) -> set[str]:
        """The codes of errors in the steps of that key."""
        known = severities()
        found = [item["code"] for step in self.steps if step["key"] == key for item in step["findings"]]
        return {code for code in found if known[code] == "error"}

    def outcomes(self, key: str) -> list[str]:
        """How the steps of that key ended."""
        return [step["outcome"] for step in self.steps if step["key"] == key]

    @property
    def codes(self) -> set[str]:
        """All that was said."""
        return {item["code"] for step in self.steps for item in step["findings"]}


def judged(folder: Path, *given: Path, at: datetime) -> list[Judged]:
    """Several exhibits, ZIP or folder, at one start of node. `folder` is for what it has to be told."""
    node = tool("node")
    if not (SOURCES / "node_modules").is_dir():
        absent("the page's libraries are not installed: scripts/page")
    table = folder / "severities.json"
    table.write_text(json.dumps(severities()), encoding="utf-8")
    told = [
        node,
        str(ROOT / "tests" / "page" / "judge.mjs"),
        str(table),
        str(int(at.timestamp() * 1000)),
        *map(str, given),
    ]
    done = subprocess.run(told, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [Judged(item["outcome"], item["steps"], item.get("code", "")) for item in json.loads(done.stdout)]
