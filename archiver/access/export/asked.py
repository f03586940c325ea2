"""What an auditor asks for: a question whose digest names the export, so that the same question goes on with it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from archiver.digest import Sha256


class Format(StrEnum):
    """What a part is: an exhibit in a ZIP file, the same as a folder, or an ASiC-E container for each volume."""

    ZIP = "zip"
    BAG = "bag"
    ASICE = "asice"


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that all hold; from `since`, before `until` (aware).

    `conditions` are those of a search but the terms, by name: `sender`, `recipient`, `invoice`, ...; `state` is that of
    the dossier.
    """

    terms: tuple[str, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    dossiers: tuple[str, ...] = ()

    @property
    def needs_search(self) -> bool:
        """Whether the rows alone cannot tell: the search or the dossiers must say which messages are meant."""
        return bool(self.terms or self.conditions or self.state or self.dossiers)


@dataclass(frozen=True, slots=True)
class Asked:
    """The whole question: of which mailboxes (ids), which messages, in which form.

    `part_size` in bytes; `sample` messages are drawn with `seed` (None: no draw); `full`: with the rapporti.
    """

    mailboxes: tuple[str, ...]
    filters: Filters
    format: Format
    part_size: int
    full: bool = False
    sample: int | None = None
    seed: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines; moments in ISO 8601."""
        found = asdict(self)
        for name in ("since", "until"):
            moment = getattr(self.filters, name)
            found["filters"][name] = moment.isoformat() if moment else None
        return found

    @property
    def digest(self) -> Sha256:
        """SHA-256 of the question as canonical JSON: the register of accesses has it, and no search terms."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return Sha256(hashlib.sha256(text.encode()).hexdigest())
