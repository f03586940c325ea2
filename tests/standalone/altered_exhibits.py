"""Exhibits by path, what a forger does to them, and how far he covers his tracks."""

import base64
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from support.certificates import Authority
from support.small import EVENING, Files

from archiver.adapters.signer import FileSigner
from archiver.evidence.carried import elements
from archiver.evidence.cms import open_signed
from archiver.evidence.record.builder import tlv
from archiver.evidence.unsigned import with_timestamp
from archiver.package.exhibit import builder, layout, manifest, reader
from archiver.package.exhibit.values import ordered

FORGER = Authority(name="CA di altri", now=EVENING).person("Bianchi Ugo", "BNCGUO80A01H501X")

Change = Callable[["Exhibit"], Mapping[str, bytes | None]]


class Exhibit(Files):
    """The files of an exhibit by their path; a copy may be bent as one likes."""

    @classmethod
    def unpacked(cls, path: Path) -> "Exhibit":
        """Those in a ZIP, without their top folder."""
        with zipfile.ZipFile(path) as file:
            return cls((name.partition("/")[2], file.read(name)) for name in file.namelist() if not name.endswith("/"))

    def but(self, changed: Mapping[str, bytes | None]) -> "Exhibit":
        """The same with some files replaced, added, or (None) taken away."""
        return Exhibit(super().but(changed))

    def below(self, *parts: str) -> list[str]:
        """Names that hold all of these parts, in order."""
        return [name for name in sorted(self) if all(part in name for part in parts)]

    @property
    def volumes(self) -> list[str]:
        """Ids, that of most messages first."""
        found = {name.split("/")[2] for name in self.below("data/volumes/")}
        return sorted(found, key=lambda one: (-len(self.below(one, "/messages/")), one))

    def of(self, kind: str, volume: int = 0) -> list[str]:
        """The files of one folder of a volume: `messages`, `metadata`, `trust`, `evidence`, `pdv`."""
        return self.below(f"data/volumes/{self.volumes[volume]}/{kind}/")

    def index(self, volume: int = 0) -> str:
        """A volume's sealed index."""
        return f"data/volumes/{self.volumes[volume]}/PIndex.xml.p7m"

    @property
    def told(self) -> dict[str, Any]:
        """dossier.json."""
        value = json.loads(self[layout.DOSSIER])
        assert isinstance(value, dict)
        return value


@dataclass(frozen=True)
class Case:
    """One forgery: what is done to which exhibit, how far the tracks are covered, and one thing that must be said.

    `cover`: `raw` nothing; `bag` the manifests are made again; `list` the index of the exhibit too, without a seal, and
    dossier.json tells what is there now, so that only the deeper steps can see; `seal` the same, sealed by the forger.
    """

    name: str
    change: Change
    said: str
    cover: str = "list"
    of: str = "plain"

    def forged(self, exhibit: Exhibit) -> Exhibit:
        """The exhibit after it."""
        changed = exhibit.but(self.change(exhibit))
        return COVERS[self.cover](changed)


def bagged(exhibit: Exhibit) -> Exhibit:
    """All manifests made again (RFC 8493)."""
    payload = {name: octets for name, octets in exhibit.items() if name.startswith("data/")}
    size = sum(map(len, payload.values()))
    again: dict[str, bytes | None] = {"bag-info.txt": manifest.information({}, octets=size, files=len(payload))}
    for algorithm in ("sha256", "sha512"):
        again[layout.manifest(algorithm)] = _manifest(payload, algorithm)
    exhibit = exhibit.but(again)
    tags = {name: octets for name, octets in exhibit.items() if not name.startswith(("data/", "tagmanifest-"))}
    return exhibit.but(
        {layout.tag_manifest(algorithm): _manifest(tags, algorithm) for algorithm in ("sha256", "sha512")}
    )


