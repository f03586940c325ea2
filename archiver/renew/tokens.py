"""The newest token, made ready before it is renewed: its validation data completed, its authority asked about.

RFC 6283, 4.2; RFC 4998, 5.2 and 7. After the renewal nothing may be added to it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.chain import Material
from archiver.errors import Malformed
from archiver.evidence.cms import digest
from archiver.evidence.completion import completed
from archiver.evidence.policy import Policy
from archiver.evidence.record.renewal import complete
from archiver.evidence.timestamp import judge_token, read_token
from archiver.renew.due import Lists, ends
from archiver.renew.grow import Growing
from archiver.renew.values import Due
from archiver.stamping import Line, Stamper
from archiver.submission.rows import EvidenceRow, NewestRow, TokenRow
from archiver.verdict import Finding, Indication, Severity

PATIENCE = timedelta(days=14)
"""So long before the end a token is renewed even if nobody tells whether its authority was revoked."""

RECENT = timedelta(days=7)
"""A token of the line that is not older tells under which certificate the next one would come."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A token as its renewal will hash it (`leaf`), and what is laid into its bag; `policy` knows that too."""

    leaf: bytes
    beside: Material
    policy: Policy

    def complete(self, record: bytes) -> bytes:
        """A record that stands on it, its newest token completed likewise. Raises Malformed."""
        beside = self.beside
        return complete(record, certificates=beside.certificates, crls=beside.crls, ocsps=beside.ocsps)


@dataclass(frozen=True, slots=True)
class New:
    """The token that renews, and until when it lasts."""

    octets: bytes
    until: datetime

    def gains(self, item: Due, growing: Growing, row: EvidenceRow | None = None) -> bool:
        """Whether it outlasts what it renews; otherwise a failure for each record (or this one), and no new record."""
        if gained(item, self.until):
            return True
        for one in (row,) if row else growing.records(item):
            growing.refused(one, *_no_gain(self.until))
        return False


class Refused(Exception):
    """A token that must not be renewed: its record would vouch for what nobody believes. `findings` say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__()
        self.findings = findings

    def text(self, lang: str) -> str:
        """Why, for people."""
        grave = (item for item in self.findings if item.severity is not Severity.INFO)
        return "; ".join(dict.fromkeys(item.text(lang) for item in grave))


def policy_of(item: Due, growing: Growing, lists: Lists) -> Policy:
    """What the records that have grown from this token are judged with."""
    policy = growing.work.trust.policy
    try:
        token = read_token(item.newest.token.octets, policy.material.certificates)
    except Malformed:
        return policy
    return lists.policy(token) if token.certificate else policy


def prepared(item: Due, growing: Growing, lists: Lists) -> Ready | None:
    """The token of `item`, ready to be renewed; None, and a failure for each record on it, when it must not be."""
    try:
        return ready(item, growing, lists)
    except Refused as refused:
        texts = refused.text("it"), refused.text("en")
    except Malformed as error:
        texts = str(error), str(error)
    for row in growing.records(item):
        growing.refused(row, *texts)
    return None


def promise(line: Line, growing: Growing) -> datetime | None:
    """Until when a new token of this line would last, as far as one of the last days tells; None: nothing tells."""
    work = growing.work
    certificates = work.trust.policy.material.certificates
    ids = {authority.id for authority in line}  # not of those that they succeed
    recent = (
        ends(newest, work.trust.policy.catalogue, certificates)[0]
        for newest in work.catalog.newest_tokens(counted=False)
        if newest.tsa in ids and growing.now - newest.token.at < RECENT
    )
    return max(recent, default=None)


def worth(item: Due, promised: datetime | None, growing: Growing) -> bool:
    """Whether a new token is worth asking for; otherwise a failure for each record: tokens cost money."""
    if promised is None or gained(item, promised):
        return True
    for row in growing.records(item):
        growing.refused(row, *_no_gain(promised))
    return False


def asked(algorithm: str, imprint: bytes, line: Line, growing: Growing) -> New:
    """A token of the line over `imprint`; from then on it is the judge's moment. Raises Unavailable, ConfigError."""
    work = growing.work
    octets = Stamper(line, growing.report, clock=work.clock, nonce=work.nonce)(algorithm, imprint)
    growing.now = work.clock()
    newest = NewestRow("", algorithm, 0, 0, TokenRow("", octets, growing.now))
    return New(octets, ends(newest, work.trust.policy.catalogue, work.trust.policy.material.certificates)[0])


def ready(item: Due, growing: Growing, lists: Lists) -> Ready:
    """The token that these records stand on, completed. Raises Refused, and Malformed for one that cannot be read."""
    work, report, now = growing.work, growing.report, growing.now
    token = read_token(item.newest.token.octets, work.trust.policy.material.certificates)
    if token.certificate is None:
        raise Malformed("token: the certificate of its authority is nowhere")
    beside, said = lists.of(token)
    warned = tuple(found for found in said if found.severity is Severity.WARNING)
    report.warnings += [found for found in warned if found not in report.warnings]
    policy = lists.policy(token)
    judged = judge_token(token, policy, algorithm=token.algorithm, data_digest=token.imprint, at=now, subject="")
    if judged.indication is not Indication.PASSED:
        raise Refused(judged.findings)
    if item.until - now > PATIENCE and any(found.code == "REVOCATION_NOT_FETCHED" for found in warned):
        raise Refused(warned)  # frozen without it, it could never be completed: tomorrow is another day
    octets = completed(token.octets, certificates=beside.certificates, crls=beside.crls, ocsps=beside.ocsps)
    return Ready(digest(item.newest.algorithm, octets), beside, policy)


def gained(item: Due, until: datetime) -> bool:
    """Whether a token that lasts until then is worth having; a new tree is, even under the same certificate."""
    return until > item.until or item.reason == "revoked" or bool(item.target and until == item.until)


def _no_gain(until: datetime) -> tuple[str, str]:
    italian = (
        f"la nuova marca vale solo fino al {until:%Y-%m-%d}, non oltre quella da rinnovare: serve un'altra autorità"
    )
    english = f"the new token lasts until {until:%Y-%m-%d} only, no longer than the one to be renewed: another"
    return italian, f"{english} authority is needed"
