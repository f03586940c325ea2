"""The tables of the catalog. Their columns are the fields of `archiver.submission.rows`, under the same names.

A change here is a new migration beside: a test compares the two.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    literal_column,
    or_,
    text,
)

from archiver.adapters.catalog.types import Utc, Word, Words, WordTuple

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, primary_key: bool = False) -> Column[str]:
    """Digests, ids and names of our own making."""
    return Column(name, Text, primary_key=primary_key, nullable=False)


def _claim(name: str, *, primary_key: bool = False) -> Column[str]:
    """Whatever a message says, or a server."""
    return Column(name, Words, primary_key=primary_key, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _uid(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False, nullable=False)


def _mark(name: str) -> Column[bool]:
    """What saves a question from looking through rows that are done with: false until somebody says so."""
    return Column(name, Boolean, nullable=False, server_default=false())


def _ordered(name: str) -> Column[str]:
    """Names that are walked through side by side with a store's listing: the database must order them by octets."""
    kind = Text().with_variant(Text(collation="C"), "postgresql")
    return Column(name, kind, primary_key=True, nullable=False)


PDV = Table(
    "pdv", METADATA,
    _text("id", primary_key=True), _text("holder"), _text("mailbox"), _number("number"),
    Column("at", Utc, nullable=False), _text("sha256"), _text("sha512"), _number("size"), _text("name"),
    _claim("cursor"), _mark("promised"), _mark("listed"),
    Column("records", Integer, nullable=False, server_default=text("0")), UniqueConstraint("mailbox", "number"),
    Index(None, "records"),
)  # fmt: skip
"""`listed`: it brought a segment, or a volume lists it; `records`: by how many authorities it has evidence."""

VOLUME = Table(
    "volume", METADATA,
    _text("id", primary_key=True), _text("sha256"), _text("holder"), _text("mailbox"), _text("retention"),
    Column("year", Integer, nullable=False), _number("messages"), _number("size"), Column("at", Utc, nullable=False),
    _mark("promised"), _mark("named"),
)  # fmt: skip
"""`named`: a rapporto says that it was closed."""

SEGMENT = Table(
    "segment", METADATA,
    _text("sha256", primary_key=True), _text("mailbox", primary_key=True), _text("holder"),
    Column("pdv", Text, ForeignKey("pdv.id"), nullable=False, index=True),
    _text("retention"), Column("years", Integer, nullable=False), _text("event"), _text("basis"),
    Column("year", Integer, nullable=False), _number("messages"), _number("size"), _text("first"),
    _text("last"), Column("at", Utc, nullable=False),
    Column("volume", Text, ForeignKey("volume.id"), nullable=True, index=True), _mark("promised"),
    Index(None, "at", "holder"),
)  # fmt: skip

MESSAGE = Table(
    "message", METADATA,
    _text("sha256", primary_key=True), _text("mailbox", primary_key=True), _text("sha512"), _number("size"),
    _text("holder"), _text("pdv"), _text("segment"), _number("offset"), _text("kind"),
    Column("date", Utc, nullable=False), Column("offset_minutes", Integer, nullable=False),
    Column("received", Utc, nullable=False), _claim("subject"), _claim("sender"),
    Column("recipients", WordTuple, nullable=False), _claim("message_id"), _claim("reference"),
    _claim("identificativo"), _claim("msgid"), _claim("content"), _claim("daticert"),
    Column("has_original", Boolean, nullable=False), Column("findings", WordTuple, nullable=False),
    Column("links", WordTuple, nullable=False, server_default="[]"),
    ForeignKeyConstraint(["segment", "mailbox"], ["segment.sha256", "segment.mailbox"]),
    Index(None, "segment", "mailbox"),
)  # fmt: skip

HEADING = Table(
    "heading", METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True), _text("sha256"), _text("mailbox"),
    Column("date", Utc, nullable=False), Column("read", Integer, nullable=False),
    Column("lacking", Integer, nullable=False), UniqueConstraint("sha256", "mailbox"), Index(None, "read", "id"),
)  # fmt: skip
"""What a search finds, in narrow rows: those of `message` are long. Their words are beside (`fulltext`).

`id` is the message's place in time, `read` the version of the reading that its body and attachments had (0: none
yet), `lacking` how many things in it could not be read.
"""

