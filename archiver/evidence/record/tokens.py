"""Tokens of records, each read and judged once: a night's thousand records share one token, and its price."""

from dataclasses import replace
from datetime import datetime

from archiver.evidence.policy import Policy
from archiver.evidence.record.form import Fault, form_faults
from archiver.evidence.timestamp import Token, judge_token, read_token
from archiver.verdict import Verdict


class Tokens:
    """What was said of tokens before. Good for as long as the records that share them are looked at, then let go."""

    def __init__(self) -> None:
        self._read: dict[tuple[bytes, int], tuple[Policy, Token]] = {}
        self._form: dict[bytes, tuple[Fault, ...]] = {}
        self._judged: dict[tuple[bytes, int, str, bytes, datetime], tuple[Policy, Verdict]] = {}

    def __len__(self) -> int:
        """How many judgements it holds."""
        return len(self._judged)

    def read(self, octets: bytes, policy: Policy) -> Token:
        """The token; its signer's certificate may be among the policy's. Raises Malformed."""
        key = octets, id(policy)
        if key not in self._read:
            # the policy is kept beside, so that its id stays its own
            self._read[key] = policy, read_token(octets, policy.material.certificates)
        return self._read[key][1]

    def form(self, token: Token) -> tuple[Fault, ...]:
        """As `form_faults`. Raises Malformed."""
        if token.octets not in self._form:
            self._form[token.octets] = form_faults(token.octets)
        return self._form[token.octets]

    def judge(
        self, token: Token, policy: Policy, *, algorithm: str, data_digest: bytes, at: datetime, subject: str
    ) -> Verdict:
        """As `judge_token`."""
        key = token.octets, id(policy), algorithm, data_digest, at
        if key not in self._judged:
            said = judge_token(token, policy, algorithm=algorithm, data_digest=data_digest, at=at, subject="")
            self._judged[key] = policy, said
        return Verdict(tuple(replace(item, subject=subject) for item in self._judged[key][1].findings))
