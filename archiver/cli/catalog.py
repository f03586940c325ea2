"""`catalog`: care of the index of the archive."""

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say
from archiver.cli.searching import index
from archiver.compose.roles import Right
from archiver.rebuild import Report

SHOWN = 20
"""Losses that are told one by one; `--json` has all of them."""


@click.group()
def catalog() -> None:
    """Care of the catalog, the index of the archive."""


@catalog.command()
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
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


@catalog.command()
@click.option("--from", "source", metavar="ID", help="Read this [[store]] instead of the primary.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that read beside this one."
)
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def rebuild(door: Door, source: str | None, jobs: int, as_json: bool) -> None:
    """Make every row of an empty catalog again from the store alone; cut short, it goes on when run again.

    What is missing or damaged in the store is reported (exit 1), and all else is restored. Then repair the store
    (`archiver sweep --repair`), move the catalog aside, and rebuild once more.

    \b
    Example: archiver catalog rebuild
             archiver catalog rebuild --from replica --jobs 2
    """
    archive = door.archive()
    lang = door.language(archive)
    with progress({"it": "segmenti", "en": "segments"}[lang], quiet=as_json) as step:
        done = compose.rebuild(archive, source=source, jobs=jobs, clock=now, progress=step)
    if as_json:
        answer(done.as_json())
    else:
        _show(done, lang)
    if done.lost:
        leave(1)


def _show(done: Report, lang: str) -> None:
    say(
        {
            "it": f"{done.messages} messaggi in {done.rapporti} rapporti e {done.volumes} volumi, {done.records}"
            f" evidence record, {done.trust} oggetti di fiducia, {done.acts} atti",
            "en": f"{done.messages} messages in {done.rapporti} rapporti and {done.volumes} volumes, {done.records}"
            f" evidence records, {done.trust} trust objects, {done.acts} acts",
        }[lang]
    )
    for found in (*done.notes, *done.lost[:SHOWN]):
        note(f"archiver: {found.subject}: {found.text(lang)}")
    if len(done.lost) > SHOWN:
        more = len(done.lost) - SHOWN
        note({"it": f"archiver: e altri {more}: --json", "en": f"archiver: and {more} more: --json"}[lang])


catalog.add_command(index)
