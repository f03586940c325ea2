"""`doctor`: what was looked at, what was found, and the next command to type."""

from shlex import quote

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, now, progress, say
from archiver.compose.roles import Right

_MARKS = {"it": {"ok": "  ok", "warning": "avviso", "failed": "ERRORE"}}
_MARKS["en"] = {"ok": "  ok", "warning": "notice", "failed": "FAILED"}
_MENDED = {"it": "riparato", "en": "mended"}


@click.command()
@click.option("--fix", is_flag=True, help="Do what is harmless (permissions of secrets, leftovers, search index).")
@click.option("--timeout", type=click.IntRange(1), default=60, metavar="SECONDS", help="Of each check; as a rule 60.")
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def doctor(door: Door, fix: bool, timeout: int, as_json: bool) -> None:
    """Check everything the archive needs; say what was looked at, what was found, and the next command.

    One token is asked of every time stamping authority: it counts, and may cost. Without --fix nothing is changed.

    \b
    Example: archiver doctor
             archiver doctor --fix
    """
    archive = door.archive()
    if fix:
        archive.permit(Right.RUN)
    lang = door.language(archive)
    with progress({"it": "controlli", "en": "checks"}[lang], quiet=as_json) as step:
        checks = compose.doctor(
            archive,
            at=now(),
            lang=lang,
            file=door.config_path(),
            called=f"archiver --config {quote(door.config)}" if door.config else "archiver",
            seconds=timeout,
            fix=fix,
            progress=step,
        )
    if as_json:
        answer({"checks": [check.as_json() for check in checks]})
    else:
        for check in checks:
            say(f"{_MARKS[lang][check.state]:7}{check.name} [{check.looked}]: {check.found}")
            if check.mended:
                say(f"       {_MENDED[lang]}: {check.mended}")
            if check.next:
                say(f"       $ {check.next}")
    if any(check.state == "failed" for check in checks):
        leave(1)
