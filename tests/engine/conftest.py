"""Shared by the tests of many machines: a database, a locking gateway, a mail server; all of them real."""

from servers.databases import postgres
from servers.gateways import gateway
from support.dovecots import dovecot

__all__ = ["dovecot", "gateway", "postgres"]
