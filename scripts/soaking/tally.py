"""What a soak came to."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Counts; `complaints` are whatever must not have happened, in words."""

    seed: int
    cycles: int = 0
    commands: int = 0
    seconds: float = 0.0
    messages: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    damages: int = 0
    found: int = 0
    repaired: int = 0
    lost: int = 0
    duplicated: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Nothing lost, nothing twice, every damage found and repaired, and nobody complained."""
        whole = self.damages == self.found == self.repaired
        return whole and not (self.lost or self.duplicated or self.complaints)

    def complain(self, text: str) -> None:
        """Something is wrong."""
        self.complaints.append(f"cycle {self.cycles}: {text}")

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        kinds = dict(sorted(self.faults.items()))
        return vars(self) | {
            "faults": kinds,
            "injected": self.faults.total(),
            "kinds": len(kinds),
            "passed": self.passed,
        }

    def as_text(self) -> str:
        """For people."""
        lines = [
            f"{self.cycles} cycles, {self.commands} commands, {self.messages} messages in {self.seconds:.0f} s"
            f" (seed {self.seed})",
            f"{self.faults.total()} faults of {len(self.faults)} kinds:",
            *(f"  {count:5} {kind}" for kind, count in sorted(self.faults.items())),
            f"damages {self.damages}, found {self.found}, repaired {self.repaired}",
            f"lost {self.lost}, duplicated {self.duplicated}",
            *(f"! {text}" for text in self.complaints),
        ]
        return "\n".join(lines)
