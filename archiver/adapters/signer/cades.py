"""CAdES-B-B and B-T (EN 319 122-1), made by pyHanko around whatever signs octets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from asn1crypto import cms, parser
from asn1crypto import x509 as asn1_x509

from archiver.adapters.signer.mechanism import Mechanism
from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.evidence.unsigned import with_timestamp
from archiver.ports import Stamp

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer as PyhankoSigner

Raw = Callable[[bytes], bytes]
"""Signs octets with SHA-256: the DER of the signed attributes -> the signature's value (ECDSA: DER)."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs octets, and what stands about it in a signature; certificates are DER."""

    raw: Raw
    certificate: bytes
    chain: tuple[bytes, ...]
    mechanism: Mechanism


def cades(data: bytes, key: Key, *, at: datetime) -> bytes:
    """CAdES-B-B over `data`, attached, DER. `at` is the claimed signing time (aware).

    What the key raises comes out as it is.
    """
    return asyncio.run(_signed(pyhanko_signer(key), data, at.astimezone(UTC).replace(microsecond=0)))


def stamped(p7m: bytes, stamp: Stamp | None) -> bytes:
    """The signature with a timestamp over its value, B-T; as it is without `stamp`.

    What `stamp` raises comes out as it is; its token stands in the signature octet for octet.
    """
    if stamp is None:
        return p7m
    return with_timestamp(p7m, stamp("sha256", bytes.fromhex(sha256(open_signed(p7m).signature))))


async def _signed(signer: "PyhankoSigner", data: bytes, at: datetime) -> bytes:
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    signed = await signer.async_sign_general_data(
        data,
        "sha256",
        detached=False,
        use_cades=True,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
    )
    # encoded in here: asyncio.run takes the repr of what it gives back, which is to encode it once more
    return encoded(signed)


def pyhanko_signer(key: Key) -> "PyhankoSigner":
    """The key as pyHanko takes it."""
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class RawSigner(Signer):
        """pyHanko's own loads a key again for each signature, and a token's session lives longer than one."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
            return key.raw(data)

    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple([asn1_x509.Certificate.load(octets) for octets in key.chain])
    return RawSigner(
        signing_cert=asn1_x509.Certificate.load(key.certificate),
        cert_registry=registry,
        signature_mechanism=key.mechanism.announced,
    )


def encoded(signed: cms.ContentInfo) -> bytes:
    """DER.

    asn1crypto encodes what it built again and again at every level above, now and then for minutes.
    """
    data = signed["content"]
    fields = b"".join(data[name].dump() for name in data)
    content = parser.emit(2, 1, 0, parser.emit(0, 1, 16, fields))
    return bytes(parser.emit(0, 1, 16, signed["content_type"].dump() + content))
