"""Foreign tools and real material: used where they are, skipped visibly where not, or demanded (--servers)."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
REQUIRED = os.environ.get("ARCHIVER_TEST_SERVERS") == "required"


def tool(name: str) -> str:
    """The path of a program; without it the test is skipped, or fails where everything is required."""
    found = shutil.which(name)
    return found or absent(f"the program {name} is not installed")


def lucky(name: str) -> str:
    """The path of a program that Debian has not, or only with a service that would run: never demanded."""
    return shutil.which(name) or pytest.skip(f"the program {name} is not installed, and is not demanded")


def shared(path: str) -> Path:
    """Real material that lies beside the repository, never in it."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"no such material: {found}")
    return found


def absent(reason: str) -> NoReturn:
    """Skips, or fails where everything is required."""
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)
