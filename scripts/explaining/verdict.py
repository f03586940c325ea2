"""What grows with the archive, and what may: a question of the night reads by an index, little more than it gives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from explaining.plans import Plan
from explaining.questions import NIGHT, Question

GROWING = frozenset({
    "message", "heading", "found", "identifier", "segment", "pdv", "volume", "pdv_volume", "named", "evidence",
    "object", "copy", "act", "about", "reckoning", "trust", "fetched", "tombstone",
})  # fmt: skip
"""Tables that have a row more for each message, poll, volume or night. The others are as large as the configuration,
as what is wrong, or as what is open."""

INHERENT: dict[str, str] = {
    "expected": "the listing: every object is compared with the store's own list every night, by name",
    "copies": "the same listing, and by name",
    "pending": "all that is in no volume yet: what came since the volumes closed last",
    "arrivals": "the last nine weeks of all mailboxes, by time",
    "act_ids": "every act of a holder, ids only: they are compared with the store's list of acts",
    "acts_between": "those behind the last one that evidence covers: a day's, as a rule",
    "act_records": "the same comparison, records of acts",
    "lineages_of_all": "one thing a night and holder: reports, acts, batches, takeovers that have evidence",
    "trust_of": "a holder's lists and certificates, compared with the store's",
    "safety": "a count for each mailbox",
    "counts": "a count for each mailbox and kind",
    "kept_by_mailbox": "a count for each mailbox",
    "findings_by_code": "a count for each mailbox and finding",
    "covering": "the volumes and batches that cover a holder's lists",
    "same_transaction": "the sendings of a window of days",
    "newest_tokens": "a look for each token that stands: a night's thousand records share one",
    "counted": "of what is due alone: every record of it is renewed by the same run",
    "find": "a page of 500 of a window of days",
}
"""Questions of the night that may read much, and why that is no growth of each unit of work."""

SMALL = 5_000
"""Rows of a table that are sooner read than looked up: the planner is right to scan so few."""

FREE = 400
"""Rows that any question may read."""

PER_ROW = 12
"""Rows read for each row given: a join over a few tables."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its plans: `wrong` says what grows that must not, `allowed` why it may."""

    question: Question
    plans: tuple[Plan, ...]
    seconds: float
    wrong: tuple[str, ...]
    allowed: str = ""

    @property
    def read(self) -> int:
        """Rows, of all statements; -1 where the database does not tell."""
        told = [plan.read for plan in self.plans if plan.read >= 0]
        return sum(told) if told else -1

    @property
    def given(self) -> int:
        """Rows, of all statements."""
        return sum(max(0, plan.given) for plan in self.plans)


def judge(question: Question, plans: list[Plan], seconds: float, sizes: Mapping[str, int]) -> Judged:
    """Scans are never allowed at night; much reading where `INHERENT` says why. `sizes` are rows by table."""
    wrong = [f"scans {name}" for plan in plans for name in plan.tables if _large(name, sizes)]
    much = list(_much(plans))
    allowed = INHERENT.get(question.name, "")
    found = wrong if allowed and question.of == NIGHT else [*wrong, *much]
    return Judged(question, tuple(plans), seconds, tuple(dict.fromkeys(found)), allowed if much else "")


def _large(table: str, sizes: Mapping[str, int]) -> bool:
    return table in GROWING and sizes.get(table, SMALL) >= SMALL


def _much(plans: list[Plan]) -> Iterator[str]:
    for plan in plans:
        if plan.read > FREE + PER_ROW * max(0, plan.given):
            yield f"reads {plan.read:,} rows for {plan.given:,}"
