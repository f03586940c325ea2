"""Whether a lock is a lock: kept as asked, not to be deleted, shortened or bypassed, and to be extended.

Everything is judged by what is there afterwards, never by the answer alone: there are servers that answer 200 to a lock
that they ignore, and an answer of 204 to a deletion that did not happen would be no harm.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.adapters.stores.s3.bucket import Lock
from archiver.adapters.stores.s3.probe.ground import SHORT, Ground, Reply
from archiver.adapters.stores.s3.probe.values import Line, line, not_asked
from archiver.errors import Unavailable

LINES = ("lock-kept", "lock-delete", "lock-shorten", "lock-extend", "bypass", "suspension")

_MORE = timedelta(seconds=55)
_ENOUGH = timedelta(seconds=20)
"""What must be left of a lock for its end to be moved to a moment that is still to come and surely earlier."""

_SECOND = timedelta(seconds=1)
"""What a server may cut off a date."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One object that the server has been asked to lock."""

    ground: Ground
    name: str
    version: str | None
    mode: str

    def ask(self, operation: str, **parameters: Any) -> Reply:
        """One request about exactly this version."""
        about = {"VersionId": self.version} if self.version else {}
        return self.ground.ask(operation, Key=self.ground.base + self.name, **about, **parameters)

    @property
    def there(self) -> bool:
        """Whether it still is."""
        return self.ask("head_object").accepted

    @property
    def promise(self) -> tuple[str, datetime | None]:
        """Mode and end of the lock as the server tells them now; empty, None when it has none."""
        told = self.ask("get_object_retention").data.get("Retention", {})
        return told.get("Mode", ""), told.get("RetainUntilDate")

    def retain(self, mode: str, until: datetime, **parameters: Any) -> Reply:
        """Asks for another lock."""
        return self.ask("put_object_retention", Retention={"Mode": mode, "RetainUntilDate": until}, **parameters)


def default_retention(ground: Ground, at: datetime) -> Line:
    """Whether the bucket locks by itself. The probe's own objects then get a short lock each, so as not to stay.

    `ground.lockable` is known afterwards.
    """
    told = ground.ask("get_object_lock_configuration").data.get("ObjectLockConfiguration", {})
    ground.lockable = told.get("ObjectLockEnabled") == "Enabled"
    rule = told.get("Rule", {}).get("DefaultRetention", {})
    if rule:
        ground.short = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": ground.until(at, SHORT)}
    shown = " ".join(str(value) for value in (rule.get("Mode"), rule.get("Days"), rule.get("Years")) if value)
    unit = "years" if rule.get("Years") else "days"
    return line("default-retention", f"{shown} {unit}" if rule else "none", ok=not rule)


def locks(ground: Ground, now: Callable[[], datetime]) -> Iterator[Line]:
    """All lines about locks; with lock = off none of them is asked."""
    mode = ground.bucket.lock.wire
    if mode is None:
        for name in LINES:
            yield not_asked(name, 'lock = "off"')
        return
    until = ground.until(now(), SHORT)
    made = ground.put("locked", b"locked", ObjectLockMode=mode, ObjectLockRetainUntilDate=until)
    if made.accepted:
        yield from _kept(Locked(ground, "locked", made.version, mode), until, now)
    else:
        yield line("lock-kept", f"PUT {mode}: {made}", ok=False)
        for name in LINES[1:-1]:
            yield not_asked(name, "no object could be locked")
    yield _suspension(ground)


def _kept(item: Locked, until: datetime, now: Callable[[], datetime]) -> Iterator[Line]:
    head = item.ask("head_object").data
    seen = head.get("ObjectLockMode", ""), head.get("ObjectLockRetainUntilDate")
    promise = item.promise
    shown = f"asked {item.mode} {_shown(until)}; HEAD {_told(seen)}; retention {_told(promise)}"
    yield line("lock-kept", shown, ok=all(_covers(told, item.mode, until) for told in (seen, promise)))
    yield _undeletable(item)
    item = _lasting(item, now)
    yield _unshortened(item, now)
    yield _extended(item, now)
    yield _bypass(item)


def _undeletable(item: Locked) -> Line:
    one = item.ask("delete_object")
    entry = {"Key": item.ground.base + item.name, **({"VersionId": item.version} if item.version else {})}
    many = item.ground.ask("delete_objects", Delete={"Objects": [entry]})
    refusals = [str(error.get("Code")) for error in many.data.get("Errors", ())]
    shown = f"DELETE {one}; batch {many} {' '.join(refusals)}".rstrip()
    if not item.there:
        return line("lock-delete", f"{shown}: gone", ok=False)
    spare = item.ground.put("spare", b"unlocked")
    free = Locked(item.ground, "spare", spare.version, "").ask("delete_object")
    if not free.accepted and not item.ground.short:
        # these keys may delete nothing at all, which is well, and proves nothing about locks
        return line("lock-delete", f"{shown}; what is not locked: DELETE {free}, so nothing is proven", ok=True)
    return line("lock-delete", f"{shown}: still there", ok=True)


