"""Our own judge, as one more: the floors that `archiver verify` stands on."""

import hashlib
import io
from collections.abc import Sequence

from archiver import __version__
from archiver.chain import Material
from archiver.evidence.policy import Policy
from archiver.evidence.record.judge import examine, judge
from archiver.evidence.signature import judge_seal
from archiver.evidence.timestamp import judge_token, read_token
from archiver.pec.providers import Providers
from archiver.verdict import Indication, Severity, Verdict
from archiver.verify import Trust
from archiver.verify.asice import judge_asice
from conformances.artefact import Answer, Artefact, Kind


class Ours:
    """All of it."""

    name = "archiver"
    kinds = frozenset(Kind)

    def version(self) -> str:
        """Of the package."""
        return f"archiver {__version__}"

    def judge(self, artefacts: Sequence[Artefact]) -> list[Answer]:
        """All in this process."""
        return [_answer(_verdict(artefact)) for artefact in artefacts]


def _answer(said: Verdict) -> Answer:
    codes = [found.code for found in said.findings if found.severity in (Severity.ERROR, Severity.DOUBT)]
    words = " ".join((said.indication.name, *dict.fromkeys(codes)))
    return Answer(said.indication is Indication.PASSED, words)


def _verdict(artefact: Artefact) -> Verdict:
    policy = Policy(Material(artefact.anchors, crls=artefact.crls))
    match artefact.kind:
        case Kind.SEAL:
            return judge_seal(artefact.octets, policy, at=artefact.at, subject="seal").verdict
        case Kind.TOKEN:
            algorithm, imprint = artefact.imprint or ("", b"")
            token = read_token(artefact.octets)
            return judge_token(token, policy, algorithm=algorithm, data_digest=imprint, at=artefact.at, subject="token")
        case Kind.CONTAINER:
            trust = Trust(Providers(), policy)
            return judge_asice(io.BytesIO(artefact.octets), artefact.name, trust=trust, at=artefact.at).verdict
    return _record(artefact, policy)


def _record(artefact: Artefact, policy: Policy) -> Verdict:
    examined = examine(artefact.octets, policy, at=artefact.at, subject="record")
    used = examined.algorithms
    members = {name: {used: hashlib.new(used, octets).digest() for used in used} for name, octets in artefact.data}
    absent = {f"discarded-{number}": {"sha512": digest} for number, digest in enumerate(artefact.discarded)}
    partial = not artefact.whole and not absent
    at, octets = artefact.at, artefact.octets
    judged = judge(octets, policy, members=members, absent=absent, partial=partial, at=at, subject="record")
    return judged.verdict
