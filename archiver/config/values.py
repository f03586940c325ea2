"""What a configuration says, as values. Paths are absolute; secrets stay references until a door resolves them."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from archiver.config.engine import NO_ENGINE, EngineConfig
from archiver.config.night import ANY_LOGS, NO_NIGHT, NO_NOTICES, LogsConfig, NightConfig, NotifyConfig

_WITH_PASSWORD = re.compile(r"[a-z+]+://[^/?@]*:[^/?]*@|[^?]*\?(.*&)?(ssl)?password=")


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
class Pkcs11Config:
    """A key in a token or HSM: the library, the token by label or slot, the key by label or id; `pin` is a reference.

    `mechanism`: empty is by the key, ECDSA or RSASSA-PSS.
    """

    module: Path
    token: str
    slot: int | None
    key: str
    key_id: str
    pin: str
    mechanism: str


@dataclass(frozen=True, slots=True)
class CommandConfig:
    """A program that signs a digest: `answers` is `signature` or `cms`; `timeout` in seconds.

    `secret` is a reference; the program finds what it refers to in its variable `secret_name`. `mechanism`: as there.
    """

    argv: tuple[str, ...]
    answers: str
    secret: str
    secret_name: str
    mechanism: str
    timeout: int


@dataclass(frozen=True, slots=True)
class SignerConfig:
    """Who seals: `kind` is `file`, `pkcs11`, `command`, `hand` or `local` (the embedded one, without legal value)."""

    kind: str
    party: Party
    role: str
    certificate: Path | None
    key: Path | None
    password: str
    pkcs11: Pkcs11Config | None
    command: CommandConfig | None
    subject: str
    level: str
    anchors: tuple[Path, ...]
    crls: tuple[Path, ...]

    @property
    def mechanism(self) -> str:
        """How the key signs, where that is not left to the key."""
        device = self.pkcs11 or self.command
        return device.mechanism if device else ""


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """How an authority is reached; every password is a reference, `timeout` in seconds.

    `certificate` and `key` are the client's own, `ca` a private authority for the server's.
    """

    url: str
    user: str
    password: str
    certificate: Path | None
    key: Path | None
    key_password: str
    ca: Path | None
    proxy: str
    proxy_user: str
    proxy_password: str
    timeout: int
    attempts: int


@dataclass(frozen=True, slots=True)
class TsaConfig:
    """A time stamping authority; `kind` is `http` or `local` (the embedded one, without legal value).

    Those that are not `redundant` stand in for one another, in order; each redundant one gives a record of its own.
    A `retired` one is asked no more, its old tokens are still judged. `cap`: questions a night, None without limit;
    `policy`: the OID to ask for, or empty. `digest`: what its evidence is hashed with (`sha512`, ...); `succeeds`:
    retired ones whose records it renews.
    """

    id: str
    kind: str
    redundant: bool
    retired: bool
    cap: int | None
    policy: str
    digest: str
    succeeds: tuple[str, ...]
    anchors: tuple[Path, ...]
    crls: tuple[Path, ...]
    http: HttpConfig | None


@dataclass(frozen=True, slots=True)
class S3Config:
    """A bucket; `access` and `secret` are references (empty: whatever the machine has), `timeout` in seconds.

    `lock` is `off`, `governance` or `compliance`; `lock_days` protect what no volume has yet. An `endpoint` that is
    empty is Amazon's. `discard_access` and `discard_secret` are those of whoever carries out discards, if others.
    """

    endpoint: str
    region: str
    bucket: str
    prefix: str
    virtual: bool
    ca: Path | None
    compat: bool
    lock: str
    lock_days: int
    access: str
    secret: str
    connections: int
    attempts: int
    timeout: int
    discard_access: str = ""
    discard_secret: str = ""


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where the objects lie: in the folder `path`, or in the bucket `s3`; one of the two is there.

    `sync`: a replica that is written together with the primary, not only by the nightly run.
    """

    id: str
    path: Path | None
    s3: S3Config | None
    country: str
    operator: str
    sync: bool = False

    @property
    def shown(self) -> str:
        """How people are told of it."""
        return f"s3://{self.s3.bucket}/{self.s3.prefix}" if self.s3 else str(self.path)

    @property
    def place(self) -> str:
        """What tells it from all others: one that begins with another's, and a slash, lies within it."""
        if self.s3:
            return f"{self.s3.endpoint.lower().rstrip('/')} s3://{self.s3.bucket}/{self.s3.prefix}".rstrip("/")
        return str(self.path.resolve()) if self.path else ""


