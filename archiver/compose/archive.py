"""An archive, opened: its configuration, and the adapters that its configuration names, made when they are needed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from archiver.access.unrestricted import Unrestricted
from archiver.access.within import Within
from archiver.adapters import authority
from archiver.adapters.authority import LocalAuthority
from archiver.adapters.catalog import Catalog, password_in, with_password
from archiver.adapters.catalog.sharded import OfHolder
from archiver.adapters.signer import FileSigner, check_certificate, check_mechanism
from archiver.adapters.stores.mirrored import Mirrored
from archiver.chain import Material
from archiver.collect import Collected, Collector, Need
from archiver.compose import material, roles, trusting
from archiver.compose import stores as places
from archiver.compose.boxes import box
from archiver.compose.redaction import remember
from archiver.compose.roles import Right, User
from archiver.compose.secrets import secret_text
from archiver.compose.slots import Counted, shared
from archiver.config import Config, MailboxConfig, TsaConfig, parse
from archiver.digest import sha256
from archiver.errors import ConfigError
from archiver.evidence.policy import Policy
from archiver.pec.providers import Providers
from archiver.ports import Signer, TimeStampingAuthority
from archiver.stamping import Authority, Line
from archiver.submission.acts import REVOKED
from archiver.submission.attachments import Inspector
from archiver.submission.box import Box
from archiver.verdict import Finding, Severity
from archiver.verify import Trust

if TYPE_CHECKING:
    from archiver.adapters.imap import ImapMailbox
    from archiver.adapters.tsa.timed import Waits
    from archiver.ingest import Intake
    from archiver.seal import Sealing

AUTHORITY = "ca"
"""The folder of the embedded CA, seal and TSA, beside the configuration."""


@dataclass(frozen=True)
class Archive:
    """One archive. `environ` resolves `env:` references; nothing else of the environment is looked at.

    `login` is whoever runs the program, `source` the SHA-256 of the configuration's file.
    """

    config: Config
    environ: Mapping[str, str] = field(repr=False)
    clock: Callable[[], datetime]
    login: str = ""
    source: str = ""

    @property
    def who(self) -> User:
        """Who runs the program, by `login` (the door knows it). Raises ConfigError for one whom nobody listed."""
        return roles.user(self.config, self.login)

    def permit(self, right: Right, mailbox: str | None = None) -> None:
        """Nothing, when whoever runs the program has the right, in the mailbox called so. Raises ConfigError."""
        roles.check(self.who, right, self.config, mailbox)

    @property
    def site(self) -> places.Site:
        """Where the primary store is, or will be."""
        return places.site(self.config.stores[0], self.environ, self.config.folder, self.clock)

    @cached_property
    def stores(self) -> dict[str, places.Store]:
        """Every store by its id, the primary first; each is opened when it is used: its errors come then."""
        return places.opened(places.sites(self.config, self.environ, self.clock))

    @cached_property
    def erasing(self) -> dict[str, places.Store]:
        """Every store as whoever carries out discards opens it: with keys of his own, where there are any."""
        if not any(one.s3 and one.s3.discard_access for one in self.config.stores):
            return self.stores
        return places.erasing(self.config, self.environ, self.clock)

    @cached_property
    def store(self) -> places.Store:
        """The primary store, for whoever works: what is put there goes to the replicas that are written together.

        Raises Unavailable when it is not there.
        """
        together = [one.id for one in self.config.stores if one.sync]
        primary = self.site.opened()
        if not together:
            return primary
        return Mirrored(primary, {id: partial(self.stores.__getitem__, id) for id in together})

    @property
    def aside(self) -> dict[str, str]:
        """Replicas that should have been written together with the primary and were not, by id, with the reason."""
        return dict(self.store.aside) if isinstance(self.store, Mirrored) else {}

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog. Raises Unavailable or ConfigError."""
        return Catalog.open(self.catalog_url)

    @property
    def visible(self) -> Catalog:
        """The catalog as whoever runs the program may see it: of a `utente` messages of its own mailboxes only.

        Without messages whose processing is restricted.
        """
        return cast(Catalog, Unrestricted(self.own))

    @property
    def own(self) -> Catalog:
        """The same, with messages whose processing is restricted."""
        own = self.who.mailboxes
        return self.catalog if own is None else cast(Catalog, Within(self.catalog, own))

    @property
    def catalog_url(self) -> str:
        """Where the catalog is, password included: not to be shown. Raises ConfigError."""
        password = secret_text(self.config.catalog_password, self.environ, self.config.folder)
        if self.config.catalog_has_password:
            remember(password_in(self.config.catalog))
        return with_password(self.config.catalog, password)

    @cached_property
    def providers(self) -> Providers:
        """The PEC providers' CAs of the configured folder; none is no error, and makes every origin INDETERMINATE."""
        return material.providers(self.config.providers)

    @cached_property
    def believed(self) -> Providers:
        """The providers, but for the certificates that a person revoked, as the catalog knows it."""
        revoked = [row.sha256 for row in self.catalog.standings().values() if row.state == REVOKED]
        return self.providers.without(revoked) if revoked else self.providers

    @cached_property
    def inspector(self) -> Inspector | None:
        """Looks at signed attachments, where that is configured. Raises ConfigError for anchors that are none."""
        if not self.config.attachments.signatures:
            return None
        return Inspector(octets for path in self.config.attachments.anchors for octets in material.certificates(path))

    def box(self, mailbox: MailboxConfig, at: datetime) -> Box:
        """A mailbox with its parties of the day."""
        return box(self.config, mailbox, today=at.date())

    def mailbox(self, name: str | None) -> MailboxConfig:
        """The mailbox called `name`; without a name the only one. Raises ConfigError."""
        known = {mailbox.name: mailbox for mailbox in self.config.mailboxes}
        if name is None and len(known) == 1:
            return next(iter(known.values()))
        if name not in known:
            asked = "--mailbox NAME is needed" if name is None else f"no mailbox is called {name!r}"
            raise ConfigError(f"{asked}; configured: {', '.join(known)}")
        return known[name]

    def intake(self, mailbox: MailboxConfig, clock: Callable[[], datetime], *, signing: bool = True) -> "Intake":
        """What a poll of `mailbox` works with; without `signing` only to heal, which writes no rapporto."""
        from archiver.ingest import Intake  # who searches takes nothing in

        sign = self._rdv_signature(clock) if self.config.sign_rdv and signing else None
        box = self.box(mailbox, clock())
        return Intake(box, self.store, self.catalog, self.believed, clock, sign, self.inspector)

    def server(self, mailbox: MailboxConfig, *, patient: bool = True) -> "ImapMailbox":
        """The mailbox on its mail server; nothing is asked of it yet. Raises ConfigError when it has none.

        `patient`: a server that does not answer is asked again after a while.
        """
        from archiver.adapters.imap import Account, ImapMailbox  # who searches needs no network

        imap = mailbox.imap
        if imap is None:
            raise ConfigError(f"mailbox {mailbox.name}: has no [mailbox.imap] in the configuration")
        account = Account(
            host=imap.host,
            port=imap.port,
            user=imap.user,
            secret=partial(secret_text, imap.secret, self.environ, self.config.folder),
            oauth=imap.oauth,
            starttls=imap.starttls,
            ca=imap.ca,
            folders=imap.folders,
            skip=imap.skip,
        )
        return ImapMailbox(account) if patient else ImapMailbox(account, pause=lambda _: None)

    def fresh(self) -> "Archive":
        """The same archive with nothing opened yet, for another process."""
        return Archive(self.config, dict(self.environ), self.clock, self.login, self.source)

    def _rdv_signature(self, clock: Callable[[], datetime]) -> Callable[[bytes], bytes]:
        """Signs a rapporto with the seal's key; its evidence record, not a stamp of its own, proves its time."""
        self.check_signer(clock())
        return lambda octets: self.signer.sign(octets, at=clock(), stamp=None)

    def sealing(
        self, clock: Callable[[], datetime], nonce: Callable[[], int], *, by_hand: bool, holder: str | None = None
    ) -> "tuple[Sealing, tuple[Finding, ...]]":
        """What a sealing run works with (of one holder, if so asked), and warnings about the signing certificate.

        Raises ConfigError for a certificate that may not sign now: expired, not yet valid, another signer's, revoked;
        and what `Signer.ready` raises.
        """
        from archiver.seal import Sealing, Seals  # who searches seals nothing

        at = clock()
        signer = None if by_hand or self.config.signer.kind == "hand" else self.signer
        warnings = self.check_signer(at) if signer else ()
        if signer:
            signer.ready()
        boxes = {mailbox.id: self.box(mailbox, at) for mailbox in self.config.mailboxes}
        work = Sealing(
            boxes={id: box for id, box in boxes.items() if holder in (None, box.holder)},
            store=self.store,
            catalog=self.catalog_of(holder),
            providers=self.providers,
            seals=Seals(signer, self.config.signer.level == "B-T", self.seal_anchors, self.seal_crls(at), self.admits),
            lines=self.lines(clock),
            # the night's evidence comes after the seals: one question is kept for it
            signing=tuple(one for line in self.lines(clock, spare=1) for one in line),
            former=tuple(self._authority(tsa, clock) for tsa in self.config.tsas if tsa.retired),
            clock=clock,
            nonce=nonce,
            collector=self.collector(clock),
            attachment_anchors=self._attachment_anchors,
        )
        return work, warnings

    def catalog_of(self, holder: str | None) -> Catalog:
        """The catalog, or one holder's part of it."""
        return self.catalog if holder is None else cast(Catalog, OfHolder(self.catalog, holder))

    @cached_property
    def _attachment_anchors(self) -> tuple[bytes, ...]:
        """What signers of attachments should lead to, where they are looked at."""
        asked = self.config.attachments.anchors if self.config.attachments.signatures else ()
        return tuple(octets for path in asked for octets in material.certificates(path))

    @cached_property
    def signer(self) -> Signer:
        """Whoever seals. Raises ConfigError naming the file and the way out."""
        signer = self.config.signer
        if signer.kind == "local":
            folder = self.config.folder / AUTHORITY
            return FileSigner.from_pem(folder / "seal.pem", folder / "seal.key", chain=(folder / "ca.pem",))
        return material.signer(signer, self.environ, self.config.folder)

    @cached_property
    def seal_anchors(self) -> tuple[bytes, ...]:
        """The certificates that a seal must lead to, DER."""
        if self.config.signer.kind == "local":
            return material.certificates(self.config.folder / AUTHORITY / "ca.pem")
        return tuple(octets for path in self.config.signer.anchors for octets in material.certificates(path))

    def seal_crls(self, at: datetime) -> tuple[bytes, ...]:
        """Lists of revocations for seals, DER."""
        local = (authority.crl(self.config.folder / AUTHORITY, at),) if self.config.signer.kind == "local" else ()
        return (*local, *(octets for path in self.config.signer.crls for octets in material.lists(path)))

    @cached_property
    def tsa_anchors(self) -> tuple[bytes, ...]:
        """The certificates that time stamps must lead to, DER; those of retired authorities among them."""
        return tuple(dict.fromkeys(octets for tsa in self.config.tsas for octets in self._anchors_of(tsa)))

    @cached_property
    def policy(self) -> Policy:
        """What seals and tokens are judged with: every anchor, and the catalogue under the operator's own table."""
        anchors = dict.fromkeys((*self.seal_anchors, *self.tsa_anchors))
        accepted = trusting.accepted(self.config.trust)
        return Policy(Material(tuple(anchors)), trusting.catalogue(self.config.trust), accepted=accepted)

    @property
    def trust(self) -> Trust:
        """Whom the judge believes when this archive asks it."""
        return Trust(self.believed, self.policy)

    def collector(self, clock: Callable[[], datetime]) -> Collector:
        """Who collects what proves certificates, for this archive."""
        return trusting.collector(self.config.trust, self.store, self.catalog, clock)

    def collected(self, path: tuple[bytes, ...], kind: str, clock: Callable[[], datetime]) -> Collected:
        """What proves the certificates of a path (DER, the anchor last) today, kept for every holder.

        `kind` is what the first one is: `tsa`, `signer`, `provider` or `ca`. Lists in files are those configured.
        """
        at = clock()
        lists = dict.fromkeys(self.seal_crls(at))
        lists |= dict.fromkeys(octets for tsa in self.config.tsas for octets in self._lists_of(tsa, at))
        return self.collector(clock).collect([Need(path, tuple(self.config.holders), kind, tuple(lists))])

    @cached_property
    def waits(self) -> "Waits":
        """How long authorities took to answer whoever holds this archive."""
        from archiver.adapters.tsa.timed import Waits

        return Waits()

    def lines(self, clock: Callable[[], datetime], *, counted: bool = True, spare: int = 0) -> tuple[Line, ...]:
        """The time stamping authorities to be asked: those that stand in for one another, then each redundant one.

        Questions are `counted` in the catalog; without one yet they cannot be. `spare` of each night's cap are left.
        """
        made = {
            tsa: self._authority(tsa, clock, counted=counted, spare=spare)
            for tsa in self.config.tsas
            if not tsa.retired
        }
        first = tuple(authority for tsa, authority in made.items() if not tsa.redundant)
        others = tuple((authority,) for tsa, authority in made.items() if tsa.redundant)
        return (first, *others) if first else others

    def _authority(
        self, tsa: TsaConfig, clock: Callable[[], datetime], *, counted: bool = False, spare: int = 0
    ) -> Authority:
        if tsa.http is None:
            port: TimeStampingAuthority = LocalAuthority(self.config.folder / AUTHORITY, clock, name=tsa.id)
        else:
            port = material.authority(tsa.id, tsa.http, self.environ, self.config.folder)
        if counted:
            from archiver.adapters.tsa import Capped
            from archiver.adapters.tsa.timed import Timed

            if shared(self.catalog_url):
                port = Counted(port, lambda: self.catalog, self.config.engine.tsa)
            cap = None if tsa.cap is None else tsa.cap - spare
            port = Timed(Capped(port, self.catalog, cap=cap, clock=clock), self.waits)
        believed = Material(self._anchors_of(tsa), crls=self._lists_of(tsa, clock()))
        trusted = Policy(believed, trusting.catalogue(self.config.trust))
        return Authority(port, trusted, tsa.policy, tsa.digest, tsa.succeeds)

    def _anchors_of(self, tsa: TsaConfig) -> tuple[bytes, ...]:
        if tsa.kind == "local":
            return material.certificates(self.config.folder / AUTHORITY / "ca.pem")
        return tuple(octets for path in tsa.anchors for octets in material.certificates(path))

    def _lists_of(self, tsa: TsaConfig, at: datetime) -> tuple[bytes, ...]:
        if tsa.kind == "local":
            return (authority.crl(self.config.folder / AUTHORITY, at),)
        return tuple(octets for path in tsa.crls for octets in material.lists(path))

    @contextmanager
    def alone(self, errand: str, mailbox: MailboxConfig | None = None, *, part: str | None = None) -> Iterator[None]:
        """An errand on one mailbox, or on the whole archive: no other process with this catalog is at it, anywhere.

        With `part`, on that part of the archive: others may be at other parts, nobody at the whole. What is recorded in
        the meantime needs the lock: when it is lost, that fails. Raises Busy while another process holds it.
        """
        what = f"mailbox {mailbox.name}" if mailbox else f"part {part} of this archive" if part else "this archive"
        busy = f"another `archiver {errand}` is at work on {what}; try again when it is done"
        with self.catalog.exclusive(f"{errand}-{mailbox.id}" if mailbox else errand, busy=busy, part=part):
            yield

    def check_signer(self, at: datetime) -> tuple[Finding, ...]:
        """Warnings about the signing certificate. Raises ConfigError when it may not sign at `at`."""
        certificate = self.signer.certificate
        found = self.admits(certificate, self.signer.chain, at)
        found += check_mechanism(certificate, self.config.signer.mechanism, at=at)
        refusals = [item for item in found if item.severity in (Severity.ERROR, Severity.DOUBT)]
        if refusals:
            reasons = "\n".join(f"  {item.text('en')}" for item in refusals)
            raise ConfigError(f"the signing certificate may not be used:\n{reasons}")
        return tuple(item for item in found if item.severity is Severity.WARNING)

    def admits(self, certificate: bytes, chain: tuple[bytes, ...], at: datetime) -> tuple[Finding, ...]:
        """What is to be said of a signing certificate at `at`: its term, its subject, its path, its revocation."""
        signer = self.config.signer
        expected = signer.subject or signer.party.tax_code or signer.party.vat
        return (
            *check_certificate(certificate, at=at, expected_subject=expected),
            *material.path_findings(certificate, chain, self.seal_anchors, self.seal_crls(at), at),
        )


def open_archive(path: Path, *, environ: Mapping[str, str], clock: Callable[[], datetime], login: str = "") -> Archive:
    """The archive whose configuration lies at `path`, for the user of that login. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path}: there is no configuration here; make one with `archiver init`, or name it with --config FILE"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the configuration cannot be read: {error}") from error
    try:
        return Archive(parse(text, path.resolve().parent), environ, clock, login, sha256(text.encode()))
    except ConfigError as error:
        raise type(error)(f"{path}: {error}") from error
