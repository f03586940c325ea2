"""What a search reads of a message, as words: one spelling for whoever writes them down and whoever asks.

A word is a run of letters and digits, lower case, without accents. What must be found whole (a tax code, a protocol
number) is one word with a prefix of its own in `codes`, where no text can imitate it: text goes to other columns.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archiver.pec import links, tax_code
from archiver.submission.rows import MessageRow

COLUMNS = ("head", "sender", "recipients", "files", "codes", "body")
"""Of the words: `head` has the subject and all identifiers."""

LONGEST = 64
"""Letters of a word that count; a digest has as many."""

TEXT = 350_000
"""Octets of one message's text that are searched, letters taken apart (NFKD), in UTF-8."""

MOST = {"head": 20_000, "sender": 5_000, "recipients": 100_000, "files": 30_000, "codes": 30_000, "body": TEXT}
"""Octets of the words of each column: PostgreSQL takes 1 MiB of a tsvector, in which words with their places are up to
twice as long (manual, 11.8), and a file's name stands twice.
"""

KIND, MAILBOX, PROVIDER, TAX, PROTOCOL, INVOICE = "kin", "box", "ges", "tax", "prt", "inv"

_FREQUENT = 120  # characters of what may come again: senders and recipients
_ASCII = str.maketrans({chr(sign): chr(sign).lower() if chr(sign).isalnum() else " " for sign in range(128)})
_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"[^0-9a-z]+")
_FILE = re.compile(r"\.(?:xml|zip)(?:\.p7m)?$", re.IGNORECASE)
_ITALIAN = re.compile(r"^\s*IT(?=[0-9]{11})", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_CC = "cc:"


@dataclass(frozen=True, slots=True)
class Searched:
    """The words of one message, by column, separated by single blanks."""

    head: str = ""
    sender: str = ""
    recipients: str = ""
    files: str = ""
    codes: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What only the bytes of a message tell a search: names of attachments, codes (see `code`), its text."""

    files: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    body: str = ""


NOTHING_TOLD = Told()


def words(text: str) -> str:
    """The words of `text`, separated by single blanks."""
    return _words_of(text) if len(text) < _FREQUENT else _words_of.__wrapped__(text)


@lru_cache(maxsize=4096)
def _words_of(text: str) -> str:
    if text.isascii():
        found = text.translate(_ASCII).split()
    else:
        apart = unicodedata.normalize("NFKD", text.casefold())
        found = _WORD.findall("".join(sign for sign in apart if not unicodedata.combining(sign)).lower())
    return " ".join(found if len(text) <= LONGEST else [word[:LONGEST] for word in found])


def code(prefix: str, value: str) -> str:
    """`value` as one word of `codes`; empty when it has neither letters nor digits."""
    plain = _SIGNS.sub("", value.lower() if value.isascii() else words(value))
    return prefix + plain[:LONGEST] if plain else ""


def protocol(number: str, date: str = "") -> tuple[str, ...]:
    """The codes of a protocol number: alone, and with its year. Zeros before it and a year beside it do not count."""
    digits, _, beside = number.partition("/")
    year = (re.findall(r"(?:19|20)\d\d", date) or re.findall(r"^(?:19|20)\d\d$", beside.strip()) or [""])[0]
    plain = digits.strip().lstrip("0") or digits.strip()
    alone = code(PROTOCOL, plain)
    return (alone, alone + "x" + year) if alone and year else (alone,) if alone else ()


def searched(row: MessageRow, told: Told = NOTHING_TOLD) -> Searched:
    """The words of a message that the catalog has, and of what its bytes told."""
    data: dict[str, Any] = json.loads(row.daticert) if row.daticert else {}
    subject = _both(row.subject, str(data.get("oggetto", "")))
    sender = _both(row.sender, str(data.get("mittente", "")))
    recipients = " ".join([item.removeprefix(_CC) for item in row.recipients])
    listed = [str(item[0]) for item in data.get("destinatari", ()) if str(item[0]) not in recipients]
    recipients = " ".join((recipients, *listed))
    identifiers = (row.message_id, row.identificativo, row.msgid, row.reference)
    named = dict.fromkeys(name.strip("<>") for name in identifiers)
    stated, by = words(subject), words(sender)
    to, taxed = _people(recipients)
    codes = (
        *_frequent(row.kind, row.mailbox, str(data.get("gestore", ""))),
        *(TAX + found.lower() for found in sorted({*tax_code.among((stated, by)), *taxed})),
        *map(_linked, row.links),
        *told.codes,
    )
    found = {
        "head": f"{words(' '.join(named))} {stated}",
        "sender": by,
        "recipients": to,
        "files": words("\n".join(told.files)),
        "codes": " ".join(dict.fromkeys(filter(None, codes))),
        "body": words(told.body),
    }
    return Searched(**{name: _within(text, MOST[name]) for name, text in found.items()})


@lru_cache(maxsize=64)
def _people(recipients: str) -> tuple[str, tuple[str, ...]]:
    """The words of all recipients, and tax codes among them: a send to 500 has a thousand receipts with the same."""
    found = words(recipients)
    return found, tax_code.among((found,))


def _within(text: str, most: int) -> str:
    """The words that fit into so many octets of UTF-8."""
    if len(text) <= most // 4:
        return text
    octets = text.encode()
    return text if len(octets) <= most else octets[: octets.rfind(b" ", 0, most + 1)].decode()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One condition: all `words` in a row, somewhere in `columns`; the last may be the beginning of a longer one.

    `anywhere`: in the text for people, headers and bodies. `whole`: the last one is no beginning. `address`: they may
    be all of an address, and then need not be the beginning of a longer one.
    """

    words: tuple[str, ...]
    columns: tuple[str, ...] = ()
    whole: bool = False
    address: bool = False

    @property
    def anywhere(self) -> bool:
        """Whether any column will do."""
        return not self.columns


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: every one of `wanted`, and for each of `alternatives` one of its codes."""

    wanted: tuple[Wanted, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether no message can be what was asked for: a choice between no mailboxes."""
        return not all(self.alternatives)


def asked(
    terms: Iterable[str] = (),
    *,
    sender: str = "",
    recipient: str = "",
    name: str = "",
    attachment: str = "",
    provider: str = "",
    protocol_number: str = "",
    invoice: str = "",
    tax: str = "",
    kind: str = "",
    mailbox: str = "",
    mailboxes: Collection[str] | None = None,
) -> Asked:
    """The question that combines all of these by AND. Raises ValueError naming a condition without letter or digit."""
    among = ((sender, "sender"), (recipient, "recipients"), (attachment, "files"))
    wanted = [
        *(_phrase(term) for term in terms if term),
        *(_phrase(said, column) for said, column in among if said),
        *(Wanted((word,), ("sender", "recipients")) for word in _words(name)),
        *(Wanted((PROVIDER + word,), ("codes",)) for word in _words(provider)),
    ]
    exact = [_code(TAX, _ITALIAN.sub("", tax))] if tax else []
    exact += [_code(INVOICE, _FILE.sub("", invoice.strip()))] if invoice else []
    exact += [_code(KIND, kind)] if kind else []
    exact += [_code(MAILBOX, mailbox)] if mailbox else []
    if protocol_number:
        codes = protocol(protocol_number)
        if not codes:
            raise ValueError(protocol_number)
        exact.append(codes[-1])
    wanted += [Wanted((one,), ("codes",), whole=True) for one in exact]
    others = (tuple(code(MAILBOX, one) for one in sorted(mailboxes)),) if mailboxes is not None else ()
    return Asked(tuple(wanted), others)


@lru_cache(maxsize=1024)
def _frequent(kind: str, mailbox: str, provider: str) -> tuple[str, ...]:
    """The codes that many messages share."""
    return code(KIND, kind), code(MAILBOX, mailbox), *(PROVIDER + word for word in words(provider).split())


def _phrase(text: str, *columns: str) -> Wanted:
    return Wanted(_words(text), columns, address=_ADDRESS.fullmatch(text) is not None)


def _words(text: str) -> tuple[str, ...]:
    found = tuple(words(text).split())
    if text and not found:
        raise ValueError(text)
    return found


def _code(prefix: str, value: str) -> str:
    found = code(prefix, value)
    if not found:
        raise ValueError(value)
    return found


def _both(first: str, second: str) -> str:
    return first if second in first else f"{first}\n{second}"


def _linked(link: str) -> str:
    """Invoices by the name of their file, and by the number that the SdI gave them."""
    if link.startswith((links.INVOICE, links.SDI)):
        return code(INVOICE, link.partition(":")[2])
    return ""
