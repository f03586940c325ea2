"""Reports are filed: in the store of their holder, signed and stamped if that can be done without a hand."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver import __version__
from archiver.compose.archive import Archive
from archiver.compose.boxes import SOFTWARE
from archiver.errors import Absent, ArchiverError, ConfigError, Malformed, Unavailable
from archiver.evidence.cms import open_signed
from archiver.package import layout, rules
from archiver.package.report.builder import build, printable
from archiver.package.report.values import Report, ReportKind, identifier, told
from archiver.seal import Report as Asked
from archiver.seal import Sealing
from archiver.seal.sign import check, stamper
from archiver.submission.keeping import kept_until
from archiver.submission.reports import last
from archiver.verdict import Finding, finding

PATIENCE = 120.0
"""Seconds to wait while another process files a report of the same kind: a remote signer takes its time."""

_STOPS = (Unavailable, ConfigError, Malformed)


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a report lies in the store, and what is to be said of its seal."""

    name: str
    warnings: tuple[Finding, ...] = ()


def filed(
    archive: Archive, *, kind: str, holder: str, content: Mapping[str, Any], clock: Callable[[], datetime]
) -> Filed:
    """Writes a report (`sweep` or `purge`) into the store and locks it there for ever.

    What keeps it from being signed, or stamped, is a warning: the report is filed all the same, and the evidence of a
    later `seal` proves it. It is never dated before the one that it follows. Raises Unavailable when the store or the
    catalog is not there, or another process files one for too long; ValueError for content that is none: numbers that
    are not whole, more than 16 MiB.
    """
    word, said = ReportKind(kind), printable(content)
    busy = f"another process files a report of {kind} for {holder}; try again when it is done"
    with archive.catalog.exclusive(f"report-{kind}-{holder}", busy=busy, patience=PATIENCE):
        before = _before(archive, holder, word)
        moment = rules.moment(clock())
        if before and told(before)[1] >= moment:
            moment = told(before)[1] + timedelta(seconds=1)
        octets = build(Report(word, holder, moment, f"{SOFTWARE} {__version__}", before, said))
        report_id = identifier(word, moment, octets)
        p7m, warnings = _sealed(archive, octets, layout.report(holder, report_id, sealed=True), clock)
        name = layout.report(holder, report_id, sealed=p7m is not None)
        archive.store.put(name, octets if p7m is None else p7m)
    try:
        archive.store.retain(name, until=kept_until(None, now=clock()))
    except (Absent, Unavailable, ConfigError) as error:
        warnings = (*warnings, finding("REPORT_NOT_LOCKED", name, reason=_text(error)))
    return Filed(name, warnings)


def _before(archive: Archive, holder: str, kind: ReportKind) -> str | None:
    """The id of the last report, which may be missing today and come back: two must never follow the same one."""
    known = [parsed.id for name in archive.catalog.reports(holder) if (parsed := layout.parse(name))]
    ids = [id for id in known if told(id)[0] is kind]
    return max((*ids, last(archive.store, holder, kind) or ""), default="") or None


def _sealed(
    archive: Archive, octets: bytes, subject: str, clock: Callable[[], datetime]
) -> tuple[bytes | None, tuple[Finding, ...]]:
    """The report under the archive's seal (CAdES, B-T or as configured); None when nobody signs it now, and why."""
    if archive.config.signer.kind == "hand":
        return None, (finding("REPORT_BY_HAND", subject),)
    try:
        work, _ = archive.sealing(clock, _nonce, by_hand=False)
        return _signed(work, octets, subject)
    except _STOPS as error:
        return None, (finding("REPORT_UNSIGNED", subject, reason=_text(error)),)


def sealed_now(
    archive: Archive, octets: bytes, subject: str, clock: Callable[[], datetime]
) -> tuple[bytes, tuple[Finding, ...]]:
    """Octets under the archive's seal (CAdES, B-T or as configured): what may not go without one.

    Raises ConfigError for a signer who waits for a hand or may not sign now, Unavailable, Malformed.
    """
    if archive.config.signer.kind == "hand":
        raise ConfigError(
            f"{subject}: si firma a mano: `--to-sign DIR` lo scrive, `--signed DIR` lo riprende (signed by hand)"
        )
    work, warnings = archive.sealing(clock, _nonce, by_hand=False)
    asked = Asked()
    p7m = _one(work, octets, subject, asked, stamped=work.seals.stamped)
    return p7m, (*warnings, *asked.warnings)


def check_signed(archive: Archive, p7m: bytes, subject: str, clock: Callable[[], datetime]) -> None:
    """Nothing, when that is a valid signature of whoever seals here. Raises Malformed, ConfigError."""
    work, _ = archive.sealing(clock, _nonce, by_hand=True)
    check(p7m, open_signed(p7m).content or b"", work, subject=subject, stamped=False)


def _signed(work: Sealing, octets: bytes, subject: str) -> tuple[bytes, tuple[Finding, ...]]:
    """Signed, with a timestamp; without one when no authority gives one."""
    asked = Asked()
    try:
        return _one(work, octets, subject, asked, stamped=work.seals.stamped), tuple(asked.warnings)
    except _STOPS:
        if not asked.silent:  # not for want of a timestamp
            raise
    reason = "; ".join(_text(error) for error in asked.silent.values())
    return _one(work, octets, subject, asked, stamped=False), (
        *asked.warnings,
        finding("REPORT_UNSTAMPED", subject, reason=reason),
    )


def _one(work: Sealing, octets: bytes, subject: str, asked: Asked, *, stamped: bool) -> bytes:
    signer = work.seals.signer
    if signer is None:
        raise ConfigError("nobody signs without a hand")
    p7m = signer.sign(octets, at=work.clock(), stamp=stamper(work, asked) if stamped else None)
    check(p7m, octets, work, subject=subject, stamped=stamped)
    return p7m


def _text(error: ArchiverError) -> str:
    return " ".join(str(error).splitlines())


def _nonce() -> int:
    return secrets.randbits(64)
