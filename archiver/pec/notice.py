"""The two notices that time ran out: one header, one subject, one `tipo` for both (RFC 6109, 3.1.6).

They are told apart by their words, or by the time since acceptance, and never by counting: a provider that took charge
and did not deliver sends only the second.
"""

import re
from datetime import timedelta

SECOND = "NOTICE_24_HOURS"
"""The finding that intake makes of a notice whose text names 24 hours."""

EXPIRY = timedelta(hours=22)
"""No notice of 24 hours comes before."""

_HOURS = r"(?<!\d){}[\s-]*(?:h|ore|hours?)\b"
_NAMES_24 = re.compile(_HOURS.format(24) + r"|ventiquattr|twenty.?four", re.IGNORECASE)
_NAMES_12 = re.compile(_HOURS.format(12) + r"|dodici\s+ore|twelve\s+hours", re.IGNORECASE)


def names_24(words: str) -> bool:
    """Whether `words` name 24 hours, and not 12 as well: the first notice may announce the second."""
    return bool(_NAMES_24.search(words)) and not _NAMES_12.search(words)


def is_second(words: str, *, by_text: bool, waited: timedelta | None) -> bool:
    """Whether it is the notice of 24 hours: by errore-esteso, by its text for people, or by the time since acceptance.

    `waited` is None when nobody says when the transmission began.
    """
    return by_text or names_24(words) or (waited is not None and waited >= EXPIRY)
