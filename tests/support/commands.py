"""The command line as a user runs it, and what it answers."""

import ctypes
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from archiver.cli import main


@dataclass(frozen=True)
class Outcome:
    """Exit code, stdout and stderr of one command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Stdout, which must be one JSON object and nothing else."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


def archiver(*arguments: object, config: Path | None = None, environ: Mapping[str, str] | None = None) -> Outcome:
    """One command in this process; an exception that would show as a traceback fails the test."""
    options = [] if config is None else ["--config", str(config)]
    found = CliRunner().invoke(main, [*options, *map(str, arguments)], env=environ)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return Outcome(found.exit_code, found.stdout, found.stderr)


def process(
    *arguments: object, folder: Path, environ: Mapping[str, str] | None = None, mortal: bool = False
) -> Outcome:
    """One command in a process of its own, from `folder`; a `mortal` one obeys file permissions even as root."""
    found = subprocess.run(
        [sys.executable, "-m", "archiver", *map(str, arguments)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=_without_privilege if mortal else None,
    )
    return Outcome(found.returncode, found.stdout, found.stderr)


def _without_privilege() -> None:
    """Gives up root's right to read and write everything (prctl PR_CAPBSET_DROP, CAP_DAC_OVERRIDE and _READ_SEARCH)."""
    library = ctypes.CDLL(None)
    for capability in (1, 2):
        library.prctl(24, capability, 0, 0, 0)


def done(*arguments: object, config: Path | None = None) -> dict[str, Any]:
    """What a command that must succeed answers with `--json`."""
    found = archiver(*arguments, "--json", config=config)
    assert found.code == 0, found
    return found.json
