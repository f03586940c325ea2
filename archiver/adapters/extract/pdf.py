"""Text out of PDFs, by a process beside this one; one that dies, hangs or grows too large is replaced by another."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGXCPU
from threading import Event, Timer
from types import TracebackType

from archiver.adapters.extract import child
from archiver.adapters.extract.child import ANSWER, QUESTION
from archiver.errors import Unavailable
from archiver.ports import Lack, PdfText

PATIENCE = 60.0
"""Seconds that one PDF may take, by the clock."""

TURNS = 500
"""PDFs that one process opens: whatever it may lose of its memory, it does not lose for long."""

_LAST_WORDS = 2.0

_LACKS = {
    child.DONE: None,
    child.ENCRYPTED: Lack.ENCRYPTED,
    child.BROKEN: Lack.BROKEN,
    child.LATE: Lack.LATE,
    child.BOUND: Lack.BOUND,
}


class PdfProcess:
    """Reads PDFs one after the other; used in a `with`, at whose end no process is left."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._turns = 0

    def __enter__(self) -> "PdfProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int | None:
        """The number of the process that is there now."""
        return self._process.pid if self._process else None

    def read(self, octets: bytes, *, most: int) -> PdfText:
        """See `archiver.ports.PdfReader`."""
        if self._turns >= TURNS:
            self._end()
        process = self._process or self._begin()
        self._turns += 1
        late = Event()
        timer = Timer(self._patience, _kill, (process, late))
        timer.daemon = True
        timer.start()
        try:
            answer = _asked(process, octets, most)
        except (BrokenPipeError, ConnectionResetError):
            answer = None
        finally:
            timer.cancel()
        if answer is not None and not late.is_set():
            return answer
        self._end(patience=_LAST_WORDS)
        over = late.is_set() or process.returncode == -SIGXCPU
        return PdfText(lack=Lack.LATE if over else Lack.BROKEN)

    def _begin(self) -> "subprocess.Popen[bytes]":
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(Path(child.__file__))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,  # an interruption ends us, and we end it
            )
        except OSError as error:
            raise Unavailable(
                f"{sys.executable}: il processo che legge i PDF non parte: {error.strerror} (cannot be started)"
            ) from error
        self._turns = 0
        return self._process

    def _end(self, *, patience: float = 0) -> None:
        """No process from now on; one that is ending by itself may, so that it can be asked why."""
        if self._process is None:
            return
        process, self._process = self._process, None
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                if pipe:
                    pipe.close()
        process.wait()


def _kill(process: "subprocess.Popen[bytes]", late: Event) -> None:
    late.set()
    process.kill()


def _asked(process: "subprocess.Popen[bytes]", octets: bytes, most: int) -> PdfText | None:
    """The answer; None when the process ended instead."""
    assert process.stdin, "made so"
    assert process.stdout, "made so"
    process.stdin.write(QUESTION.pack(most, len(octets)))
    process.stdin.write(octets)
    process.stdin.flush()
    head = process.stdout.read(ANSWER.size)
    if len(head) < ANSWER.size:
        return None
    status, length = ANSWER.unpack(head)
    text = process.stdout.read(min(length, 4 * most + 4 * child.PAGES))
    return PdfText(text.decode("utf-8", "replace"), _LACKS.get(status, Lack.BROKEN)) if len(text) == length else None
