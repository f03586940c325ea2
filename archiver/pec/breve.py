"""The `breve` receipt against the sent copy: named parts have become hashes, the rest is there (RFC 6109, 3.3.2.2).

The rest is compared too: what was written in the message, to whom, and about what.

The annex says that SHA-1 SHOULD be taken "on base64 encoded parts", and that can be read in many ways: over the body as
it travelled, with or without its last line end, with LF, or decoded. Whichever agrees is accepted, and named.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from archiver.digest import sha256
from archiver.pec import address, mime, original, parts
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
    to no part of the sent copy. `altered` are header fields, and media types of parts without a name, that are not the
    same in both; `kept` is how many parts without a name are.
    """

    agreed: tuple[tuple[str, Rule], ...]
    differing: tuple[str, ...]
    unproven: tuple[str, ...]
    foreign: tuple[str, ...]
    altered: tuple[str, ...]
    kept: int

    @property
    def holds(self) -> bool:
        """Whether every hash agrees, every named part has one, and the rest is the same."""
        return not (self.differing or self.unproven or self.foreign or self.altered)


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
class Rest:
    """What is never replaced: addresses and subject, and each part without a name as its media type and its SHA-256."""

    fields: Mapping[str, tuple[str, ...]]
    plain: Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A sent copy, as far as receipts are compared with it."""

    named: tuple[SentPart, ...]
    rest: Rest


@dataclass(frozen=True, slots=True)
class _Claim:
    """One hash of a receipt: the name of the part that it replaced, the digits."""

    name: str
    digits: str


def is_whole(receipt: bytes) -> bool:
    """Whether the original in a receipt is one CMS object, of which nothing is ever replaced: as good as `completa`."""
    inner = original.octets(receipt)
    return inner is not None and mime.entity(inner).media in _ENVELOPED


def read_sent(sent: bytes) -> Sent:
    """What `check` compares receipts with: once for a sent copy, however many its receipts."""
    found = (_sent_part(sent, name, part) for name, part in _named(sent))
    return Sent(tuple(sorted(found, key=lambda part: not part.name)), _rest(sent))  # a hash goes to whom it names first


def check(receipt: bytes, sent: Sent) -> Checked:
    """Compares the original in a `breve` receipt with the sent copy, part by part. Never raises."""
    inner = original.octets(receipt) or b""
    theirs = [(name, mime.content(inner, part, len(inner))) for name, part in _named(inner)]
    claims = [claim for claim in map(_claim, theirs) if claim]
    kept = {(name, _sha1(octets).hexdigest()) for name, octets in theirs}
    agreed: list[tuple[str, Rule]] = []
    differing: list[str] = []
    unproven: list[str] = []
    for part in sent.named:
        rule, claim = (Rule.KEPT, None) if (part.name, part.decoded) in kept else _compared(part, claims)
        if claim:
            claims.remove(claim)
        if rule:
            agreed.append((part.name or part.media, rule))
        else:
            (differing if claim else unproven).append(part.name or part.media)
    rest = _rest(inner)
    return Checked(
        agreed=tuple(agreed),
        differing=tuple(differing),
        unproven=tuple(unproven),
        foreign=tuple(claim.name for claim in claims),
        altered=tuple(_altered(rest, sent.rest)),
        kept=(rest.plain & sent.rest.plain).total(),
    )


def _altered(one: Rest, other: Rest) -> Iterator[str]:
    yield from (name for name in one.fields if one.fields[name] != other.fields[name])
    differing = (one.plain - other.plain) | (other.plain - one.plain)
    yield from dict.fromkeys(media for media, _ in differing)


def _rest(raw: bytes) -> Rest:
    """Addresses without the names beside them, in any order: providers fold and encode fields anew."""
    whole = mime.entity(raw)
    fields = {
        name: tuple(sorted({item.address.lower() for item in address.addresses(whole.headers.joined(name.lower()))}))
        for name in ("From", "To", "Cc")
    }
    plain = Counter((part.media, _unchanged(raw, part)) for part in _leaves(raw, whole, parts.DEPTH))
    return Rest(fields | {"Subject": (whole.headers.text("subject"),)}, plain)


def _leaves(raw: bytes, whole: Entity, depth: int) -> Iterator[Entity]:
    """Every part without a name that is no attached message and no multipart that can be opened."""
    inside = mime.children(raw, whole) if depth else ()
    for part in inside:
        yield from _leaves(raw, part, depth - 1)
    if not inside and not whole.name and whole.media != "message/rfc822":
        yield whole


def _unchanged(raw: bytes, part: Entity) -> str:
    """The SHA-256 of what transport may not change: without transfer encoding, a text without its kind of line end."""
    octets = mime.content(raw, part, len(raw))
    if part.media.startswith("text/"):
        octets = octets.replace(b"\r\n", b"\n").rstrip(b"\n")
    return sha256(octets)


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
