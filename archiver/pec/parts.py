"""The parts that matter: the original message, daticert.xml, REM evidences, the names of attachments.

Only the top level of the provider's part is looked at: what users forward may hold whole PEC messages of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.pec import kind, mime, words
from archiver.pec.mime import Entity

DEPTH = 20
"""Levels of nesting that are looked into for attachments."""

ORIGINAL_LIMIT = 200 << 20
"""Octets of an encoded original that are decoded."""

TEXT_LIMIT = 1 << 18
"""Octets of a text for people that are read; that of a notice has under 2,000."""

_EVIDENCE_LIMIT = 1 << 20
_PLAIN = frozenset({"7bit", "8bit", "binary"})
_DATICERT = ("daticert.xml", "certdata.xml")  # the second in the English RFC 6109 only; no provider was seen to use it
_NOT_COUNTED = frozenset({"postacert.eml", "daticert.xml", "smime.p7s"})


@dataclass(frozen=True, slots=True)
class Attached:
    """The attachments of a message, in order, each with the name that it states, and the octets they lie in."""

    raw: bytes
    leaves: tuple[tuple[str, Entity], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, without what a provider or a signature adds; one without a name goes by its media type."""
        return tuple(name or part.media for name, part in self.leaves if name.lower() not in _NOT_COUNTED)

    def content(self, name: str, limit: int) -> bytes | None:
        """The first attachment called `name` (in any case), decoded; empty beyond `limit` octets, None without one."""
        found = next((part for stated, part in self.leaves if stated.lower() == name), None)
        return None if found is None else mime.content(self.raw, found, limit)


NOTHING_ATTACHED = Attached(b"", ())


@dataclass(frozen=True, slots=True)
class Parts:
    """The top level of a provider's message. `evidences` are the names of REM evidences."""

    daticert: Entity | None = None
    original: Entity | None = None
    evidences: tuple[str, ...] = ()
    rem: bool = False


def find(raw: bytes, whole: Entity) -> Parts:
    """The parts of `whole`, or of it alone when it is no multipart."""
    level = mime.children(raw, whole) or (whole,)
    named = {part.name.lower(): part for part in reversed(level) if not part.media.startswith("multipart/")}
    daticert = next((named[name] for name in _DATICERT if name in named), None)
    evidences = () if daticert else tuple(part.name or part.media for part in level if _is_evidence(raw, part))
    return Parts(
        daticert=daticert,
        original=named.get("postacert.eml") or next((part for part in level if part.media == "message/rfc822"), None),
        evidences=evidences,
        rem=bool(evidences) or any(kind.is_rem(part.headers) for part in level),
    )


def original(raw: bytes, part: Entity) -> bytes:
    """The octets of the message that `part` (message/rfc822) carries, its transfer encoding undone."""
    return mime.content(raw, part, ORIGINAL_LIMIT)


def text(raw: bytes, whole: Entity) -> str:
    """The first text/plain of `whole` that is no attachment, decoded; empty without one, or beyond TEXT_LIMIT."""
    found = next(_texts(raw, whole, DEPTH), None)
    if found is None:
        return ""
    return words.from_charset(mime.content(raw, found, TEXT_LIMIT), found.parameters.get("charset") or "latin-1")


def is_plain(part: Entity) -> bool:
    """Whether the body of `part` lies there as it is, without a transfer encoding."""
    return part.encoding in _PLAIN


def attached(raw: bytes, part: Entity | None) -> Attached:
    """What is attached to the message that `part` (message/rfc822) carries; nothing without one."""
    if part is None:
        return NOTHING_ATTACHED
    if is_plain(part):
        return to_message(raw, mime.entity(raw, part.body, part.end))
    inner = original(raw, part)
    return to_message(inner, mime.entity(inner))


def to_message(raw: bytes, whole: Entity) -> Attached:
    """What is attached to a message."""
    return Attached(raw, tuple(_leaves(raw, whole, DEPTH)))


def _is_evidence(raw: bytes, part: Entity) -> bool:
    return part.media.endswith("/xml") and kind.is_rem_evidence(part, mime.content(raw, part, _EVIDENCE_LIMIT))


def _texts(raw: bytes, whole: Entity, depth: int) -> Iterator[Entity]:
    if whole.media.startswith("multipart/"):
        for part in mime.children(raw, whole) if depth else ():
            yield from _texts(raw, part, depth - 1)
    elif whole.media == "text/plain" and whole.disposition != "attachment":
        yield whole


def _leaves(raw: bytes, whole: Entity, depth: int) -> Iterator[tuple[str, Entity]]:
    """What is attached, each with the name it states."""
    for part in mime.children(raw, whole) if depth else ():
        if part.media.startswith("multipart/"):
            yield from _leaves(raw, part, depth - 1)
        elif (name := part.name) or part.disposition == "attachment" or part.media == "message/rfc822":
            yield name, part
