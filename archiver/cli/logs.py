"""Logs: one line an event for machines, on stderr, under one run id; what is for people stays as it is.

They are written by what runs unattended (`nightly`, `notify --failed`, `metrics --serve`): where stderr is no terminal,
where [logs] names a format, or where somebody asks with --log-level or --log-format. Where they are written, what is
for people is on stdout only, and progress bars are not shown. Lines above `debug` name nobody; none holds a secret.
"""

import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TextIO

from archiver import compose
from archiver.cli.door import Door
from archiver.nightly import Discreet

Log = Callable[..., None]
NUMBERS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def log_of(door: Door, archive: "compose.Archive | None", run: str, *, unattended: bool) -> Log | None:
    """Where this command's events go; None where nobody wants them."""
    stream = sys.stderr
    configured = archive.config.logs if archive else None
    form = door.log_format or (configured.form if configured else "")
    level = door.log_level or (configured.level if configured and unattended else "info")
    wanted = bool(door.log_level or door.log_format) or (unattended and (bool(form) or not stream.isatty()))
    if not wanted:
        return None
    strike = compose.discreet(archive) if archive else Discreet()
    return opened(stream, level=level, form=form or ("console" if stream.isatty() else "json"), run=run, strike=strike)


def opened(stream: TextIO, *, level: str, form: str, run: str, strike: Discreet) -> Log:
    """Writes events of `level` and above to `stream`, as `json` or for the `console`."""
    import structlog  # who searches writes no log

    render: Any = structlog.dev.ConsoleRenderer(colors=stream.isatty())
    if form == "json":
        render = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    logger = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[_dated, _faults, partial(_struck, strike), render],
        wrapper_class=structlog.make_filtering_bound_logger(NUMBERS[level]),
        cache_logger_on_first_use=True,
    ).bind(run=run)

    def log(level: str, event: str, **fields: Any) -> None:
        getattr(logger, level)(event, level=level, **fields)

    return log


def _dated(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return event


def _faults(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An error that nobody foresaw, by its kind and places: its own words may name people."""
    error = event.pop("error", None)
    if isinstance(error, BaseException):
        event["fault"] = type(error).__name__
        event["frames"] = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return event


def _struck(strike: Discreet, _: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """By the level of the line: what only a developer asks for may name people, never secrets."""
    said = strike.without_secrets if event.get("level") == "debug" else strike
    return {name: _each(value, said) for name, value in event.items()}


def _each(value: Any, said: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return said(value)
    if isinstance(value, Mapping):
        return {said(str(key)): _each(item, said) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each(item, said) for item in value]
    return value
