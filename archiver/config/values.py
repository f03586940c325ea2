"""What a configuration says, as values. Paths are absolute; secrets stay references until a door resolves them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Party:
    """A legal person (`name`) or a natural one (`first_name`, `last_name`), with the act that gives the role."""

    legal: bool
    name: str
    first_name: str
    last_name: str
    tax_code: str
    vat: str
    document: str

    @property
    def display(self) -> str:
        """The name as people write it."""
        return self.name if self.legal else f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Responsible:
    """A responsabile della conservazione and the days on which the nomination holds; `until` is None for today's."""

    party: Party
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class RetentionConfig:
    """A retention class: years after 31 December of the year of `event`; 9999 is for ever."""

    name: str
    years: int
    event: str
    basis: str
    fiscal: bool


@dataclass(frozen=True, slots=True)
class SignerConfig:
    """Who seals: `kind` is `file`, `hand` or `local` (the embedded one, without legal value)."""

    kind: str
    party: Party
    role: str
    certificate: Path | None
    key: Path | None
    password: str
    subject: str
    level: str
    anchors: tuple[Path, ...]
    crls: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class TsaConfig:
    """A time stamping authority; `kind` is `local` (the embedded one, without legal value)."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where the objects lie."""

    kind: str
    path: Path
    country: str
    operator: str


@dataclass(frozen=True, slots=True)
class ImapConfig:
    """A mail server: `secret` is a reference to a password, or with `oauth` to an access token.

    `folders`: only these (none: all but drafts and junk); `skip`: never these. `ca`: a private authority.
    """

    host: str
    port: int
    user: str
    secret: str
    oauth: bool
    starttls: bool
    ca: Path | None
    folders: tuple[str, ...]
    skip: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailboxConfig:
    """One mailbox: `path` is a folder of .eml, a Maildir or an mbox that is read each time, or None; `imap` likewise.

    At most one of the two is there.
    """

    name: str
    id: str
    holder: str
    address: str
    aliases: tuple[str, ...]
    retention: str
    close_after: str
    riservato: bool
    annotations_days: int
    path: Path | None
    imap: ImapConfig | None


@dataclass(frozen=True, slots=True)
class Config:
    """One archive. `holders` by id; `folder` is where the configuration file lies."""

    folder: Path
    demo: bool
    kind: str
    language: str
    manual: str
    catalog: str
    providers: Path
    holders: dict[str, Party]
    producer: Party
    responsibles: tuple[Responsible, ...]
    service: Party | None
    sign_rdv: bool
    signer: SignerConfig
    tsas: tuple[TsaConfig, ...]
    stores: tuple[StoreConfig, ...]
    mailboxes: tuple[MailboxConfig, ...]
    retentions: dict[str, RetentionConfig]
    warnings: tuple[str, ...]
