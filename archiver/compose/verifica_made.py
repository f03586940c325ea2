"""`archiver report`: the verbale of the periodic check and the yearly integrity report, made, registered, written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.access.printing import canonical
from archiver.access.reports import integrity, verifica
from archiver.compose.archive import Archive
from archiver.compose.described import boxes_of
from archiver.compose.exhibit import written
from archiver.compose.integrity_told import integrity_told
from archiver.compose.making import Sealer, sealer
from archiver.compose.register import check_reason, register
from archiver.compose.verifica_told import FIRST, Period, period_told
from archiver.digest import sha256
from archiver.errors import ConfigError, Conflict
from archiver.package.act import ActKind
from archiver.submission.keeping import ROME
from archiver.verdict import Finding, Indication

Clock = Callable[[], datetime]
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reported:
    """A document that was made: where it lies, what it tells, its act in the register; `warnings` about the seal."""

    path: Path
    told: Mapping[str, Any]
    sha256: str
    act: str
    sealed: bool
    warnings: tuple[Finding, ...] = ()

    @property
    def indication(self) -> Indication:
        """What the document comes to."""
        return Indication(self.told["indication"])

    def as_json(self) -> Told:
        """For machines."""
        return {"path": str(self.path), "sha256": self.sha256, "act": self.act, "sealed": self.sealed, **self.told}


def report_verifica(
    archive: Archive,
    output: Path,
    *,
    holder: str = "",
    mailbox: str | None = None,
    until: datetime | None = None,
    unsigned: bool = False,
    reason: str = "",
    lang: str,
    clock: Clock,
) -> Reported:
    """The verbale of the periodic check of integrity and readability of one holder's archive (AgID guidelines, 4.7).

    From the last verbale on, or from the first day; before `until` (aware), else until now. `mailbox` (its name)
    narrows what is said to be held. Raises Conflict when something is at `output`, ConfigError for a holder or a signer
    that will not do, and as `register`.
    """
    check_pdf(output)
    check_reason(archive, reason)
    now = clock().replace(microsecond=0)
    box = archive.mailbox(mailbox) if mailbox else None
    whose = _holder(archive, holder, box.holder if box else "")
    end = min(until or now, now)
    period = Period(
        holder=whose,
        mailboxes=(box,) if box else tuple(boxes_of(archive, whose)),
        since=_last(archive, whose, end),
        until=end,
        one=box is not None,
    )
    told = {**period_told(archive, period, at=now), "kind": ActKind.VERIFICA.value, "lang": lang}
    return _made(archive, output, told, verifica, unsigned=unsigned, reason=reason, clock=clock)


def report_integrity(
    archive: Archive,
    output: Path,
    *,
    year: int,
    holder: str = "",
    unsigned: bool = False,
    reason: str = "",
    lang: str,
    clock: Clock,
) -> Reported:
    """The integrity report of a calendar year (Europe/Rome), or of so much of it as has passed. Raises as above, and
    ConfigError for a year that has not begun.
    """
    check_pdf(output)
    check_reason(archive, reason)
    now = clock().replace(microsecond=0)
    since, end = _new_year(year), _new_year(year + 1)
    if since > now:
        raise ConfigError(f"--year {year}: l'anno non è ancora cominciato (has not begun)")
    whose = _holder(archive, holder, "")
    period = Period(whose, tuple(boxes_of(archive, whose)), since, min(end, now))
    told = {
        **period_told(archive, period, at=now),
        **integrity_told(archive, period, at=now),
        "kind": ActKind.INTEGRITY.value,
        "year": year,
        "ended": end <= now,
        "lang": lang,
    }
    return _made(archive, output, told, integrity, unsigned=unsigned, reason=reason, clock=clock)


def last_verifica(archive: Archive, holder: str, *, until: datetime | None = None) -> datetime | None:
    """When the holder's last verbale was made; None: never."""
    found = archive.catalog.find_acts([holder], kind=ActKind.VERIFICA, until=until, limit=1)
    return found[0].at if found else None


def check_pdf(output: Path) -> None:
    """Raises Conflict when something is there, ConfigError where nothing can be written or the name is no good."""
    if output.exists() or output.is_symlink():
        raise Conflict(f"{output}: is there already, and is not written over: choose another name with -o")
    if output.suffix.lower() != ".pdf":
        raise ConfigError(f"-o {output}: expected the name of a new .pdf, such as verbale.pdf")
    if not output.parent.is_dir():
        raise ConfigError(f"-o {output}: there is no folder {output.parent}")


def _made(
    archive: Archive,
    output: Path,
    told: Told,
    draw: Callable[[Mapping[str, Any]], bytes],
    *,
    unsigned: bool,
    reason: str,
    clock: Clock,
) -> Reported:
    """Drawn, sealed, in the register, and only then on the disk: the act has the digests of both its forms."""
    seal, warnings = _sealer(archive, clock, unsigned=unsigned)
    sealed = seal is not None and not any(item.code == "PDF_UNSIGNED" for item in warnings)
    told = {**told, "sealed": sealed}
    pdf = draw(told)
    pdf = seal.pdf(pdf) if seal else pdf
    holder = told["holder"]["id"]
    what = {
        "report": told["kind"],
        "until": told["until"],
        "indication": told["indication"],
        "pdf": sha256(pdf),
        "told": sha256(canonical(told)),
    }
    acts = register(archive, holders=[holder], kind=told["kind"], what=what, reason=reason, clock=clock)
    with written(output) as file:
        file.write(pdf)
    return Reported(output, told, what["pdf"], acts[holder], sealed, warnings)


def _sealer(archive: Archive, clock: Clock, *, unsigned: bool) -> tuple[Sealer | None, tuple[Finding, ...]]:
    """Who seals. Raises ConfigError for a signer that may not sign now, with the way out."""
    try:
        return sealer(archive, clock, unsigned=unsigned)
    except ConfigError as error:
        raise ConfigError(
            f"{error}\nsenza il sigillo dell'archivio, dichiarandolo: --unsigned (without the seal, saying so:"
            " --unsigned)"
        ) from error


def _holder(archive: Archive, named: str, of_mailbox: str) -> str:
    known = archive.config.holders
    if named and named not in known:
        raise ConfigError(f"--holder {named!r}: no [[holder]] has this id; configured: {', '.join(known)}")
    if named and of_mailbox and named != of_mailbox:
        raise ConfigError(f"--holder {named}, --mailbox: that mailbox is of {of_mailbox}: give one of the two")
    if named or of_mailbox:
        return named or of_mailbox
    if len(known) > 1:
        raise ConfigError(f"--holder ID is needed, a document is of one holder; configured: {', '.join(known)}")
    return next(iter(known))


def _last(archive: Archive, holder: str, until: datetime) -> datetime:
    return last_verifica(archive, holder, until=until) or FIRST


def _new_year(year: int) -> datetime:
    """The first moment of a year in Rome."""
    try:
        return datetime(year, 1, 1, tzinfo=ROME).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"--year {year}: expected a year such as 2026") from error
