"""The commands of the program, as click has them: every one that does something, in the order of the alphabet."""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc

import click

from archiver.cli import main
from archiver.cli.door import declared
from archiver.compose.roles import RIGHTS, Right

EVERYWHERE = ("--json", "--help")
"""What every command has; it is told once."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A command: its words after `archiver`, and what click knows of it."""

    words: str
    command: click.Command

    @property
    def right(self) -> Right | None:
        """What it needs of whoever runs it; None: nothing."""
        return declared(self.command)

    @property
    def roles(self) -> tuple[str, ...]:
        """Who has that right."""
        return tuple(role for role, rights in RIGHTS.items() if self.right is None or self.right in rights)

    @property
    def paragraphs(self) -> list[str]:
        """Its help without examples: the first line, then what is to be known besides."""
        text = cleandoc(self.command.help or "").partition("\b\nExample:")[0]
        return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]

    @property
    def examples(self) -> list[str]:
        """The command lines of its help, each on one line, remarks behind `#` included."""
        text = cleandoc(self.command.help or "").partition("Example:")[2].replace("\\\n", " ")
        return [" ".join(line.split()) for line in text.splitlines() if line.strip()]

    @property
    def arguments(self) -> str:
        """What stands behind it, as --help says: `[OPTIONS] DOSSIER...`."""
        return " ".join(self.command.collect_usage_pieces(context(self)))

    @property
    def options(self) -> list[tuple[str, str]]:
        """Every option: how it is written, what it says; without those that all commands have."""
        asked = [param for param in self.command.get_params(context(self)) if isinstance(param, click.Option)]
        records = (option.get_help_record(context(self)) for option in asked)
        return [found for found in filter(None, records) if not any(word in found[0] for word in EVERYWHERE)]


def verbs(group: click.Group = main, before: str = "") -> Iterator[Verb]:
    """All of them, groups left out."""
    empty = click.Context(group)
    for name in group.list_commands(empty):
        command = group.get_command(empty, name)
        if isinstance(command, click.Group):
            yield from verbs(command, f"{before}{name} ")
        elif command is not None:
            yield Verb(before + name, command)


def context(verb: Verb) -> click.Context:
    """A context in which it can be asked for its help."""
    return click.Context(verb.command, info_name=verb.words, help_option_names=["-h", "--help"])
