"""Exhibits for the page: made by the archive's own errand, kept in memory, and bent by hand.

An attacker here is a good one: whatever is changed, all manifests are made again to fit, and an index that nobody
signed is written anew.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.cli import Plan, messages
from simulator.truth import Truth

from archiver import compose
from archiver.access.exhibit import Bag, Making, made
from archiver.access.exhibit.page import page
from archiver.access.show import show
from archiver.cli.door import now
from archiver.package.exhibit import layout, manifest
from archiver.pec.providers import Providers
from archiver.stamping import Asked, Stamper
from archiver.verify import Trust
from support.small import ADDRESS, EVENING, HOUR, ORDINARY, Files, Small, make

TOP = "fascicolo"


class Tree(dict[str, bytes]):
    """The files of an exhibit by path from its top folder."""

    def but(self, changed: Mapping[str, bytes | None]) -> "Tree":
        """Some files replaced, added or (None) taken away; no manifest is made again."""
        merged = {**self, **changed}
        return Tree({name: octets for name, octets in merged.items() if octets is not None})

    def framed(self) -> "Tree":
        """The same with manifests that fit."""
        bare = {name: octets for name, octets in self.items() if "manifest-" not in name}
        payload = {name: octets for name, octets in bare.items() if name.startswith("data/")}
        oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}".encode()
        bare["bag-info.txt"] = re.sub(rb"Payload-Oxum: \S+", oxum, bare["bag-info.txt"])
        lists = {f"manifest-{name}.txt": _list(payload, name) for name in layout.ALGORITHMS}
        tags = {name: octets for name, octets in {**bare, **lists}.items() if not name.startswith("data/")}
        return Tree({**bare, **lists, **{f"tagmanifest-{name}.txt": _list(tags, name) for name in layout.ALGORITHMS}})

    def unsigned(self) -> "Tree":
        """Its index written anew by somebody who cannot sign, the account of it changed to say so; manifests fit."""
        files = dict(self)
        xml = files.pop("PdD.xml.p7m", b"") or files.pop("PdD.xml")
        found = re.search(rb"<\?xml.*</sincro:PIndex>", xml, re.DOTALL)
        assert found
        text, before = found[0], hashlib.sha256(self["data/dossier.json"]).hexdigest().encode()
        files["data/dossier.json"] = files["data/dossier.json"].replace(b'"sealed":true', b'"sealed":false')
        for entry in re.findall(rb"<sincro:File .*?</sincro:File>", text, re.DOTALL):
            path = re.findall(rb"<sincro:Path>([^<]*)<", entry)[0].decode()
            if path not in files:
                text = text.replace(entry, b"")
                continue
            digest = hashlib.sha256(files[path]).hexdigest().encode()
            text = text.replace(
                entry, re.sub(rb">[0-9a-f]{64}</sincro:Hash>", b">" + digest + b"</sincro:Hash>", entry)
            )
        text = text.replace(before, hashlib.sha256(files["data/dossier.json"]).hexdigest().encode())
        for source in re.findall(rb"<sincro:PIndexSource .*?</sincro:PIndexSource>", text, re.DOTALL):
            path = re.findall(rb"<sincro:Path>([^<]*)<", source)[0].decode()
            digest = hashlib.sha256(files[path]).hexdigest().encode()
            text = text.replace(
                source, re.sub(rb">[0-9a-f]{64}</sincro:Hash>", b">" + digest + b"</sincro:Hash>", source)
            )
        # what the index does not know yet is listed after the last one that it knows
        wanted = [name for name in files if name.startswith("data/") and f">{name}<".encode() not in text]
        for name in wanted:
            sample = re.findall(rb"<sincro:File .*?</sincro:File>", text, re.DOTALL)[-1]
            entry = re.sub(rb"<sincro:Path>[^<]*<", f"<sincro:Path>{name}<".encode(), sample)
            digest = hashlib.sha256(files[name]).hexdigest().encode()
            entry = re.sub(rb">[0-9a-f]{64}</sincro:Hash>", b">" + digest + b"</sincro:Hash>", entry)
            text = text.replace(sample, sample + entry)
        return Tree({**files, "PdD.xml": text}).framed()

    def find(self, pattern: str) -> str:
        """The one name, or the first, that ends so."""
        return next(name for name in sorted(self) if re.search(pattern, name))

    def zip(self, path: Path) -> Path:
        """As a ZIP with one folder."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, octets in self.items():
                archive.writestr(zipfile.ZipInfo(f"{TOP}/{name}", (1980, 1, 1, 0, 0, 0)), octets, zipfile.ZIP_DEFLATED)
        return path

    def write(self, folder: Path) -> Path:
        """As a folder; returns the exhibit's own."""
        for name, octets in self.items():
            (folder / TOP / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / TOP / name).write_bytes(octets)
        return folder / TOP


