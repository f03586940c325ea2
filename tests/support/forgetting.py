"""A catalog that has lost what the store can tell again: what healing finds, and what it must not touch."""

from sqlalchemy import delete

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.tables import ANNOTATION, ATTEMPT, FAILING, HANDED_OUT, METADATA, RECKONING

_STAYS = (HANDED_OUT, ANNOTATION, ATTEMPT, FAILING, RECKONING)
"""What was handed out for signing, what a sidecar brought, counts of servers: the store knows nothing of them."""


def forget(catalog: Catalog) -> None:
    """Every row of all other tables."""
    with catalog._database.writing() as connection:
        for table in reversed(METADATA.sorted_tables):
            if table not in _STAYS:
                connection.execute(delete(table))
