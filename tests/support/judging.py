"""The program's judge, asked about a history."""

from archiver.chain import Material
from archiver.evidence.algorithms import Catalogue
from archiver.evidence.policy import Policy
from archiver.evidence.record.judge import RecordVerdict, judge
from archiver.evidence.terms import NEVER, Term
from support.histories import Played, hashed


def first_judge(asked: Played, *, algorithms: tuple[str, ...] = ()) -> RecordVerdict:
    """Its verdict with the same things believed; it is told the digests of these algorithms (of all)."""
    terms = {name: (Term(0, end or NEVER),) for name, end in asked.ends.items()}
    policy = Policy(Material(asked.anchors, (), asked.crls), Catalogue("prova", terms))
    members = {
        name: {each: hashed(each, data) for each in algorithms or asked.algorithms}
        for name, data in asked.members.items()
    }
    return judge(
        asked.record,
        policy,
        members=members,
        absent=asked.absent,
        partial=asked.partial,
        at=asked.at,
        subject="000001.ers",
    )
