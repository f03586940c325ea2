"""What an exhibit or an export is made with: the configuration's parties, anchors, signer, and who makes the faces."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver import __version__
from archiver.access.exhibit import Making
from archiver.access.exhibit.page import page
from archiver.access.exhibit.rapporto import rapporto
from archiver.access.exhibit.standalone import standalone
from archiver.adapters.signer.pdf import sign_pdf, signs_pdf
from archiver.compose.archive import Archive
from archiver.compose.boxes import SOFTWARE
from archiver.errors import ConfigError
from archiver.package.exhibit.layout import REPORT, SEALED, Anchors
from archiver.ports import Signer, Stamp
from archiver.seal import Report as Asked
from archiver.seal import Sealing
from archiver.seal.sign import check, stamper
from archiver.verdict import Finding, finding

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Sealer:
    """The archive's signer and its authorities, for an exhibit's index and its report."""

    work: Sealing

    def index(self, octets: bytes) -> bytes:
        """The index in a CAdES signature, of the archive's level, checked. Raises as `Signer.sign`."""
        p7m = self._signer.sign(octets, at=self.work.clock(), stamp=self._stamp())
        check(p7m, octets, self.work, subject=SEALED, stamped=self.work.seals.stamped)
        return p7m

    def report(self, told: Mapping[str, Any]) -> bytes:
        """rapporto.pdf; signed too where the signer can sign a PDF."""
        return self.pdf(rapporto(told))

    def pdf(self, octets: bytes) -> bytes:
        """The PDF with the seal on it (PAdES, of the archive's level); as it is where the signer cannot sign a PDF."""
        if not signs_pdf(self._signer):
            return octets
        return sign_pdf(octets, self._signer, self.work.clock(), self._stamp())

    @property
    def _signer(self) -> Signer:
        if self.work.seals.signer is None:
            raise ConfigError("nobody signs without a hand: --unsigned")
        return self.work.seals.signer

    def _stamp(self) -> Stamp | None:
        return stamper(self.work, Asked()) if self.work.seals.stamped else None


def sealer(archive: Archive, clock: Clock, *, unsigned: bool) -> tuple[Sealer | None, tuple[Finding, ...]]:
    """Who seals, and warnings about the certificate; None when nobody is to, or nobody can without a hand.

    Raises ConfigError for a signer that may not sign now, and what `Signer.ready` raises.
    """
    if unsigned or archive.config.signer.kind == "hand":
        return None, ()
    work, warnings = archive.sealing(clock, lambda: secrets.randbits(64), by_hand=False)
    unsigned_report = () if signs_pdf(archive.signer) else (finding("PDF_UNSIGNED", REPORT),)
    return Sealer(work), (*warnings, *unsigned_report)


def making_of(
    archive: Archive, holder: str, mailbox: str, *, seal: Sealer | None, reason: str, act: str, lang: str, clock: Clock
) -> Making:
    """What an exhibit or an export of one holder's messages is made with.

    `mailbox` is the id of the one whose parties answer for it, `act` the id of the act in the register.
    """
    at = clock().replace(microsecond=0)
    party = archive.config.holders[holder]
    box = archive.box(next(item for item in archive.config.mailboxes if item.id == mailbox), at)
    told = {
        "legal_value": not archive.config.demo,
        "by": {"login": archive.who.login, "role": archive.who.role},
        "reason": reason,
        "act": act,
        "holder": {"id": holder, "name": party.display, "codes": [one for one in (party.tax_code, party.vat) if one]},
        "responsible": _responsible(archive, at),
    }
    return Making(
        store=archive.store,
        stores=tuple(archive.stores),
        catalog=archive.catalog,
        trust=archive.trust,
        parties=box.parties,
        software=SOFTWARE,
        version=__version__,
        at=at,
        lang=lang,
        told=told,
        anchors={
            Anchors.SEAL: archive.seal_anchors,
            Anchors.TSA: archive.tsa_anchors,
            Anchors.PROVIDERS: archive.providers.anchors,
        },
        material=tuple(("crl", octets) for octets in archive.seal_crls(at)),
        seal=seal.index if seal else None,
        stamped=archive.config.signer.level == "B-T",
        page=page,
        report=seal.report if seal else rapporto,
        verifier=standalone,
    )


def _responsible(archive: Archive, at: datetime) -> str:
    """Who is in office that day; empty when the configuration names nobody."""
    day = at.date()
    found = (one for one in archive.config.responsibles if one.since <= day and (not one.until or day <= one.until))
    return next((one.party.display for one in found), "")
