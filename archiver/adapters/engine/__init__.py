"""The engine of many machines: Procrastinate over the catalog's PostgreSQL, in a schema of its own, and the units of a
night beside its queue. What is queued is identifiers only.
"""

from archiver.adapters.engine.ledger import Ledger
from archiver.adapters.engine.queue import Again, GivenBack, Order, Queue, Waiting
from archiver.adapters.engine.schema import SCHEMA, install, usable

__all__ = ["SCHEMA", "Again", "GivenBack", "Ledger", "Order", "Queue", "Waiting", "install", "usable"]
