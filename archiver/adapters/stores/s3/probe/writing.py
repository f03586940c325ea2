"""Whether what is there stays there when somebody writes over it, and whether damaged bytes are refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from archiver.adapters.stores.s3.bucket import Lock
from archiver.adapters.stores.s3.probe.ground import Ground, Reply, damaged, md5_of, sha256_of
from archiver.adapters.stores.s3.probe.values import Line, Severity, line, not_asked

WRITERS = 6
ROUNDS = 3

_LARGE = 1 << 17
"""Bytes; so that two PUTs of the race are really under way at once."""


def versions(ground: Ground) -> Iterator[Line]:
    """Whether the bucket keeps what is written over and deleted."""
    needed = ground.bucket.lock is not Lock.OFF
    severity = Severity.REFUSES if needed else None
    shown = "Enabled" if ground.versioned else "not enabled"
    yield line("versioning", shown, ok=ground.versioned, severity=severity)
    yield _kept(ground) if ground.versioned else not_asked("versions-kept", "versioning is not enabled")


def create_once(ground: Ground) -> Iterator[Line]:
    """Whether a second PUT with If-None-Match is refused: one after another, and several at once."""
    first = ground.put("once", b"first", IfNoneMatch="*")
    if not first.accepted:
        yield line("conditional", f"PUT If-None-Match: {first}", ok=False)
        return
    second = ground.put("once", b"second", IfNoneMatch="*")
    yield _once(ground, "create-once", f"second PUT: {second}", ok=not second.accepted)
    won = [_race(ground, f"race{number}") for number in range(ROUNDS)]
    left = [len(ground.versions(f"race{number}")) for number in range(ROUNDS)]
    shown = f"{WRITERS} writers, {ROUNDS} times: accepted {_row(won)}, versions left {_row(left)}"
    yield _once(ground, "create-once-race", shown, ok=max(won) <= 1 and max(left) <= 1)


def checksums(ground: Ground) -> Iterator[Line]:
    """Whether bytes that are not those declared are refused, in the mode that is configured."""
    if ground.bucket.compat:
        yield from _compat(ground)
    else:
        yield from _full(ground)


def _kept(ground: Ground) -> Line:
    first, second = ground.put("version", b"first"), ground.put("version", b"second")
    hidden = ground.ask("delete_object", Key=f"{ground.base}version")
    shown = f"PUT {first}, PUT {second}, DELETE {hidden}"
    if not first.version or first.version == second.version:
        return line("versions-kept", f"{shown}: versions {first.version} and {second.version}", ok=False)
    old = ground.ask("get_object", Key=f"{ground.base}version", VersionId=first.version)
    shown = f"{shown}; GET of the first version {old}"
    return line("versions-kept", shown, ok=ground.body(old) == b"first")


def _once(ground: Ground, name: str, shown: str, *, ok: bool) -> Line:
    """Without versions the same gap weighs more: nothing is left of what was written over."""
    found = line(name, shown, ok=ok)
    if ground.versioned:
        return found
    worse = line("overwrite", shown, ok=ok)
    return Line(name, ok, worse.severity, shown, worse.italian, worse.english)


def _race(ground: Ground, name: str) -> int:
    """How many of several simultaneous PUTs of one name were accepted."""
    start = Barrier(WRITERS)

    def write(number: int) -> Reply:
        body = bytes([number]) * _LARGE
        start.wait()
        return ground.put(name, body, IfNoneMatch="*")

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(reply.accepted for reply in pool.map(write, range(WRITERS)))


def _full(ground: Ground) -> Iterator[Line]:
    right = ground.put("sha256", b"bytes")
    wrong = ground.put("sha256-wrong", b"bytes", **sha256_of(b"other"))
    shown = f"PUT with its SHA-256: {right}; with another: {wrong}"
    yield line("checksum", shown, ok=right.accepted and not wrong.accepted)
    head = ground.ask("head_object", Key=f"{ground.base}sha256", ChecksumMode="ENABLED")
    kept = head.data.get("ChecksumSHA256")
    yield line(
        "checksum-kept", f"HEAD {head}: {kept or 'no SHA-256'}", ok=kept == sha256_of(b"bytes")["ChecksumSHA256"]
    )
    for name in ("content-md5", "payload-hash", "damage"):
        yield not_asked(name, 'checksums = "full"')


def _compat(ground: Ground) -> Iterator[Line]:
    for name in ("checksum", "checksum-kept"):
        yield not_asked(name, 'checksums = "compat"')
    wrong = ground.put("md5-wrong", b"bytes", **md5_of(b"other"))
    yield line("content-md5", f"PUT with another Content-MD5: {wrong}", ok=not wrong.accepted)
    with damaged(ground.client):
        bare = ground.ask("put_object", Key=f"{ground.base}damaged", Body=b"bytes", **ground.short)
        both = ground.put("damaged-md5", b"bytes")
    yield line("payload-hash", f"PUT altered after signing: {bare}", ok=not bare.accepted)
    yield line("damage", f"PUT altered after signing, with Content-MD5: {both}", ok=not both.accepted)


def _row(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
