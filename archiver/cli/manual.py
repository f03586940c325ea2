"""`manual`: the manuale di conservazione, to be finished and signed by the responsabile."""

from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, needs, note, now, progress, say
from archiver.compose.roles import Right

_SHOWN = 40


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(), metavar="FILE.docx", help="A new file.")
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def manual(door: Door, output: str, as_json: bool) -> None:
    """The manuale di conservazione as a document to edit: the twelve points of AgID's guidelines, 4.6.

    What the archive knows is filled in from its configuration, its catalog and its code; what it cannot know is a
    marked place, and all of these stand on the last page. It is a document of Italian law and comes in Italian alone,
    whatever --lang says. No secret and no address of a correspondent is in it.

    \b
    Example: archiver manual -o manuale.docx
    """
    archive = door.archive()
    lang = door.language(archive)
    if lang != "it":
        note("archiver: the manual is a document of Italian law: it comes in Italian")
    with progress({"it": "manuale", "en": "manual"}[lang], quiet=as_json):
        done = compose.make_manual(archive, Path(output), at=now())
    if as_json:
        answer(done.as_json())
        return
    count = len(done.manual.places)
    say(
        {
            "it": f"{done.path}: parti da completare {count}; SHA-256 {done.sha256}",
            "en": f"{done.path}: places to fill in {count}; SHA-256 {done.sha256}",
        }[lang]
    )
    for place in done.manual.places[:_SHOWN]:
        say(f"  {place.chapter.partition(')')[0]}) {place.wanted}" if ")" in place.chapter[:3] else f"  {place.wanted}")
