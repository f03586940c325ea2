"""A mailbox as the archive knows it: whose it is, under which rule it is kept, who answers for it."""

from dataclasses import dataclass

from archiver.package.agents import Agent, AgentType, Parties, Retention
from archiver.package.metadata.values import PF, PG, Party


@dataclass(frozen=True, slots=True)
class Box:
    """What the configuration says of one mailbox.

    `holder` and `mailbox` are opaque ids, `address` and `own` (all of its addresses) are lower case. `owner` is the
    holder as an agent and `owner_code` its codice fiscale or partita IVA. `public` is true for an administration.
    """

    holder: str
    mailbox: str
    address: str
    own: frozenset[str]
    owner: Agent
    owner_code: str
    retention: Retention
    parties: Parties
    software: str
    version: str
    manual: str
    public: bool
    riservato: bool
    close_after: str
    annotations_days: int

    def party(self, address: str) -> Party:
        """The holder as a party of a document, under the address that the message used."""
        addresses = (address,) if address else (self.address,)
        if self.owner.kind is AgentType.NATURAL_PERSON:
            return PF(self.owner.last_name, self.owner.first_name, self.owner_code, addresses)
        return PG(self.owner.formal_name, self.owner_code, addresses=addresses)
