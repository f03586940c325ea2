"""What every command shares: where the archive is, which language, how errors and results leave the program."""

import json
import os
import pwd
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click

from archiver import compose
from archiver.compose.redaction import redacted
from archiver.compose.roles import Right
from archiver.errors import Absent, ArchiverError, ConfigError, Conflict, Malformed, Unavailable, Unforeseen

EXIT_CODES = {ConfigError: 2, Unavailable: 3, Conflict: 4, Absent: 1, Malformed: 1, Unforeseen: 1}
P = ParamSpec("P")
_NOBODY_LOGGED_IN = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Door:
    """The choices that stand before every command."""

    config: str | None
    lang: str | None
    log_level: str | None = None
    log_format: str | None = None

    def archive(self) -> "compose.Archive":
        """The archive of `--config`, of ARCHIVER_CONFIG, or of ./archiver.toml, for whoever runs this.

        Raises ConfigError when this user may not do what the command needs; one that declares nothing is for those who
        may decide.
        """
        archive = compose.open_archive(self.config_path(), environ=os.environ, clock=now, login=login())
        archive.permit(declared(click.get_current_context().command) or Right.DECIDE)
        return archive

    def config_path(self) -> Path:
        """Where the configuration should be; it may not be there."""
        return Path(self.config or os.environ.get("ARCHIVER_CONFIG") or "archiver.toml")

    @property
    def asked(self) -> bool:
        """Whether somebody named a configuration."""
        return bool(self.config or os.environ.get("ARCHIVER_CONFIG"))

    def language(self, archive: "compose.Archive | None" = None) -> str:
        """`it` or `en`: as asked for, else as configured."""
        return self.lang or (archive.config.language if archive else "it")


def login() -> str:
    """The user of this machine, as its kernel knows him: the environment may say anything.

    Whoever logged in, also behind `sudo -u archiver` (the kernel's login uid, which no program can change afterwards);
    where nobody did, as in a unit of systemd or a container, the user of the process.
    """
    uid = _logged_in()
    uid = os.getuid() if uid is None else uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _logged_in() -> int | None:
    """None where the kernel knows of no login, or cannot be asked."""
    try:
        uid = int(Path("/proc/self/loginuid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if uid == _NOBODY_LOGGED_IN else uid


def needs(right: Right | None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """What a command needs of whoever runs it: written above its function, below `guarded`.

    None: nothing that the archive's door could refuse.
    """

    def declare(function: Callable[P, None]) -> Callable[P, None]:
        vars(function)["needs"] = right
        return function

    return declare


def declared(command: click.Command) -> Right | None:
    """What a command says that it needs; None also for one that says nothing."""
    found: Right | None = getattr(command.callback, "needs", None)
    return found


def now() -> datetime:
    """The clock, aware, UTC; the only place that reads it."""
    return datetime.now(UTC)


def say(text: str = "") -> None:
    """A line for people, on stdout."""
    click.echo(_whole(text))


def note(text: str) -> None:
    """A line beside the result: on stderr, so that stdout stays for the result; never a secret that was used."""
    click.echo(_whole(redacted(text)), err=True)


def _whole(text: str) -> str:
    """Signs that UTF-8 has: half of one, as a hostile file may name it, is written as its number."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def answer(value: dict[str, Any]) -> None:
    """One JSON object on stdout; half a sign (a lone surrogate) as JSON escapes it."""
    click.echo(_whole(json.dumps(value, ensure_ascii=False, default=str)))


def leave(code: int) -> NoReturn:
    """Ends the program with `code`."""
    sys.stdout.flush()
    sys.exit(code)


def guarded(function: Callable[P, None]) -> Callable[P, None]:
    """A command whose errors end in one clear message and the exit code of their kind, never in a traceback."""

    @wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            _check_text()
            function(*args, **kwargs)
        except ArchiverError as error:
            note(f"archiver: {error}")
            leave(next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind)))
        except BrokenPipeError:
            sys.stderr.close()
            leave(0)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            note(
                f"archiver: {where}{error.strerror or error}; check the disk and the permissions, the next run goes on"
            )
            leave(3)
        except RecursionError:
            note("archiver: nested too deeply to be read; hand in a folder further down")
            leave(2)
        except KeyboardInterrupt:
            note("archiver: interrotto; la prossima esecuzione riprende da qui / interrupted; the next run goes on")
            leave(130)

    return command


def _check_text() -> None:
    """Raises ConfigError for text that is not UTF-8; the name of a file may be anything."""
    context = click.get_current_context(silent=True)
    for param in context.command.params if context else ():
        value = context.params.get(param.name or "") if context else None
        if isinstance(param.type, click.Path) or value is None:
            continue
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str) and not _is_text(text):
                raise ConfigError(
                    f"{param.get_error_hint(context) if context else ''} {text[:80]!r}: non è testo UTF-8: impostare un"
                    " terminale UTF-8 e ripetere (is no UTF-8 text)"
                )


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on a terminal, nothing elsewhere; call it with what is done, and with the total if known."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console  # what nobody watches needs none of it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def tell_behind(archive: "compose.Archive", lang: str) -> None:
    """Replicas that were to be written together with the primary, and were not: it is no error, and is caught up."""
    for store, reason in archive.aside.items():
        note(
            {
                "it": f"archiver: la replica {store} è rimasta indietro: {reason}; `archiver replicate` la riallinea",
                "en": f"archiver: the replica {store} stays behind: {reason}; `archiver replicate` catches it up",
            }[lang]
        )


def reason_option(function: Callable[P, None]) -> Callable[P, None]:
    """The `--reason` of every command that shows messages."""
    return click.option("--reason", default="", metavar="TEXT", help="Why; kept in the register of accesses.")(function)


def json_option(function: Callable[P, None]) -> Callable[P, None]:
    """The `--json` of every command."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, for machines.")(function)
