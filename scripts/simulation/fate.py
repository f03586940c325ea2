"""One seed decides everything: dice by purpose, and the log of what happened, whose digest tells two runs apart."""

import hashlib
import random
from collections import Counter, deque


class Wrong(Exception):
    """The archive is not what it must be: what, and on which night."""


class Fate:
    """The dice of one life. Each purpose has its own, so that one throw more in one place moves nothing elsewhere."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.faults: Counter[str] = Counter()
        self.last: deque[str] = deque(maxlen=60)
        self._digest = hashlib.sha256()
        self._dice: dict[str, random.Random] = {}

    def dice(self, purpose: str) -> random.Random:
        """The dice of a purpose."""
        if purpose not in self._dice:
            self._dice[purpose] = random.Random(f"{self.seed}/{purpose}")
        return self._dice[purpose]

    def chance(self, purpose: str, part: float) -> bool:
        """Whether it happens this time, of `part` of all times."""
        return self.dice(purpose).random() < part

    def tell(self, text: str) -> None:
        """One more line of the log."""
        self._digest.update(text.encode() + b"\n")
        self.last.append(text)

    def fault(self, kind: str, where: str = "") -> None:
        """Something was done to the world."""
        self.faults[kind] += 1
        self.tell(f"  fault: {kind} {where}")

    @property
    def digest(self) -> str:
        """SHA-256 of all lines so far."""
        return self._digest.hexdigest()
