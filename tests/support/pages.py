"""Pages for people whose commands are run as they stand: what is fenced as sh is typed, toml is edited, text is seen.

A page is done from top to bottom in the folder of an archive. After `${EDITOR:-vi} FILE` the next block of toml says
what a person would do there: each table begins with a comment, `# add`, `# take out` or `# change`. Each line of a
block of text must be among what the commands before it said; `...` stands for anything. `# exit N` after a command is
the code that it ends with. `cd` and `export` hold for what comes after.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from support.commands import archiver

_FENCED = re.compile(r"^```(sh|toml|text|password)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^\[\[?[\w.-]+\]\]?$", re.MULTILINE)
_NAMED = re.compile(r'^(?:id|name|login) = ".*?"', re.MULTILINE)
_EXIT = re.compile(r"\s+# exit (\d+)(?=$|:)")
_SHELL = re.compile(r"[|<>;&`()]")


@dataclass
class Page:
    """A page, what stands on it instead of what only a person knows, and what was said so far.

    `values` are put where their names stand, when a command is typed: some are known only after the one before it. They
    are `found` once.
    `left` are commands, as they stand, that are not typed. `editor` does what a person does in `$EDITOR FILE`. `by`
    says who types a command: it is entered before, and left behind it.
    """

    path: Path
    values: Mapping[str, "str | Callable[[], str]"] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    left: Collection[str] = ()
    editor: Callable[[Path], None] | None = None
    by: Callable[[str], AbstractContextManager[object]] = nullcontext
    said: str = ""
    typed: list[str] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)

    def run(self, folder: Path) -> "Page":
        """All of it, in order; an exit code or a line that differs fails."""
        blocks = list(self._blocks())
        for number, (kind, text) in enumerate(blocks):
            if kind == "sh":
                edits = blocks[number + 1][1] if blocks[number + 1 : number + 2] else ""
                self._commands(text, folder, edits)
            elif kind == "text":
                self._seen(text)
        return self

    def _blocks(self) -> Iterator[tuple[str, str]]:
        return ((kind, body) for kind, body in _FENCED.findall(self.path.read_text(encoding="utf-8")))

    def _put(self, text: str) -> str:
        for old, new in self.values.items():
            if old in text:
                self.found[old] = self.found.get(old) or (new if isinstance(new, str) else new())
                text = text.replace(old, self.found[old])
        return text

    def _commands(self, text: str, folder: Path, edits: str) -> None:
        self.said = ""
        for command in lines_of(text):
            if bare(command) in self.left:
                continue
            self.typed.append(command)
            with self.by(command):
                folder = self._command(self._put(command), folder, edits)

    def _command(self, command: str, folder: Path, edits: str) -> Path:
        """Where the next one is typed."""
        environ = {**os.environ, **self.environ}
        words = [os.path.expandvars(word) for word in shlex.split(_expanded(bare(command), environ))]
        if words[0] == "cd":
            os.chdir(words[1])
            return Path(words[1])
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.environ[name] = value
        elif command.startswith("${EDITOR:-vi} "):
            edit(folder / words[1], self._put(edits))
        elif command.startswith("$EDITOR "):
            assert self.editor, command
            self.editor(folder / words[1])
        else:
            wanted = int(found[1]) if (found := _EXIT.search(command)) else 0
            code, said = self._typed(bare(command), folder)
            assert code == wanted, (command, code, said)
            self.said += said
        return folder

    def _typed(self, command: str, folder: Path) -> tuple[int, str]:
        """In this process what only calls our program: a shell and a new Python for each would take minutes."""
        environ = {**os.environ, **self.environ}
        if command.startswith("archiver ") and not _SHELL.search(command):
            words = [os.path.expandvars(word) for word in shlex.split(_expanded(command, environ))[1:]]
            found = archiver(*words, environ=self.environ)
            return found.code, found.out + found.err
        program = f'archiver() {{ {shlex.quote(sys.executable)} -m archiver "$@"; }}; '
        done = subprocess.run(
            ["bash", "-c", program + command], cwd=folder, env=environ, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout + done.stderr

    def _seen(self, text: str) -> None:
        lines = self.said.splitlines()
        for wanted in filter(None, map(str.strip, self._put(text).splitlines())):
            pattern = ".*".join(map(re.escape, wanted.split("...")))
            assert any(re.search(pattern, line) for line in lines), (wanted, self.said)


def lines_of(text: str) -> list[str]:
    """The commands of a block, each on one line; remarks behind them included."""
    lines = map(str.strip, text.replace("\\\n", " ").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def bare(command: str) -> str:
    """Without the remark behind it."""
    return re.sub(r"\s+#\s.*$", "", command)


def blocks(path: Path, kind: str) -> list[str]:
    """What is fenced as `kind` on a page."""
    return [body for found, body in _FENCED.findall(path.read_text(encoding="utf-8")) if found == kind]


def edit(path: Path, edits: str) -> None:
    """What a person does in an editor."""
    if path.suffix != ".toml":
        path.parent.mkdir(exist_ok=True)
        path.write_text(edits, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for how, table in re.findall(
        r"^# (add|take out|change)\b.*\n((?:(?!# (?:add|take out|change)\b).*\n)+)", edits, re.MULTILINE
    ):
        text = _edited(text, how, table)
    path.write_text(text, encoding="utf-8")


def _edited(text: str, how: str, table: str) -> str:
    if how == "add":
        return f"{text.rstrip()}\n\n{table}"
    start, end = _where(text, table)
    if how == "take out":
        return text[:start] + text[end:]
    body = text[start:end]
    for key, line in re.findall(r"^((\w+) = .*)$", table, re.MULTILINE):
        key, line = line, key
        changed, count = re.subn(rf"^{key} = .*$", lambda _, line=line: line, body, count=1, flags=re.MULTILINE)
        head = body.partition("\n")[0]
        body = changed if count else body.replace(head, f"{head}\n{line}", 1)
    return text[:start] + body + text[end:]


def _where(text: str, table: str) -> tuple[int, int]:
    """Where the table of that header, and of that id or name, stands; to the next header or comment in column one."""
    header, named = _TABLE.search(table), _NAMED.search(table)
    assert header, table
    for found in re.finditer(rf"^{re.escape(header[0])}\n", text, re.MULTILINE):
        after = _TABLE.search(text, found.end())
        end = after.start() if after else len(text)
        body = text[found.start() : end]
        if not named or named[0] in body or (named[0] == 'id = "primary"' and not _NAMED.search(body)):
            return found.start(), end
    raise AssertionError(f"no such table: {header[0]} {named}")


def _expanded(command: str, environ: Mapping[str, str]) -> str:
    command = re.sub(r"(?<=\s)~(?=/|\s|$)", environ.get("HOME", "~"), command)
    return re.sub(r"\$\{?(\w+)\}?", lambda found: environ.get(found[1], found[0]), command)