IDENTIFIER = Table(
    "identifier", METADATA,
    _text("value", primary_key=True), _text("scope", primary_key=True), _text("sha256", primary_key=True),
    _text("mailbox", primary_key=True), sqlite_with_rowid=False,
)  # fmt: skip
"""By which names a transaction is known: scope `identificativo`, `msgid` for all that is a Message-ID, or `link`."""

PDV_VOLUME = Table(
    "pdv_volume", METADATA,
    Column("pdv", Text, ForeignKey("pdv.id"), primary_key=True),
    Column("volume", Text, ForeignKey("volume.id"), primary_key=True, index=True),
)  # fmt: skip

NAMED = Table(
    "named", METADATA,
    _text("volume", primary_key=True), Column("pdv", Text, ForeignKey("pdv.id"), nullable=False),
)  # fmt: skip
"""Which rapporto says that a volume was closed; a catalog that catches up may learn of the volume later."""

EVIDENCE = Table(
    "evidence", METADATA,
    _text("subject", primary_key=True), _text("subject_id", primary_key=True), _text("tsa", primary_key=True),
    Column("number", Integer, primary_key=True), _text("name"), Column("at", Utc, nullable=False),
    Column("algorithm", Text, nullable=False, server_default="sha512"),
    Column("token", Text, nullable=False, server_default=text("''")), _mark("promised"), _mark("newest"),
    Index(None, "token"),
)  # fmt: skip
"""The records: `algorithm` of the newest chain, `token` the digest of its newest token, empty until read.

`newest`: nothing comes after it in its lineage, and no volume carries it.
"""

TOKEN = Table(
    "token", METADATA,
    _text("sha256", primary_key=True), Column("octets", LargeBinary, nullable=False), Column("at", Utc, nullable=False),
)  # fmt: skip
"""Every token that is some record's newest, once: a night's thousand records share one."""

REREAD = Table(
    "reread", METADATA,
    _text("subject", primary_key=True), _text("subject_id", primary_key=True), _text("algorithms"),
    Column("digests", LargeBinary, nullable=False), Column("at", Utc, nullable=False),
)  # fmt: skip
"""What a hash-tree renewal under way has read: the members' digests, by algorithm, until they are in a record."""

TRUST = Table(
    "trust", METADATA,
    _text("holder", primary_key=True), _text("sha256", primary_key=True), _text("extension", primary_key=True),
    _text("kind"), _claim("name"), _claim("issuer"), Column("since", Utc, nullable=False),
    Column("until", Utc, nullable=True), Column("at", Utc, nullable=False), _text("covered"),
    _mark("promised"), Index(None, "holder", "kind"), Index(None, "sha256"),
)  # fmt: skip
"""Trust material in the store: `covered` names the volume or trust batch whose evidence covers it, empty until then."""

FETCHED = Table(
    "fetched", METADATA,
    _claim("source", primary_key=True), _text("night", primary_key=True), Column("at", Utc, nullable=False),
    _claim("reason"), _text("sha256"), _text("extension"),
)  # fmt: skip
"""What was asked for in each night, and what came of it: `reason` is empty when something came."""

STANDING = Table(
    "standing", METADATA,
    _text("sha256", primary_key=True), _text("state"), Column("at", Utc, nullable=False), _text("act"),
)  # fmt: skip
"""What a person said of a certificate (`confirmed`, `revoked`), and in which act."""

ACT = Table(
    "act", METADATA,
    _text("holder", primary_key=True), _text("id", primary_key=True), _number("number"),
    Column("at", Utc, nullable=False), _text("kind"), _claim("who"), _text("sha256"), _text("sha512"), _number("size"),
    _mark("promised"), Index(None, "holder", "number"), Index(None, "holder", "kind", "at"), Index(None, "at"),
)  # fmt: skip
"""The register: every act that is in the store; the one with the greatest number is followed by the next."""

ABOUT = Table(
    "about", METADATA,
    _ordered("sha256"), _text("holder", primary_key=True), _text("act", primary_key=True),
)  # fmt: skip
"""By which digests acts are found: those of messages, of dossiers, of certificates."""

OBJECT = Table(
    "object", METADATA,
    _ordered("name"), _text("holder"), _text("kind"), Column("sha256", Text, nullable=False, index=True),
    _number("size"), _text("subject"), Column("at", Utc, nullable=False),
    Column("stores", Text, nullable=False, server_default=text("''")), Index(None, "stores", "name"),
)  # fmt: skip
"""Every object that the archive promises to have, as the rows above promise it.

`sha256` is empty and `size` negative while nobody has read what only the object itself can tell. `stores` are those
that gave it back whole (their ids, sorted, with commas between), as `copy` has them one by one: of so many objects
those that a store lacks are found without asking for each.
"""

