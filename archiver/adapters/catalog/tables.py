"""The tables of the catalog. Their columns are the fields of `archiver.submission.rows`, under the same names.

A change here is a new migration beside: a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
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


def _ordered(name: str) -> Column[str]:
    """Names that are walked through side by side with a store's listing: the database must order them by octets."""
    kind = Text().with_variant(Text(collation="C"), "postgresql")
    return Column(name, kind, primary_key=True, nullable=False)


PDV = Table(
    "pdv", METADATA,
    _text("id", primary_key=True), _text("holder"), _text("mailbox"), _number("number"),
    Column("at", Utc, nullable=False), _text("sha256"), _text("sha512"), _number("size"), _text("name"),
    _claim("cursor"), UniqueConstraint("mailbox", "number"),
)  # fmt: skip

VOLUME = Table(
    "volume", METADATA,
    _text("id", primary_key=True), _text("sha256"), _text("holder"), _text("mailbox"), _text("retention"),
    Column("year", Integer, nullable=False), _number("messages"), _number("size"), Column("at", Utc, nullable=False),
)  # fmt: skip

SEGMENT = Table(
    "segment", METADATA,
    _text("sha256", primary_key=True), _text("mailbox", primary_key=True), _text("holder"),
    Column("pdv", Text, ForeignKey("pdv.id"), nullable=False, index=True),
    _text("retention"), Column("years", Integer, nullable=False), _text("event"), _text("basis"),
    Column("year", Integer, nullable=False), _number("messages"), _number("size"), _text("first"),
    _text("last"), Column("at", Utc, nullable=False),
    Column("volume", Text, ForeignKey("volume.id"), nullable=True, index=True),
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
    Index(None, "segment", "mailbox"), Index(None, "kind", "size"),
)  # fmt: skip

HEADING = Table(
    "heading", METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True), _text("sha256"), _text("mailbox"),
    Column("date", Utc, nullable=False), Column("read", Integer, nullable=False),
    Column("lacking", Integer, nullable=False), UniqueConstraint("sha256", "mailbox"), Index(None, "read"),
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
    Column("volume", Text, ForeignKey("volume.id"), primary_key=True),
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
    Column("token", Text, nullable=False, server_default=text("''")), Index(None, "token"),
)  # fmt: skip
"""The records: `algorithm` of the newest chain, `token` the digest of its newest token, empty until read."""

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
    Index(None, "holder", "number"), Index(None, "at"),
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
)  # fmt: skip
"""Every object that the archive promises to have, as the rows above promise it.

`sha256` is empty and `size` negative while nobody has read what only the object itself can tell.
"""

COPY = Table(
    "copy", METADATA,
    _text("store", primary_key=True), _ordered("name"), Column("at", Utc, nullable=False),
    Column("read", Utc, nullable=True), Column("opened", Utc, nullable=True), _text("kept"),
)  # fmt: skip
"""Where each object was seen, when every byte of it was read last, and for whose sake it was locked last."""

Index("ix_copy_age", func.coalesce(COPY.c.read, COPY.c.at), COPY.c.store, COPY.c.name)

DAMAGE = Table(
    "damage", METADATA,
    _text("store", primary_key=True), _claim("name", primary_key=True), _text("code", primary_key=True),
    Column("since", Utc, nullable=False), Column("seen", Utc, nullable=False), _claim("found"),
)  # fmt: skip
"""What is wrong with objects, until it is put right."""

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
    _number("kept"), _number("failing"), _number("missing"),
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
