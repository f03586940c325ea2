"""A path that somebody hands in, and the messages in it."""

from collections.abc import Iterator
from pathlib import Path

from archiver.adapters.sources import files, kinds, mbox, tree
from archiver.adapters.sources.files import Place
from archiver.adapters.sources.kinds import Kind
from archiver.adapters.sources.mbox import Proof
from archiver.errors import ConfigError, Unavailable
from archiver.ports import Fetched, Unfetched


class FileSource:
    """`archiver.ports.Files` at a path.

    `skipped` counts, after a reading, its files that are plainly not mail (a README, a PDF beside the mails).
    """

    def __init__(self, path: Path, proves: Proof | None = None) -> None:
        self.path = path
        self.skipped = 0
        self._proves = proves

    def read(self) -> Iterator[Fetched | Unfetched]:
        """Every message, always in the same order: that of the bytes of the paths.

        Raises Unavailable when a path is not there, or vanishes under way.
        """
        self.skipped = 0
        for found in tree.places(self.path) if self.path.is_dir() else _named(self.path):
            if isinstance(found, Unfetched):
                yield found
            else:
                yield from self._read(found)

    def _read(self, place: Place) -> Iterator[Fetched | Unfetched]:
        try:
            match kinds.kind(place.path, message=place.message):
                case Kind.MESSAGE:
                    yield files.fetched(place)
                case Kind.MBOX:
                    yield from mbox.messages(place, self._proves)
                case Kind.OTHER:
                    self.skipped += 1
                case Kind.LIKE_MAIL | Kind.REFUSED:
                    yield Unfetched(place.origin, kinds.reason(place.path), place.folder)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise files.vanished(place.path) from error
        except OSError as error:
            yield Unfetched(place.origin, files.unreadable(error), place.folder)


def open_source(path: Path, *, proves: Proof | None = None) -> FileSource:
    """The messages at `path`: a Maildir, an mbox, one .eml, or a folder with any of these in it, however deep.

    `proves` says whether the provider's signature of a message is intact: with it, `>From ` of an mbox is un-quoted
    where that, and only that, makes the signature verify. Raises Unavailable when `path` is not there or cannot be
    read, ConfigError when it is something else than mail.
    """
    try:
        if not path.is_dir() and kinds.kind(path) in (Kind.REFUSED, Kind.OTHER):
            raise ConfigError(f"{path}: {kinds.reason(path)}")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise files.vanished(path) from error
    except OSError as error:
        raise Unavailable(f"{path}: {files.unreadable(error)}") from error
    return FileSource(path, proves)


def _named(path: Path) -> Iterator[Place]:
    """The one file that was named: if it looks like a message it is one, whatever it is called."""
    try:
        message = kinds.kind(path) is Kind.LIKE_MAIL
    except OSError:
        message = False  # reading it will say why
    yield Place(path, files.shown(path.name), message=message)
