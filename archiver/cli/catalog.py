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
    archive = door.archive()
    before, now = compose.upgrade(archive)
    if as_json:
        answer({"before": before, "revision": now})
    elif before == now:
        say(
            {
                "it": f"catalogo già alla revisione {now}: niente da fare",
                "en": f"catalog at revision {now} already: nothing to do",
            }[door.language(archive)]
        )
    else:
        say(
            {
                "it": f"catalogo portato dalla revisione {before or '-'} alla {now}",
                "en": f"catalog brought from revision {before or '-'} to {now}",
            }[door.language(archive)]
        )
