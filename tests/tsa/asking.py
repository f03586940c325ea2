"""A question as sealing asks it, and every check that it makes of the answer."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha512
from secrets import randbits
from typing import Any

from archiver.adapters.tsa import Account
from archiver.chain import Material
from archiver.evidence.policy import Policy
from archiver.evidence.timestamp import judge_token, query, read_token, token_of
from archiver.ports import TimeStampingAuthority
from archiver.verdict import Indication

IMPRINT = sha512(b"una radice").digest()


class Unbelievable(Exception):
    """The token holds in itself, and is not believed: the codes of the findings."""


def account(url: str, **changed: Any) -> Account:
    """Asked once, and soon given up, unless told otherwise."""
    return Account(**{"id": "prova", "url": url, "timeout": 10.0, "attempts": 1, **changed})


def believed(
    authority: TimeStampingAuthority,
    *anchors: bytes,
    crls: Iterable[bytes] = (),
    policy: str = "",
    at: datetime | None = None,
    digest: bytes = IMPRINT,
) -> bytes:
    """The token, octets as received. Raises Unavailable, Malformed, Unbelievable."""
    nonce = randbits(64)
    reply = authority.answer(query("sha512", digest, nonce, policy))
    at = at or datetime.now(UTC)
    token = token_of(reply, algorithm="sha512", imprint=digest, nonce=nonce, at=at, policy=policy)
    judged = judge_token(
        read_token(token, anchors),
        Policy(Material(anchors, crls=tuple(crls))),
        algorithm="sha512",
        data_digest=digest,
        at=at,
        subject="t",
    )
    if judged.indication is not Indication.PASSED:
        raise Unbelievable(" ".join(item.code for item in judged.findings))
    assert token in reply
    return token
