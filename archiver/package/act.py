"""Acts: what a person decided and no mail would tell again, one JSON document each, written before it takes effect.

A document is canonical: keys sorted, UTF-8, one line end. Its name says when, and begins its own SHA-256, so that
one which was changed or moved does not fit its place.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import layout, rules

VERSION: Final = 1
LONGEST = 1000
"""Characters of one text."""

_KEYS = frozenset(("at", "certificate", "holder", "kind", "reason", "version", "who"))
_CERTIFICATE = frozenset(("issuer", "sha256", "subject"))


class ActKind(StrEnum):
    """What was decided."""

    TRUST_CONFIRMED = "trust-confirmed"
    TRUST_REVOKED = "trust-revoked"


@dataclass(frozen=True, slots=True)
class Act:
    """One decision about a certificate: `who` is a user of the machine, `at` is UTC in whole seconds.

    `subject` and `issuer` are what the certificate says of itself. Raises ValueError for what is out of shape.
    """

    kind: ActKind
    holder: str
    at: datetime
    who: str
    reason: str
    certificate: Sha256
    subject: str
    issuer: str

    def __post_init__(self) -> None:
        rules.opaque(self.holder)
        rules.sha256(self.certificate)
        if rules.moment(self.at) != self.at:
            raise ValueError(f"act: expected a time in whole seconds, found {self.at.isoformat()}")
        for name, text in (("who", self.who), ("reason", self.reason)):
            if not _text(name, text).strip():
                raise ValueError(f"act, {name}: expected a text, found none")
        _text("subject", self.subject)
        _text("issuer", self.issuer)

    @property
    def name(self) -> str:
        """Where it lies in the store."""
        return layout.act(self.holder, f"{self.at:%Y%m%dt%H%M%Sz}-{hashlib.sha256(build(self)).hexdigest()[:32]}")


def build(act: Act) -> bytes:
    """The act as it is kept."""
    return _canonical(
        {
            "at": f"{act.at:%Y-%m-%dT%H:%M:%SZ}",
            "certificate": {"issuer": act.issuer, "sha256": act.certificate, "subject": act.subject},
            "holder": act.holder,
            "kind": act.kind.value,
            "reason": act.reason,
            "version": VERSION,
            "who": act.who,
        }
    )


def read(octets: bytes) -> Act:
    """The act that these bytes record. Raises Malformed, naming what: also when written in any other way."""
    try:
        act = _read(json.loads(octets.decode()))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"act: {error}") from error
    if build(act) != octets:
        raise Malformed("act: expected canonical JSON (sorted keys, no blanks, one line end), found another writing")
    return act


def _read(value: Any) -> Act:
    fields = _object(value, _KEYS, "act")
    certificate = _object(fields["certificate"], _CERTIFICATE, "certificate")
    if fields["version"] != VERSION or isinstance(fields["version"], bool):
        raise ValueError(f"version: expected {VERSION}, found {fields['version']!r}")
    return Act(
        kind=ActKind(_string(fields, "kind")),
        holder=_string(fields, "holder"),
        at=rules.instant(_string(fields, "at")),
        who=_string(fields, "who"),
        reason=_string(fields, "reason"),
        certificate=rules.sha256(_string(certificate, "sha256")),
        subject=_string(certificate, "subject"),
        issuer=_string(certificate, "issuer"),
    )


def _object(value: Any, keys: frozenset[str], what: str) -> dict[str, Any]:
    found = value.keys() if isinstance(value, dict) else None
    if found != keys:
        raise ValueError(f"{what}: expected the keys {sorted(keys)}, found {str(sorted(found or ()))[:200]}")
    return dict(value)


def _string(fields: dict[str, Any], key: str) -> str:
    value = fields[key]
    if isinstance(value, str):
        return value
    raise ValueError(f"{key}: expected a text, found {str(value)[:80]!r}")


def _text(name: str, text: str) -> str:
    if len(text) > LONGEST or not all(character.isprintable() for character in text):
        raise ValueError(f"act, {name}: expected printable text of at most {LONGEST} characters, found {text[:80]!r}")
    return text


def _canonical(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
