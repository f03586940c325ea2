"""`worker`: one of many machines that share the night."""

import os
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer
from types import FrameType
from typing import Any

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, say
from archiver.cli.logs import log_of
from archiver.cli.stopping import GRACE
from archiver.compose.roles import Right
from archiver.errors import ConfigError
from archiver.nightly.units import PRIORITY

QUEUES = tuple(sorted(PRIORITY))


@click.command()
@click.option("--queues", metavar="NAME,...", help=f"Only units of these steps: {', '.join(QUEUES)}; else all.")
@click.option(
    "--concurrency", type=click.IntRange(1, 16), default=1, show_default=True, help="Units at once, in threads."
)
@click.option("--now", "at_once", is_flag=True, help="Begin a night now, unless one is under way.")
@click.option("--once", is_flag=True, help="End when no night is under way.")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def worker(door: Door, queues: str | None, concurrency: int, at_once: bool, once: bool, as_json: bool) -> None:
    """Do units of the night (mailboxes, holders, shards) that many machines share; needs a catalog on PostgreSQL.

    Every worker plans too, unless --queues leaves `night` out: the night begins at [engine] at, Europe/Rome. One more
    processor is one more worker: start as many as there are cores. SIGTERM ends the unit at work between two of its
    parts, and another worker goes on with it; after a minute at once. Ends with 3 when the database goes: start it
    again (the unit in ops/systemd does).

    \b
    Example: archiver worker
             archiver worker --queues ingest,seal --concurrency 2
             archiver worker --now --once --json
    """
    asked = _queues(queues)
    archive = door.archive()
    lang, run_id = door.language(archive), secrets.token_hex(8)
    run = compose.Run(
        id=run_id,
        host=socket.gethostname(),
        pid=os.getpid(),
        jobs=archive.config.night.jobs or 1,
        budget=None,
        lang=lang,
    )
    log = log_of(door, archive, run_id, unattended=True)
    with _told_to_stop() as stop:
        engine = compose.Engine(
            archive, run, clock=now, stopped=stop.is_set, log=log or _shown(lang, quiet=as_json), now=at_once
        )
        engine.work(queues=asked, concurrency=concurrency, once=once)
    done = engine.worked
    if as_json:
        answer(done.as_json())
    else:
        count = sum(done.units.values())
        say(
            {
                "it": f"{count} unità fatte, di cui {done.failed} con errori; {done.nights} notti concluse",
                "en": f"{count} units done, {done.failed} of them with errors; {done.nights} nights ended",
            }[lang]
        )
    if done.failed:
        leave(1)


def _queues(text: str | None) -> tuple[str, ...]:
    """Raises ConfigError naming all that are none."""
    asked = tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))
    wrong = [name for name in asked if name not in QUEUES]
    if wrong:
        raise ConfigError(f"--queues: expected some of {', '.join(QUEUES)}, found {', '.join(wrong)}")
    return asked


def _shown(lang: str, *, quiet: bool) -> Any:
    """What a person at a terminal sees of each unit."""

    def show(level: str, event: str, **fields: Any) -> None:
        if event in ("unit.end", "unit.again") and not quiet:
            name = f"{fields['step']} {fields['key']}".strip()
            said = {"unit.end": {"it": "fatto", "en": "done"}, "unit.again": {"it": "si riprova", "en": "again"}}
            note("; ".join([f"{name}: {said[event][lang]}", *fields.get("reasons", ())]))
        elif level == "error" and not quiet:
            note(f"archiver: {event}: {fields}")

    return show


@contextmanager
def _told_to_stop() -> Iterator[Event]:
    """Set by SIGTERM and Ctrl-C; a second one, or a minute, ends the program at once: all that is safe stays safe."""
    stop = Event()

    def hear(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if stop.is_set():
            os._exit(128 + number)
        stop.set()
        last = Timer(GRACE, os._exit, (128 + number,))
        last.daemon = True
        last.start()

    before = {number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
