"""`renew`: evidence grows before what it rests on ends, and what that will cost can be asked beforehand."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say, tell_behind
from archiver.compose.roles import Right
from archiver.config.services import DIGESTS
from archiver.renew import Due, Report
from archiver.renew.forecast import Step

FARTHEST = 2200
"""The last year that a forecast looks at."""

REASONS = {
    "certificate": {"it": "scade il certificato della TSA", "en": "the TSA's certificate ends"},
    "signature": {"it": "scade la firma della marca", "en": "the token's signature ends"},
    "digest": {"it": "scade l'impronta dell'albero", "en": "the tree's digest ends"},
    "revoked": {"it": "certificato della TSA revocato", "en": "the TSA's certificate was revoked"},
    "asked": {"it": "richiesto", "en": "asked for"},
}


@click.command()
@click.option("--horizon", default="90d", show_default=True, help="Renew what ends within so many days (90d).")
@click.option("--dry-run", is_flag=True, help="Say how many, why, how many bytes must be read, how many tokens.")
@click.option(
    "--hash",
    "digest",
    type=click.Choice(tuple(DIGESTS)),
    help="Read every file again and make a new tree under this digest (hash-tree renewal).",
)
@click.option("--simulate", metavar="UNTIL", help="What must be renewed by when until this day (2046-01-01).")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def renew(door: Door, horizon: str, dry_run: bool, digest: str | None, simulate: str | None, as_json: bool) -> None:
    """Renew the evidence that nears its end: one token for all that is due, of each time stamping authority.

    \b
    Example: archiver renew
             archiver renew --dry-run --horizon 365d
             archiver renew --hash sha3-512
             archiver renew --simulate 2046-01-01
    """
    if simulate and (dry_run or digest):
        raise click.UsageError("--simulate looks ahead and renews nothing: without --dry-run and --hash")
    margin, until = _days(horizon), _day(simulate) if simulate else None
    archive = door.archive()
    lang = door.language(archive)
    if until:
        steps = compose.simulate(archive, until=until, horizon=margin, clock=now)
        _show_forecast(steps, lang, as_json=as_json)
        return
    with progress({"it": "rinnovo", "en": "renewing"}[lang], quiet=as_json) as step:
        done = compose.renew(
            archive,
            horizon=margin,
            target=DIGESTS[digest] if digest else "",
            dry_run=dry_run,
            clock=now,
            progress=step,
        )
    tell_behind(archive, lang)
    for warning in done.warnings:
        note(f"archiver: {warning.text(lang)}")
    if as_json:
        answer(done.as_json())
    else:
        _show(done, lang, dry_run=dry_run)
    for failure in done.fallen:
        note(f"archiver: {_FALLEN[lang]}: {failure.text(lang)}")
    for failure in done.failures:
        note(f"archiver: {failure.text(lang)}")
    if done.failures:
        leave(1)


_FALLEN = {
    "it": "prova caduta, resta quella di un'altra autorità",
    "en": "evidence that fell, that of another authority lives on",
}


def _show(done: Report, lang: str, *, dry_run: bool) -> None:
    for due in done.plan:
        say(f"  {_due(due, lang)}")
    if dry_run:
        say(
            {
                "it": f"{done.due} evidence record da rinnovare, {done.bytes} byte da rileggere, "
                f"{done.expected_tokens} marche temporali",
                "en": f"{done.due} evidence records to renew, {done.bytes} bytes to read again, "
                f"{done.expected_tokens} time stamps",
            }[lang]
        )
        return
    say(
        {
            "it": f"{done.renewed} evidence record rinnovati su {done.due}, {done.bytes} byte riletti, "
            f"{done.tokens} marche temporali",
            "en": f"{done.renewed} evidence records renewed of {done.due}, {done.bytes} bytes read again, "
            f"{done.tokens} time stamps",
        }[lang]
    )


def _due(due: Due, lang: str) -> str:
    newest = due.newest
    tree = f" -> {due.target}" if due.target else ""
    return (
        f"{newest.tsa}: {newest.records} record, {newest.algorithm}{tree}, "
        f"{REASONS[due.reason][lang]}: {due.until:%Y-%m-%d}"
    )


def _show_forecast(steps: list[Step], lang: str, *, as_json: bool) -> None:
    if as_json:
        answer({"steps": [_step(step) for step in steps], "tokens_per_year": _years(steps)})
        return
    for step in steps:
        tree = f" -> {step.target}" if step.target else ""
        read = {"it": f", {step.bytes} byte da rileggere", "en": f", {step.bytes} bytes to read again"}[lang]
        say(
            f"{step.day:%Y-%m-%d}  {step.tsa}: {step.records} record{tree}, {REASONS[step.reason][lang]}"
            f"{read if step.target else ''}"
        )
    if not steps:
        say({"it": "nulla da rinnovare entro quella data", "en": "nothing must be renewed by that day"}[lang])
    for year, tokens in _years(steps).items():
        say({"it": f"{year}: {tokens} marche temporali", "en": f"{year}: {tokens} time stamps"}[lang])
    say(_ASSUMED[lang])


_ASSUMED = {
    "it": "Ipotesi: ogni TSA continua con certificati della stessa durata, nulla di nuovo entra, il catalogo degli "
    "algoritmi resta quello di oggi.",
    "en": "Assumed: every TSA goes on with certificates of the same length, nothing new comes in, the catalogue of "
    "algorithms stays as it is today.",
}


def _step(step: Step) -> dict[str, Any]:
    return {
        "day": step.day.date().isoformat(),
        "tsa": step.tsa,
        "reason": step.reason,
        "target": step.target,
        "records": step.records,
        "bytes": step.bytes,
        "tokens": step.tokens,
    }


def _years(steps: list[Step]) -> dict[int, int]:
    years: Counter[int] = Counter()
    for step in steps:
        years[step.day.year] += step.tokens
    return dict(sorted(years.items()))


def _days(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})d?", text)
    if not found:
        raise click.UsageError(f"--horizon {text!r}: a number of days such as 90d is expected")
    return timedelta(days=int(found[1]))


def _day(text: str) -> datetime:
    try:
        day = datetime.fromisoformat(text)
        day = (day if day.tzinfo else day.replace(tzinfo=UTC)).astimezone(UTC)
        if day.year > FARTHEST:
            raise ValueError("too far away")
        return day
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"--simulate {text!r}: a day such as 2046-01-01, not after {FARTHEST}") from error
