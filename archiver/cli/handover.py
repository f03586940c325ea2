"""`import`: an archive that another conservatore hands over, ours or foreign."""

from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, reason_option, say
from archiver.compose.roles import Right
from archiver.handover import HandedOver

SHOWN = 20


def show_handed_over(done: HandedOver, lang: str) -> None:
    """What `export --everything` did, for people."""
    say(
        {
            "it": f"{done.volumes} volumi, {done.messages} messaggi e {done.pending} non ancora in un volume:"
            f" {done.files} file, {done.bytes} byte in {done.path}",
            "en": f"{done.volumes} volumes, {done.messages} messages and {done.pending} in no volume yet: {done.files}"
            f" files, {done.bytes} bytes in {done.path}",
        }[lang]
    )
    damaged = {"it": "danneggiato, consegnato com'è", "en": "damaged, handed over as it is"}[lang]
    for name, reason in done.damaged[:SHOWN]:
        note(f"archiver: {name}: {damaged}: {reason}")
    if len(done.damaged) > SHOWN:
        note(f"archiver: ... {len(done.damaged) - SHOWN}: data/consistenza.json")
    for volume in done.failed[:SHOWN]:
        note(f"archiver: volume {volume}: " + {"it": "verdetto non PASSED", "en": "verdict not PASSED"}[lang])


@click.command("import")
@click.argument("folder", type=click.Path(), metavar="DIR")
@click.option("--mailbox", help="For packages of other systems: the mailbox that their messages go to.")
@click.option("--as-is", is_flag=True, help="Take over also what the verdict does not pass, as it is.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that read beside it.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def take(door: Door, folder: str, mailbox: str | None, as_is: bool, reason: str, jobs: int, as_json: bool) -> None:
    """Take over an archive: what `archiver export --everything` wrote, or packages of other conservatori.

    Everything is verified first; when anything is wrong nothing is written, and it is said what. Packages with an
    index of UNI 11386 (PIndex of 2020, IdC of 2010) are kept byte for byte, their messages are taken in as declared.

    \b
    Example: archiver import /mnt/consegna
             archiver import /mnt/altro-conservatore --mailbox studio
    """
    archive = door.archive()
    lang = door.language(archive)
    with progress({"it": "presa in carico", "en": "taking over"}[lang], quiet=as_json) as step:
        done = compose.take_over(
            archive, Path(folder), mailbox=mailbox, as_is=as_is, reason=reason, jobs=jobs, clock=now, progress=step
        )
    if as_json:
        answer(done.as_json(lang))
    else:
        for line in done.lines(lang):
            say(line)
        for found in done.said[:SHOWN]:
            note(f"archiver: {found.subject}: {found.text(lang)}")
        if len(done.said) > SHOWN:
            note(f"archiver: ... {len(done.said) - SHOWN}: --json")
    if not done.whole:
        leave(1)
