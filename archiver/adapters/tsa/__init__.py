"""Time stamping authorities over HTTP (RFC 3161, 3.4), and what they are asked, counted."""

from archiver.adapters.tsa.account import Account
from archiver.adapters.tsa.http import HttpAuthority
from archiver.adapters.tsa.spend import Capped, Ledger
from archiver.night import night_of

__all__ = ["Account", "Capped", "HttpAuthority", "Ledger", "night_of"]