def _lasting(item: Locked, now: Callable[[], datetime]) -> Locked:
    """The same object; or, when its lock ends too soon to be shortened, one that was locked just now."""
    _, end = item.promise
    if end is None or end - (now() + item.ground.skew) >= _ENOUGH:
        return item
    until = item.ground.until(now(), SHORT)
    made = item.ground.put("fresh", b"locked", ObjectLockMode=item.mode, ObjectLockRetainUntilDate=until)
    fresh = Locked(item.ground, "fresh", made.version, item.mode)
    _, end = fresh.promise
    if end is None or end - (now() + item.ground.skew) < _ENOUGH:
        raise _slow(item.ground)
    return fresh


def _slow(ground: Ground) -> Unavailable:
    return Unavailable(
        f"{ground.bucket.shown}: il server risponde troppo lentamente perché i suoi blocchi, di {SHORT.seconds} s,"
        " si possano provare: ripetere quando è meno carico (too slow to try its locks: try again later)"
    )


def _unshortened(item: Locked, now: Callable[[], datetime]) -> Line:
    mode, before = item.promise
    if before is None:
        return not_asked("lock-shorten", "there is no lock to shorten")
    here = now() + item.ground.skew
    # half of what is left: what is later than the end that the server shows would be an extension, and prove nothing
    sooner = (here + (before - here) / 2).replace(microsecond=0)
    shorter = item.retain(mode, sooner)
    if now() + item.ground.skew >= sooner:
        raise _slow(item.ground)
    weaker = item.retain("GOVERNANCE", before) if mode == "COMPLIANCE" else None
    after = item.promise
    shown = f"shorter: {shorter}" + (f"; GOVERNANCE: {weaker}" if weaker else "")
    return line("lock-shorten", f"{shown}; retention {_told(after)}", ok=_covers(after, mode, before))


def _extended(item: Locked, now: Callable[[], datetime]) -> Line:
    if not item.there:
        return not_asked("lock-extend", "the locked object could be deleted")
    until = item.ground.until(now(), _MORE)
    reply = item.retain(item.mode, until)
    after = item.promise
    return line("lock-extend", f"longer: {reply}; retention {_told(after)}", ok=_covers(after, item.mode, until))


def _bypass(item: Locked) -> Line:
    if not item.there:
        return not_asked("bypass", "the locked object could be deleted without it")
    reply = item.ask("delete_object", BypassGovernanceRetention=True)
    kept = item.there
    shown = f"DELETE with bypass: {reply}: {'still there' if kept else 'gone'}"
    if item.mode == Lock.COMPLIANCE.wire:
        worse = line("compliance-bypass", shown, ok=kept)
        return Line("bypass", kept, worse.severity, shown, worse.italian, worse.english)
    return line("bypass", shown, ok=kept)


def _suspension(ground: Ground) -> Line:
    """Asked last, and undone at once: what is written meanwhile would replace."""
    if not (ground.versioned and ground.lockable):
        # without object lock it is anybody's right, and what others write meanwhile would be replaced
        return not_asked("suspension", "the bucket has no object lock, or no versions")
    reply: Reply | None = None
    try:
        reply = ground.ask("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"})
    finally:
        # also when the answer was lost on the way: it may have been done
        if reply is None or reply.accepted:
            _resume(ground)
    return line("suspension", f"Suspended: {reply}", ok=not reply.accepted)


def _resume(ground: Ground) -> None:
    ground.ask("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})
    status = ground.ask("get_bucket_versioning").data.get("Status")
    if status != "Enabled":
        raise Unavailable(
            f"{ground.bucket.shown}: le versioni del bucket sono rimaste sospese dopo la prova: riattivarle subito"
            f" (versioning is still {status} after the probe: enable it at once)"
        )


def _covers(told: tuple[str, datetime | None], mode: str, until: datetime) -> bool:
    """Whether the lock is as strict and reaches as far."""
    found, end = told
    return found in (mode, "COMPLIANCE") and end is not None and end >= until - _SECOND


def _told(told: tuple[str, datetime | None]) -> str:
    mode, until = told
    return f"{mode} {_shown(until)}" if until else "none"


def _shown(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
