"""Ways to a person, beside every archived mailbox: a mail server, an address that takes JSON."""

from archiver.adapters.notices.smtp import MailServer, SmtpNotice
from archiver.adapters.notices.webhook import WebhookNotice

__all__ = ["MailServer", "SmtpNotice", "WebhookNotice"]