COPY = Table(
    "copy", METADATA,
    _text("store", primary_key=True), _ordered("name"), Column("at", Utc, nullable=False),
    Column("read", Utc, nullable=True), Column("opened", Utc, nullable=True), _text("kept"),
    Column("due", Utc, nullable=True),
)  # fmt: skip
"""Where each object was seen, when every byte of it was read last, and for whose sake it was locked last.

`kept` is `-` when it is to be locked, for the first time or for another's sake; `due` of a segment since when nobody
has opened its messages.
"""

Index("ix_copy_age", COPY.c.store, func.coalesce(COPY.c.read, COPY.c.at), COPY.c.name)

TO_PROMISE = {
    table: (~table.c.promised, keys)
    for table, keys in (
        (SEGMENT, ("sha256",)),
        (PDV, ("id",)),
        (VOLUME, ("id",)),
        (TRUST, ("holder", "sha256", "extension")),
        (ACT, ("holder", "id")),
        (EVIDENCE, ("subject", "subject_id", "tsa", "number")),
    )
}
"""Rows whose objects are not promised yet, by table, and the keys by which they are paged."""

# literals: an index over some rows is of no use to a question that was prepared with a parameter
UNLISTED, UNNAMED, NEWEST = ~PDV.c.listed, ~VOLUME.c.named, EVIDENCE.c.newest
UNREAD_TOKEN = EVIDENCE.c.token == literal_column("''")
UNCOVERED = TRUST.c.covered == literal_column("''")
UNLEARNED = or_(OBJECT.c.sha256 == literal_column("''"), OBJECT.c.size < literal_column("0"))
FETCHED_WELL = FETCHED.c.reason == literal_column("''")
LACKING = HEADING.c.lacking > literal_column("0")
REPORTS = OBJECT.c.kind == literal_column("'report'")
TO_LOCK = COPY.c.kept == literal_column("'-'")
NEVER_READ = COPY.c.read.is_(None)
OPENED = COPY.c.due.is_not(None)


def _some(name: str, where: ColumnElement[bool], *kept: Column[Any]) -> None:
    """An index over those rows alone that somebody looks for."""
    Index(name, *kept, postgresql_where=where, sqlite_where=where)


for _table, (_where, _keys) in TO_PROMISE.items():
    _some(f"ix_{_table.name}_to_promise", _where, *(_table.c[key] for key in _keys))
_some("ix_pdv_to_promise_name", ~PDV.c.promised, PDV.c.name)
_some("ix_volume_to_promise_sha256", ~VOLUME.c.promised, VOLUME.c.sha256)
_some("ix_evidence_to_promise_name", ~EVIDENCE.c.promised, EVIDENCE.c.name)
_some("ix_pdv_unlisted", UNLISTED, PDV.c.mailbox)
_some("ix_volume_unnamed", UNNAMED, VOLUME.c.mailbox)
_some(
    "ix_evidence_newest", NEWEST, *(EVIDENCE.c[name] for name in ("token", "tsa", "algorithm", "subject", "subject_id"))
)
_some("ix_evidence_unread", UNREAD_TOKEN, *EVIDENCE.primary_key.columns)
_some("ix_trust_uncovered", UNCOVERED, TRUST.c.holder)
_some("ix_fetched_well", FETCHED_WELL, FETCHED.c.source, FETCHED.c.at, FETCHED.c.night)
_some("ix_heading_lacking", LACKING, HEADING.c.id)
_some("ix_object_unlearned", UNLEARNED, OBJECT.c.name)
_some("ix_object_report", REPORTS, OBJECT.c.holder, OBJECT.c.name)
_some("ix_copy_to_lock", TO_LOCK, COPY.c.store, COPY.c.name)
_some("ix_copy_never_read", NEVER_READ, COPY.c.store, COPY.c.at, COPY.c.name)
_some("ix_copy_due", OPENED, COPY.c.store, COPY.c.due, COPY.c.name)

DAMAGE = Table(
    "damage", METADATA,
    _text("store", primary_key=True), _claim("name", primary_key=True), _text("code", primary_key=True),
    Column("since", Utc, nullable=False), Column("seen", Utc, nullable=False), _claim("found"),
)  # fmt: skip
"""What is wrong with objects, until it is put right."""

