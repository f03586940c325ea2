"""Why a delivery failed, in six words, from what providers write. The table is dated: they change what they write.

As of 2026-11-21. The codes that AgID set in 2015 are not public; these are the enhanced status codes of RFC 3463 and
the Italian words beside them. Never the only thing shown: the text of the provider stays beside it.
"""

import re
from enum import StrEnum


class Reason(StrEnum):
    """The reason of a failure; NONE where nothing failed."""

    NONE = ""
    FULL = "full"
    UNKNOWN_MAILBOX = "unknown-mailbox"
    UNKNOWN_DOMAIN = "unknown-domain"
    DISABLED = "disabled"
    VIRUS = "virus"
    OTHER = "other"


_MAILBOX = r"(?:casella|indirizzo|destinatario|utente|account|mailbox)\b[^-;.]{0,60}"

# the first row whose pattern is found in errore-esteso decides
_TEXTS: tuple[tuple[Reason, str], ...] = (
    (Reason.FULL, r"\b[45]\.2\.2\b|casella piena|mailbox (is )?full|quota|spazio (esaurito|insufficiente)"),
    (
        Reason.DISABLED,
        r"\b[45]\.2\.1\b|"
        + _MAILBOX
        + r"(disabilitat|disattivat|disabled|sospes|non (è )?attiv|revocat|scadut|cessat)",
    ),
    (Reason.UNKNOWN_DOMAIN, r"\b[45]\.1\.2\b|dominio (\S+ ){0,4}(non valido|inesistente|sconosciuto)"),
    (
        Reason.UNKNOWN_MAILBOX,
        r"\b[45]\.1\.[16]\b|" + _MAILBOX + r"(non valid|inesistent|sconosciut|unknown)|user unknown|no such user",
    ),
    (Reason.VIRUS, r"\bvirus\b"),
)
_PATTERNS = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _TEXTS)
_CODES = {"no-dest": Reason.UNKNOWN_MAILBOX, "no-dominio": Reason.UNKNOWN_DOMAIN, "virus": Reason.VIRUS}


def of(errore: str, errore_esteso: str) -> Reason:
    """The reason behind postacert/@errore and errore-esteso.

    A full or disabled mailbox is told by the text alone: the same provider wrote `no-dest` and `altro` for one event.
    """
    by_text = next((reason for reason, pattern in _PATTERNS if pattern.search(errore_esteso)), Reason.OTHER)
    if by_text in (Reason.FULL, Reason.DISABLED):
        return by_text
    return _CODES.get(errore, by_text)
