"""`esportazione.json`: what an export has done so far, so that the same question asked again goes on from there."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from archiver.access.export.plan import Part, Planned
from archiver.errors import Malformed

NAME = "esportazione.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class PartState:
    """One part of the plan; `sha256` is empty until it is there whole (of a folder: that of its tag manifest).

    `messages` and `bytes` are those in it, `counts` its lines of the list by standing.
    """

    name: str
    pieces: Part
    sha256: str = ""
    messages: int = 0
    bytes: int = 0
    indication: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For people and machines: without the plan."""
        return {key: value for key, value in asdict(self).items() if key != "pieces"}


@dataclass(frozen=True, slots=True)
class State:
    """`question` is the digest of what was asked; `drawn` the digests of the sample (None: all that was asked)."""

    question: str
    parts: tuple[PartState, ...]
    drawn: tuple[str, ...] | None = None

    def done(self, part: PartState) -> "State":
        """The same with this part as it is now."""
        return replace(self, parts=tuple(part if part.name == one.name else one for one in self.parts))


def write(state: State) -> bytes:
    """The file."""
    return json.dumps({"format": FORMAT, **asdict(state)}, ensure_ascii=False).encode() + b"\n"


def read(octets: bytes) -> State:
    """What `write` wrote. Raises Malformed."""
    try:
        told = json.loads(octets)
        if told.pop("format") != FORMAT:
            raise ValueError("another format")
        parts = tuple(
            PartState(**{**part, "pieces": tuple(Planned(**piece) for piece in part["pieces"])})
            for part in told.pop("parts")
        )
        drawn = told.pop("drawn")
        return State(parts=parts, drawn=None if drawn is None else tuple(drawn), **told)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Malformed(f"{NAME}: {error}") from error
