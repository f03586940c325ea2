"""Certificates that messages bring: kept once, noted, and a provider's that nobody has seen before reported once."""

from collections.abc import Iterable
from datetime import datetime

from archiver.collect.describe import described
from archiver.digest import Sha256
from archiver.ingest.values import Intake, Report
from archiver.package import layout
from archiver.pec.providers import Providers
from archiver.submission.certificates import CERTIFICATE, PROVIDER, Met, never_seen, provider_of
from archiver.submission.intake import Taken


def certificates_of(taken: Taken, providers: Providers, signers: set[bytes]) -> list[Met]:
    """Certificates that one message brought; of a provider's among `signers` (its own), seen before, nothing again."""
    found = list(taken.met)
    signature = taken.message.signature
    if signature and signature.certificate not in signers:
        provider = provider_of(signature, providers)
        if provider:
            signers.add(provider.octets)
            found.append(provider)
    return found


class Register:
    """The certificates of one holder, for one poll. The catalog is asked for each when it is met first: a holder has as
    many as people ever signed for it.
    """

    def __init__(self, into: Intake, report: Report, *, at: datetime) -> None:
        self._into = into
        self._report = report
        self._at = at
        self._seen: dict[Sha256, str | None] = {}
        self._new: dict[Sha256, Met] = {}

    def meet(self, met: Iterable[Met]) -> None:
        """Certificates that came with a segment."""
        found = list(met)
        self._ask({item.sha256 for item in found} - self._seen.keys())
        for item in found:
            known = self._seen.get(item.sha256)
            # one that a cut run left without a row was noted by what it may be used for, and not by whom it vouched for
            if known is None or (item.kind == PROVIDER and known != PROVIDER):
                self._new.setdefault(item.sha256, item)

    def note(self) -> None:
        """Puts the new ones into the store, and then into the catalog. Raises what store and catalog raise."""
        if not self._new:
            return
        into, holder = self._into, self._into.box.holder
        for digest, met in self._new.items():
            into.store.put(layout.trust(holder, digest, CERTIFICATE), met.octets)
        elsewhere = {row.sha256 for row in into.catalog.trust_with(self._new)}
        new = self._new.values()
        into.catalog.record_trust(
            [described(holder, met.octets, CERTIFICATE, kind=met.kind, at=self._at) for met in new]
        )
        vouched = {*elsewhere, *into.catalog.standings()}
        configured = frozenset(into.providers.known)  # whoever put it into the folder of providers has seen it
        for digest, met in self._new.items():
            if met.kind == PROVIDER and digest not in vouched and met.octets not in configured:
                found = never_seen(met)
                self._report.certificates.append(found)
                self._report.findings[found.code] += 1
        self._seen.update((digest, met.kind) for digest, met in self._new.items())
        self._new.clear()

    def _ask(self, digests: set[Sha256]) -> None:
        if digests:
            rows = self._into.catalog.trust_with(digests, holder=self._into.box.holder)
            self._seen |= dict.fromkeys(digests)
            self._seen |= {row.sha256: row.kind for row in rows if row.extension == CERTIFICATE}
