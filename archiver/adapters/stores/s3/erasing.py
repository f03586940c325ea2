"""Destroying in a bucket: every version of a key, what hides it, and what repairs left about it or put aside.

Governance yields to keys that may bypass it; compliance, and a legal hold that somebody put on an object, do not.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from secrets import token_hex
from typing import Any, BinaryIO

from archiver.adapters.stores.s3.bucket import Lock
from archiver.adapters.stores.s3.objects import REPLACED, Objects
from archiver.adapters.stores.s3.repairs import REPAIRED
from archiver.adapters.stores.s3.retention import Retention
from archiver.adapters.stores.s3.versions import UNVERSIONED
from archiver.errors import Absent, ConfigError, Conflict, Unavailable
from archiver.ports import Bar

_TRIAL = ".probe/erase-"
_TRIED = timedelta(hours=1)
"""How long the object of a trial stays locked when it may not be destroyed."""

_ASIDE = re.compile(r"\.[0-9a-f]{64}")

_KEYS = (
    "le chiavi non possono distruggere: servono DeleteObjectVersion e, sotto governance, BypassGovernanceRetention; se"
    " le ha chi esegue gli scarti, indicarle in discard_access_key e discard_secret_key dello store (these keys may"
    " not destroy: name those of whoever carries out discards in discard_access_key and discard_secret_key)"
)


class Erasing:
    """The part of a bucket's store that destroys."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._bucket = objects.bucket

    def bar(self, name: str) -> Bar | None:
        """As `Erasable.bar`: of several versions the worst."""
        found = [bar for key, version in self._all(name) if (bar := self._bar(key, version))]
        return max(found, key=lambda bar: (bar.absolute, bar.until is None, bar.until or 0), default=None)

    def check(self) -> None:
        """As `Erasable.check_erases`."""
        name = f"{_TRIAL}{token_hex(8)}"
        until = self._objects.now() + _TRIED
        locked = Lock.GOVERNANCE if self._bucket.lock is not Lock.OFF else Lock.OFF
        version = self._objects.laid(name, b"to be destroyed", Retention.of(locked, until))
        self._delete(self._bucket.prefix + name, version, bypass=locked is not Lock.OFF)
        if any(self._left(name)):
            raise ConfigError(f"{self._bucket.shown}: {_KEYS}")

    def erase(self, name: str) -> None:
        """As `Erasable.erase`."""
        self._strip(name, keep="")

    def replace(self, name: str, data: bytes | BinaryIO) -> None:
        """As `Erasable.replace`."""
        self._objects.repair(name, data)
        kept = self._objects.look(name)
        if kept is None:
            raise Unavailable(f"{name}: {self._bucket.shown}: scritto, e il server non lo elenca (put, and not listed)")
        self._strip(name, keep=kept.id)

    def _strip(self, name: str, *, keep: str) -> None:
        """Destroys all but the version `keep`: what hides it first, then the newest, so that no other comes to light.

        The word that a repair made it the object goes last: without the others, the one that is left is the object.
        """
        for key, version in self._all(name, keep=keep):
            bar = self._bar(key, version)
            if bar and bar.absolute:
                end = f"fino al {bar.until:%Y-%m-%d}" if bar.until else "da un legal hold del servizio"
                raise Conflict(f"{name}: {self._bucket.shown}: bloccato {end} (locked against everybody)")
            self._delete(key, version, bypass=bar is not None)
        self._objects.forgotten(name)
        if left := [version for _, version in self._all(name, keep=keep)]:
            raise Unavailable(
                f"{name}: {self._bucket.shown}: ne restano {len(left)} versioni: ripetere (versions are left)"
            )

    def _all(self, name: str, *, keep: str = "") -> Iterator[tuple[str, str]]:
        """Key and version of everything about one name, in the order in which it is to go."""
        for key, version in self._left(name):
            if version != keep:
                yield key, version
        yield from self._left(f"{REPAIRED}{name}")
        start = self._bucket.prefix + REPLACED + name
        for item in self._objects.everything(REPLACED + name):
            if _ASIDE.fullmatch(item["Key"].removeprefix(start)):
                yield item["Key"], item.get("VersionId") or UNVERSIONED

    def _left(self, name: str) -> Iterator[tuple[str, str]]:
        key = self._bucket.prefix + name
        mine = [item for item in self._objects.everything(name) if item["Key"] == key]
        for item in sorted(mine, key=lambda item: "ETag" in item):  # delete markers have none
            yield key, item.get("VersionId") or UNVERSIONED

    def _bar(self, key: str, version: str) -> Bar | None:
        try:
            told = self._ask("head_object", key, version)
        except (Absent, Unavailable, ConfigError):
            return None  # a delete marker has no lock, and what cannot be asked will be refused by the server
        if told.get("ObjectLockLegalHoldStatus") == "ON":
            return Bar(None, absolute=True)
        held = Retention.of_head(told)
        if held.lock is Lock.OFF or held.until <= self._objects.now():
            return None
        return Bar(held.until, held.lock is Lock.COMPLIANCE)

    def _delete(self, key: str, version: str, *, bypass: bool) -> None:
        leave = {"BypassGovernanceRetention": True} if bypass else {}
        try:
            self._ask("delete_object", key, version, **leave)
        except Absent:
            return
        except ConfigError as error:
            if not bypass:  # a lock that has ended by our clock, and not by the server's
                self._delete(key, version, bypass=True)
                return
            raise ConfigError(f"{key}: {self._bucket.shown}: {_KEYS}") from error

    def _ask(self, operation: str, key: str, version: str, **more: Any) -> dict[str, Any]:
        name = key.removeprefix(self._bucket.prefix)
        return self._objects.connection.ask(operation, name, Key=key, VersionId=version, **more)
