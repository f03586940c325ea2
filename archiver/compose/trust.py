"""Whom to trust, as persons decide it: what was met, one certificate in all its details, and the acts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.access.trust import Entry, entries, named
from archiver.access.trusted import Details, details
from archiver.collect import Collector
from archiver.collect.describe import described
from archiver.compose import material
from archiver.compose.archive import Archive
from archiver.compose.register import check_reason, written
from archiver.digest import sha256
from archiver.errors import Absent, ConfigError, Malformed
from archiver.evidence.algorithms import CATALOGUE
from archiver.package import layout
from archiver.package.act import LONGEST, TRUST, Act, ActKind
from archiver.pec.words import clean
from archiver.submission.acts import caught_up, read_acts, replay
from archiver.submission.certificates import AUTHORITY, CERTIFICATE, PROVIDER, SIGNER
from archiver.submission.rows import TrustRow

REVOCABLE = frozenset({PROVIDER, AUTHORITY})
"""What a person can revoke: whatever the origin of messages rests on."""

_TSA = "tsa"
_NOWHERE = "-"


@dataclass(frozen=True, slots=True)
class Decided:
    """What an act came to: the certificate, its `state` now, and the acts, one for each holder."""

    entry: Entry
    state: str
    acts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"sha256": self.entry.sha256, "name": self.entry.name, "state": self.state, "acts": list(self.acts)}


def trust_list(archive: Archive, *, at: datetime) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """All certificates and lists that were met or are configured, and acts that cannot be read."""
    _, broken = _replayed(archive)
    return entries(archive.catalog, archive.config.holders, _configured(archive, at)), broken


def trust_show(archive: Archive, prefix: str, *, at: datetime) -> tuple[Details, tuple[str, ...]]:
    """One of them in all its details. Raises ConfigError when several match, Absent when none does."""
    acts, broken = _replayed(archive)
    entry = named(entries(archive.catalog, archive.config.holders, _configured(archive, at)), prefix)
    octets = _octets(archive, entry)
    known = tuple(der for _, der in _anchors(archive))
    lists = [_current(archive, holder, octets, at) for holder in entry.covered] if entry.is_certificate else []
    crls = tuple(dict.fromkeys(der for found, _ in lists for der in found))
    ocsps = tuple(dict.fromkeys(der for _, found in lists for der in found))
    said = tuple(item for item in acts if item.certificate == entry.sha256)
    return details(entry, octets, anchors=known, crls=crls, ocsps=ocsps, acts=said, catalogue=CATALOGUE, at=at), broken


def trust_decide(archive: Archive, prefix: str, kind: ActKind, *, reason: str, at: datetime) -> Decided:
    """Confirms or revokes a certificate: first the act of each holder is in the store, then it takes effect.

    An act is never dated before the one that it overrules. Raises ConfigError for what cannot be decided so.
    """
    _replayed(archive)
    entry = named(entries(archive.catalog, archive.config.holders, _configured(archive, at)), prefix)
    _check(entry, kind)
    check_reason(archive, reason)
    if not reason.strip():
        raise ConfigError("--reason TESTO: una decisione ha un motivo, che resta nell'atto (a decision has a reason)")
    octets = _octets(archive, entry)
    before = archive.catalog.standings().get(entry.sha256)
    after = before.at if before else None
    subject, issuer = clean(entry.name)[:LONGEST], clean(entry.issuer)[:LONGEST]
    names = {"subject": subject, "issuer": issuer, "sha256": entry.sha256, "kind": entry.kind}
    acts = []
    for holder in archive.config.holders:
        archive.store.put(layout.trust(holder, entry.sha256, CERTIFICATE), octets)
        archive.catalog.record_trust([described(holder, octets, CERTIFICATE, kind=entry.kind, at=at)])
        what = {"certificate": names}
        acts.append(written(archive, holder, kind, what, reason=reason, clock=lambda: at, after=after))
    standing = replay(acts)
    archive.catalog.stand(standing)
    return Decided(entry, standing[0].state, tuple(act.name for act in acts))


def _check(entry: Entry, kind: ActKind) -> None:
    if not entry.is_certificate:
        raise ConfigError(
            f"{entry.sha256}: è {entry.kind}, non un certificato: non si conferma né si revoca (no certificate)"
        )
    if kind is ActKind.TRUST_REVOKED and entry.kind not in REVOCABLE:
        way = {
            _TSA: "una TSA si toglie con `retired = true` nella sua [[tsa]]; le sue marche si giudicano con le CRL",
            SIGNER: "per il firmatario di un allegato o del sigillo decidono le CRL della sua CA",
        }.get(entry.kind, "")
        raise ConfigError(
            f"{entry.sha256}: si revocano i certificati dei gestori e delle loro CA, questo è {entry.kind}: {way}"
            " (only providers' certificates and their CAs can be revoked by hand)"
        )


def _replayed(archive: Archive) -> tuple[list[Act], tuple[str, ...]]:
    """All acts about certificates, once the catalog knows of them too: a run cut short between is healed here."""
    catalog, store = archive.catalog, archive.store
    others: set[str] = set()
    for holder in archive.config.holders:
        caught_up(store, catalog, holder, at=archive.clock())
        others |= catalog.act_ids(holder) - catalog.act_ids(holder, kinds=[*TRUST, ""])
    found = list(read_acts(store, archive.config.holders, but=others))
    acts = [item for item in found if not isinstance(item, Malformed)]
    catalog.stand(replay(acts))
    return acts, tuple(str(item) for item in found if isinstance(item, Malformed))


def _configured(archive: Archive, at: datetime) -> Iterator[TrustRow]:
    """What the configuration names, whether it was met or not."""
    for kind, octets in (*_anchors(archive), *((PROVIDER, der) for der in archive.providers.known)):
        yield described(_NOWHERE, octets, CERTIFICATE, kind=kind, at=at)


def _anchors(archive: Archive) -> tuple[tuple[str, bytes], ...]:
    found = dict.fromkeys((*archive.providers.anchors, *archive.tsa_anchors))
    try:
        found |= dict.fromkeys(archive.seal_anchors)
        found |= dict.fromkeys(
            der for path in archive.config.attachments.anchors for der in material.certificates(path)
        )
    except ConfigError:
        pass  # `doctor` says what is wrong with them: who to trust can be asked without
    return tuple((AUTHORITY, der) for der in found)


def _octets(archive: Archive, entry: Entry) -> bytes:
    """The object itself, from the store or from the configuration."""
    for holder in entry.covered:
        name = layout.trust(holder, entry.sha256, entry.extension)
        if archive.store.has(name):
            return archive.store.get(name)
    for octets in (*(der for _, der in _anchors(archive)), *archive.providers.known):
        if sha256(octets) == entry.sha256:
            return octets
    raise Absent(f"{entry.sha256}: registrato, e non è nello store: `archiver verify` (not in the store)")


def _current(archive: Archive, holder: str, octets: bytes, at: datetime) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Lists and answers that are kept for a certificate; nothing is asked of anybody."""
    found = Collector(None, archive.store, archive.catalog, lambda: at).current(holder, octets)
    return found.crls, found.ocsps
