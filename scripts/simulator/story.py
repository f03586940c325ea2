"""What happens: conversations dealt from a deck, each with its own dice, until the mailbox has its messages."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from simulator import matters, receiving
from simulator.drafting import Home, Scene
from simulator.plan import Plan
from simulator.sending import PLOTS, sending
from simulator.tale import Chapter, Conversation
from simulator.world import Party, providers

SPAN = timedelta(days=900)
JITTER = timedelta(hours=8)
"""How much later than its turn a conversation may start."""

PATIENCE = 12  # so many conversations in a row that are too long for what is left, and the rest is filled up
CROWDED = 1_500  # from so many messages on a mailbox has sendings to five hundred


class Tale(NamedTuple):
    """A row of the deck: how often it is dealt, and what it tells. `matter`: its chapters are related to each other.

    `second` needs a second mailbox of the holder. `every` so many rounds of the deck only. Not `reused`: each of its
    messages is used once.
    """

    weight: int
    tell: Callable[[Scene], tuple[Chapter, ...]]
    matter: bool = False
    second: bool = False
    every: int = 1
    reused: bool = True


_OFTEN = {"invio": 60, "completa": 12, "breve": 4, "sintetica": 3, "non-accettazione": 4, "senza-copia": 3}
_SECOND = ("altra-casella", "fra-caselle")
FILLER = "busta"

TALES = {
    **{
        name: Tale(_OFTEN.get(name, 1), partial(sending, plot=plot), every=25 if plot.many else 1, reused=not plot.many)
        for name, plot in PLOTS.items()
        if name not in _SECOND
    },
    **{name: Tale(6, partial(sending, plot=PLOTS[name]), second=True) for name in _SECOND},
    FILLER: Tale(60, receiving.envelope),
    "busta-firmata": Tale(2, receiving.signed),
    "inoltro": Tale(3, receiving.forwarded),
    "anomalia": Tale(8, receiving.anomaly),
    "ordinario": Tale(10, receiving.ordinary),
    "rem": Tale(4, receiving.registered),
    "deposito": Tale(3, matters.filing, matter=True),
    "fattura": Tale(4, matters.invoice, matter=True),
    "fattura-passiva": Tale(2, matters.bill_received),
}
"""Every conversation by name."""


class Turn(NamedTuple):
    """A conversation, and the moment before which none of its messages arrives."""

    begins: datetime
    conversation: Conversation
    reuse: int


def turns(plan: Plan) -> Iterator[Turn]:
    """Conversations of exactly `plan.messages` messages together; the last ones are envelopes, of one each."""
    known = providers(plan.start)
    home = Home(Party(plan.address, "", known[0]))
    second = Home(Party(plan.second, "", known[1]), "Inviata", "Cestino") if plan.second else None
    dealt, room, missed = deck(plan), plan.messages, 0
    for number, name in enumerate(dealt, start=1):
        last = missed >= PATIENCE
        dice = random.Random(f"{plan.seed}/{number}")
        begins, at = moment(plan.start, 1 - room / plan.messages, plan.messages, dice)
        duplicates = 0 if last else plan.duplicates
        scene = Scene(number, at, dice, home, second, known, plan.size, plan.recipients, duplicates)
        found = conversation(scene, FILLER if last else name)
        reuse = 1 if last or not TALES[name].reused else plan.reuse
        count = found.messages(reuse)
        if count > room:
            missed += 1
            continue
        yield Turn(begins, found, reuse)
        room, missed = room - count, missed if last else 0
        if not room:
            return


def conversation(scene: Scene, name: str) -> Conversation:
    """One conversation, nothing of it written yet; `name` is a key of TALES."""
    tale = TALES[name]
    return Conversation(name, tale.tell(scene), tale.matter)


def deck(plan: Plan) -> Iterator[str]:
    """Names of conversations without end: each as often as its weight, in the order of the dice, then again."""
    names = plan.variants or tuple(name for name, tale in TALES.items() if plan.second or not tale.second)
    dealt = 0
    while True:
        cards = [name for name in names for _ in range(_weight(plan, name, dealt))]
        random.Random(f"{plan.seed}/mazzo/{dealt}").shuffle(cards)
        yield from cards
        dealt += 1


def _weight(plan: Plan, name: str, dealt: int) -> int:
    tale = TALES[name]
    if plan.variants or tale.every == 1:
        return tale.weight
    return tale.weight if dealt % tale.every == 0 and plan.messages >= CROWDED else 0


def moment(start: datetime, progress: float, total: int, dice: random.Random) -> tuple[datetime, datetime]:
    """When a conversation has its turn, and when it starts, over 900 days from `start` as `progress` goes from 0 to 1.

    Turns never go back. Some in twenty straddle a New Year's midnight in Rome, which UTC does not see: calendar years
    are those of Rome.
    """
    eves = [eve for year in range(start.year, start.year + 4) if start < (eve := _eve(year)) < start + SPAN]
    wait = min(0.05, 200 / total)  # of the progress, at each New Year's Eve
    elapsed = progress * (1 + wait * len(eves))
    for eve in eves:
        before = (eve - start) / SPAN
        if before <= elapsed < before + wait:
            return eve, eve + timedelta(seconds=dice.randrange(60))
        elapsed -= wait if elapsed >= before + wait else 0
    turn = start + timedelta(seconds=int(SPAN.total_seconds() * elapsed))
    return turn, turn + timedelta(seconds=dice.randrange(int(JITTER.total_seconds())))


def _eve(year: int) -> datetime:
    return datetime(year, 12, 31, 22, 59, 30, tzinfo=UTC)
