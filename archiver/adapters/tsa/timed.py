"""How long authorities take to answer: from the question to the token, every further attempt included."""

import time
from dataclasses import dataclass, field

from archiver.errors import ArchiverError
from archiver.ports import TimeStampingAuthority


@dataclass(slots=True)
class Waits:
    """What one process waited for: seconds of each answer by authority, and how many questions brought none."""

    answered: dict[str, list[float]] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)

    def by_authority(self) -> dict[str, dict[str, float]]:
        """Answers, their mean and longest seconds, and failures of each authority that was asked."""
        found: dict[str, dict[str, float]] = {}
        for tsa in sorted({*self.answered, *self.failed}):
            waited = self.answered.get(tsa, [])
            found[tsa] = {"answers": len(waited), "failed": self.failed.get(tsa, 0)}
            if waited:
                found[tsa] |= {"mean": sum(waited) / len(waited), "max": max(waited)}
        return found


class Timed:
    """A `ports.TimeStampingAuthority` around another one."""

    def __init__(self, inner: TimeStampingAuthority, waits: Waits) -> None:
        self._inner = inner
        self._waits = waits

    @property
    def id(self) -> str:
        """Its name in the configuration and in the store."""
        return self._inner.id

    def answer(self, query: bytes) -> bytes:
        """As the authority inside."""
        since = time.monotonic()
        try:
            reply = self._inner.answer(query)
        except ArchiverError:
            self._waits.failed[self.id] = self._waits.failed.get(self.id, 0) + 1
            raise
        self._waits.answered.setdefault(self.id, []).append(time.monotonic() - since)
        return reply
