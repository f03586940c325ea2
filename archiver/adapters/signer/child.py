"""A program that is run with a question on stdin and answers on stdout, in time and within measure, or not at all."""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from archiver.errors import ConfigError, Malformed, Unavailable

LIMIT = 16 * 1024 * 1024
"""Octets of an answer: a CMS with lists of revocations in it is the longest."""

SHOWN = 300
_PIECE, _GLANCE = 65536, 0.1


def program(name: str, environ: Mapping[str, str]) -> str:
    """The path of a program, as the system will find it. Raises ConfigError."""
    if "/" not in name:
        found = shutil.which(name, path=environ.get("PATH", os.defpath))
        if found is None:
            raise ConfigError(f"{name}: no such program in {environ.get('PATH', os.defpath)}; give its whole path")
        return found
    if not Path(name).is_file():
        raise ConfigError(f"{name}: there is no such program")
    if not os.access(name, os.X_OK):
        raise ConfigError(f"{name}: is not executable; chmod +x it")
    return name


def run(argv: Sequence[str], question: bytes, *, environ: Mapping[str, str], timeout: float, secret: str = "") -> bytes:
    """What the program writes to stdout when it ends well; it sees nothing of the environment but `environ`.

    Raises ConfigError when it cannot be run, Unavailable when it fails or takes more than `timeout` seconds (it is
    killed, with all that it started), Malformed when it answers nothing or more than LIMIT octets. The last line of
    its stderr is quoted, unless it holds the `secret`.
    """
    name = program(argv[0], environ)
    if "\0" in secret:
        raise ConfigError(f"{argv[0]}: its secret holds a NUL, which no variable of the environment can; correct it")
    try:
        child = subprocess.Popen(
            [*argv],
            executable=name,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=dict(environ),
            start_new_session=True,
        )
    except OSError as error:
        raise ConfigError(f"{argv[0]}: cannot be run: {error.strerror}; is its first line right?") from error
    with child:
        try:
            said, complained = _heard(child, question, argv[0], timeout)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
    if child.returncode:
        how = f"exit {child.returncode}" if child.returncode > 0 else f"signal {-child.returncode}"
        raise Unavailable(f"{argv[0]}: failed ({how}){_quoted(complained, secret)}")
    if not said.strip():
        raise Malformed(f"{argv[0]}: expected a signature on stdout, found nothing{_quoted(complained, secret)}")
    return said


def quote(text: bytes, secret: str) -> str:
    """The last line of what a program wrote, fit to be shown: no secret, no control characters."""
    lines = text.decode("utf-8", "replace").split("\n")
    line = next((item.strip() for item in reversed(lines) if item.strip()), "")
    if secret and secret in line:
        return "(its last line holds the secret, and is not shown)"
    return "".join(letter if letter.isprintable() else "?" for letter in line)[:SHOWN]


def _heard(child: subprocess.Popen[bytes], question: bytes, name: str, timeout: float) -> tuple[bytes, bytes]:
    """All of stdout and the end of stderr, when the child has ended."""
    assert child.stdin, "made so"
    with suppress(BrokenPipeError):  # it need not read to answer
        child.stdin.write(question)
        child.stdin.close()
    deadline = time.monotonic() + timeout
    late = Unavailable(
        f"{name}: no answer within {timeout:g} seconds; it was ended, and its signature, if it made one, is not used:"
        " look at what the service counts, allow a longer `timeout` if it is slow, and try again"
    )
    said, complained = bytearray(), bytearray()
    with selectors.DefaultSelector() as pipes:
        pipes.register(_open(child.stdout), selectors.EVENT_READ, said)
        pipes.register(_open(child.stderr), selectors.EVENT_READ, complained)
        while pipes.get_map():
            ready = pipes.select(_GLANCE)
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                key.data.extend(piece)
                if not piece:
                    pipes.unregister(key.fileobj)
            del complained[:-_PIECE]
            if len(said) > LIMIT:
                raise Malformed(f"{name}: expected a signature on stdout, found more than {LIMIT} octets")
            if time.monotonic() > deadline:
                raise late
            if not ready and child.poll() is not None:
                break  # something that it left running keeps its pipes open
    try:
        child.wait(max(0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise late from None
    return bytes(said), bytes(complained)


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe, "made so"
    return pipe


def _quoted(complained: bytes, secret: str) -> str:
    line = quote(complained, secret)
    return f": {line}" if line else ""
