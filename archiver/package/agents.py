"""Who answers for a package (UNI 11386 `Agent`), and how long it is kept."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from archiver.package.rules import at_least

PERMANENT = 9999
"""Years that mean "for ever", by the convention of Allegato 5."""

_AGENT_ID = re.compile(r"(PAS|IDC|PNO|TIN|VAT|NTR|([A-Za-z0-9]{2}:))[A-Z]{2}-[a-zA-Z0-9]+")


class AgentType(StrEnum):
    """UNI 11386 `agentType`."""

    NATURAL_PERSON = "natural person"
    LEGAL_PERSON = "legal person"


class HolderRole(StrEnum):
    """UNI 11386 `holderRole`."""

    PRODUTTORE = "soggetto produttore"
    PROPRIETARIO = "soggetto proprietario"
    POSSESSORE = "soggetto possessore"
    DETENTORE = "soggetto detentore"


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or a body: `formal_name` of a legal person, `first_name` and `last_name` of a natural one.

    `ids` are like `TINIT-RSSMRA80A01H501U` or `VATIT-01234567890`; `relevant_documents` (at least one, UNI 11386)
    name the document by which the agent has the part: the nomination, the manual, the contract. Raises ValueError.
    """

    kind: AgentType
    relevant_documents: tuple[str, ...]
    ids: tuple[str, ...] = ()
    formal_name: str = ""
    first_name: str = ""
    last_name: str = ""

    def __post_init__(self) -> None:
        natural = self.kind is AgentType.NATURAL_PERSON
        if bool(self.first_name and self.last_name) != natural or bool(self.formal_name) == natural:
            wanted = "first_name and last_name" if natural else "formal_name"
            raise ValueError(f"agent: a {self.kind} has {wanted} and no other name")
        if not self.relevant_documents or not all(self.relevant_documents):
            raise ValueError(f"agent {self.name}: expected at least one RelevantDocument, found none")
        for agent_id in self.ids:
            if not _AGENT_ID.fullmatch(agent_id):
                raise ValueError(f"agent {self.name}: AgentID like TINIT-... or VATIT-..., found {agent_id!r}")

    @property
    def name(self) -> str:
        """The name as one would write it."""
        return self.formal_name or f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose documents they are, and in which role."""

    agent: Agent
    role: HolderRole = HolderRole.PRODUTTORE


@dataclass(frozen=True, slots=True)
class AuthorizedSigner:
    """Who signs the index, and as what ("Responsabile della conservazione")."""

    agent: Agent
    role: str = ""


@dataclass(frozen=True, slots=True)
class Parties:
    """UNI 11386 `Process`: who hands over, whose it is (at least one), who signs (at least one)."""

    submitter: Agent
    holders: tuple[Holder, ...]
    signers: tuple[AuthorizedSigner, ...]

    def __post_init__(self) -> None:
        if not self.holders or not self.signers:
            raise ValueError("parties: expected at least one holder and one signer")


@dataclass(frozen=True, slots=True)
class Retention:
    """A retention class: so many `years` (1 to 9999, 9999 being for ever) from an `event`, on a legal `basis`."""

    name: str
    years: int
    event: str
    basis: str

    def __post_init__(self) -> None:
        at_least(1, self.years, f"retention {self.name}: years")
        if self.years > PERMANENT:
            raise ValueError(f"retention {self.name}: expected at most {PERMANENT} years, found {self.years}")

    def term(self, year: int) -> date | None:
        """31 December of `year` plus the years; None when there is no such day: kept for ever."""
        last = year + self.years
        return None if self.years == PERMANENT or last > date.max.year else date(last, 12, 31)
