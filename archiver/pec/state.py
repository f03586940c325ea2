"""The state of one recipient, as one table: what each receipt makes of it, and whether it contradicts the others."""

from enum import StrEnum


class State(StrEnum):
    """Of a recipient, the first seven; of a dossier, all of them."""

    PENDING = "pending"
    LATE = "late"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    EXTERNAL = "external"
    REFUSED = "refused"
    SENT = "sent"
    RECEIVED = "received"
    ANOMALY = "anomaly"
    ORDINARY = "ordinary"
    REM = "rem"


class Event(StrEnum):
    """What a provider reports about one recipient; a preavviso is one of two (RFC 6109, 3.1.6)."""

    NOTICE_12 = "12h"
    NOTICE_24 = "24h"
    FAILURE = "errore-consegna"
    DELIVERY = "avvenuta-consegna"


P, L, D, F, X = State.PENDING, State.LATE, State.DELIVERED, State.FAILED, State.EXPIRED
E, R = State.EXTERNAL, State.REFUSED
H12, H24, ERR, OK = Event.NOTICE_12, Event.NOTICE_24, Event.FAILURE, Event.DELIVERY

TRANSITIONS: dict[tuple[State, Event], tuple[State, bool]] = {
    (P, H12): (L, False),
    (P, H24): (X, False),  # the receiving provider took charge and did not deliver: no 12 h notice
    (P, ERR): (F, False),
    (P, OK): (D, False),
    (L, H12): (L, False),
    (L, H24): (X, False),
    (L, ERR): (F, False),
    (L, OK): (D, False),
    (X, H12): (X, False),  # the notices came in the other order
    (X, H24): (X, False),
    (X, ERR): (F, False),
    (X, OK): (D, True),  # after "deemed terminated with a negative outcome": the proof counts, both are kept
    (F, H12): (F, False),
    (F, H24): (F, False),
    (F, ERR): (F, False),
    (F, OK): (D, True),
    (D, H12): (D, False),  # clocks of two providers: the notice was on its way
    (D, H24): (D, True),
    (D, ERR): (D, True),  # what lies in the mailbox was delivered, whatever is said afterwards
    (D, OK): (D, False),  # one address given twice, or a copy in another folder
    (E, H12): (L, True),  # no receipt can exist for ordinary mail: it was certified after all
    (E, H24): (X, True),
    (E, ERR): (F, True),
    (E, OK): (D, True),
    (R, H12): (R, True),
    (R, H24): (R, True),
    (R, ERR): (R, True),
    (R, OK): (D, True),
}
"""(state, event) -> (state, contradiction); complete."""

WORST_FIRST = (
    State.FAILED,
    State.EXPIRED,
    State.LATE,
    State.PENDING,
    State.EXTERNAL,
    State.DELIVERED,
)
"""The recipient that gives a dossier its state is the first of these."""
