"""What can go wrong, told apart by what the caller can do about it."""

import traceback


class ArchiverError(Exception):
    """Root of all errors that this system raises on purpose; its text is fit to be shown to a person."""


class Unavailable(ArchiverError):
    """A service did not answer, or is busy: nothing changed, try again later."""


class Busy(Unavailable):
    """Another process is at this very work: there is nothing to do but wait for it."""


class Absent(ArchiverError):
    """What was asked for is not there."""


class Conflict(ArchiverError):
    """Something else is there already, and must not be: stop."""


class Unforeseen(ArchiverError):
    """A fault of this program, in one place of it: what is beside goes on, and somebody must look at it."""


class Malformed(ArchiverError):
    """What came from outside does not keep its own rules: their fault, not ours."""


class ConfigError(ArchiverError):
    """The configuration cannot be used; all complaints at once, one a line."""


class Unfilled(ConfigError):
    """Fields of the configuration are missing or still empty; nothing else is wrong with it."""


def unforeseen(error: Exception) -> Unforeseen:
    """An error that nobody foresaw, by its kind and its place; its own words may hold anything, and are left out."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "/archiver/" in frame.filename
    ] or traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rpartition('/archiver/')[2]}:{frames[-1].lineno}" if frames else "-"
    return Unforeseen(
        f"errore imprevisto del programma ({type(error).__name__}, {where}): segnalarlo a chi lo mantiene"
        " (a fault of the program: report it)"
    )


def of_the_system(error: OSError) -> Unavailable:
    """What the operating system refused: a disk that is full, a folder that may not be written."""
    where = f"{error.filename}: " if error.filename else ""
    return Unavailable(f"{where}{error.strerror or error}: controllare disco e permessi (check disk and permissions)")
