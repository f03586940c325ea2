"""What a file is, by its octets alone.

Own code, because most of the question lies inside containers (which kind of ZIP, whose compound file, what in a
signature, whether encrypted), where libraries of first octets stop; what remains is a table, and the result is counted,
never judged. Nothing is inflated but one small entry of a ZIP; nothing is searched twice.
"""

from dataclasses import dataclass

from archiver.pec.readable import archives, compound, markup, pdf, signed, zipped
from archiver.pec.readable.formats import SIGNED, UNKNOWN
from archiver.pec.readable.magic import by_first_octets, by_later_octets

EMPTY = "empty"

_ZIP = (b"PK\3\4", b"PK\5\6")
_ENCRYPTED = frozenset({"pgp", "cms-enveloped", "pkcs12"})
_BY_CONTENT = {
    "pdf": pdf.identified,
    "compound": compound.identified,
    "7z": archives.seven,
    "rar": archives.rar,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A name of the table of formats (`unknown` when it is none of them), and whether a secret is needed to read it."""

    format: str
    encrypted: bool = False


def identify(octets: bytes, *, room: int) -> Identity:
    """What `octets` are. `room` is how many more octets may be held, for what lies in a signature in pieces.

    Never raises; octets that are not the whole file are identified by what is there.
    """
    name, encrypted = _named(octets)
    if name not in signed.ATTACHED:
        return Identity(name, encrypted)
    inner = signed.content(octets, room=room)
    if inner is None:
        return Identity(name)
    name, encrypted = _named(inner)
    return Identity(name + SIGNED, encrypted)


def _named(octets: bytes) -> tuple[str, bool]:
    if not octets:
        return EMPTY, False
    if octets.startswith(_ZIP):
        return zipped.identified(octets)
    name = _plainly(octets)
    if name in _BY_CONTENT:
        return _BY_CONTENT[name](octets)
    return name or UNKNOWN, name in _ENCRYPTED


def _plainly(octets: bytes) -> str:
    return by_first_octets(octets) or signed.kind(octets) or by_later_octets(octets) or markup.identified(octets)
