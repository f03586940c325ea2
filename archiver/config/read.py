"""From the text of a configuration to its values."""

import re
import tomllib
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from archiver.config import night as nights
from archiver.config import services
from archiver.config.engine import engine
from archiver.config.parties import party, responsible
from archiver.config.protection import unprotected
from archiver.config.table import ID, ID_HINT, Table
from archiver.config.trust import trust
from archiver.config.users import access, check_users, users
from archiver.config.values import (
    AlarmsConfig,
    AttachmentsConfig,
    Config,
    ImapConfig,
    MailboxConfig,
    RetentionConfig,
    SweepConfig,
    TsaConfig,
)
from archiver.errors import ConfigError, Unfilled

_ADDRESS = r"[^@\s]+@[^@\s]+"
_GAP = re.compile(r"(?!\[trust\])\[[^\]]+\] \w+: is missing\b")
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU = frozenset(_MEMBERS.split())


def parse(text: str, folder: Path) -> Config:
    """The configuration that `text` (TOML) says, with paths taken from `folder`.

    Raises ConfigError with every complaint, one a line; Unfilled when all of them are about what is missing.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the configuration is not valid TOML: {error}") from error
    complaints: list[str] = []
    config = _config(Table("top level", values, complaints), folder.resolve())
    if complaints:
        kind = Unfilled if all(map(_GAP.match, complaints)) else ConfigError
        raise kind("the configuration cannot be used:\n" + "\n".join(f"  {line}" for line in complaints))
    return config


def _config(top: Table, folder: Path) -> Config:
    archive = top.table("archive")
    demo = archive.flag("demo")
    holders = {table.text("id", pattern=ID, hint=ID_HINT): party(table) for table in top.tables("holder")}
    retentions = {name: _retention(name, table) for name, table in top.named("retention").items()}
    mailboxes = tuple(_mailbox(table, folder) for table in top.tables("mailbox"))
    stores = tuple(
        services.store(table, folder, primary=number == 0) for number, table in enumerate(top.tables("store"))
    )
    config = Config(
        folder=folder,
        demo=demo,
        kind=archive.text("kind", "private", one_of=("private", "pa")),
        language=archive.text("language", "it", one_of=("it", "en")),
        manual=archive.text("manual", hint="name and version of the manuale di conservazione"),
        catalog=_catalog_url(archive.text("catalog", "sqlite:///catalog.db"), folder),
        catalog_password=archive.reference("catalog_password"),
        providers=archive.path("providers", folder, "providers"),
        holders=holders,
        producer=party(top.table("producer")),
        responsibles=tuple(responsible(table) for table in top.tables("responsible")),
        service=party(top.table("service")) if top.has("service") else None,
        sign_rdv=_rdv(top),
        attachments=_attachments(top, folder),
        trust=trust(top, folder, demo=demo),
        signer=services.signer(top.table("signer"), folder),
        tsas=tuple(services.tsa(table, folder) for table in top.tables("tsa")),
        stores=stores,
        mailboxes=mailboxes,
        retentions=retentions,
        warnings=(),
        copies=archive.number("copies", max(1, len(stores)), low=1, high=max(1, len(stores))),
        sweep=services.sweep(top.table("sweep")) if top.has("sweep") else SweepConfig(),
        users=users(top),
        access=access(top),
        alarms=services.alarms(top.table("alarms")) if top.has("alarms") else AlarmsConfig(),
        night=nights.night(top),
        notify=nights.notify(top, folder),
        logs=nights.logs(top),
        textfile=nights.textfile(top, folder),
        engine=engine(top),
    )
    archive.close()
    top.close()
    _cross_check(config, top)
    return _warned(config)


def _retention(name: str, table: Table) -> RetentionConfig:
    if not re.fullmatch(ID, name):
        table.complain("", f"the class's name must be {ID_HINT}")
    retention = RetentionConfig(
        name=name,
        years=table.number("years", None, low=1, high=9999),
        event=table.text("event"),
        basis=table.text("basis"),
        fiscal=table.flag("fiscal"),
    )
    table.close()
    return retention


def _rdv(top: Table) -> bool:
    if not top.has("rdv"):
        return False
    table = top.table("rdv")
    sign = table.flag("sign")
    table.close()
    return sign


def _attachments(top: Table, folder: Path) -> AttachmentsConfig:
    if not top.has("attachments"):
        return AttachmentsConfig()
    table = top.table("attachments")
    found = AttachmentsConfig(signatures=table.flag("signatures"), anchors=table.paths("anchors", folder))
    if found.anchors and not found.signatures:
        table.complain("anchors", "are of no use without signatures = true")
    table.close()
    return found


def _mailbox(table: Table, folder: Path) -> MailboxConfig:
    address = table.text("address", pattern=_ADDRESS, hint="must be a mail address").lower()
    mailbox = MailboxConfig(
        name=table.text("name", pattern=r"[^\s/]+", hint="must be a word without blanks or slashes"),
        id=table.text("id", pattern=ID, hint=ID_HINT),
        holder=table.text("holder", ""),
        address=address,
        aliases=tuple(alias.lower() for alias in table.texts("aliases")),
        retention=table.text("class", "corrispondenza"),
        close_after=table.text(
            "close_after", "1M", pattern=r"[1-9]\d{0,2}[dM]", hint="must be days or months: 1d, 7d, 1M"
        ),
        riservato=table.flag("riservato"),
        annotations_days=table.number("annotations_days", 0, low=0, high=366),
        path=table.path("path", folder) if table.has("path") else None,
        imap=_imap(table.table("imap"), folder, address) if table.has("imap") else None,
    )
    if mailbox.path and mailbox.imap:
        table.complain(
            "path", "and [mailbox.imap] exclude each other: give the mailbox of the server, import the files"
        )
    table.close()
    return mailbox


def _imap(table: Table, folder: Path, address: str) -> ImapConfig:
    starttls = table.text("security", "tls", one_of=("tls", "starttls")) == "starttls"
    secrets = {name: table.reference(name) for name in ("password", "token")}
    if all(secrets.values()) or not any(secrets.values()):
        table.complain("password", "give either password or token (OAuth), as env:NAME or file:PATH")
    found = ImapConfig(
        host=table.text(
            "host",
            pattern=r"[^\s/:@]+|[0-9a-fA-F:]+",
            hint="must be the name of a server, such as imaps.pec.example.it",
        ),
        port=table.number("port", 143 if starttls else 993, low=1, high=65535),
        user=table.text("user", address),
        secret=secrets["token"] or secrets["password"],
        oauth=bool(secrets["token"]),
        starttls=starttls,
        ca=table.path("ca", folder) if table.has("ca") else None,
        folders=table.texts("folders"),
        skip=table.texts("skip"),
        purge=table.flag("purge"),
    )
    table.close()
    return found


def _catalog_url(url: str, folder: Path) -> str:
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return f"{prefix}{folder / url.removeprefix(prefix)}"
    return url


def _cross_check(config: Config, top: Table) -> None:
    if config.catalog_password and (config.catalog.startswith("sqlite:") or config.catalog_has_password):
        top.complain("", "[archive] catalog_password is for a PostgreSQL whose address has no password of its own")
    for kind, values in (("name", [m.name for m in config.mailboxes]), ("id", [m.id for m in config.mailboxes])):
        for value in {value for value in values if values.count(value) > 1}:
            top.complain("", f"two mailboxes have the same {kind} {value!r}")
    for mailbox in config.mailboxes:
        if mailbox.holder not in config.holders and (mailbox.holder or len(config.holders) != 1):
            top.complain("", f"mailbox {mailbox.name!r}: its holder {mailbox.holder!r} is no [[holder]]'s id")
        retention = config.retentions.get(mailbox.retention)
        if retention is None:
            top.complain(
                "", f"mailbox {mailbox.name!r}: class {mailbox.retention!r} has no [retention.{mailbox.retention}]"
            )
        elif retention.fiscal and config.signer.level == "B-B":
            top.complain("", f"class {retention.name!r} is fiscal: signer level B-B is refused, use B-T")
    if config.sign_rdv and config.signer.kind == "hand":
        top.complain("", "[rdv] sign = true needs a signer that can sign every night, not one by hand")
    ids = [tsa.id for tsa in config.tsas]
    if len(set(ids)) < len(ids):
        top.complain("", "two [[tsa]] have the same id")
    for tsa in config.tsas:
        if unknown := [name for name in tsa.succeeds if name == tsa.id or name not in ids]:
            top.complain("", f"[[tsa]] {tsa.id!r} succeeds {', '.join(unknown)}: name other [[tsa]] of this file by id")
    first = {tsa.digest for tsa in config.tsas if not tsa.redundant and not tsa.retired}
    if len(first) > 1:
        top.complain("", "[[tsa]] that stand in for one another have different digests: redundant ones may differ")
    if config.tsas and all(tsa.retired for tsa in config.tsas):
        top.complain("", "every [[tsa]] is retired: one must be asked")
    _check_authorities([tsa for tsa in config.tsas if not tsa.retired], config.signer.level, top)
    _check_stores(config, top)
    check_users(config.users, config.mailboxes, top)
    own = {name.lower() for box in config.mailboxes for name in (box.address, *box.aliases)}
    nights.check_notices(config.notify, own | {box.imap.user.lower() for box in config.mailboxes if box.imap}, top)
    if not config.demo and config.signer.kind == "local":
        top.complain("", "[signer] kind 'local' has no legal value: allowed only with [archive] demo = true")


def _check_stores(config: Config, top: Table) -> None:
    """Whether replicas are others: other ids, other places."""
    ids = [store.id for store in config.stores]
    for value in sorted({value for value in ids if ids.count(value) > 1}):
        top.complain("", f"two [[store]] have the same id {value!r}: copies are known by it")
    for one, other in combinations(sorted(config.stores, key=lambda store: store.place), 2):
        if f"{other.place}/".startswith(f"{one.place}/"):
            top.complain(
                "",
                f"[[store]] {one.id!r} and {other.id!r} lie at the same place, or one within the other"
                f" ({other.shown}): a replica lies somewhere else",
            )


def _check_authorities(asked: list[TsaConfig], level: str, top: Table) -> None:
    """Whether redundant authorities are others, and whether any may give a token to a seal beside the night's."""
    for one, other in combinations(asked, 2):
        same = one.http and other.http and _place(one.http.url) == _place(other.http.url)
        if same and (one.redundant or other.redundant):
            top.complain(
                "",
                f"[[tsa]] {one.id!r} and {other.id!r} have the same url: two records of one authority are not"
                " redundancy; give another authority's url, or take one of the two out",
            )
    if level == "B-T" and asked and all(tsa.cap == 1 for tsa in asked):
        top.complain(
            "",
            f"[[tsa]] {asked[0].id!r}: tokens_per_night = 1 is too few with signer level B-T: a volume needs two"
            " tokens, for its signature and for its evidence; raise it",
        )


