"""pyHanko's own validators of CAdES signatures and timestamp tokens, at a moment, nothing fetched."""

import asyncio
import logging
from collections.abc import Sequence
from importlib.metadata import version

from asn1crypto import cms, crl, x509

from conformances.artefact import Answer, Artefact, Kind


class PyHanko:
    """Seals and tokens; it knows no evidence records."""

    name = "pyHanko"
    kinds = frozenset({Kind.SEAL, Kind.TOKEN})

    def version(self) -> str:
        """The package and its validator of paths."""
        return f"pyHanko {version('pyHanko')}, pyhanko-certvalidator {version('pyhanko-certvalidator')}"

    def judge(self, artefacts: Sequence[Artefact]) -> list[Answer]:
        """All in this process."""
        logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
        logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
        return [_judge(artefact) for artefact in artefacts]


def _judge(artefact: Artefact) -> Answer:
    judges = {Kind.SEAL: _seal, Kind.TOKEN: _token}
    try:
        return asyncio.run(judges[artefact.kind](artefact))
    except Exception as error:  # whatever a foreign judge raises is his refusal
        return Answer(False, f"{type(error).__name__}: {error}")


async def _seal(artefact: Artefact) -> Answer:
    from pyhanko.sign.validation.generic_cms import async_validate_cms_signature, collect_timing_info

    signed = cms.ContentInfo.load(artefact.octets, strict=True)["content"]
    status = await async_validate_cms_signature(signed, validation_context=_context(artefact))
    times = await collect_timing_info(signed["signer_infos"][0], _context(artefact), lambda name: b"")
    stamp = times.get("timestamp_validity")
    stamped = stamp is not None and stamp.valid and stamp.intact and stamp.trusted
    words = f"{status.summary()}; timestamp {stamp.summary() if stamp else 'absent'}"
    return Answer(status.valid and status.intact and status.trusted and stamped, words)


async def _token(artefact: Artefact) -> Answer:
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko.sign.validation.status import TimestampSignatureStatus

    signed = cms.ContentInfo.load(artefact.octets, strict=True)["content"]
    expected = artefact.imprint[1] if artefact.imprint else b""
    found = await validate_tst_signed_data(signed, _context(artefact), lambda name: expected)
    status = TimestampSignatureStatus(**found)
    return Answer(status.valid and status.intact and status.trusted, status.summary())


def _context(artefact: Artefact) -> object:
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=[x509.Certificate.load(anchor) for anchor in artefact.anchors],
        crls=[crl.CertificateList.load(octets) for octets in artefact.crls],
        moment=artefact.at,
        allow_fetching=False,
        revocation_mode="require",
        retroactive_revinfo=True,
    )
