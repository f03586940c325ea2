"""The parts that matter: the original message, daticert.xml, REM evidences, the names of attachments.

Only the top level of the provider's part is looked at: what users forward may hold whole PEC messages of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.pec import kind, mime
from archiver.pec.mime import Entity

DEPTH = 20
"""Levels of nesting that are looked into for attachments."""

ORIGINAL_LIMIT = 200 << 20
"""Octets of an encoded original that are decoded."""

_EVIDENCE_LIMIT = 1 << 20
_PLAIN = frozenset({"7bit", "8bit", "binary"})
_DATICERT = ("daticert.xml", "certdata.xml")  # the second in the English RFC 6109 only; no provider was seen to use it
_NOT_COUNTED = frozenset({"postacert.eml", "daticert.xml", "smime.p7s"})


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


def is_plain(part: Entity) -> bool:
    """Whether the body of `part` lies there as it is, without a transfer encoding."""
    return part.encoding in _PLAIN


def attachments(raw: bytes, part: Entity | None) -> tuple[str, ...]:
    """The names of the attachments of the message that `part` (message/rfc822) carries; empty without one."""
    if part is None:
        return ()
    if is_plain(part):
        return message_attachments(raw, mime.entity(raw, part.body, part.end))
    inner = original(raw, part)
    return message_attachments(inner, mime.entity(inner))


def message_attachments(raw: bytes, whole: Entity) -> tuple[str, ...]:
    """The names of the attachments of a message, in order; one without a name goes by its media type."""
    names = (part.name or part.media for part in _leaves(raw, whole, DEPTH))
    return tuple(name for name in names if name.lower() not in _NOT_COUNTED)


def attachment(raw: bytes, whole: Entity, name: str, limit: int) -> bytes | None:
    """The first `limit` octets of the first attachment called `name` (in any case), decoded; None without one."""
    found = next((part for part in _leaves(raw, whole, DEPTH) if part.name.lower() == name), None)
    return None if found is None else mime.content(raw, found, limit)


def _is_evidence(raw: bytes, part: Entity) -> bool:
    return part.media.endswith("/xml") and kind.is_rem_evidence(part, mime.content(raw, part, _EVIDENCE_LIMIT))


def _leaves(raw: bytes, whole: Entity, depth: int) -> Iterator[Entity]:
    for part in mime.children(raw, whole) if depth else ():
        if part.media.startswith("multipart/"):
            yield from _leaves(raw, part, depth - 1)
        elif part.name or part.disposition == "attachment" or part.media == "message/rfc822":
            yield part
