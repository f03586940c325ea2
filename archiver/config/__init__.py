"""The configuration of an archive: one commented TOML file, read whole, all complaints at once."""

from archiver.config.engine import EngineConfig
from archiver.config.night import EmailConfig, LogsConfig, NightConfig, NotifyConfig, WebhookConfig
from archiver.config.read import parse
from archiver.config.template import demo_text, template_text
from archiver.config.values import (
    AccessConfig,
    AttachmentsConfig,
    CommandConfig,
    Config,
    HttpConfig,
    ImapConfig,
    MailboxConfig,
    Party,
    Pkcs11Config,
    Responsible,
    RetentionConfig,
    S3Config,
    SignerConfig,
    StoreConfig,
    TrustConfig,
    TsaConfig,
    UserConfig,
)

__all__ = [
    "AccessConfig",
    "AttachmentsConfig",
    "CommandConfig",
    "Config",
    "EmailConfig",
    "EngineConfig",
    "HttpConfig",
    "ImapConfig",
    "LogsConfig",
    "MailboxConfig",
    "NightConfig",
    "NotifyConfig",
    "Party",
    "Pkcs11Config",
    "Responsible",
    "RetentionConfig",
    "S3Config",
    "SignerConfig",
    "StoreConfig",
    "TrustConfig",
    "TsaConfig",
    "UserConfig",
    "WebhookConfig",
    "demo_text",
    "parse",
    "template_text",
]
