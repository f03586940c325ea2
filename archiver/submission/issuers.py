"""One line of issuers from a certificate up: a bag full of look-alikes costs no more than a sound one.

The line is a guess by names and key identifiers; `archiver.chain` judges it.
"""

from collections.abc import Iterable
from typing import Any

from asn1crypto import x509

from archiver.pec.certificate import UGLY

LONGEST = 6
"""Certificates above the first one."""

BAG = 64
"""Certificates of a bag that are read; the known ones are all read, once."""


class Issuers:
    """Known CAs (DER), by name."""

    def __init__(self, known: Iterable[bytes]) -> None:
        self.known = frozenset(known)
        self._by_name = _by_name(self.known)

    def line(self, certificate: bytes, bag: Iterable[bytes] = ()) -> tuple[bytes, ...]:
        """Who issued `certificate`, who issued that one, and so on, the known ones first; never raises."""
        others = _by_name(list(bag)[:BAG])
        found: list[bytes] = []
        try:
            current: Any = x509.Certificate.load(certificate)
            while len(found) < LONGEST:
                name = current.issuer.hashable
                issuers = [*self._by_name.get(name, ()), *others.get(name, ())]
                above = next((item for item in issuers if _fits(item, current)), None)
                if above is None or above.dump() in (*found, certificate):
                    break
                found.append(above.dump())
                current = above
        except UGLY:
            pass
        return tuple(found)


def _by_name(certificates: Iterable[bytes]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for octets in certificates:
        try:
            read = x509.Certificate.load(octets)
            if read.ca:
                found.setdefault(read.subject.hashable, []).append(read)
        except UGLY:
            continue
    return found


def _fits(issuer: Any, issued: Any) -> bool:
    """Whether the key identifiers agree; where one is not stated, the name is enough (RFC 5280, 4.2.1.1)."""
    wanted, stated = issued.authority_key_identifier, issuer.key_identifier
    return wanted is None or stated is None or bool(wanted == stated)
