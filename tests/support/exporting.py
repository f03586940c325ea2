"""An archive, and `archiver export` on it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from archiver.cli import main
from support.small import Small


@dataclass(frozen=True)
class House:
    """An archive, and its command line."""

    small: Small

    def export(self, target: Path, *options: str, code: int = 0) -> dict[str, Any]:
        """`archiver export --json`, which must end with `code`; its answer, empty when there is none."""
        config = str(self.small.folder / "archiver.toml")
        command = ["--config", config, "export", "-o", str(target), "--json", *options]
        done = CliRunner().invoke(main, command, catch_exceptions=False)
        assert done.exit_code == code, done.output
        lines = [line for line in done.output.splitlines() if line.startswith("{")]
        return dict(json.loads(lines[-1])) if lines else {"said": done.output}
