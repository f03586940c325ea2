"""How long a path can hold: until the first of its certificates ends, the anchor's own end left aside."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from asn1crypto import x509

from archiver.chain.material import load_all
from archiver.chain.notices import issued

_HIGHEST = 10
"""CAs above one another that are looked at; there are one or two."""


class Last(NamedTuple):
    """The moment at which a certificate of the path ends, and the whole name of its subject."""

    end: datetime
    name: str


def lasting(certificate: bytes, known: Iterable[bytes], anchors: Iterable[bytes] = ()) -> Last:
    """The earliest end of `certificate` (DER, readable) and of the CAs above it, below the anchor (RFC 5280, 6.1).

    The CAs are found among `known` by name and key; of those with one name and key the one that lasts longest counts:
    it was certified again. A CA that issued itself is an anchor, as `anchors` are: neither is asked how long it lasts.
    What is not at hand does not count.
    """
    return _lasting(certificate, tuple(known), frozenset(anchors))


@lru_cache(maxsize=64)  # thousands of tokens come from one authority
def _lasting(certificate: bytes, known: tuple[bytes, ...], tops: frozenset[bytes]) -> Last:
    at = x509.Certificate.load(certificate)
    first = Last(at.not_valid_after, at.subject.human_friendly)
    if certificate in tops:
        return first
    above = load_all(dict.fromkeys((*known, *tops)))
    for _ in range(_HIGHEST):
        if _tops(at):
            break
        found = [one for one in above if one.subject == at.issuer and issued(at, one)]
        if not found or any(_tops(one) or one.dump() in tops for one in found):
            break
        at = max(found, key=lambda one: one.not_valid_after)
        first = min(first, Last(at.not_valid_after, at.subject.human_friendly), key=lambda last: last.end)
    return first


def _tops(certificate: x509.Certificate) -> bool:
    return bool(certificate.subject == certificate.issuer)
