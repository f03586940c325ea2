"""The table of transitions, row by row: what each receipt makes of each state of a recipient."""

from itertools import product

import pytest

from archiver.pec.state import TRANSITIONS, Event, State

ROWS = [
    # state, event, new state, contradiction: readings 20 to 23, standards 3.7
    ("pending", "12h", "late", False),
    ("pending", "24h", "expired", False),
    ("pending", "errore-consegna", "failed", False),
    ("pending", "avvenuta-consegna", "delivered", False),
    ("late", "12h", "late", False),
    ("late", "24h", "expired", False),
    ("late", "errore-consegna", "failed", False),
    ("late", "avvenuta-consegna", "delivered", False),
    ("expired", "12h", "expired", False),
    ("expired", "24h", "expired", False),
    ("expired", "errore-consegna", "failed", False),
    ("expired", "avvenuta-consegna", "delivered", True),
    ("failed", "12h", "failed", False),
    ("failed", "24h", "failed", False),
    ("failed", "errore-consegna", "failed", False),
    ("failed", "avvenuta-consegna", "delivered", True),
    ("delivered", "12h", "delivered", False),
    ("delivered", "24h", "delivered", True),
    ("delivered", "errore-consegna", "delivered", True),
    ("delivered", "avvenuta-consegna", "delivered", False),
    ("external", "12h", "late", True),
    ("external", "24h", "expired", True),
    ("external", "errore-consegna", "failed", True),
    ("external", "avvenuta-consegna", "delivered", True),
    ("refused", "12h", "refused", True),
    ("refused", "24h", "refused", True),
    ("refused", "errore-consegna", "refused", True),
    ("refused", "avvenuta-consegna", "delivered", True),
]


@pytest.mark.parametrize(("state", "event", "after", "contradiction"), ROWS)
def test_each_receipt_makes_of_each_state_what_the_table_says(
    state: str, event: str, after: str, contradiction: bool
) -> None:
    assert TRANSITIONS[State(state), Event(event)] == (State(after), contradiction)


def test_the_table_is_complete() -> None:
    states = ("pending", "late", "delivered", "failed", "expired", "external", "refused")
    assert {(row[0], row[1]) for row in ROWS} == set(product(states, map(str, Event)))
    assert len(TRANSITIONS) == len(ROWS)
