"""Alembic's entry: runs the steps over the connection, and in the transaction, of whoever called it."""

from alembic import context

from archiver.adapters.catalog.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
