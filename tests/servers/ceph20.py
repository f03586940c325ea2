"""Where the programs of Ceph 20 lie: in a root of its own that `scripts/ceph20` builds once, when asked."""

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest
from support.tools import ROOT

SWITCH = "ARCHIVER_TEST_CEPH20"


def wanted() -> bool:
    """Whether this run is to be made against Ceph 20 too."""
    return os.environ.get(SWITCH) == "1"


@cache
def root() -> Path:
    """The folder to enter, built when it is not there. Asked for and impossible: the test fails, it is not skipped."""
    done = subprocess.run([str(ROOT / "scripts" / "ceph20")], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"scripts/ceph20: exit {done.returncode}: {done.stderr[-2000:]}")
    return Path(done.stdout.strip().splitlines()[-1])
