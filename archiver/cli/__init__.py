"""The command line: one verb per errand, the same manner everywhere."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from archiver import __version__
from archiver.cli.door import Door
from archiver.cli.hardening import harden

_VERBS = {
    "init": "intake",
    "ingest": "intake",
    "seal": "sealing",
    "renew": "renewing",
    "replicate": "sweeping",
    "sweep": "sweeping",
    "purge": "purging",
    "verify": "judging",
    "status": "reading",
    "search": "searching",
    "show": "reading",
    "evidence": "exhibiting",
    "export": "exporting",
    "doctor": "doctor",
    "trust": "trust",
    "log": "log",
    "catalog": "catalog",
    "import": "handover",
    "manual": "manual",
    "report": "report",
    "privacy": "privacy",
    "nightly": "nightly",
    "notify": "nightly",
    "metrics": "metrics",
    "hold": "holding",
    "retention": "holding",
    "worker": "working",
    "discard": "discarding",
}
"""The module of each verb: only the one that somebody uses is loaded."""


class Verbs(click.Group):
    """The verbs, each loaded when it is asked for."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **more: Any) -> Any:
        """The program; called by itself, without words that somebody else gives it, it closes the doors behind it."""
        if args is None:
            harden()
        return super().main(args, *others, **more)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All of them."""
        return sorted(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The one called so; None when there is none."""
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"{__name__}.{_VERBS[cmd_name]}")
        found: click.Command = getattr(module, _CALLED.get(cmd_name, cmd_name))
        return found


_CALLED = {"import": "take"}
"""`import` is a word of Python's."""


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="archiver")
@click.option("--config", metavar="FILE", help="The configuration; else $ARCHIVER_CONFIG, else ./archiver.toml.")
@click.option("--lang", type=click.Choice(["it", "en"]), help="Language of results; else as configured, else Italian.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="Of the log that nightly, notify and metrics write to stderr; where it is no terminal they always do.",
)
@click.option("--log-format", type=click.Choice(["json", "console"]), help="Else JSON where stderr is no terminal.")
@click.pass_context
def main(
    context: click.Context, config: str | None, lang: str | None, log_level: str | None, log_format: str | None
) -> None:
    """Conservazione a norma of Italian certified mail (PEC).

    \b
    Exit codes: 0 done / PASSED · 1 a verdict is not PASSED, or some units failed and were reported
                2 usage or configuration · 3 a service was unavailable, try again
                4 conflict: something is there that must not be
    """
    context.obj = Door(config, lang, log_level, log_format)
