"""The numbers of a FatturaPA (specifiche tecniche 1.2 and later, ordinary and simplified), as a search needs them."""

from collections.abc import Iterator

from lxml import etree

from archiver.pec import tax_code
from archiver.submission.searched import INVOICE, TAX, code

LIMIT = 20 << 20
"""Octets of an invoice that are read; attachments in it are base64."""

_PARSER = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
_ROOTS = frozenset({"FatturaElettronica", "FatturaElettronicaSemplificata"})
_CODES = frozenset({"IdCodice", "CodiceFiscale"})


def codes(xml: bytes) -> tuple[str, ...]:
    """Codes of the transmission (ProgressivoInvio), of each document (number; number and year) and of the parties.

    Nothing for what is no invoice, or is broken. Never raises.
    """
    if len(xml) > LIMIT:
        return ()
    try:
        root = etree.fromstring(xml.strip(), _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return ()
    return tuple(dict.fromkeys(filter(None, _codes(root)))) if _local(root) in _ROOTS else ()


def _codes(root: etree._Element) -> Iterator[str]:
    for node in root.iter():
        name, text = _local(node), (node.text or "").strip()[:100] if isinstance(node.tag, str) else ""
        if name == "ProgressivoInvio":
            yield code(INVOICE, text)
        elif name in _CODES and tax_code.is_code(text.upper()):
            yield code(TAX, text)
        elif name == "DatiGeneraliDocumento":
            said = {_local(child): (child.text or "").strip()[:100] for child in node}
            yield from _document(said.get("Numero", ""), said.get("Data", ""))


def _document(number: str, date: str) -> Iterator[str]:
    plain = code(INVOICE, number)
    yield plain
    if plain and date[:4].isdigit():
        yield f"{plain}x{date[:4]}"


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""
