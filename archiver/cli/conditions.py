"""The conditions that `search` and `export` share: all that are given must hold."""

from collections.abc import Callable
from functools import reduce
from typing import Any, Final

import click

from archiver.pec.kind import Kind
from archiver.pec.state import State

Command = Callable[..., Any]

_CONDITIONS: Final = (
    click.argument("terms", nargs=-1, metavar="[TEXT]..."),
    click.option("--from", "sender", metavar="TEXT", help="Words of the sender's address or name."),
    click.option("--to", "recipient", metavar="TEXT", help="Words of a recipient's address or name."),
    click.option("--name", metavar="TEXT", help="Cognome, nome, denominazione: of the sender or a recipient."),
    click.option("--tax-code", "tax", metavar="CODE", help="Codice fiscale or partita IVA."),
    click.option("--attachment", metavar="TEXT", help="Words of an attachment's name."),
    click.option("--protocol", metavar="NUMBER", help="The sender's protocol number, or NUMBER/YEAR."),
    click.option(
        "--invoice",
        metavar="ID",
        help="Number, ProgressivoInvio, file name or IdentificativoSdI of an invoice.",
    ),
    click.option("--provider", metavar="TEXT", help="Words of the name of the PEC provider (gestore)."),
    click.option("--since", metavar="DATE", help="First day, such as 2026-03-01."),
    click.option("--until", metavar="DATE", help="Last day."),
    click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Only this kind."),
    click.option("--state", type=click.Choice([state.value for state in State]), help="Of the dossier."),
)


def filters(command: Command) -> Command:
    """Gives a command the arguments `terms`, `since`, `until`, and the conditions by name, None unless given."""
    return reduce(lambda made, condition: condition(made), reversed(_CONDITIONS), command)
