"""Commands as a person copies them from the screen: whether they parse, and what becomes of them when they are run."""

import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from archiver.cli import main
from support.commands import Outcome

BESIDE = frozenset(("${EDITOR:-vi}", "chmod", "df", "ls", "mkdir", "mv", "rm", "timedatectl"))
"""Programs of the machine that a next command may name."""


def parsed(command: str) -> None:
    """Fails unless each part of the command is a program of the machine's, or one of ours that takes these words."""
    for part in command.split(" && "):
        words = shlex.split(part)
        if words[0] != "archiver":
            assert words[0] in BESIDE, command
            continue
        taken(words[1:])


def taken(words: list[str]) -> None:
    """Fails (a click.UsageError) unless our program takes these words; nothing is done."""
    context, node = main.make_context("archiver", words), main
    while isinstance(node, click.Group):
        name, found, rest = node.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None, words
        context = found.make_context(name, list(rest), parent=context)
        node = found  # type: ignore[assignment]


def calls(line: str) -> list[list[str]]:
    """The words behind each `archiver` of a line of a shell, without remarks, redirections and whatever is not ours."""
    found: list[list[str]] = [[]]
    words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    words.whitespace_split = True
    for word in words:
        if set(word) <= set("|&;<>"):
            found.append(["redirected"] if set(word) & set("<>") else [])
        else:
            found[-1].append(word)
    return [words[1:] for words in found if words and words[0].rpartition("/")[2] == "archiver"]


def typed(command: str, *, folder: Path, environ: Mapping[str, str] | None = None) -> Outcome:
    """The command line as a shell runs it in `folder`, with our program on its way."""
    program = f'archiver() {{ {shlex.quote(sys.executable)} -m archiver "$@"; }}; '
    found = subprocess.run(
        ["bash", "-c", program + command],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Outcome(found.returncode, found.stdout, found.stderr)
