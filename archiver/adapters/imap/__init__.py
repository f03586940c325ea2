"""Mailboxes on mail servers: IMAP4rev1 (RFC 3501) over TLS, read without a trace."""

from archiver.adapters.imap.account import Account
from archiver.adapters.imap.mailbox import ImapMailbox

__all__ = ["Account", "ImapMailbox"]
