"""An exhibit (pacchetto di distribuzione): complete, sealed, and every message in it proven by its volume.

The order of the steps: 1 the manifests, 2 what dossier.json claims, 3 whom to believe, 4 the index and its seal,
5 each volume and what no volume has yet, 6 who sealed the exhibit, and who the volumes. Nothing is shared with what
makes exhibits.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archiver.digest import Digests
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.signature import judge_seal
from archiver.package import layout as archive
from archiver.package import rules
from archiver.package.exhibit import layout, reader
from archiver.package.exhibit.layout import Anchors, Kind
from archiver.package.exhibit.values import Pdd
from archiver.package.index import reader as index_reader
from archiver.pec.providers import Providers
from archiver.verdict import Finding, finding, verdict
from archiver.verify.anchors import believing, beside, package_anchors
from archiver.verify.bagged import Bagged, judge_bag
from archiver.verify.files import Files, Trust
from archiver.verify.partial import Materialised, Partial
from archiver.verify.pending import judge_pending
from archiver.verify.report import Report, together
from archiver.verify.sealers import Sealer, foreign, sealers

LARGEST = 256 << 20
"""Bytes of a dossier.json that is read."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What dossier.json says that can be compared with the files."""

    holder: str
    sealed: bool
    messages: frozenset[tuple[str, str]]
    volumes: frozenset[str]


