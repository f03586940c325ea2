"""`catalog`: care of the index of the archive."""

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, say


@click.group()
def catalog() -> None:
    """Care of the catalog, the index of the archive."""


@catalog.command()
@json_option
@click.pass_obj
@guarded
def upgrade(door: Door, as_json: bool) -> None:
    """Bring the catalog's tables to the revision of this program.

    \b
    Example: archiver catalog upgrade
    """
    revision = compose.upgrade(door.archive())
    if as_json:
        answer({"revision": revision})
    else:
        say(f"catalog: revision {revision}")
