"""Exhibits for tests: made by the command, held as files in memory, altered, and framed again as an attacker would."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.package.exhibit import builder, reader
from archiver.package.exhibit.values import ordered
from archiver.pec.providers import Providers
from archiver.verify import Report, Trust
from archiver.verify.exhibit import judge_exhibit
from support.archives import kept
from support.commands import done
from support.small import Files


@dataclass(frozen=True)
class Shelf:
    """An archive with its volumes sealed, and dossiers in it: the digests of one message of each."""

    config: Path
    sent: str
    """A sending with delivery receipts for several recipients."""

    received: str
    pending: str
    """In no volume yet."""

    dossiers: tuple[str, ...]
    """All, each once or more."""


def digests_in(config: Path) -> list[str]:
    """The digest of every message in an archive's store."""
    return sorted(kept(config))


def exhibited(shelf: Shelf, path: Path, *names: str, **options: str | bool) -> Path:
    """An exhibit made by the command; options by their names, True for a flag."""
    given = [f"--{name}" if value is True else f"--{name}={value}" for name, value in options.items()]
    done("evidence", *names, "-o", path, *given, config=shelf.config)
    return path


def unzipped(path: Path) -> Files:
    """The files of an exhibit by their paths below its top folder."""
    with zipfile.ZipFile(path) as archive:
        return Files((name.partition("/")[2], archive.read(name)) for name in archive.namelist())


def zipped(files: Mapping[str, bytes], path: Path, *, deflated: bool = False) -> Path:
    """A ZIP as anybody makes one."""
    kind = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, octets in files.items():
            archive.writestr(f"fascicolo/{name}", octets)
    return path


def framed(files: Files) -> Files:
    """The manifests made again, as whoever altered something would: all BagIt manifests agree with the files."""
    bag = Files(files)
    payload = {name: octets for name, octets in bag.items() if name.startswith("data/")}
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n"
    kept = [line for line in bag["bag-info.txt"].decode().splitlines() if not line.startswith("Payload-Oxum")]
    bag["bag-info.txt"] = ("\n".join(kept) + "\n" + oxum).encode()
    for algorithm in ("sha256", "sha512"):
        lines = [f"{hashlib.new(algorithm, octets).hexdigest()}  {name}\n" for name, octets in sorted(payload.items())]
        bag[f"manifest-{algorithm}.txt"] = "".join(lines).encode()
    tags = {name: octets for name, octets in bag.items() if name not in payload and not name.startswith("tagmanifest")}
    for algorithm in ("sha256", "sha512"):
        lines = [f"{hashlib.new(algorithm, octets).hexdigest()}  {name}\n" for name, octets in sorted(tags.items())]
        bag[f"tagmanifest-{algorithm}.txt"] = "".join(lines).encode()
    return bag


def unsealed(files: Files) -> Files:
    """All that an attacker without a key can do: the index without its seal, every digest in it made right again."""
    bag = Files(files)
    told = json.loads(bag["data/dossier.json"]) | {"sealed": False}
    told = _agreeing(told, bag)
    bag["data/dossier.json"] = json.dumps(told, sort_keys=True).encode()
    name = "PdD.xml.p7m" if "PdD.xml.p7m" in bag else "PdD.xml"
    octets = bag.pop(name)
    pdd = reader.read(open_signed(octets).content or b"" if name.endswith("p7m") else octets)
    frame = ("PdD.xml", "bag-info.txt", "bagit.txt", "manifest-", "tagmanifest-")
    listed = {path: sha256(file) for path, file in bag.items() if not path.startswith(frame)}
    sources = tuple(replace(one, sha256=listed[one.path]) for one in pdd.sources if one.path in listed)
    forged = replace(pdd, id=sha256(bag["data/dossier.json"]), files=ordered(listed), stamped=False, sources=sources)
    bag["PdD.xml"] = builder.build(forged)
    return framed(bag)


def _agreeing(told: dict[str, object], bag: Files) -> dict[str, object]:
    """dossier.json speaks of the messages that are there, by the digests that they have now."""
    for dossier in told["dossiers"]:  # type: ignore[attr-defined]
        dossier["messages"] = [item for item in dossier["messages"] if item["path"] in bag]
        for item in dossier["messages"]:
            item["sha256"] = sha256(bag[item["path"]])
    return told


def judged(files: Files, *, at: datetime, strict: bool = False) -> Report:
    """The judge without any anchors but those that came with the exhibit."""
    return judge_exhibit(files, trust=Trust(Providers(), strict=strict), at=at)


def found(report: Report) -> set[tuple[str, str]]:
    """Code and subject of each error and doubt."""
    grave = (item for item in report.verdict.findings if item.severity in ("error", "doubt"))
    return {(item.code, item.subject) for item in grave}


def codes(report: Report) -> set[str]:
    """The codes of errors and doubts."""
    return {code for code, _ in found(report)}
