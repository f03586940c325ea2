"""Nobody waits for what his command does not need: verbs and rooms are loaded when they are asked for."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from archiver import cli, compose
from archiver.cli import main

HEAVY = ("aiohttp", "archiver.access.exhibit", "archiver.adapters.imap", "archiver.seal", "nh3", "pyhanko", "typst")
ROOM = Path(compose.__file__)


def shown_to_checkers() -> dict[str, str]:
    """What a type checker is told: each name, and the module that has it."""
    found = [node for node in ast.walk(ast.parse(ROOM.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {name.name: str(node.module) for node in found for name in node.names if str(node.module)[:9] == "archiver."}


def test_what_a_checker_is_told_of_the_room_is_what_it_has() -> None:
    assert shown_to_checkers() == compose._HOMES
    for name, module in compose._HOMES.items():
        assert getattr(compose, name) is getattr(import_module(module), name)
    with pytest.raises(AttributeError, match="nothing_at_all"):
        getattr(compose, "nothing_at_all")  # noqa: B009


def test_no_module_takes_the_place_of_a_name() -> None:
    assert {path.stem for path in ROOM.parent.glob("*.py")} & set(compose._HOMES) == set()


def test_every_verb_is_in_the_module_that_is_named_for_it() -> None:
    context = click.Context(main)
    assert main.list_commands(context) == sorted(cli._VERBS)
    for verb in cli._VERBS:
        command = main.get_command(context, verb)
        assert command is not None
        assert command.name == verb


@pytest.mark.parametrize("asked", ["search --help", "search lettera", "status"])
def test_a_question_loads_nothing_that_signs_prints_or_fetches(asked: str, tmp_path: Path) -> None:
    run = "import sys; from archiver.cli import main; main(standalone_mode=False); print(*sys.modules, file=sys.stderr)"
    made = [sys.executable, "-m", "archiver", "init", tmp_path, "--demo"]
    subprocess.run(made, check=True, capture_output=True)
    found = subprocess.run(
        [sys.executable, "-c", run, *asked.split()], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = found.stderr.split()
    assert "archiver.cli" in loaded
    assert [name for name in HEAVY if name in loaded] == []
