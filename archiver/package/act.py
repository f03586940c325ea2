"""Acts: what a person decided or looked at, and no mail would tell again; one JSON document each, written before it
takes effect.

A document is canonical: keys sorted, UTF-8, one line end. Its name says when and which number in the holder's register,
and begins its own SHA-256, so that one which was changed or moved does not fit its place. Each names the one before it
by id and SHA-512: who believes one believes all behind it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from archiver.digest import Sha256, Sha512
from archiver.errors import Malformed
from archiver.package import layout, rules

VERSION: Final = 1
LONGEST = 1000
"""Characters of one text."""
LARGEST = 1 << 20
"""Bytes of one act; what is about more messages than fit names the digest of their list instead."""
MOST = 999_999_999
"""Acts of one holder."""

_KEYS = frozenset(("at", "holder", "kind", "number", "previous", "reason", "role", "version", "what", "who"))
_PREVIOUS = frozenset(("id", "sha512"))
_CERTIFICATE = frozenset(("issuer", "sha256", "subject"))
_KIND = frozenset(("kind",))
_AUTHORIZATION = frozenset(("authority", "date", "protocol"))
_ID = re.compile(r"(?P<at>[0-9]{8}t[0-9]{6}z)-(?P<number>[0-9]{9})-[0-9a-f]{32}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._+-]{0,127}")
_DEEPEST = 6


class ActKind(StrEnum):
    """What was decided, or done with what is kept."""

    TRUST_CONFIRMED = "trust-confirmed"
    TRUST_REVOKED = "trust-revoked"
    SEARCH = "search"
    SHOW = "show"
    EVIDENCE = "evidence"
    EXPORT = "export"
    TAKEOVER = "takeover"
    VERIFICA = "verifica"
    INTEGRITY = "integrity"
    PERSON = "person"
    RESTRICTED = "restricted"
    LIFTED = "lifted"
    HOLD_PLACED = "hold-placed"
    HOLD_RELEASED = "hold-released"
    RETENTION_EXTENDED = "retention-extended"
    DISCARD_PROPOSED = "discard-proposed"
    DISCARD_APPROVED = "discard-approved"
    DISCARD_REJECTED = "discard-rejected"
    DISCARD_DESTROYED = "discard-destroyed"
    DISCARD_EFFECTIVE = "discard-effective"


TRUST = frozenset((ActKind.TRUST_CONFIRMED, ActKind.TRUST_REVOKED))
"""Decisions about a certificate: `what` names it."""

HOLDS = frozenset((ActKind.HOLD_PLACED, ActKind.HOLD_RELEASED))
EXTENSIONS = frozenset((ActKind.RETENTION_EXTENDED,))
DISCARDS = frozenset(
    (
        ActKind.DISCARD_PROPOSED,
        ActKind.DISCARD_APPROVED,
        ActKind.DISCARD_REJECTED,
        ActKind.DISCARD_DESTROYED,
        ActKind.DISCARD_EFFECTIVE,
    )
)
"""The steps of a scarto (AgID guidelines 4.11)."""

RESTRICTIONS = frozenset((ActKind.RESTRICTED, ActKind.LIFTED))
"""Decisions about messages (GDPR, art. 18): all digests in `what` are theirs, and the newest holds."""

REASONED = TRUST | RESTRICTIONS | HOLDS | EXTENSIONS | {ActKind.DISCARD_REJECTED, ActKind.DISCARD_EFFECTIVE}
"""What nobody does without a reason."""


@dataclass(frozen=True, slots=True)
class Link:
    """The act before: its id, and the SHA-512 of its document."""

    id: str
    sha512: Sha512


@dataclass(frozen=True, slots=True)
class Act:
    """One act: `who` is a user of the machine in the `role` that the configuration gave, `at` is UTC in whole seconds.

    `what` is JSON of texts, whole numbers, true, false and null. Of a certificate it holds what that says of itself, of
    an approved discard the authority and the protocol of its authorisation; of anything else only digests, ids, counts
    and words of ours: no address, no subject, nothing that was searched for.
    `number` counts from 1; an act is never dated before `previous`. Raises ValueError for what is out of shape.
    """

    kind: ActKind
    holder: str
    number: int
    at: datetime
    who: str
    role: str
    reason: str
    what: Mapping[str, Any]
    previous: Link | None = None

    def __post_init__(self) -> None:
        rules.opaque(self.holder)
        if rules.moment(self.at) != self.at:
            raise ValueError(f"act: expected a time in whole seconds, found {self.at.isoformat()}")
        _follows(self)
        for name, text in (("who", self.who), ("role", self.role)):
            if not _text(name, text).strip():
                raise ValueError(f"act, {name}: expected a text, found none")
        if not _text("reason", self.reason).strip() and self.kind in REASONED:
            raise ValueError("act, reason: expected a text, found none")
        _check(self)
        if len(build(self)) > LARGEST:
            raise ValueError(f"act: expected at most {LARGEST} bytes, found {len(build(self))}")

    @property
    def id(self) -> str:
        """Its place in the register."""
        return _id(self, build(self))

    @property
    def name(self) -> str:
        """Where it lies in the store."""
        return layout.act(self.holder, self.id)

    @property
    def certificate(self) -> Sha256 | None:
        """The certificate that it decides about, if it does."""
        return Sha256(self.what["certificate"]["sha256"]) if self.kind in TRUST else None

    @property
    def certificate_kind(self) -> str:
        """What that certificate is (`provider`, `ca`, `tsa`, `signer`); empty where the act does not say."""
        return str(self.what["certificate"].get("kind", "")) if self.kind in TRUST else ""

    @property
    def about(self) -> tuple[Sha256, ...]:
        """All digests in it, each once."""
        return tuple(dict.fromkeys(_digests(self.what)))


def link(octets: bytes) -> Link:
    """What the act after this document names. Raises Malformed."""
    return Link(_id(read(octets), octets), Sha512(hashlib.sha512(octets).hexdigest()))


def place(act_id: str) -> tuple[datetime, int]:
    """The time and the number in an id. Raises ValueError for one that is none."""
    found = _ID.fullmatch(act_id)
    if not found:
        raise ValueError(f"id of an act: expected its time, its number and a digest, found {act_id[:80]!r}")
    at = found["at"]
    stated = f"{at[:4]}-{at[4:6]}-{at[6:8]}T{at[9:11]}:{at[11:13]}:{at[13:15]}Z"
    return rules.instant(stated), int(found["number"])


def build(act: Act) -> bytes:
    """The act as it is kept."""
    before = act.previous
    return _canonical(
        {
            "at": f"{act.at:%Y-%m-%dT%H:%M:%SZ}",
            "holder": act.holder,
            "kind": act.kind.value,
            "number": act.number,
            "previous": None if before is None else {"id": before.id, "sha512": before.sha512},
            "reason": act.reason,
            "role": act.role,
            "version": VERSION,
            "what": dict(act.what),
            "who": act.who,
        }
    )


def read(octets: bytes) -> Act:
    """The act that these bytes record. Raises Malformed, naming what: also when written in any other way."""
    if len(octets) > LARGEST:
        raise Malformed(f"act: expected at most {LARGEST} bytes, found {len(octets)}")
    try:
        act = _read(json.loads(octets.decode()))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"act: {error}") from error
    if build(act) != octets:
        raise Malformed("act: expected canonical JSON (sorted keys, no blanks, one line end), found another writing")
    return act


def _read(value: Any) -> Act:
    fields = _object(value, _KEYS, "act")
    if fields["version"] != VERSION or isinstance(fields["version"], bool):
        raise ValueError(f"version: expected {VERSION}, found {fields['version']!r}")
    before = None if fields["previous"] is None else _object(fields["previous"], _PREVIOUS, "previous")
    return Act(
        kind=ActKind(_string(fields, "kind")),
        holder=_string(fields, "holder"),
        number=_number(fields["number"]),
        at=rules.instant(_string(fields, "at")),
        who=_string(fields, "who"),
        role=_string(fields, "role"),
        reason=_string(fields, "reason"),
        what=_json(fields["what"]),
        previous=None if before is None else Link(_string(before, "id"), rules.sha512(_string(before, "sha512"))),
    )


def _follows(act: Act) -> None:
    """The number and the time fit the act before."""
    if not 1 <= _number(act.number) <= MOST:
        raise ValueError(f"act, number: expected 1 to {MOST}, found {act.number}")
    if act.previous is None:
        if act.number != 1:
            raise ValueError(f"act {act.number}: expected the act before it, found none")
        return
    rules.sha512(act.previous.sha512)
    at, number = place(act.previous.id)
    if number + 1 != act.number or at > act.at:
        raise ValueError(f"act {act.number} of {act.at.isoformat()}: cannot follow {act.previous.id}")


def _check(act: Act) -> None:
    """Of the facts of an act nothing but what its kind may hold."""
    if act.kind in TRUST:
        _certificate(act.what)
    elif act.kind is ActKind.DISCARD_APPROVED:
        _authorization(act.what.get("authorization"))
        _plain({name: value for name, value in act.what.items() if name != "authorization"}, _DEEPEST)
    else:
        _plain(act.what, _DEEPEST)


def _authorization(value: Any) -> None:
    """Whose nulla osta, of which protocol and day; null: the reason of the act says why none is needed."""
    if value is not None:
        fields = _object(value, _AUTHORIZATION, "authorization")
        rules.day(_string(fields, "date"))
        for name in ("authority", "protocol"):
            if not _text(name, _string(fields, name)).strip():
                raise ValueError(f"authorization, {name}: expected a text, found none")


def _certificate(what: Mapping[str, Any]) -> None:
    fields = _object(what, frozenset(("certificate",)), "what")
    value = fields["certificate"]
    kind = _KIND if isinstance(value, Mapping) and "kind" in value else frozenset[str]()
    named = _object(value, _CERTIFICATE | kind, "certificate")
    rules.sha256(_string(named, "sha256"))
    if kind and not _WORD.fullmatch(_string(named, "kind")):
        raise ValueError(f"certificate, kind: expected a plain word, found {named['kind'][:80]!r}")
    for name in ("subject", "issuer"):
        _text(name, _string(named, name))


def _plain(value: Any, depth: int) -> None:
    """Nothing but digests, ids, counts and words of ours."""
    if depth == 0:
        raise ValueError("act, what: nested too deeply")
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str) or not _KEY.fullmatch(name):
                raise ValueError(f"act, what: expected a plain key, found {str(name)[:80]!r}")
            _plain(item, depth - 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _plain(item, depth - 1)
    elif isinstance(value, str):
        if not _WORD.fullmatch(value):
            raise ValueError(f"act, what: expected a digest, an id or a plain word, found {value[:80]!r}")
    elif value is not None and not isinstance(value, int):
        raise ValueError(f"act, what: expected no {type(value).__name__}, found {str(value)[:80]!r}")


def _digests(value: Any) -> Iterator[Sha256]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _digests(item)
    elif isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef"):
        yield Sha256(value)


def _id(act: Act, octets: bytes) -> str:
    return f"{act.at:%Y%m%dt%H%M%Sz}-{act.number:09}-{hashlib.sha256(octets).hexdigest()[:32]}"


def _object(value: Any, keys: frozenset[str], what: str) -> dict[str, Any]:
    found = frozenset(value) if isinstance(value, Mapping) else frozenset[str]()
    if found != keys:
        raise ValueError(f"{what}: expected the keys {sorted(keys)}, found {str(sorted(map(str, found)))[:200]}")
    return dict(value)


def _json(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError(f"what: expected an object, found {str(value)[:80]!r}")


def _string(fields: dict[str, Any], key: str) -> str:
    value = fields[key]
    if isinstance(value, str):
        return value
    raise ValueError(f"{key}: expected a text, found {str(value)[:80]!r}")


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError(f"number: expected a whole number, found {str(value)[:80]!r}")


def _text(name: str, text: str) -> str:
    if len(text) > LONGEST or not all(character.isprintable() for character in text):
        raise ValueError(f"act, {name}: expected printable text of at most {LONGEST} characters, found {text[:80]!r}")
    return text


def _canonical(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
