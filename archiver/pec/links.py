"""What ties a message to others that are no receipts of it, read in its attachments as they are named everywhere.

The third and the fourth PEC of a filing in court carry EsitoAtto.xml, whose IdMsg is the identificativo of the deposit;
the notices of the Sistema di Interscambio are called like the invoice that they speak of. A link is a claim: it joins
nothing, it only says where to look.
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from archiver.pec import address, mime
from archiver.pec.parts import Attached
from archiver.pec.words import clean

FILING, INVOICE, SDI = "filing:", "invoice:", "sdi:"

LIMIT = 1 << 20
"""Octets of one attachment that are read; a genuine one has a few thousand."""

MOST = 100
"""Links of one message that are kept; a lot of invoices may be sent in one."""

# country, identifier of who transmits (a digit in it), underscore, progressive number: file names of the SdI
_FILE = r"([A-Z]{2}(?=[A-Z0-9]*\d)[A-Z0-9]{2,28}_[A-Za-z0-9]{1,5})"
_INVOICE = re.compile(_FILE + r"\.(?i:xml|zip)(?i:\.p7m)?", re.ASCII)
_NOTICE = re.compile(_FILE + r"_(?:RC|NS|MC|NE|DT|AT|MT|EC|SE)_[A-Za-z0-9]{1,3}\.(?i:xml|zip)(?i:\.p7m)?", re.ASCII)
_ANSWERS = ("esitoatto.xml", "eccezione.xml")  # of a court: the outcome of the checks, or that it could make none
_DEPOSITS = ("idmsg", "idmsgsmtp")
_SDI_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_PARSER = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


def of(attached: Attached) -> tuple[str, ...]:
    """The links of a message, each once, in the order of its attachments. Never raises."""
    return tuple(islice(dict.fromkeys(_links(attached)), MOST))


def filing(identifier: str) -> str:
    """The link that a court's answer to a deposit has, given the identificativo (or Message-ID) of the deposit."""
    return FILING + identifier


def deposit(link: str) -> str:
    """The inverse of `filing`; empty for any other link."""
    return link.removeprefix(FILING) if link.startswith(FILING) else ""


def _links(attached: Attached) -> Iterator[str]:
    for name, part in attached.leaves[:MOST]:
        invoice, notice = _INVOICE.fullmatch(name), _NOTICE.fullmatch(name)
        if invoice:
            yield INVOICE + invoice[1]
        elif notice:
            yield INVOICE + notice[1]
            yield from _noticed(mime.content(attached.raw, part, LIMIT))
        elif name.lower() in _ANSWERS:
            yield from _answered(mime.content(attached.raw, part, LIMIT))


def _noticed(xml: bytes) -> Iterator[str]:
    """IdentificativoSdI and NomeFile of a notice of the SdI."""
    for name, text in _texts(xml):
        if name == "identificativosdi" and _SDI_NUMBER.fullmatch(text):
            yield SDI + text
        elif name == "nomefile" and (invoice := _INVOICE.fullmatch(text)):
            yield INVOICE + invoice[1]


def _answered(xml: bytes) -> Iterator[str]:
    """The identifiers of the deposit in a court's answer: angle brackets and namespaces come and go."""
    for name, text in _texts(xml):
        deposited = address.identifier(text) if name in _DEPOSITS else ""
        if "@" in deposited and " " not in deposited:
            yield filing(deposited)


def _texts(xml: bytes) -> Iterator[tuple[str, str]]:
    """Local names, in lower case, and texts of the elements of a document; nothing of one that is broken."""
    try:
        root = etree.fromstring(xml.strip(), _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return
    for element in root.iter():
        if isinstance(element.tag, str):
            yield element.tag.rpartition("}")[2].lower(), clean(element.text or "")
