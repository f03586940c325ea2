"""Shared by the tests of a catalog on a server."""

from servers.databases import postgres

__all__ = ["postgres"]
