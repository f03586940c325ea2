"""`verify`: the judge's verdict on a volume, a segment, a message or a whole store, offline."""

import os
from datetime import MAXYEAR, UTC, datetime
from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, now, progress, say
from archiver.verdict import Indication, Severity

_MARKS = {Severity.ERROR: "✗", Severity.DOUBT: "?", Severity.WARNING: "!", Severity.INFO: "·"}


@click.command()
@click.argument("path", type=click.Path(), required=False)
@click.option("--at", "moment", metavar="DATE", help="Judge as of this day (2046-01-01), not as of now.")
@click.option("--trust", type=click.Path(), help="A folder with the certificates to be trusted (.pem, .cer, .crl).")
@click.option(
    "--volume", type=click.Path(), help="For one message (.eml): the folder of the volume that should hold it."
)
@click.option(
    "--strict", is_flag=True, help="Without trusted certificates from outside the verdict stays INDETERMINATE."
)
@json_option
@click.pass_obj
@guarded
def verify(
    door: Door,
    path: str | None,
    moment: str | None,
    trust: str | None,
    volume: str | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Judge PATH: a store, a volume, a segment, or a message. Needs no network, no database, no configuration.

    Without PATH: the whole store of this archive, read from where the configuration says.

    \b
    Example: archiver verify demo/store
             archiver verify
             archiver verify store/h-1/volumes/1f0c... --trust ca/
             archiver verify messaggio.eml --volume store/h-1/volumes/1f0c...
    """
    with progress("verify", quiet=as_json) as step:
        report = compose.verify(
            Path(path) if path else None,
            config=door.config_path(),
            asked=door.asked,
            environ=os.environ,
            trust=Path(trust) if trust else None,
            volume=Path(volume) if volume else None,
            strict=strict,
            at=_moment(moment) if moment else now(),
            progress=step,
        )
    lang = door.language()
    if as_json:
        answer(report.as_json(lang))
    else:
        for found in report.verdict.findings:
            clause = f" [{found.clause}]" if found.clause else ""
            say(f"{_MARKS[found.severity]} {found.subject}: {found.text(lang)}{clause}")
        if report.content:
            title = {"it": "contenuto dei messaggi", "en": "content of the messages"}[lang]
            say(f"{title}: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.content.items())))
        for signer in report.signers:
            say(f"{ {'it': 'sigillato da', 'en': 'sealed by'}[lang] }: {signer}")
        sub = f" ({report.verdict.sub_indication})" if report.verdict.sub_indication else ""
        say(f"{report.indication}{sub}  {path or door.archive().config.stores[0].shown}")
    if report.indication is not Indication.PASSED:
        leave(1)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if moment.year == MAXYEAR:
            raise ValueError("the last year of the calendar leaves no room to compare with")
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"--at {text!r}: a day such as 2046-01-01 is expected") from error
    return moment
