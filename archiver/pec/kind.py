"""What a message is: the types of RFC 6109, 3, and the mail that is none of them.

Headers say it first and cheaply, but nobody signed them: daticert.xml, which the provider signed, has the last word.
The subject is never asked: users can write "CONSEGNA:" themselves.
"""

from enum import StrEnum

from archiver.pec.mime import Entity, Headers


class Kind(StrEnum):
    """The value of X-Ricevuta or X-Trasporto, or what takes their place."""

    ACCETTAZIONE = "accettazione"
    NON_ACCETTAZIONE = "non-accettazione"
    PRESA_IN_CARICO = "presa-in-carico"
    AVVENUTA_CONSEGNA = "avvenuta-consegna"
    ERRORE_CONSEGNA = "errore-consegna"
    PREAVVISO_ERRORE_CONSEGNA = "preavviso-errore-consegna"
    RILEVAZIONE_VIRUS = "rilevazione-virus"
    POSTA_CERTIFICATA = "posta-certificata"
    ANOMALIA = "anomalia"
    REM = "rem"
    INVIATO = "inviato"
    ORDINARIO = "ordinario"


RECEIPTS = frozenset(
    (
        Kind.ACCETTAZIONE,
        Kind.NON_ACCETTAZIONE,
        Kind.PRESA_IN_CARICO,
        Kind.AVVENUTA_CONSEGNA,
        Kind.ERRORE_CONSEGNA,
        Kind.PREAVVISO_ERRORE_CONSEGNA,
        Kind.RILEVAZIONE_VIRUS,
    )
)
"""What a provider says about a message."""

CERTIFIED = RECEIPTS | {Kind.POSTA_CERTIFICATA}
"""What carries a daticert.xml."""

_CERTIFIED = {kind.value: kind for kind in CERTIFIED}
_TRANSPORT = {"posta-certificata": Kind.POSTA_CERTIFICATA, "errore": Kind.ANOMALIA}
_TRANSPORT_FIELDS = ("x-trasporto", "x-trasplorto")  # RFC 6109, 3.2.2 misprints it, and was copied
_REM_FIELDS = ("rem-", "x-rem-")  # EN 319 532-3 and TS 102 640
_REM_NAMESPACES = (b"http://uri.etsi.org/19522/", b"http://uri.etsi.org/02640/")


def stated(headers: Headers) -> tuple[Kind | None, str]:
    """The kind that the headers claim, None when none; and the value that no rule knows, empty when there is none."""
    receipt = headers.text("x-ricevuta").lower()
    if receipt:
        known = certified(receipt)
        return (known, "") if known in RECEIPTS else (None, receipt)
    transport = next(filter(None, map(headers.text, _TRANSPORT_FIELDS)), "").lower()
    if transport:
        found = _TRANSPORT.get(transport)
        return found, "" if found else transport
    return (Kind.REM if is_rem(headers) else None), ""


def certified(tipo: str) -> Kind | None:
    """The kind that postacert/@tipo means, None for a value that RFC 6109 does not have."""
    return _CERTIFIED.get(tipo)


def is_rem(headers: Headers) -> bool:
    """Whether any header is one of registered electronic mail."""
    return any(name.startswith(_REM_FIELDS) for name in headers.fields)


def is_rem_evidence(part: Entity, octets: bytes) -> bool:
    """Whether a part is an evidence of EN 319 522-3 or TS 102 640."""
    return part.media in ("application/xml", "text/xml") and any(name in octets for name in _REM_NAMESPACES)
