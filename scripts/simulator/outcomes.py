"""What may become of a message for one certified recipient: the notices that come, and what they make true.

The truth stands beside the notices, by hand, as the readings say (20 to 22); nobody folds anything here.
"""

from typing import NamedTuple


class Step(NamedTuple):
    """A row of `variants.VARIANTS` (or `consegna`, whose kind depends on what was asked), minutes after acceptance."""

    notice: str
    earliest: float
    latest: float


class Outcome(NamedTuple):
    """`decides` is the step that gives the state and its time, None when none does; `reason` of a failure."""

    steps: tuple[Step, ...]
    state: str
    decides: int | None = 0
    reason: str = ""
    contradiction: bool = False


DELIVERY = "consegna"
_HOUR = 60
_SOON = Step(DELIVERY, 0.05, 3)
_FIRST, _SECOND = (12 * _HOUR, 12.3 * _HOUR), (22.1 * _HOUR, 24 * _HOUR)  # never before 22 h (RFC 6109 3.1.6)


def _failed(notice: str, reason: str) -> Outcome:
    return Outcome((Step(notice, 0.05, 90),), "failed", reason=reason)


OUTCOMES = {
    DELIVERY: Outcome((_SOON,), "delivered"),
    "consegna-lenta": Outcome((Step(DELIVERY, 60, 11 * _HOUR),), "delivered"),
    "silenzio": Outcome((), "pending", None),
    # reading 22: from errore and errore-esteso together; Aruba wrote an unknown mailbox as altro in 2026
    "no-dest": _failed("errore-no-dest", "unknown-mailbox"),
    "sconosciuto": _failed("errore-sconosciuto", "unknown-mailbox"),
    "no-dominio": _failed("errore-no-dominio", "unknown-domain"),
    "casella-piena": _failed("errore-piena", "full"),
    "casella-disabilitata": _failed("errore-disabilitata", "disabled"),
    "errore-altro": _failed("errore-altro", "other"),
    "virus": _failed("errore-virus", "virus"),
    "rilevazione-virus": Outcome(
        (Step("rilevazione-virus", 0.05, 2), Step("errore-virus", 3, 9)), "failed", 1, reason="virus"
    ),
    # the provider of the recipient took charge: whatever follows, this alone changes nothing
    "presa-in-carico": Outcome((Step("presa-in-carico", 0.02, 0.05), Step(DELIVERY, 1, 9)), "delivered", 1),
    "presa-in-carico-e-silenzio": Outcome((Step("presa-in-carico", 0.02, 0.05),), "pending", None),
    # reading 20: which notice is which by words, else by the hours since acceptance, never by counting
    "preavviso-12": Outcome((Step("avviso-12", *_FIRST),), "late"),
    "preavviso-24": Outcome((Step("avviso-24", *_SECOND),), "expired"),
    "preavvisi-12-e-24": Outcome((Step("avviso-12", *_FIRST), Step("avviso-24", *_SECOND)), "expired", 1),
    "preavviso-24-poi-consegna": Outcome(
        (Step("avviso-24", *_SECOND), Step(DELIVERY, 25 * _HOUR, 60 * _HOUR)), "delivered", 1, contradiction=True
    ),
    "preavviso-12-poi-consegna": Outcome(
        (Step("avviso-12", *_FIRST), Step(DELIVERY, 13 * _HOUR, 21 * _HOUR)), "delivered", 1
    ),
    "preavviso-12-poi-errore": Outcome(
        (Step("avviso-12", *_FIRST), Step("errore-piena", 13 * _HOUR, 21 * _HOUR)), "failed", 1, reason="full"
    ),
    "preavviso-12-muto": Outcome((Step("avviso-12-muto", *_FIRST),), "late"),
    "preavviso-24-muto": Outcome((Step("avviso-24-muto", *_SECOND),), "expired"),
    "preavvisi-12-e-24-muti": Outcome(
        (Step("avviso-12-muto", *_FIRST), Step("avviso-24-muto", *_SECOND)), "expired", 1
    ),
    "preavviso-24-muto-poi-consegna": Outcome(
        (Step("avviso-24-muto", *_SECOND), Step(DELIVERY, 25 * _HOUR, 60 * _HOUR)), "delivered", 1, contradiction=True
    ),
    "preavviso-12-muto-poi-consegna": Outcome(
        (Step("avviso-12-muto", *_FIRST), Step(DELIVERY, 13 * _HOUR, 21 * _HOUR)), "delivered", 1
    ),
    "preavviso-12-muto-poi-errore": Outcome(
        (Step("avviso-12-muto", *_FIRST), Step("errore-no-dest", 13 * _HOUR, 21 * _HOUR)),
        "failed",
        1,
        reason="unknown-mailbox",
    ),
    "preavviso-24-nel-testo": Outcome((Step("avviso-24-nel-testo", *_SECOND),), "expired"),
}

EVERYDAY = {
    DELIVERY: 76,
    "consegna-lenta": 5,
    "silenzio": 8,
    "no-dest": 3,
    "no-dominio": 1,
    "casella-piena": 2,
    "sconosciuto": 1,
    "casella-disabilitata": 1,
    "preavviso-12": 1,
    "preavvisi-12-e-24": 1,
    "preavviso-24": 1,
}
"""How often each happens when nothing in particular is asked for."""

GIVEN = {
    "consegna-completa": ("completa", "whole", "whole"),
    "consegna-senza-messaggio": ("completa", "none", "none"),
    "consegna-breve": ("breve", "hashes", "none"),
    "consegna-breve-falsa": ("breve", "none", "none"),
    "consegna-sintetica": ("sintetica", "none", "none"),
}
"""Reading 21: a delivery's receipt, and what it proves of the content with the sent copy there and without it."""

WORST_FIRST = ("failed", "expired", "late", "pending", "external", "delivered")
"""Reading 23: a dossier is in the first of these states that one of its recipients is in."""


def worst(states: set[str]) -> str:
    """The state of a sending that was accepted."""
    return next(state for state in WORST_FIRST if state in states)
