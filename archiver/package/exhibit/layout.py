"""The names of everything in an exhibit, relative to its top folder; no name says anything about people.

`parse` is the inverse of the functions that name files below `data/`.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from archiver.digest import Sha256
from archiver.package import layout as archive
from archiver.package import rules

DATA: Final = "data/"
ANCHORS: Final = "data/anchors/"
DOSSIER: Final = "data/dossier.json"
INDEX: Final = "PdD.xml"
SEALED: Final = "PdD.xml.p7m"
README: Final = "LEGGIMI.txt"
PAGE: Final = "index.html"
REPORT: Final = "rapporto.pdf"
VERIFIER: Final = "verify.py"
FACES: Final = (README, PAGE, REPORT, VERIFIER)
"""What people open; the index lists those that are there."""

BAG: Final = "bagit.txt"
BAG_INFO: Final = "bag-info.txt"
ALGORITHMS: Final = ("sha256", "sha512")


class Kind(StrEnum):
    """What a file below `data/` is."""

    DOSSIER = "dossier"
    ANCHOR = "anchor"
    TRUST = "trust"
    INDEX = "index"
    MESSAGE = "message"
    METADATA = "metadata"
    VOLUME_TRUST = "volume-trust"
    RDV = "rdv"
    RDV_RECORD = "rdv-record"
    RECORD = "record"
    DISCARD = "discard"
    DISCARD_RECORD = "discard-record"
    PENDING_MESSAGE = "pending-message"
    PENDING_RDV = "pending-rdv"
    PENDING_RECORD = "pending-record"


class Anchors(StrEnum):
    """What an anchor is for."""

    SEAL = "seal"
    TSA = "tsa"
    PROVIDERS = "providers"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The parts of a path below `data/`; `id` is the digest, the PdV's or the discard's; others where they apply."""

    kind: Kind
    id: str = ""
    volume: str = ""
    tsa: str = ""
    number: str = ""
    role: str = ""
    extension: str = ""


def volume(volume_id: str) -> str:
    """The folder of a (partial) materialised PdA, with a slash at its end: what is in it is called as in the PdA."""
    return f"data/volumes/{rules.sha256(volume_id)}/"


def pending_message(sha256: Sha256) -> str:
    """A message that no volume has yet."""
    return f"data/pending/{archive.message_path(sha256)}"


def pending_pdv(name: str) -> str:
    """The rapporto of such a message, or a record of it: `name` is the last part of its name in the store."""
    return f"data/pending/pdv/{rules.path(name)}"


def anchor(role: Anchors, sha256: Sha256) -> str:
    """A certificate (DER) that whoever made the exhibit trusts."""
    return f"data/anchors/{role}/{rules.sha256(sha256)}.cer"


def trust(sha256: Sha256, extension: str) -> str:
    """What proves the exhibit's own seal and newer tokens: certificates, lists of revocations, OCSP answers."""
    return f"data/{archive.trust_path(sha256, extension)}"


def manifest(algorithm: str) -> str:
    """What lists the payload, `data/`."""
    return f"manifest-{algorithm}.txt"


def tag_manifest(algorithm: str) -> str:
    """What lists everything else."""
    return f"tagmanifest-{algorithm}.txt"


TAG_MANIFESTS: Final = tuple(map(tag_manifest, ALGORITHMS))
FRAME: Final = (BAG, BAG_INFO, *map(manifest, ALGORITHMS), *TAG_MANIFESTS, INDEX, SEALED)
"""What the index does not list: itself, and the bag's own files."""


_LITTER: Final = frozenset({".ds_store", "desktop.ini", "thumbs.db"})


def litter(path: str) -> bool:
    """Whether operating systems leave a file called so where they open or pack folders: it is nobody's."""
    *folders, name = path.split("/")
    return name.casefold() in _LITTER or name.startswith("._") or "__MACOSX" in folders


def top(stem: str) -> str:
    """The one folder of an exhibit's ZIP, of what its file is called: only signs that every system unpacks."""
    kept = unicodedata.normalize("NFC", stem)[:100]
    found = "".join(sign if sign.isalnum() or sign in ".-_ " else "_" for sign in kept).strip("._ ")
    return found or "fascicolo"


def parse(path: str) -> Parsed | None:
    """What a path below `data/` says, or None for one that no function here gives."""
    for kind, pattern in _PATTERNS:
        if found := pattern.fullmatch(path):
            return Parsed(kind, **found.groupdict())
    return None


def _pattern(rest: str) -> re.Pattern[str]:
    opaque, digest = r"[a-z0-9][a-z0-9-]{0,39}", r"[0-9a-f]{64}"
    rest = rest.replace("<volume>", rf"volumes/(?P<volume>{digest})").replace("<tsa>", rf"(?P<tsa>{opaque})")
    rest = rest.replace("<opaque>", f"(?P<id>{opaque})").replace("<digest>", f"(?P<id>{digest})")
    rest = rest.replace("<number>", r"(?P<number>(?!000000)[0-9]{6})").replace("<xml>", r"(?P<extension>xml(?:\.p7m)?)")
    return re.compile(f"data/{rest}")


_PATTERNS = (
    (Kind.DOSSIER, _pattern(r"dossier\.json")),
    (Kind.MESSAGE, _pattern(r"<volume>/messages/<digest>\.eml")),
    (Kind.METADATA, _pattern(r"<volume>/metadata/<digest>\.xml")),
    (Kind.INDEX, _pattern(r"<volume>/PIndex\.xml\.p7m")),
    (Kind.VOLUME_TRUST, _pattern(r"<volume>/trust/<digest>\.(?P<extension>[a-z0-9]{1,8})")),
    (Kind.RECORD, _pattern(r"<volume>/evidence/<tsa>/<number>\.ers")),
    (Kind.RDV, _pattern(r"<volume>/pdv/<digest>\.<xml>")),
    (Kind.RDV_RECORD, _pattern(r"<volume>/pdv/<digest>\.<tsa>\.<number>\.ers")),
    (Kind.DISCARD, _pattern(r"<volume>/discards/<opaque>/discard\.<xml>")),
    (Kind.DISCARD_RECORD, _pattern(r"<volume>/discards/<opaque>/discard\.<tsa>\.<number>\.ers")),
    (Kind.PENDING_MESSAGE, _pattern(r"pending/messages/<digest>\.eml")),
    (Kind.PENDING_RDV, _pattern(r"pending/pdv/<digest>\.<xml>")),
    (Kind.PENDING_RECORD, _pattern(r"pending/pdv/<digest>\.<tsa>\.<number>\.ers")),
    (Kind.ANCHOR, _pattern(r"anchors/(?P<role>seal|tsa|providers)/<digest>\.cer")),
    (Kind.TRUST, _pattern(r"trust/<digest>\.(?P<extension>[a-z0-9]{1,8})")),
)
