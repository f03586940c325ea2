"""What is pinned: the lines of a requirements file, and the libraries of the page."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>.*?))?\s*")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pinned:
    """A package at one version; `sha256` or `sha512` in hexadecimal, of each file that it may come as."""

    name: str
    version: str
    sha256: tuple[str, ...] = ()
    sha512: tuple[str, ...] = ()
    licence: str = ""
    marker: str = ""


def normal(name: str) -> str:
    """A package's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(path: Path) -> Iterator[Pinned]:
    """Every package of a requirements file. Raises ValueError for a line that is not one version with its digests."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        bare = line.partition(" #")[0].strip()
        if not bare or bare.startswith("#"):
            continue
        wanted, _, _ = bare.partition("--hash=")
        found, hashes = _LINE.fullmatch(wanted), tuple(_HASH.findall(bare))
        if not found or not hashes or _HASH.sub("", bare).strip() != wanted.strip():
            raise ValueError(f"{path.name}: expected NAME==VERSION with digests, found {bare[:80]!r}")
        yield Pinned(normal(found["name"]), found["version"], sha256=hashes, marker=found["marker"] or "")


def page(lock: Path) -> Iterator[Pinned]:
    """The libraries that are in the page's bundle; what only builds it is not shipped."""
    for place, package in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if place and not package.get("dev"):
            kind, _, digest = package["integrity"].partition("-")
            if kind != "sha512":
                raise ValueError(f"{place}: expected a sha512, found {kind}")
            name = place.removeprefix("node_modules/")
            octets = base64.b64decode(digest).hex()
            yield Pinned(name, package["version"], sha512=(octets,), licence=package["license"])