DISCARD = Table(
    "discard", METADATA,
    _text("holder", primary_key=True), _text("id", primary_key=True), _text("name"), _text("sha256"),
    _number("size"), Column("at", Utc, nullable=False),
)  # fmt: skip
"""Records of destructions in the store: what was destroyed, and who authorised it."""

DESTROYED = Table(
    "destroyed", METADATA,
    _text("holder", primary_key=True), _text("sha256", primary_key=True), _text("became"), _text("discard"),
)  # fmt: skip
"""Segments and metadata.zip that a discard destroyed, and volumes (by id); `became`: what took their place."""

TOMBSTONE = Table(
    "tombstone", METADATA,
    _text("sha256", primary_key=True), _text("mailbox", primary_key=True), _text("holder"),
    Column("pdv", Text, nullable=False, index=True), _text("discard"),
)  # fmt: skip
"""Messages that were discarded, and the rapporti that brought them: they must not come back unnoticed."""

REBUILD = Table("rebuild", METADATA, _text("source", primary_key=True), Column("at", Utc, nullable=False))
"""A rebuild under way: from which store, and since when. As long as there is one, the other rows are not all there."""

POLL = Table("poll", METADATA, _text("mailbox", primary_key=True), Column("at", Utc, nullable=False))
"""When each mailbox was last read to its end."""

ATTEMPT = Table(
    "attempt", METADATA,
    _text("mailbox", primary_key=True), Column("at", Utc, nullable=False), Column("ended", Boolean, nullable=False),
    Column("folders", WordTuple, nullable=False), Column("unread", WordTuple, nullable=False),
)  # fmt: skip
"""The last poll of each mailbox on a server, ended or not."""

LEDGER = Table(
    "ledger", METADATA,
    _text("mailbox", primary_key=True), _claim("folder", primary_key=True), _uid("validity"), _uid("first"),
    _number("last"), Column("outcome", Word, nullable=False), Column("at", Utc, nullable=False),
)  # fmt: skip
"""What became of every UID, in ranges that do not overlap."""

FAILING = Table(
    "failing", METADATA,
    _text("mailbox", primary_key=True), _claim("folder", primary_key=True), _uid("validity"), _uid("uid"),
    Column("nights", Integer, nullable=False), Column("at", Utc, nullable=False), _claim("reason"),
)  # fmt: skip

RECKONING = Table(
    "reckoning", METADATA,
    _text("mailbox", primary_key=True), _claim("folder", primary_key=True), _uid("validity"),
    Column("at", Utc, primary_key=True), _number("next"), _number("present"), _number("first"), _number("last"),
    _number("kept"), _number("failing"), _number("missing"), Index(None, "mailbox", "at"),
)  # fmt: skip

SPEND = Table(
    "spend", METADATA,
    _text("tsa", primary_key=True), _text("night", primary_key=True), _number("asked"), _number("granted"),
)  # fmt: skip
"""Questions that each authority was asked in each night (its date, ISO), and tokens that came of them."""

HANDED_OUT = Table(
    "handed_out", METADATA,
    _text("volume", primary_key=True), _text("sha256"), Column("xml", LargeBinary, nullable=False),
    Column("at", Utc, nullable=False),
)  # fmt: skip

ANNOTATION = Table(
    "annotation", METADATA,
    _text("mailbox", primary_key=True), _text("key", primary_key=True), _text("registration"),
)  # fmt: skip
"""The holder's own protocol, from a sidecar, until the volume closes: `registration` is JSON."""

NIGHT = Table(
    "night", METADATA,
    _text("id", primary_key=True), Column("at", Utc, nullable=False, index=True), _claim("host"), _number("pid"),
    Column("ended", Utc, nullable=True), Column("code", Integer, nullable=True), _claim("told"),
)  # fmt: skip
"""What each night came to (`archiver.night.NightRow`), for as long as anybody may ask."""

TALLY = Table(
    "tally", METADATA,
    _text("mailbox", primary_key=True), _text("sort", primary_key=True), _text("name", primary_key=True),
    _number("number"), _number("size"),
)  # fmt: skip
"""How many there are, and their bytes: kept with the rows that it counts, so that nobody has to count them.

By `sort`: messages of each `kind`, messages with each `finding` of intake, messages in `segment`s of each holder (and
the bytes of these), `volume`s, `pdv`s.
"""
