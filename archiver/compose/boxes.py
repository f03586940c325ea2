"""From the configuration's parties to those of a package (UNI 11386 agents)."""

from datetime import date

from archiver import __version__
from archiver.config import Config, MailboxConfig, Party
from archiver.package.agents import Agent, AgentType, AuthorizedSigner, Holder, Parties, Retention
from archiver.submission.box import Box

SOFTWARE = "pec-archiver"


def box(config: Config, mailbox: MailboxConfig, *, today: date) -> Box:
    """One mailbox with everybody who answers for it on the day `today`."""
    holder_id = holder_of(config, mailbox)
    owner, retention = config.holders[holder_id], config.retentions[mailbox.retention]
    return Box(
        holder=holder_id,
        mailbox=mailbox.id,
        address=mailbox.address,
        own=frozenset((mailbox.address, *mailbox.aliases)),
        owner=_agent(owner),
        owner_code=owner.tax_code or owner.vat,
        retention=Retention(retention.name, retention.years, retention.event, retention.basis),
        parties=_parties(config, owner, today),
        software=SOFTWARE,
        version=__version__,
        manual=config.manual,
        public=config.kind == "pa",
        riservato=mailbox.riservato,
        close_after=mailbox.close_after,
        annotations_days=mailbox.annotations_days,
    )


def holder_of(config: Config, mailbox: MailboxConfig) -> str:
    """Whose mailbox it is, by id: with one holder nobody need say it."""
    return mailbox.holder or next(iter(config.holders))


def _parties(config: Config, owner: Party, today: date) -> Parties:
    signers = [AuthorizedSigner(_agent(config.signer.party), config.signer.role)]
    for responsible in config.responsibles:
        in_office = responsible.since <= today and (responsible.until is None or today <= responsible.until)
        if in_office and responsible.party.display != config.signer.party.display:
            signers.append(AuthorizedSigner(_agent(responsible.party), "Responsabile della conservazione"))
    if config.service:
        signers.append(AuthorizedSigner(_agent(config.service), "Responsabile del servizio di conservazione"))
    return Parties(_agent(config.producer), (Holder(_agent(owner)),), tuple(signers))


def _agent(party: Party) -> Agent:
    ids = [f"TINIT-{party.tax_code}"] if party.tax_code else []
    ids += [f"VATIT-{party.vat}"] if party.vat else []
    return Agent(
        kind=AgentType.LEGAL_PERSON if party.legal else AgentType.NATURAL_PERSON,
        relevant_documents=(party.document,),
        ids=tuple(ids),
        formal_name=party.name,
        first_name=party.first_name,
        last_name=party.last_name,
    )
