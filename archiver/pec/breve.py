"""The `breve` receipt against the sent copy: named parts have become hashes, the rest is there (RFC 6109, 3.3.2.2).

The annex says that SHA-1 SHOULD be taken "on base64 encoded parts", and that can be read in many ways: over the body as
it travelled, with or without its last line end, with LF, or decoded. Whichever agrees is accepted, and named.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from archiver.pec import mime, original, parts
from archiver.pec.mime import Entity

_HASH = ".hash"
_HEXADECIMAL = re.compile(rb"\s*([0-9a-fA-F]{40})\s*")
_ENVELOPED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})

_sha1 = partial(hashlib.sha1, usedforsecurity=False)  # what providers wrote; the signature over it is another matter


class Rule(StrEnum):
    """Over what a hash was taken: the part as it travelled, with these line ends, without (-1) or with (+1) one more;
    the part decoded; or that it was left as it is.
    """

    CRLF = "crlf"
    CRLF_LESS = "crlf-1"
    CRLF_MORE = "crlf+1"
    LF = "lf"
    LF_LESS = "lf-1"
    LF_MORE = "lf+1"
    DECODED = "decoded"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the named parts of a message: each name with the rule that made its hash agree.

    `differing` are names whose hash is another, `unproven` those that have none, `foreign` names of hashes that belong
    to no part of the sent copy.
    """

    agreed: tuple[tuple[str, Rule], ...]
    differing: tuple[str, ...]
    unproven: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every hash agrees, and every part has one."""
        return not (self.differing or self.unproven or self.foreign)


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part of the sent copy with a name (or an attached message without one).

    `decoded` is the SHA-1 of its decoded octets, `rules` all that a hash of it may be; both in hexadecimal.
    """

    name: str
    media: str
    decoded: str
    rules: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class _Claim:
    """One hash of a receipt: the name of the part that it replaced, the digits."""

    name: str
    digits: str


def is_whole(receipt: bytes) -> bool:
    """Whether the original in a receipt is one CMS object, of which nothing is ever replaced: as good as `completa`."""
    inner = original.octets(receipt)
    return inner is not None and mime.entity(inner).media in _ENVELOPED


def sent_parts(sent: bytes) -> tuple[SentPart, ...]:
    """What `check` compares receipts with: once for a sent copy, however many its receipts."""
    found = (_sent_part(sent, name, part) for name, part in _named(sent))
    return tuple(sorted(found, key=lambda part: not part.name))  # hashes with a name go to whom they name


def check(receipt: bytes, sent: Iterable[SentPart]) -> Checked:
    """Compares the original in a `breve` receipt with the sent copy, part by part. Never raises."""
    inner = original.octets(receipt) or b""
    theirs = [(name, mime.content(inner, part, len(inner))) for name, part in _named(inner)]
    claims = [claim for claim in map(_claim, theirs) if claim]
    kept = {(name, _sha1(octets).hexdigest()) for name, octets in theirs}
    agreed: list[tuple[str, Rule]] = []
    differing: list[str] = []
    unproven: list[str] = []
    for part in sent:
        rule, claim = (Rule.KEPT, None) if (part.name, part.decoded) in kept else _compared(part, claims)
        if claim:
            claims.remove(claim)
        if rule:
            agreed.append((part.name or part.media, rule))
        else:
            (differing if claim else unproven).append(part.name or part.media)
    return Checked(tuple(agreed), tuple(differing), tuple(unproven), tuple(claim.name for claim in claims))


def _named(raw: bytes) -> Iterator[tuple[str, Entity]]:
    whole = mime.entity(raw)
    alone = () if whole.media.startswith("multipart/") else ((whole.name, whole),)
    leaves = parts.to_message(raw, whole).leaves or alone
    return ((name, part) for name, part in leaves if name or part.media == "message/rfc822")


def _sent_part(raw: bytes, name: str, part: Entity) -> SentPart:
    decoded = _sha1(mime.content(raw, part, len(raw))).hexdigest()
    return SentPart(name, part.media, decoded, {decoded: Rule.DECODED, **dict(_digests(raw, part))})


def _claim(theirs: tuple[str, bytes]) -> _Claim | None:
    name, octets = theirs
    digits = _HEXADECIMAL.fullmatch(octets) if name.lower().endswith(_HASH) else None
    return _Claim(name[: -len(_HASH)], digits[1].decode().lower()) if digits else None


def _compared(part: SentPart, claims: list[_Claim]) -> tuple[Rule | None, _Claim | None]:
    """The rule by which a hash is that of the part, and the hash: of several with its name the one that agrees."""
    fitting = [claim for claim in claims if claim.name == part.name] if part.name else claims
    agreeing = next((claim for claim in fitting if claim.digits in part.rules), None)
    if agreeing:
        return part.rules[agreeing.digits], agreeing
    return None, fitting[0] if fitting and part.name else None


def _digests(raw: bytes, part: Entity) -> Iterator[tuple[str, Rule]]:
    """What a hash of the part as it travelled may be; of two that are equal the last one counts."""
    tail = raw[max(part.body, part.end - 2) : part.end]
    last = 2 if tail.endswith(b"\r\n") else int(tail.endswith(b"\n"))
    for end, exact, less, more in (
        (b"\n", Rule.LF, Rule.LF_LESS, Rule.LF_MORE),
        (b"\r\n", Rule.CRLF, Rule.CRLF_LESS, Rule.CRLF_MORE),
    ):
        digest = _sha1()
        for lines in mime.lines(raw, part.body, part.end - last):
            digest.update(lines.replace(b"\r\n", b"\n").replace(b"\n", end))
        bare = digest.hexdigest()
        digest.update(end if last else b"")
        whole = digest.hexdigest()
        digest.update(end)
        yield from ((digest.hexdigest(), more), (bare, less), (whole, exact))
