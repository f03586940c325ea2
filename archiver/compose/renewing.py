"""Renewing, with everything that the configuration gives it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from archiver.chain import Material
from archiver.compose.archive import Archive
from archiver.compose.terms import Terms
from archiver.compose.trusting import trusted_lists
from archiver.renew import Renewing, Report, learn, planned
from archiver.renew import renew as renew_evidence
from archiver.renew.forecast import Step, forecast, holdings
from archiver.verdict import Finding

Clock = Callable[[], datetime]


def renew(
    archive: Archive,
    *,
    horizon: timedelta,
    target: str,
    dry_run: bool,
    clock: Clock,
    progress: Callable[[int, int | None], None],
) -> Report:
    """Renews what is due, or says what would be. Raises ConfigError, Unavailable, Busy."""
    if dry_run:
        known = replace(_work(archive, clock), gather=_known(archive, clock))
        return planned(known, horizon=horizon, target=target)
    with archive.alone("renew"):
        archive.store.tidy(at=clock())  # asks whether the store may be written to, before anything is paid for
        lists = trusted_lists(archive.config, archive.collector(clock))
        report = renew_evidence(_work(archive, clock), horizon=horizon, target=target, progress=progress)
    report.warnings[:0] = lists.findings
    return report


def simulate(archive: Archive, *, until: datetime, horizon: timedelta, clock: Clock) -> list[Step]:
    """What must be renewed by when, as far as can be told today."""
    policy = archive.policy
    learn(archive)  # an older catalog knows its records by name only
    found = holdings(archive.catalog.newest_tokens(), policy.catalogue, policy.material.certificates)
    return forecast(found, policy.catalogue, now=clock(), until=until, margin=horizon)


def _work(archive: Archive, clock: Clock) -> Renewing:
    terms = Terms(archive)
    return Renewing(
        store=archive.store,
        catalog=archive.catalog,
        lines=archive.lines(clock),
        trust=archive.trust,
        gather=_gather(archive, clock),
        keep=lambda volume: terms.kept(volume, clock()),
        clock=clock,
        nonce=lambda: secrets.randbits(64),
    )


def _gather(archive: Archive, clock: Clock) -> Callable[[Sequence[bytes]], tuple[Material, tuple[Finding, ...]]]:
    def gather(path: Sequence[bytes]) -> tuple[Material, tuple[Finding, ...]]:
        found = archive.collected(tuple(path), "tsa", clock)
        return Material(certificates=found.certificates, crls=found.crls, ocsps=found.ocsps), found.findings

    return gather


def _known(archive: Archive, clock: Clock) -> Callable[[Sequence[bytes]], tuple[Material, tuple[Finding, ...]]]:
    """What is kept and current already: nothing is fetched, nothing written."""
    collector = archive.collector(clock)

    def known(path: Sequence[bytes]) -> tuple[Material, tuple[Finding, ...]]:
        found = [collector.current(holder, octets) for holder in archive.config.holders for octets in path[:-1]]
        crls = tuple(dict.fromkeys(octets for one in found for octets in one.crls))
        ocsps = tuple(dict.fromkeys(octets for one in found for octets in one.ocsps))
        return Material(crls=crls, ocsps=ocsps), ()

    return known
