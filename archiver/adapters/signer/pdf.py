"""The seal on a PDF: PAdES baseline B-T or B-B (EN 319 142-1, 6), invisible, appended; the PDF before it is untouched.

pyHanko lays the signature's place into an increment, the signer's own key makes the CMS, and the octets of the time
stamp stand in it as they came. An increment with a widget of no size keeps PDF/A (ISO 19005-3, 6.3 and 6.4).
"""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from archiver.adapters.signer.cades import Key, encoded, pyhanko_signer, stamped
from archiver.adapters.signer.certificate import common_name
from archiver.errors import ConfigError, Malformed
from archiver.ports import Signer, Stamp

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer as PyhankoSigner

FIELD = "SigilloArchivio"
ROOM = 30 * 1024
"""Octets kept free for signature, certificates and time stamp: a string has 32,767 at most (ISO 19005-3, 6.1.13)."""


@runtime_checkable
class Keyed(Protocol):
    """A signer whose key can sign octets of our choice."""

    def key(self) -> Key | None:
        """The key; None when the service answers with a CMS of its own making."""


def signs_pdf(signer: Signer) -> bool:
    """Whether `sign_pdf` can have this signer sign.

    A service that makes whole CMS puts a signing time among the signed attributes, which PAdES forbids (EN 319 142-1,
    6.3: the time stands in the PDF).
    """
    return isinstance(signer, Keyed) and signer.key() is not None


def sign_pdf(pdf: bytes, signer: Signer, at: datetime, stamp: Stamp | None) -> bytes:
    """The PDF with one more increment that holds the signature, PAdES-B-T; B-B without `stamp`.

    `at` is the claimed signing time (aware). Raises ConfigError for a signer that cannot (see `signs_pdf`), Malformed
    for octets that are no PDF or a signature that does not fit its place; what key and `stamp` raise comes out.
    """
    key = signer.key() if isinstance(signer, Keyed) else None
    if key is None:
        raise ConfigError("the signer answers with a whole CMS, which cannot seal a PDF; answers = signature can")
    steps, digest, out = _laid(pdf, key, at.astimezone(UTC).replace(microsecond=0))
    cms = stamped(asyncio.run(_signed(pyhanko_signer(key), digest)), stamp)
    if len(cms) > ROOM:
        raise Malformed(f"the seal of the PDF has {len(cms)} octets, and its place {ROOM}: leave out certificates")
    steps.send(cms)
    return out.getvalue()


def _laid(pdf: bytes, key: Key, at: datetime) -> tuple[Generator[Any, Any, None], bytes, BytesIO]:
    """The PDF with an empty place for the signature; what goes on from there, and the digest of all but the place."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    try:
        whole = pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"  # ISO 19005-3, 6.1.9: an object starts a line
        writer = IncrementalPdfFileWriter(BytesIO(whole))
        steps = PdfCMSEmbedder().write_cms(FIELD, writer)
        next(steps)
        place = SignatureObject(
            timestamp=at,
            subfilter=SigSeedSubFilter.PADES,
            name=common_name(key.certificate),
            bytes_reserved=2 * ROOM,  # written in hexadecimal
        )
        steps.send(SigObjSetup(sig_placeholder=place))
        prepared, out = steps.send(SigIOSetup(md_algorithm="sha256", output=BytesIO()))
    except PdfError as error:
        raise Malformed(f"expected a PDF that can be sealed: {error}") from error
    return steps, prepared.document_digest, out


async def _signed(signer: "PyhankoSigner", digest: bytes) -> bytes:
    # encoded in here: see `cades`
    return encoded(await signer.async_sign(digest, "sha256", use_pades=True))