def judge_exhibit(
    files: Files,
    *,
    trust: Trust,
    at: datetime,
    more: tuple[Finding, ...] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """The verdict on a whole exhibit, unpacked or in its ZIP; `more` is what its ZIP had to be told.

    Without anchors in `trust` those of the exhibit count, and the verdict says so. Nothing is raised for what the files
    hold.
    """
    # 1. the manifests, in both directions (RFC 8493, 3)
    bag = judge_bag(files)
    found = [*more, *bag.findings, *_strangers(bag)]
    # 2. what dossier.json claims
    claims = _claims(files, found)
    if claims is None:
        return Report(verdict(found))
    found += _told(claims, bag)
    # 3. whom to believe
    trust, notes = trusted(files, trust)
    found += notes
    # 4. the index, in both directions, and its seal (AgID guidelines, 4.7)
    seal = _index(files, bag, claims, trust, at, found)
    # 5. the volumes, and what no volume has yet
    report = judge_data(files, holder=claims.holder, trust=trust, at=at, progress=progress)
    # 6. the story is told by one of those who kept the messages
    volumes = sealers(files)
    found += foreign(seal, volumes, strict=trust.strict) if seal else ()
    signers = tuple(map(str, (*((seal,) if seal else ()), *volumes)))
    return replace(report, verdict=verdict((*found, *report.verdict.findings)), signers=signers)


def judge_data(
    files: Files,
    *,
    holder: str,
    trust: Trust,
    at: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """The verdict on the volumes and pending messages of an exhibit, whatever surrounds them."""
    volumes: dict[str, None] = {}
    shown = False
    for item in files.list("data/"):
        parsed = layout.parse(item.name)
        if parsed and parsed.volume:
            volumes[parsed.volume] = None
        shown = shown or bool(parsed and parsed.kind in (Kind.MESSAGE, Kind.PENDING_MESSAGE))
    reports = [_volume(files, holder, volume, trust, at, progress) for volume in volumes]
    reports.append(judge_pending(files, holder, trust=trust, at=at))
    return together(reports, () if shown else (finding("EXHIBIT_EMPTY", layout.DATA),))


def trusted(files: Files, trust: Trust) -> tuple[Trust, tuple[Finding, ...]]:
    """The caller's trust, with the exhibit's lists of revocations; without anchors with those that came with it."""
    material = {item.name: files.get(item.name) for item in files.list("data/trust/")}
    notes: list[Finding] = []
    if not trust.policy.material.anchors:
        came: dict[str, list[bytes]] = {role: [] for role in Anchors}
        given: dict[str, bytes] = {}
        for item in files.list("data/anchors/"):
            parsed = layout.parse(item.name)
            if parsed and parsed.kind is Kind.ANCHOR:
                octets = files.get(item.name)
                came[parsed.role].append(octets)
                if parsed.role != Anchors.PROVIDERS:
                    given[item.name] = octets
        anchors, said = package_anchors(given, strict=trust.strict)
        notes += [replace(item, subject="data/anchors/") if item.code == "ANCHOR_ABSENT" else item for item in said]
        distrusted = trust.providers.distrusted
        trust = replace(
            believing(trust, anchors), providers=Providers((*came[Anchors.PROVIDERS],), distrusted=distrusted)
        )
    return beside(trust, material), tuple(notes)


def _volume(
    files: Files, holder: str, volume: str, trust: Trust, at: datetime, progress: Callable[[int], None]
) -> Report:
    path = layout.volume(volume) + archive.PINDEX
    if not files.has(path):
        return Report(verdict((finding("MISSING", path),)))
    there = Materialised(files, holder, volume, _mailbox(files.get(path)))
    judged = Partial(there, holder, volume, trust, at, True, (), progress).judge()
    found = tuple(map(there.told, judged.verdict.findings))
    contents = tuple(map(there.told, judged.contents))
    return replace(judged, verdict=verdict(found), contents=contents)


def _mailbox(p7m: bytes) -> str:
    """The mailbox that an index names, under which the store has its rapporti; empty when it cannot be read."""
    try:
        return index_reader.read(open_signed(p7m).content or b"").volume.mailbox
    except Malformed:
        return ""


def _strangers(bag: Bagged) -> list[Finding]:
    """Files that the format does not know, and those whose names do not keep their promise."""
    found = []
    for path, digests in bag.digests.items():
        parsed = layout.parse(path)
        known = parsed is not None if path.startswith(layout.DATA) else path in (*layout.FACES, *layout.FRAME)
        if not known:
            found.append(finding("EXHIBIT_STRANGER", path))
        elif parsed and parsed.kind in (Kind.ANCHOR, Kind.TRUST, Kind.PENDING_MESSAGE) and parsed.id != digests.sha256:
            found.append(finding("EXHIBIT_NAMED_OTHERWISE", path, expected=parsed.id, found=digests.sha256))
    return found


def _claims(files: Files, found: list[Finding]) -> Claims | None:
    try:
        if not files.has(layout.DOSSIER):
            raise ValueError("expected it, found none")
        octets = files.get(layout.DOSSIER)
        if len(octets) > LARGEST:
            raise ValueError(f"expected at most {LARGEST} bytes, found {len(octets)}")
        return _read(json.loads(octets))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        found.append(finding("EXHIBIT_DOSSIER", layout.DOSSIER, reason=f"{type(error).__name__}: {error}"))
        return None


def _read(told: Mapping[str, Any]) -> Claims:
    if told["format"] != 1:
        raise ValueError(f"format: expected 1, found {told['format']!r:.80}")
    pairs = [(str(item["path"]), str(item["sha256"])) for one in told["dossiers"] for item in one["messages"]]
    return Claims(
        holder=rules.opaque(str(told["holder"]["id"])),
        sealed=bool(told["sealed"]),
        messages=frozenset(pairs),
        volumes=frozenset(str(item["id"]) for item in told["volumes"]),
    )


def _told(claims: Claims, bag: Bagged) -> list[Finding]:
    """The messages and volumes that dossier.json shows are those that are here."""
    parsed = {path: one for path in bag.digests if (one := layout.parse(path))}
    there = {path for path, one in parsed.items() if one.kind in (Kind.MESSAGE, Kind.PENDING_MESSAGE)}
    shown = {path for path, _ in claims.messages}
    found = [
        finding("EXHIBIT_TOLD_DIFFERS", path, reason=layout.DOSSIER)
        for path, digest in sorted(claims.messages)
        if path not in bag.digests or bag.digests[path].sha256 != digest
    ]
    found += [finding("EXHIBIT_TOLD_DIFFERS", path, reason=layout.DOSSIER) for path in sorted(there - shown) if shown]
    volumes = {one.volume for one in parsed.values() if one.volume}
    found += [
        finding("EXHIBIT_TOLD_DIFFERS", f"data/volumes/{one}/", reason=layout.DOSSIER)
        for one in sorted(volumes ^ claims.volumes)
    ]
    return found


def _index(
    files: Files, bag: Bagged, claims: Claims, trust: Trust, at: datetime, found: list[Finding]
) -> Sealer | None:
    """The index and its seal; who sealed."""
    sealed, bare = files.has(layout.SEALED), files.has(layout.INDEX)
    if sealed and bare:
        found.append(finding("EXHIBIT_INDEX_TWICE", layout.INDEX))
    if not sealed and not bare:
        found.append(finding("EXHIBIT_INDEX_ABSENT", layout.SEALED))
        return None
    name = layout.SEALED if sealed else layout.INDEX
    if sealed is not claims.sealed:
        found.append(finding("EXHIBIT_SEAL", name))
    octets = files.get(name)
    if not sealed:
        found.append(finding("EXHIBIT_UNSIGNED", name))
    try:
        pdd = reader.read(open_signed(octets).content or b"" if sealed else octets)
    except Malformed as error:
        found.append(finding("EXHIBIT_INDEX_UNREADABLE", name, reason=error))
        pdd = None
    if pdd:
        _listed(pdd, bag.digests, claims, name, found)
    if not sealed:
        return None
    seal = judge_seal(octets, trust.policy, at=at, subject=name)
    found += seal.verdict.findings
    if pdd and pdd.stamped and seal.token is None:
        found.append(finding("SEAL_STRIPPED", name))
    if seal.certificate is None:
        return None
    sealer = Sealer(name, seal.certificate)
    _named(pdd, sealer, found)
    return sealer


def _listed(pdd: Pdd, there: Mapping[str, Digests], claims: Claims, name: str, found: list[Finding]) -> None:
    """What the index lists against what is there, in both directions."""
    own = there[layout.DOSSIER].sha256 if layout.DOSSIER in there else ""
    if (pdd.id, pdd.holder) != (own, claims.holder):
        found.append(
            finding("EXHIBIT_ELSEWHERE", name, expected=f"{claims.holder} {own}", found=f"{pdd.holder} {pdd.id}")
        )
    listed = {file.path: file.sha256 for file in pdd.files}
    for path in sorted(listed.keys() | (there.keys() - {*layout.FRAME})):
        if path not in there:
            found.append(finding("EXHIBIT_MISSING", path, by=name))
        elif path not in listed:
            found.append(finding("EXHIBIT_UNLISTED", path, by=name))
        elif there[path].sha256 != listed[path]:
            texts = {"expected": listed[path], "found": there[path].sha256}
            found.append(finding("EXHIBIT_DIGEST", path, by=name, **texts))
    for source in pdd.sources:
        if source.path in there and there[source.path].sha256 != source.sha256:
            texts = {"expected": source.sha256, "found": there[source.path].sha256}
            found.append(finding("EXHIBIT_DIGEST", source.path, by=f"{name} (PIndexSource)", **texts))


def _named(pdd: Pdd | None, sealer: Sealer, found: list[Finding]) -> None:
    """Whether who sealed is one of those whom the index names."""
    codes = [code.rpartition("-")[2] for signer in pdd.parties.signers for code in signer.agent.ids] if pdd else []
    if pdd and not any(code.casefold() in sealer.name.casefold() for code in codes):
        found.append(finding("SIGNER_UNNAMED", sealer.path, name=sealer.name, expected=", ".join(codes)))
