"""The PEC providers that the archive trusts: their CAs as anchors, their signers as far as known.

The official directory of providers is open to providers only (RFC 6109, 4.5): an archive keeps its own list.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Self

from asn1crypto import pem

from archiver import chain
from archiver.chain import ChainResult, Material
from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.pec import certificate
from archiver.pec.certificate import Certificate
from archiver.verdict import Finding, Verdict, finding

_KEY_USAGE = frozenset({"digital_signature"})  # RFC 6109, 4.5.2: the one usage of a provider's signing key
_CACHED = 4096


class Providers:
    """Anchors and known signers (DER), and the chains judged so far: one judgement per signer, not per message.

    `distrusted` are the SHA-256 of certificates that a person revoked: whatever rests on one has a doubtful origin.
    """

    def __init__(
        self, anchors: Iterable[bytes] = (), known: Iterable[bytes] = (), distrusted: Iterable[Sha256] = ()
    ) -> None:
        self.anchors = tuple(dict.fromkeys(anchors))
        self.known = tuple(dict.fromkeys(known))
        self.distrusted = frozenset(distrusted)
        self._judge = lru_cache(maxsize=_CACHED)(self._chain)

    @classmethod
    def load(cls, files: Iterable[bytes]) -> Self:
        """From certificate files, PEM (text around it tolerated, several in one file) or DER.

        A certificate of a CA (basicConstraints) becomes an anchor, any other a known signer. Raises Malformed.
        """
        read = [item for number, octets in enumerate(files, 1) for item in _certificates(octets, number)]
        return cls((item.der for item in read if item.authority), (item.der for item in read if not item.authority))

    def without(self, distrusted: Iterable[Sha256]) -> "Providers":
        """The same, but for these certificates (SHA-256)."""
        return Providers(self.anchors, self.known, self.distrusted | frozenset(distrusted))

    def origin(self, signer: Certificate, others: tuple[bytes, ...]) -> ChainResult:
        """Whether a path leads from `signer`, by way of `others` (DER), to an anchor; findings name the signer.

        Judged at the last moment of the signer's validity: whether the message is older than that is another question,
        and a CA that was certified again may be younger than its first signers.
        """
        return self._judge(signer.der, signer.not_after, others)

    def _chain(self, signer: bytes, at: datetime, others: tuple[bytes, ...]) -> ChainResult:
        subject = f"sha256:{sha256(signer)}"
        found = chain.validate(signer, Material(self.anchors, others), at=at, key_usage=_KEY_USAGE, subject=subject)
        refused = Verdict(tuple(self._refused(found.path or (signer,), subject)))
        return ChainResult(found.verdict + refused, found.path)

    def _refused(self, path: tuple[bytes, ...], subject: str) -> Iterator[Finding]:
        """What a person said of the certificates of a path (RFC 6109, 4.5: an archive keeps its own list)."""
        for octets in path if self.distrusted else ():
            digest = sha256(octets)
            if digest in self.distrusted:
                read = certificate.read(octets)
                name = read.name if read else ""
                yield finding("PROVIDER_DISTRUSTED", subject, name=name, short=digest[:16])


def _certificates(octets: bytes, number: int) -> list[Certificate]:
    try:
        blocks = pem.unarmor(octets, multiple=True) if pem.detect(octets) else ((None, None, octets),)
        found = [certificate.read(der) for _, _, der in blocks]
    except ValueError as error:
        raise Malformed(f"provider certificate {number}: expected PEM or DER, found {octets[:40]!r}") from error
    if None in found:
        raise Malformed(f"provider certificate {number}: expected X.509, found {octets[:40]!r}")
    return [item for item in found if item is not None]
