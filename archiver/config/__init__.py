"""The configuration of an archive: one commented TOML file, read whole, all complaints at once."""

from archiver.config.read import parse
from archiver.config.template import demo_text, template_text
from archiver.config.values import (
    Config,
    ImapConfig,
    MailboxConfig,
    Party,
    Responsible,
    RetentionConfig,
    SignerConfig,
    StoreConfig,
    TsaConfig,
)

__all__ = [
    "Config",
    "ImapConfig",
    "MailboxConfig",
    "Party",
    "Responsible",
    "RetentionConfig",
    "SignerConfig",
    "StoreConfig",
    "TsaConfig",
    "demo_text",
    "parse",
    "template_text",
]