@dataclass(frozen=True, slots=True)
class ImapConfig:
    """A mail server: `secret` is a reference to a password, or with `oauth` to an access token.

    `folders`: only these (none: all but drafts and junk); `skip`: never these. `ca`: a private authority. `purge`:
    whether messages may ever be deleted there, once they are safe here.
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
    purge: bool = False


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
class AttachmentsConfig:
    """Whether intake looks at `signatures` of attachments, and files with the CAs that their signers should lead to."""

    signatures: bool = False
    anchors: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustConfig:
    """Whether lists of revocations and the like are fetched, and how; `ocsp` is `when-no-crl`, `always` or `never`.

    `lists` and `list_urls` are trusted lists to be kept with the archive; `algorithms`: a stricter table, laid over the
    catalogue. `allow_private`: addresses in certificates may lead inside.
    """

    fetch: bool = True
    ocsp: str = "when-no-crl"
    allow_private: bool = False
    proxy: str = ""
    lists: tuple[Path, ...] = ()
    list_urls: tuple[str, ...] = ()
    algorithms: Path | None = None


@dataclass(frozen=True, slots=True)
class SweepConfig:
    """`days`: every object on every replica is read again within so many. `budget`: bytes a run, None: what is due.

    `opened_days`: after so many days people's ability to read the messages is checked again; `repair`: runs repair what
    they can without being asked.
    """

    days: int = 90
    budget: int | None = None
    opened_days: int = 1460
    repair: bool = False


@dataclass(frozen=True, slots=True)
class UserConfig:
    """A user of the operating system; `mailboxes` (by name) are those that a `utente` may read, else none is named."""

    login: str
    role: str
    mailboxes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessConfig:
    """`reason`: whoever looks at messages must say why."""

    reason: bool = False


@dataclass(frozen=True, slots=True)
class AlarmsConfig:
    """`days`: sendings of so many are watched; `fiscal_year_end`: month and day on which the tax year ends."""

    days: int = 30
    fiscal_year_end: tuple[int, int] = (12, 31)


@dataclass(frozen=True, slots=True)
class Config:
    """One archive. `holders` by id; `folder` is that of the configuration file; `catalog_password` is a reference.

    `stores`: the primary first, then its replicas; a message is safe when `copies` of them have it. `textfile`: where
    the night leaves its metrics.
    """

    folder: Path
    demo: bool
    kind: str
    language: str
    manual: str
    catalog: str = field(repr=False)
    catalog_password: str
    providers: Path
    holders: dict[str, Party]
    producer: Party
    responsibles: tuple[Responsible, ...]
    service: Party | None
    sign_rdv: bool
    attachments: AttachmentsConfig
    trust: TrustConfig
    signer: SignerConfig
    tsas: tuple[TsaConfig, ...]
    stores: tuple[StoreConfig, ...]
    mailboxes: tuple[MailboxConfig, ...]
    retentions: dict[str, RetentionConfig]
    warnings: tuple[str, ...]
    copies: int = 1
    sweep: SweepConfig = SweepConfig()
    users: tuple[UserConfig, ...] = ()
    access: AccessConfig = AccessConfig()
    alarms: AlarmsConfig = AlarmsConfig()
    night: NightConfig = NO_NIGHT
    notify: NotifyConfig = NO_NOTICES
    logs: LogsConfig = ANY_LOGS
    textfile: Path | None = None
    engine: EngineConfig = NO_ENGINE

    @property
    def catalog_has_password(self) -> bool:
        """Whether the catalog's address holds its password: the file is a secret then, and never shown."""
        return bool(_WITH_PASSWORD.match(self.catalog))
