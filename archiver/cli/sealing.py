"""`seal`: volumes close, are sealed, and are covered by the night's evidence."""

from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say, tell_behind
from archiver.compose.roles import Right
from archiver.hands import usual


@click.command()
@click.option("--now", "everything", is_flag=True, help="Close all that is pending, not only what is due.")
@click.option("--to-sign", "to_sign", type=click.Path(), help="Write the indexes to be signed by hand to this folder.")
@click.option(
    "--signed",
    type=click.Path(exists=True, file_okay=False),
    help="Take the signed indexes (.p7m) back from this folder and go on.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="Processes that read and judge (as a rule one a core, at most 4)."
)
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def seal(
    door: Door, everything: bool, to_sign: str | None, signed: str | None, jobs: int | None, as_json: bool
) -> None:
    """Close and seal the volumes that are due, and stamp the night's evidence.

    \b
    Example: archiver seal --now
             archiver seal --now --to-sign da-firmare    # sign each PIndex.xml as CAdES, attached
             archiver seal --signed da-firmare
    """
    if to_sign and signed:
        raise click.UsageError("--to-sign and --signed are two steps: give one of them")
    archive = door.archive()
    lang = door.language(archive)
    with progress({"it": "chiusura volumi", "en": "sealing"}[lang], quiet=as_json) as step:
        done = compose.seal(
            archive,
            everything=everything,
            to_sign=Path(to_sign) if to_sign else None,
            signed=Path(signed) if signed else None,
            jobs=jobs or usual(),
            clock=now,
            progress=step,
        )
    tell_behind(archive, lang)
    for warning in done.warnings:
        note(f"archiver: {warning.text(lang)}")
    if as_json:
        answer(done.as_json())
    else:
        say(
            {
                "it": f"{done.volumes} volumi chiusi, {done.messages} messaggi, {done.rapporti} rapporti di versamento"
                f" coperti, {done.tokens} marche temporali",
                "en": f"{done.volumes} volumes closed, {done.messages} messages, {done.rapporti} rapporti di versamento"
                f" covered, {done.tokens} time stamps",
            }[lang]
        )
        if done.waiting:
            say(
                {
                    "it": f"  {done.waiting} in attesa di firma: archiver seal --to-sign DIR, poi --signed DIR",
                    "en": f"  {done.waiting} wait for a signature: archiver seal --to-sign DIR, then --signed DIR",
                }[lang]
            )
    for failure in done.failures:
        note(f"archiver: {failure.text(lang)}")
    if done.failures:
        leave(1)
