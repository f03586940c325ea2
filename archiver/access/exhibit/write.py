"""An exhibit is made: messages and proofs are put, the judge goes over them, then it is told, sealed and framed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, UTC, datetime
from typing import Any, Protocol

from archiver.access.exhibit import later, volumes
from archiver.access.exhibit.bag import Bag
from archiver.access.exhibit.checks import Catalog as Past
from archiver.access.exhibit.checks import checks
from archiver.access.exhibit.collect import Collected, Selection, collect
from archiver.access.exhibit.leggimi import leggimi
from archiver.access.exhibit.limits import not_proven
from archiver.access.exhibit.messages import BRIEF, WHOLE, view
from archiver.access.exhibit.told import FORMAT, Parts, canonical, dossiers, qualified
from archiver.access.show import Proof, Shown
from archiver.digest import Sha256, sha256
from archiver.package import layout as archive
from archiver.package.agents import Parties
from archiver.package.exhibit import builder, layout
from archiver.package.exhibit.values import Genre, Pdd, ordered
from archiver.package.index.values import Application, Derivation, Source
from archiver.pec.kind import RECEIPTS
from archiver.ports import ObjectStore
from archiver.verdict import verdict
from archiver.verify import Report, Trust
from archiver.verify.exhibit import judge_data, trusted

Seal = Callable[[bytes], bytes]
"""From an index to the same in a CAdES signature."""


class Catalog(Past, later.Catalog, Protocol):
    """What is asked of the catalog."""


@dataclass(frozen=True, slots=True)
class Making:
    """Everything besides the messages: whose archive it is, who makes the exhibit, whom it trusts, who seals.

    `anchors` are certificates (DER) by what they are for, `material` what proves the exhibit's own seal (extension and
    octets). `seal` None: unsigned. `page`, `report` and `verifier` make the other files; None: without.
    """

    store: ObjectStore
    stores: tuple[str, ...]
    catalog: Catalog
    trust: Trust
    parties: Parties
    software: str
    version: str
    at: datetime
    lang: str
    told: Mapping[str, Any]
    anchors: Mapping[layout.Anchors, tuple[bytes, ...]]
    material: tuple[tuple[str, bytes], ...] = ()
    seal: Seal | None = None
    stamped: bool = True
    page: Callable[[Mapping[str, Any]], bytes] | None = None
    report: Callable[[Mapping[str, Any]], bytes] | None = None
    verifier: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it: what was told, and what the judge said of `data/` before it was packed."""

    told: dict[str, Any]
    report: Report
    messages: int
    octets: int
    pending: int
    extra: dict[str, Any] = field(default_factory=dict)


def made(
    shown: Sequence[Shown],
    making: Making,
    bag: Bag,
    *,
    recipient: str = "",
    full: bool = False,
    heard: Callable[[int], None] = lambda done: None,
) -> Made:
    """One exhibit of these dossiers, which are of one holder. `heard` hears how many messages are in.

    Raises Malformed and Absent for what is not as the archive promises, and what `seal` raises.
    """
    proofs = _proofs(shown)
    carriers = {item.told.carrier for item in shown}
    brief = {one.message.sha256 for one in proofs if one.message.kind in RECEIPTS} - carriers
    views: dict[Sha256, dict[str, Any]] = {}

    def listen(path: str, octets: bytes) -> None:
        parsed = layout.parse(path)
        if parsed:
            views.setdefault(Sha256(parsed.id), view(octets, BRIEF if parsed.id in brief else WHOLE))
            heard(len(views))

    holder = proofs[0].message.holder
    collected = collect(making.store, selection(proofs), bag, full=full, heard=listen)
    anchor(making, bag)
    known = {taken.id: volumes.read(bag.files, taken, making.trust.policy, at=making.at) for taken in collected.volumes}
    for extension, octets in later.later(
        bag.files, known.values(), store=making.store, catalog=making.catalog, holder=holder
    ):
        bag.add(layout.trust(sha256(octets), extension), octets)
    trust, notes = trusted(bag.files, making.trust)
    report = judge_data(bag.files, holder=holder, trust=trust, at=making.at)
    report = replace(report, verdict=verdict((*notes, *report.verdict.findings)))
    parts = Parts(collected, views, known)
    certified = qualified(known.values())
    since = [volume.since for volume in known.values() if volume.since]
    told = {
        **_head(making, bag, collected, report),
        "full": full,
        "recipient": recipient or None,
        "dossiers": dossiers(shown, parts, lang=making.lang, recipient=recipient),
        "volumes": [volume.as_json() for volume in known.values()],
        "checks": checks(
            proofs,
            tuple(known.values()),
            store=making.store,
            stores=making.stores,
            catalog=making.catalog,
            holder=holder,
            report=report,
            at=making.at,
        ),
        "not_proven": not_proven(
            shown,
            since=max(since, default=None),
            pending=len(collected.pending),
            qualified=certified,
            recipient=recipient,
            sealed=making.seal is not None,
            legal=bool(making.told["legal_value"]),
            report=report,
        ),
        "tsas": [{"id": name, "qualified": known} for name, known in sorted(certified.items())],
    }
    finish(told, making, bag, collected, holder=holder, full=full, messages=len(views))
    return Made(told, report, len(views), bag.octets, len(collected.pending))