def _place(url: str) -> tuple[str, str]:
    """Host and path, whatever the scheme and the case of the host."""
    host, _, path = url.partition("://")[2].partition("/")
    return host.lower(), path.rstrip("/")


def _warned(config: Config) -> Config:
    warnings = ["archivio dimostrativo, SENZA VALORE LEGALE / WITHOUT LEGAL VALUE"] if config.demo else []
    for store in config.stores:
        if store.country not in _EU:
            warnings.append(f"store {store.shown}: country {store.country} lies outside the European Union")
        elif config.kind == "pa" and store.country != "IT":
            warnings.append(
                f"store {store.shown}: country {store.country}: a public administration keeps its data in Italy"
            )
        if store.s3 and store.s3.lock == "compliance":
            warnings.append(
                f'store {store.shown}: lock = "compliance": nothing can be destroyed early, by nobody, not even on a'
                " court's order"
            )
        if store.s3 and store.s3.lock == "off":
            warnings.append(f'store {store.shown}: lock = "off": whoever holds its keys can delete the archive')
    if config.catalog_has_password:
        warnings.append('the catalog\'s password stands in the configuration: use catalog_password = "env:NAME"')
    warnings += unprotected(config)
    if config.signer.level == "B-B":
        warnings.append("signer level B-B: inspectors look for the signature's timestamp; B-T is the rule")
    if any(tsa.kind == "local" and not tsa.retired for tsa in config.tsas) and not config.demo:
        warnings.append(
            "time stamps of the embedded authority have no legal value: riferimento temporale non qualificato"
        )
    if not config.users and not config.demo:
        warnings.append(
            "nessun [[user]]: chiunque esegua il programma è responsabile / no [[user]]: whoever runs the program may"
            " do everything"
        )
    return replace(config, warnings=tuple(warnings))
