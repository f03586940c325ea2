"""Servers for the stores; each worker starts its own, when a test asks for it."""

from servers.databases import postgres
from servers.gateways import gateway, gateway20, locking_gateway
from support.buckets import moto

__all__ = ["gateway", "gateway20", "locking_gateway", "moto", "postgres"]
