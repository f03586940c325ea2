"""From the text of a configuration to its values."""

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

from archiver.config.table import Table
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
from archiver.errors import ConfigError

_ID = r"[a-z0-9][a-z0-9-]{0,39}"
_ID_HINT = "lower-case letters, digits and dashes, at most 40, and no personal data (it becomes part of object names)"
_ADDRESS = r"[^@\s]+@[^@\s]+"
_CODE = r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]|\d{11}"
_NEVER = date.max
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU = frozenset(_MEMBERS.split())


def parse(text: str, folder: Path) -> Config:
    """The configuration that `text` (TOML) says, with paths taken from `folder`.

    Raises ConfigError with every complaint, one a line.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the configuration is not valid TOML: {error}") from error
    complaints: list[str] = []
    config = _config(Table("top level", values, complaints), folder.resolve())
    if complaints:
        raise ConfigError("the configuration cannot be used:\n" + "\n".join(f"  {line}" for line in complaints))
    return config


def _config(top: Table, folder: Path) -> Config:
    archive = top.table("archive")
    holders = {table.text("id", pattern=_ID, hint=_ID_HINT): _party(table) for table in top.tables("holder")}
    retentions = {name: _retention(name, table) for name, table in top.named("retention").items()}
    mailboxes = tuple(_mailbox(table, folder) for table in top.tables("mailbox"))
    config = Config(
        folder=folder,
        demo=archive.flag("demo"),
        kind=archive.text("kind", "private", one_of=("private", "pa")),
        language=archive.text("language", "it", one_of=("it", "en")),
        manual=archive.text("manual", hint="name and version of the manuale di conservazione"),
        catalog=_catalog_url(archive.text("catalog", "sqlite:///catalog.db"), folder),
        providers=archive.path("providers", folder, "providers"),
        holders=holders,
        producer=_party(top.table("producer")),
        responsibles=tuple(_responsible(table) for table in top.tables("responsible")),
        service=_party(top.table("service")) if top.has("service") else None,
        sign_rdv=_rdv(top),
        signer=_signer(top.table("signer"), folder),
        tsas=tuple(_tsa(table) for table in top.tables("tsa")),
        stores=tuple(_store(table, folder) for table in top.tables("store")),
        mailboxes=mailboxes,
        retentions=retentions,
        warnings=(),
    )
    archive.close()
    top.close()
    _cross_check(config, top)
    return _warned(config)


def _party(table: Table) -> Party:
    legal = table.text("type", "legal person", one_of=("legal person", "natural person")) == "legal person"
    party = Party(
        legal=legal,
        name=table.text("name", hint="the name of the organisation") if legal else "",
        first_name="" if legal else table.text("first_name"),
        last_name="" if legal else table.text("last_name"),
        tax_code=table.text(
            "tax_code", "", pattern=_CODE, hint="must be a codice fiscale (16 characters or 11 digits)"
        ),
        vat=table.text("vat", "", pattern=r"\d{11}", hint="must be a partita IVA (11 digits)"),
        document=table.text("document", hint="the act that gives the role, such as a nomination with its date"),
    )
    if not party.tax_code and not party.vat:
        table.complain("tax_code", "is missing: codice fiscale, or vat = partita IVA")
    table.close()
    return party


def _responsible(table: Table) -> Responsible:
    since, until = table.day("valid_from"), table.day("valid_to")
    if since is None:
        table.complain("valid_from", "is missing: the day of the nomination, such as 2026-01-31")
    party = _party(table)
    if until and since and until < since:
        table.complain("valid_to", f"{until} lies before valid_from {since}")
    return Responsible(party, since or _NEVER, until)


def _retention(name: str, table: Table) -> RetentionConfig:
    if not re.fullmatch(_ID, name):
        table.complain("", f"the class's name must be {_ID_HINT}")
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


def _signer(table: Table, folder: Path) -> SignerConfig:
    kind = table.text("kind", one_of=("file", "hand", "local"))
    certificate = table.path("certificate", folder) if kind == "file" else None
    key = table.path("key", folder) if table.has("key") else None
    signer = SignerConfig(
        kind=kind,
        role=table.text("role", "Responsabile della conservazione"),
        certificate=certificate,
        key=key,
        password=table.reference("password"),
        subject=table.text("subject", ""),
        level=table.text("level", "B-T", one_of=("B-T", "B-B")),
        anchors=table.paths("anchors", folder),
        crls=table.paths("crls", folder),
        party=_party(table),
    )
    if kind in ("file", "hand") and not signer.anchors:
        table.complain("anchors", "is missing: files with the CA certificates that issued the signing certificate")
    return signer


def _tsa(table: Table) -> TsaConfig:
    tsa = TsaConfig(
        id=table.text("id", pattern=_ID, hint=_ID_HINT),
        kind=table.text("kind", one_of=("local",)),
    )
    table.close()
    return tsa


def _store(table: Table, folder: Path) -> StoreConfig:
    store = StoreConfig(
        kind=table.text("kind", one_of=("filesystem",)),
        path=table.path("path", folder),
        country=table.text("country", pattern=r"[A-Z]{2}", hint="the country's two letters, such as IT"),
        operator=table.text("operator", hint="who runs this storage"),
    )
    table.close()
    return store


def _mailbox(table: Table, folder: Path) -> MailboxConfig:
    address = table.text("address", pattern=_ADDRESS, hint="must be a mail address").lower()
    mailbox = MailboxConfig(
        name=table.text("name", pattern=r"[^\s/]+", hint="must be a word without blanks or slashes"),
        id=table.text("id", pattern=_ID, hint=_ID_HINT),
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
    )
    table.close()
    return found


def _catalog_url(url: str, folder: Path) -> str:
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return f"{prefix}{folder / url.removeprefix(prefix)}"
    return url


def _cross_check(config: Config, top: Table) -> None:
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
    if len(config.stores) > 1:
        top.complain("", "more than one [[store]]: replicas are not supported by this version")
    if not config.demo and config.signer.kind == "local":
        top.complain("", "[signer] kind 'local' has no legal value: allowed only with [archive] demo = true")


def _warned(config: Config) -> Config:
    warnings = ["archivio dimostrativo, SENZA VALORE LEGALE / WITHOUT LEGAL VALUE"] if config.demo else []
    for store in config.stores:
        if store.country not in _EU:
            warnings.append(f"store {store.path}: country {store.country} lies outside the European Union")
        elif config.kind == "pa" and store.country != "IT":
            warnings.append(
                f"store {store.path}: country {store.country}: a public administration keeps its data in Italy"
            )
    if config.signer.level == "B-B":
        warnings.append("signer level B-B: inspectors look for the signature's timestamp; B-T is the rule")
    if any(tsa.kind == "local" for tsa in config.tsas) and not config.demo:
        warnings.append(
            "time stamps of the embedded authority have no legal value: riferimento temporale non qualificato"
        )
    return replace(config, warnings=tuple(warnings))