def listed(exhibit: Exhibit, seal: Callable[[bytes], bytes] | None = None) -> Exhibit:
    """The exhibit's index made again with the digests of today, by nobody or under a `seal`; and all manifests."""
    exhibit = exhibit.but({layout.DOSSIER: retold(exhibit, sealed=seal is not None)}) if _readable(exhibit) else exhibit
    octets = exhibit.get(layout.SEALED) if layout.SEALED in exhibit else exhibit.get(layout.INDEX)
    pdd = reader.read(open_signed(octets).content or b"" if layout.SEALED in exhibit else octets)
    digests = {name: hashlib.sha256(file).hexdigest() for name, file in exhibit.items()}
    files = ordered({name: one for name, one in digests.items() if name not in layout.FRAME})  # type: ignore[misc]
    sources = tuple(replace(source, sha256=digests[source.path]) for source in pdd.sources if source.path in digests)
    own = digests.get(layout.DOSSIER, pdd.id)
    index = builder.build(replace(pdd, id=own, files=files, sources=sources, stamped=False))  # type: ignore[arg-type]
    return bagged(exhibit.but({layout.SEALED: seal and seal(index), layout.INDEX: None if seal else index}))


def retold(exhibit: Exhibit, **changed: Any) -> bytes:
    """dossier.json with other values, and with the messages and volumes that are there."""
    told = exhibit.told | changed
    there = {hashlib.sha256(octets).hexdigest(): name for name, octets in exhibit.items() if "/messages/" in name}
    messages = [{"path": name, "sha256": digest} for digest, name in sorted(there.items())]
    volumes = [{"id": one} for one in sorted({name.split("/")[2] for name in exhibit.below("data/volumes/")})]
    if "dossiers" not in changed and isinstance(told["dossiers"], list):
        told = told | {"dossiers": [{"messages": messages}], "volumes": volumes}
    return json.dumps(told).encode()


def sealed_by_another(content: bytes) -> bytes:
    """A good signature of somebody whom nobody knows."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key, ca = FORGER.pem(Path(folder))
        signer = FileSigner.from_pem(certificate, key, chain=(ca,))
        return signer.sign(content, at=EVENING, stamp=None)


def flipped(octets: bytes, at: int) -> bytes:
    """One bit of one octet."""
    at %= len(octets)
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


def inside(octets: bytes, part: bytes, at: int = 0) -> bytes:
    """One bit flipped within `part`, which is there."""
    place = octets.index(part)
    return flipped(octets, place + at % len(part))


def stripped(p7m: bytes) -> bytes:
    """A signature without its time stamp: octets are cut, nothing else is encoded again."""
    kind, holder = elements(p7m)
    (data,) = elements(holder)
    *head, signers = elements(data)
    (signer,) = elements(signers)
    signed = b"".join(part for part in elements(signer) if part[0] != 0xA1)
    inner = tlv(0x30, b"".join(head) + tlv(0x31, tlv(0x30, signed)))
    return tlv(0x30, kind + tlv(0xA0, inner))


def restamped(p7m: bytes, other: bytes) -> bytes:
    """A signature with the time stamp of another one."""
    return with_timestamp(stripped(p7m), open_signed(other).tokens[0])


def other_digit(octets: bytes, digest: str) -> bytes:
    """Another decimal digit in a digest that is written in hexadecimal."""
    return inside(octets, digest.encode(), next(place for place, sign in enumerate(digest) if sign.isdecimal()))


def document(base64_digest: str) -> bytes:
    """A small metadata document about something."""
    return (
        "<DocumentoInformatico><IdDoc><ImprontaCrittograficaDelDocumento>"
        f"<Impronta>{base64_digest}</Impronta><Algoritmo>SHA-256</Algoritmo></ImprontaCrittograficaDelDocumento>"
        "<Identificativo>x</Identificativo></IdDoc></DocumentoInformatico>"
    ).encode()


def encoded(octets: bytes) -> str:
    """SHA-256 as metadata writes it."""
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


def _readable(exhibit: Exhibit) -> bool:
    try:
        return "dossiers" in exhibit.told
    except (ValueError, KeyError, AssertionError):
        return False


def _manifest(files: Mapping[str, bytes], algorithm: str) -> bytes:
    return manifest.manifest({name: hashlib.new(algorithm, octets).hexdigest() for name, octets in files.items()})


COVERS: dict[str, Callable[[Exhibit], Exhibit]] = {
    "raw": lambda exhibit: exhibit,
    "bag": bagged,
    "list": listed,
    "seal": lambda exhibit: listed(exhibit, sealed_by_another),
}
