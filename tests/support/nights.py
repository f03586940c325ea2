"""One archive in memory and a clock that moves: each night is a poll on the next day."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from archiver.access.continuity import Certificate, continuity
from archiver.ingest import Report
from archiver.ports import Files, Mailbox
from support import letters
from support.embedded import EVENING, MAILBOX, Disk, Embedded


class Nights:
    """The archive, and what its certificate of continuity says."""

    def __init__(self, folder: Path, ca: Path) -> None:
        self.disk = Disk.made(folder)
        self.at = EVENING
        self.process = Embedded(self.disk, ca, letters.providers(), lambda: self.at)

    def night(self, source: Mailbox | Files, *, later: timedelta = timedelta(days=1), again: bool = False) -> Report:
        self.at += later
        return self.process.ingest(source, again=again)

    def certificate(self) -> Certificate:
        """What the last poll alone says, which the alarms ask for, comes to the same."""
        with self.disk.catalog() as catalog:
            asked = partial(continuity, catalog, MAILBOX, name="studio", address="studio@pec.example", at=self.at)
            certificate, newest = asked(), asked(newest=True)
        assert (newest.complete, newest.polled) == (certificate.complete, certificate.polled)
        return certificate

    def gaps(self) -> list[tuple[str, str, datetime | None]]:
        return [(gap.uids, gap.outcome, gap.since) for folder in self.certificate().folders for gap in folder.gaps]