def selection(proofs: Sequence[Proof]) -> Selection:
    """What an exhibit of these messages holds."""
    by_volume: dict[str, list[Any]] = {}
    for proof in proofs:
        if proof.volume:
            by_volume.setdefault(proof.volume, []).append(proof.message)
    pending = tuple(proof.message for proof in proofs if not proof.volume)
    return Selection(proofs[0].message.holder, by_volume, pending)


def anchor(making: Making, bag: Bag) -> None:
    """The certificates that whoever makes the exhibit trusts, and what proves its own seal."""
    for role, certificates in making.anchors.items():
        for octets in certificates:
            bag.add(layout.anchor(role, sha256(octets)), octets)
    for extension, octets in making.material:
        bag.add(layout.trust(sha256(octets), extension), octets)


def finish(
    told: Mapping[str, Any],
    making: Making,
    bag: Bag,
    collected: Collected,
    *,
    holder: str,
    full: bool,
    messages: int,
    genre: Genre = Genre.EXHIBIT,
) -> None:
    """dossier.json, what people open, the index and its seal, the manifests: nothing can be added after it."""
    octets = canonical(told)
    bag.add(layout.DOSSIER, octets)
    bag.add(layout.README, leggimi(told))
    for path, make in ((layout.PAGE, making.page), (layout.REPORT, making.report)):
        if make:
            bag.add(path, make(told))
    if making.verifier:
        bag.add(layout.VERIFIER, making.verifier())
    pdd = Pdd(
        id=sha256(octets),
        genre=genre,
        holder=holder,
        whole=full,
        messages=messages,
        application=Application(making.software, making.version, making.software),
        parties=making.parties,
        at=making.at,
        stamped=making.seal is not None and making.stamped,
        files=ordered(bag.listed),
        sources=_sources(collected),
    )
    index = builder.build(pdd)
    if making.seal:
        bag.add(layout.SEALED, making.seal(index))
    else:
        bag.add(layout.INDEX, index)
    bag.frame(
        {
            "Bag-Software-Agent": f"{making.software} {making.version}",
            "Bagging-Date": f"{making.at.astimezone(UTC):%Y-%m-%d}",
            "External-Identifier": f"urn:pec-archiver:pdd:{pdd.id}",
        }
    )


def _head(making: Making, bag: Bag, collected: Collected, report: Report) -> dict[str, Any]:
    until = report.until
    return {
        "format": FORMAT,
        "kind": "exhibit",
        "made": f"{making.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "software": f"{making.software} {making.version}",
        "lang": making.lang,
        "sealed": making.seal is not None,
        **making.told,
        "pending": list(collected.pending),
        "verdict": report.as_json(making.lang),
        "valid_until": until.isoformat() if until and until.year < MAXYEAR else None,
        "anchors": _anchors(bag),
    }


def _anchors(bag: Bag) -> list[dict[str, str]]:
    from asn1crypto import x509

    found = []
    for path in sorted(path for path in bag.digests if path.startswith(layout.ANCHORS)):
        parsed = layout.parse(path)
        if parsed and parsed.kind is layout.Kind.ANCHOR:
            subject = x509.Certificate.load(bag.files.get(path)).subject.human_friendly
            found.append({"path": path, "role": parsed.role, "subject": str(subject), "sha256": parsed.id})
    return found


def _sources(collected: Collected) -> tuple[Source, ...]:
    """Each volume's sealed index: the exhibit is made of one whole volume, of a part of one, or of several."""
    several = len(collected.volumes) > 1
    found = []
    for taken in collected.volumes:
        whole = taken.shown == sum(segment.messages for segment in taken.index.volume.segments)
        alone = Derivation.ONE_TO_ONE if whole else Derivation.ONE_TO_MANY
        derivation = Derivation.MANY_TO_ONE if several else alone
        found.append(Source(taken.id, taken.path + archive.PINDEX, taken.sealed, derivation))
    return tuple(found)


def _proofs(shown: Sequence[Shown]) -> tuple[Proof, ...]:
    """Each message once, however many dossiers it is in."""
    return tuple({proof.message.sha256: proof for item in shown for proof in item.proofs}.values())
