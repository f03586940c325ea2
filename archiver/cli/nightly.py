"""`nightly` and `notify`: everything that is due, one after the other, and who is told what it came to."""

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from archiver import compose
from archiver.cli.budget import budget_of
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say
from archiver.cli.logs import log_of
from archiver.cli.stopping import Stop, stopping
from archiver.compose.roles import Right
from archiver.hands import usual
from archiver.nightly import Done
from archiver.nightly.words import STEPS, summary

Progress = Callable[[int, int | None], None]


@click.command()
@click.option("--budget", metavar="BYTES|TIME", help="The sweep reads at most so much: 100GB, 30m, 2h.")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def nightly(door: Door, budget: str | None, as_json: bool) -> None:
    """Ingest, seal, replicate, renew what is due, sweep, read for search, alarms; then tell what it came to.

    What fails in one step does not stop the next. Ends with 0 when all is done, 3 when only services were down, 2 when
    only the configuration is to be mended, 4 when something is there that must not be, else with 1. A second one at the
    same time ends with 3. SIGTERM ends it between two units; the next night goes on.

    \b
    Example: archiver nightly
             archiver nightly --budget 2h --json
    """
    asked = None if budget is None else budget_of(budget)
    archive = door.archive()
    lang, run_id = door.language(archive), secrets.token_hex(8)
    run = compose.Run(
        id=run_id,
        host=socket.gethostname(),
        pid=os.getpid(),
        jobs=archive.config.night.jobs or usual(),
        budget=asked,
        lang=lang,
    )
    log = log_of(door, archive, run_id, unattended=True)
    with stopping() as stop:
        night = compose.nightly(
            archive,
            run,
            clock=now,
            watch=lambda name: _watched(STEPS[name][lang], stop, quiet=as_json or log is not None),
            **({"log": log} if log else {}),
        )
    if as_json:
        answer(night.as_json())
    else:
        for line in summary(night, lang):
            say(line)
    if night.code:
        leave(night.code)


@contextmanager
def _watched(label: str, stop: Stop, *, quiet: bool) -> Iterator[Progress]:
    stop.check()
    with progress(label, quiet=quiet) as step:

        def beat(done: int, total: int | None) -> None:
            step(done, total)
            stop.check()

        yield beat


@click.command()
@click.option("--test", "trial", is_flag=True, help="A trial notice, over every way that is configured.")
@click.option("--failed", is_flag=True, help="Tell that the night did not come to its end, unless it has told itself.")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def notify(door: Door, trial: bool, failed: bool, as_json: bool) -> None:
    """Send a notice over [notify.email] and [notify.webhook].

    \b
    Example: archiver notify --test
             archiver notify --failed    # what ops/systemd runs when the night's unit fails
    """
    if trial == failed:
        raise click.UsageError("give one of --test and --failed")
    archive = door.archive()
    lang, run_id = door.language(archive), secrets.token_hex(8)
    log = log_of(door, archive, run_id, unattended=failed)
    letter = compose.trial(archive, lang) if trial else compose.unfinished(archive, lang)
    done = compose.notify(archive, letter, clock=now) if letter else Done({"sent": 0})
    if as_json:
        answer({"sent": done.figures["sent"], "failures": [failure.as_json() for failure in done.failures]})
    elif letter is None:
        say({"it": "la notte ha già avvisato", "en": "the night has told already"}[lang])
    else:
        say({"it": f"{done.figures['sent']} avvisi inviati", "en": f"{done.figures['sent']} notices sent"}[lang])
    for failure in done.failures:
        note(f"archiver: {failure.subject}: {failure.reason}")
    if log:
        level = "error" if done.failures else "info"
        log(level, "notify.end", sent=done.figures["sent"], failures=[failure.as_json() for failure in done.failures])
    if done.failures:
        leave(1 if done.code is None else done.code)
