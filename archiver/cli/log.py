"""`log`: the register of accesses and acts."""

import csv
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, reason_option, say
from archiver.compose.roles import Right
from archiver.package.act import ActKind
from archiver.verdict import Indication

_ROME = ZoneInfo("Europe/Rome")


@click.group()
def log() -> None:
    """The register of accesses and acts: who, when, what and why."""


@log.command()
@click.option("--since", metavar="DATE", help="First day, such as 2026-03-01.")
@click.option("--until", metavar="DATE", help="Last day.")
@click.option("--who", default="", metavar="LOGIN", help="Only what this user did.")
@click.option("--kind", type=click.Choice([kind.value for kind in ActKind]), help="Only acts of this kind.")
@click.option(
    "--about",
    default="",
    metavar="DIGEST|DOSSIER",
    help="Only about this message: (the beginning of) its digest, its identificativo, its Message-ID.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="Acts a page.")
@click.option("--after", metavar="NEXT", help="Go on from the `next` of an earlier page.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for a spreadsheet; the next page is told on stderr.")
@json_option
@click.pass_obj
@guarded
@needs(Right.AUDIT)
def show(
    door: Door,
    since: str | None,
    until: str | None,
    who: str,
    kind: str | None,
    about: str,
    limit: int,
    after: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """What was done, the newest first, page by page.

    \b
    Example: archiver log show --since 2026-03-01 --who mrossi
             archiver log show --about 3f9c2a7e
             archiver log show --kind evidence --csv
    """
    if as_csv and as_json:
        raise click.UsageError("--csv and --json are two forms: give one of them")
    archive = door.archive()
    filters = compose.Filters(
        since=_day(since, "--since") if since else None,
        until=_day(until, "--until", after=1) if until else None,
        who=who,
        kind=kind or "",
        about=about,
    )
    page = compose.log_show(archive, filters, limit=limit, after=after)
    lang = door.language(archive)
    for text in compose.ahead(archive, now(), lang):
        note(f"! {text}")
    if as_json:
        answer(page.as_json())
        return
    if as_csv:
        csv.writer(sys.stdout).writerows(compose.table(page.entries))
    for entry in () if as_csv else page.entries:
        for line in compose.entry_lines(entry, lang):
            say(line)
    if not page.entries:
        note({"it": "nessun atto", "en": "no acts"}[lang])
    if page.next:
        (note if as_csv else say)(f"... --after {page.next}")


@log.command()
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def verify(door: Door, as_json: bool) -> None:
    """Whether the register is whole: every act, its chain, its evidence. From the store; needs no network.

    \b
    Example: archiver log verify
    """
    archive = door.archive()
    lang = door.language(archive)
    found = compose.log_verify(archive)
    indications = [item.indication for item in found]
    worst = next(
        (one for one in (Indication.FAILED, Indication.INDETERMINATE) if one in indications), Indication.PASSED
    )
    if as_json:
        answer({"indication": worst.value, "registers": [item.as_json(lang) for item in found]})
    else:
        for line in compose.judged_lines(found, lang):
            say(line)
    if worst is not Indication.PASSED:
        leave(1)


@log.command()
@click.option("-o", "--output", "out", required=True, type=click.Path(), metavar="DIR", help="A new folder.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.AUDIT)
def export(door: Door, out: str, reason: str, as_json: bool) -> None:
    """Copy the register into a folder: acts, evidence records, a table, PREMIS, and how to check them by hand.

    \b
    Example: archiver log export -o registro-2026 --reason "ispezione AgID"
    """
    archive = door.archive()
    lang = door.language(archive)
    done = compose.log_export(archive, Path(out), reason=reason, lang=lang)
    for name in done.unreadable:
        note({"it": f"archiver: {name}: illeggibile", "en": f"archiver: {name}: cannot be read"}[lang])
    if as_json:
        answer(done.as_json())
    else:
        say(
            {
                "it": f"{done.path}: {done.acts} atti, {done.records} evidence record",
                "en": f"{done.path}: {done.acts} acts, {done.records} evidence records",
            }[lang]
        )
    if done.unreadable:
        leave(1)


def _day(text: str, option: str, *, after: int = 0) -> datetime:
    """The first moment in Rome of a day, or of one that many days `after` it."""
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=after), time(), _ROME).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"{option} {text!r}: a day such as 2026-03-01 is expected") from error
