"""How full the mailboxes are, asked of their servers: nobody's failure when one does not say."""

from collections.abc import Iterable

from archiver.compose.archive import Archive
from archiver.errors import ArchiverError
from archiver.ports import Quota


def quotas(archive: Archive, names: Iterable[str]) -> dict[str, Quota]:
    """Those of these mailboxes that say it, by name."""
    found = {}
    for name in names:
        mailbox = archive.mailbox(name)
        if mailbox.imap is None:
            continue
        server = archive.server(mailbox, patient=False)
        try:
            told = server.quota()
        except ArchiverError:
            continue  # it was read a moment ago: what it is full of is told another night
        finally:
            server.close()
        if told:
            found[name] = told
    return found
