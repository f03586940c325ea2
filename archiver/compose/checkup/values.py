"""One thing looked at, and with what it is looked at."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shlex import quote

from archiver.compose.archive import Archive
from archiver.compose.checkup.words import WORDS

OK, WARNING, FAILED = "ok", "warning", "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """What was `looked` at, what was `found`, and the `next` command to type, empty when there is nothing to do.

    `state` is ok, warning or failed. `mend` does what is harmless and says what it did; `mended` is what was said.
    """

    name: str
    state: str
    looked: str
    found: str
    next: str = ""
    mended: str = ""
    mend: Callable[[], str] | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """What was found, and the next command."""
        return f"{self.found}; `{self.next}`" if self.next else self.found

    def as_json(self) -> dict[str, str]:
        """For machines."""
        return {
            "name": self.name, "state": self.state, "text": self.text,
            "looked": self.looked, "found": self.found, "next": self.next, "fixed": self.mended,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checkup:
    """An archive to be looked at, as of `at` (aware), in words of `lang` (`it` or `en`).

    `file` is its configuration; `called` how whoever asks calls this program, `--config` included if that is needed;
    `seconds`: how long one look may take.
    """

    archive: Archive
    at: datetime
    lang: str
    file: Path
    called: str
    seconds: float

    def say(self, key: str, **values: object) -> str:
        """A sentence of the table."""
        italian, english = WORDS[key]
        return (italian if self.lang == "it" else english).format(**values)

    def command(self, *words: object) -> str:
        """A command of this program, as it is typed."""
        return " ".join((self.called, *(quote(str(word)) for word in words)))

    @property
    def longer(self) -> str:
        """The command that looks again, and is more patient."""
        return self.command("doctor", "--timeout", max(60, int(self.seconds * 10)))

    @property
    def edit(self) -> str:
        """The command that opens the configuration."""
        return f"${{EDITOR:-vi}} {quote(str(self.file))}"


Look = Callable[[Checkup], Iterator[Check] | Iterable[Check]]
"""Looks at one part of an archive, and yields what it finds as it finds it. Raises ArchiverError, OSError."""
