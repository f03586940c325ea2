"""`metrics`: figures for Prometheus, to look at or over HTTP; the night leaves the same in a file."""

import re
import secrets
import time
from threading import Event

import click

from archiver import compose
from archiver.adapters.metrics import FAMILIES, Figure, exposed, served
from archiver.cli.door import Door, answer, guarded, json_option, needs, note, now, say
from archiver.cli.logs import log_of
from archiver.cli.stopping import stopping
from archiver.compose.roles import Right
from archiver.errors import ArchiverError

FRESH = 60.0
"""Seconds for which figures are told again as they were: a scrape costs the catalog some work."""


@click.command()
@click.option("--serve", metavar="[HOST:]PORT", help="Answer scrapes here until it is stopped; HOST: 127.0.0.1.")
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def metrics(door: Door, serve: str | None, as_json: bool) -> None:
    """Show the archive's metrics in Prometheus' text format.

    The night writes the same to [metrics] textfile, for node_exporter's textfile collector. No figure names a person.

    \b
    Example: archiver metrics
             archiver metrics --serve 9464
    """
    archive = door.archive()
    if serve is not None:
        if as_json:
            raise click.UsageError("--serve answers over HTTP: without --json")
        host, port = _place(serve)
        _serve(door, archive, host, port)
        return
    found = compose.measured(archive, at=now())
    if as_json:
        answer({"metrics": [_told(figure) for figure in found]})
    else:
        say(exposed(found).rstrip("\n"))


def _serve(door: Door, archive: "compose.Archive", host: str, port: int) -> None:
    log = log_of(door, archive, secrets.token_hex(8), unattended=True)
    wait = Event()
    held: list[tuple[float, list[Figure]]] = []

    def figures() -> list[Figure]:
        if held and time.monotonic() - held[0][0] < FRESH:
            return held[0][1]
        try:
            found = [Figure("up", 1), *compose.measured(archive, at=now())]
        except ArchiverError as error:
            if log:
                log("warning", "metrics.unavailable", reason=str(error))
            found = [Figure("up", 0)]
        held[:] = [(time.monotonic(), found)]
        return found

    with stopping() as stop, served(host, port, figures) as real:
        note(f"archiver: http://{host}:{real}/metrics")
        if log:
            log("info", "metrics.serving", host=host, port=real)
        while not stop.asked:
            wait.wait(0.5)
        if log:
            log("info", "metrics.end")


def _place(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"(?:(?P<host>[^\s:]+|\[[0-9a-fA-F:]+\]):)?(?P<port>\d{1,5})", text)
    if not found or int(found["port"]) > 65535:
        raise click.UsageError(f"--serve {text!r}: a port such as 9464, or an address such as 127.0.0.1:9464")
    return (found["host"] or "127.0.0.1").strip("[]"), int(found["port"])


def _told(figure: Figure) -> dict[str, object]:
    labels = dict(zip(FAMILIES[figure.family].labels, figure.labels, strict=True))
    return {"name": f"pec_archiver_{figure.family}", "labels": labels, "value": float(figure.value)}