class _Sink(Files):
    def put(self, path: str, octets: bytes) -> None:
        assert path not in self
        self[path] = octets


def post(extra: Sequence[bytes] = ()) -> list[bytes]:
    """A year's simulated mail, with some more."""
    day = datetime(2025, 3, 1, tzinfo=UTC)
    plan = Plan(40, 3, 100, 3, ADDRESS, day)
    return [*(message.raw for message in messages(plan, Truth(ADDRESS))), ORDINARY, *extra]


def archive_of(folder: Path, extra: Sequence[bytes] = ()) -> Small:
    """An archive of that mail, sealed."""
    return make(folder, post(extra))


def exhibit(
    small: Small,
    *names: str,
    at: datetime = EVENING + HOUR,
    signed: bool = True,
    full: bool = False,
    lang: str = "it",
    anchored: bool = True,
) -> Tree:
    """The exhibit of these dossiers; without names of the one that has most messages. `anchored`: has anchors."""
    archive = compose.open_archive(small.folder / "archiver.toml", environ={}, clock=now)
    chosen = [_shown(archive, name) for name in names] or [_largest(archive, small)]
    box = archive.box(archive.config.mailboxes[0], at)
    clock = lambda: at  # noqa: E731
    stamp = Stamper(archive.lines(clock)[0], Asked(), clock=clock, nonce=lambda: 7)
    making = Making(
        store=archive.store,
        stores=("store",),
        catalog=archive.catalog,
        trust=Trust(archive.providers, archive.policy) if anchored else Trust(Providers()),
        parties=box.parties,
        software="pec-archiver",
        version="0.1.0",
        at=at,
        lang=lang,
        told=_head(box.holder),
        anchors={
            layout.Anchors.SEAL: archive.seal_anchors if anchored else (),
            layout.Anchors.TSA: archive.tsa_anchors if anchored else (),
            layout.Anchors.PROVIDERS: (),
        },
        seal=(lambda index: archive.signer.sign(index, at=at, stamp=stamp)) if signed else None,
        page=page,
    )
    sink = _Sink()
    made(chosen, making, Bag(sink), full=full)
    return Tree(sink)


def _head(holder: str) -> dict[str, Any]:
    return {
        "legal_value": False,
        "by": {"login": "mrossi", "role": "responsabile"},
        "reason": "causa R.G. 1234/2026",
        "act": "20260220t210000z-exhibit-1",
        "holder": {"id": holder, "name": "Studio Legale Esempio", "codes": ["RSSMRA80A01H501U"]},
        "responsible": "Maria Rossi",
    }


def _shown(archive: compose.Archive, name: str) -> Any:
    return show(archive.catalog, archive.store, name, mailboxes={})


def _largest(archive: compose.Archive, small: Small) -> Any:
    from archiver.verify.segment import entries

    found = []
    for name in small.files.kind(_segment()):
        sha = name.rpartition("/")[2].removesuffix(".zip")
        for path, digest, _ in entries(small.files, name, sha, lambda _: None, prefix="messages/", suffix=".eml"):
            assert path
            found.append(_shown(archive, digest))
    return max(found, key=lambda shown: (len(shown.proofs), len(shown.dossier.recipients)))


def _segment() -> Any:
    from archiver.package import layout as store

    return store.Kind.SEGMENT


def _list(files: Mapping[str, bytes], algorithm: str) -> bytes:
    return manifest.manifest({name: hashlib.new(algorithm, octets).hexdigest() for name, octets in files.items()})


def bytes_of(tree: Tree) -> bytes:
    """The ZIP in memory."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, octets in tree.items():
            archive.writestr(f"{TOP}/{name}", octets)
    return target.getvalue()


def renew(folder: Path, *, at: datetime, target: str = "") -> None:
    """All that is due within a year, or a new tree."""
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda: at)
    done = compose.renew(
        archive,
        horizon=timedelta(days=365),
        target=target,
        dry_run=False,
        clock=lambda: at,
        progress=lambda done, total: None,
    )
    assert done.renewed == done.due > 0, done.as_json()
