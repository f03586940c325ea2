"""Access: what is in the archive, where a message is, and what became of it."""

from archiver.access.question import Catalog
from archiver.access.search import Found, Hit, Query, search
from archiver.access.show import Shown, show
from archiver.access.status import Status, status
from archiver.access.words import lines

__all__ = ["Catalog", "Found", "Hit", "Query", "Shown", "Status", "lines", "search", "show", "status"]
