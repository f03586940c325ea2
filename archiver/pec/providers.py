"""The PEC providers that the archive trusts: their CAs as anchors, their signers as far as known.

The official directory of providers is open to providers only (RFC 6109, 4.5): an archive keeps its own list.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Self

from asn1crypto import pem

from archiver import chain
from archiver.chain import ChainResult
from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.pec import certificate
from archiver.pec.certificate import Certificate

_KEY_USAGE = frozenset({"digital_signature"})  # RFC 6109, 4.5.2: the one usage of a provider's signing key
_CACHED = 4096


class Providers:
    """Anchors and known signers (DER), and the chains judged so far: one judgement per signer, not per message."""

    def __init__(self, anchors: Iterable[bytes] = (), known: Iterable[bytes] = ()) -> None:
        self.anchors = tuple(dict.fromkeys(anchors))
        self.known = tuple(dict.fromkeys(known))
        self._judge = lru_cache(maxsize=_CACHED)(self._chain)

    @classmethod
    def load(cls, files: Iterable[bytes]) -> Self:
        """From certificate files, PEM (text around it tolerated, several in one file) or DER.

        A certificate of a CA (basicConstraints) becomes an anchor, any other a known signer. Raises Malformed.
        """
        read = [item for number, octets in enumerate(files, 1) for item in _certificates(octets, number)]
        return cls((item.der for item in read if item.authority), (item.der for item in read if not item.authority))

    def origin(self, signer: Certificate, others: tuple[bytes, ...]) -> ChainResult:
        """Whether a path leads from `signer`, by way of `others` (DER), to an anchor; findings name the signer.

        Judged at the last moment of the signer's validity: whether the message is older than that is another question,
        and a CA that was certified again may be younger than its first signers.
        """
        return self._judge(signer.der, signer.not_after, others)

    def _chain(self, signer: bytes, at: datetime, others: tuple[bytes, ...]) -> ChainResult:
        return chain.validate(
            signer,
            intermediates=others,
            anchors=self.anchors,
            at=at,
            key_usage=_KEY_USAGE,
            subject=f"sha256:{sha256(signer)}",
        )


def _certificates(octets: bytes, number: int) -> list[Certificate]:
    try:
        blocks = pem.unarmor(octets, multiple=True) if pem.detect(octets) else ((None, None, octets),)
        found = [certificate.read(der) for _, _, der in blocks]
    except ValueError as error:
        raise Malformed(f"provider certificate {number}: expected PEM or DER, found {octets[:40]!r}") from error
    if None in found:
        raise Malformed(f"provider certificate {number}: expected X.509, found {octets[:40]!r}")
    return [item for item in found if item is not None]
