"""What a server says of the time, and whether it gives back, whole and in part, what it has been given."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from archiver.adapters.stores.s3.bucket import Bucket
from archiver.adapters.stores.s3.probe.ground import Ground
from archiver.adapters.stores.s3.probe.values import Line, Severity, line

TOLERATED = timedelta(seconds=60)
"""Beyond this a difference of the clocks is told."""

UNUSABLE = timedelta(minutes=5)
"""Beyond this no date can be trusted."""

_BODY = bytes(range(256)) * 300
_FIRST, _LAST = 70_000, 70_999
_NAMES = ("a", "a-b", "a/b", "a0", "B", "è")
"""In an order that is nobody's: byte by byte they come B, a, a-b, a/b, a0, è."""


def https(bucket: Bucket) -> Line:
    """Whether what is said to the server is said in secret, or does not leave this machine."""
    address = urlsplit(bucket.endpoint or "https://s3.amazonaws.com")
    secret = address.scheme == "https" or _loopback(address.hostname or "")
    return line("https", f"{address.scheme}://{address.hostname}", ok=secret)


def clock(ground: Ground, now: Callable[[], datetime]) -> Line:
    """The server's time against ours; `ground.skew` is known afterwards."""
    before = now()
    reply = ground.need("get_bucket_versioning")
    after = now()
    ground.versioned = reply.get("Status") == "Enabled"
    date = _date(reply["ResponseMetadata"]["HTTPHeaders"].get("date", ""))
    if date is None:
        return line("clock", "no Date", ok=False)
    ground.skew = date - (before + (after - before) / 2)
    # the answer took its time, and its date is cut to the second
    off = abs(ground.skew) - (after - before) / 2 - timedelta(seconds=1)
    shown = f"{ground.skew.total_seconds():+.0f} s"
    return line("clock", shown, ok=off <= TOLERATED, severity=Severity.REFUSES if off > UNUSABLE else None)


def given_back(ground: Ground) -> Iterator[Line]:
    """An object, at once after it was written: whole, and a part of it."""
    ground.must_put(f"{ground.base}read", _BODY)
    head = ground.ask("head_object", Key=f"{ground.base}read")
    whole = ground.ask("get_object", Key=f"{ground.base}read")
    body = ground.body(whole)
    sizes = {head.data.get("ContentLength"), whole.data.get("ContentLength"), len(_BODY)}
    shown = f"HEAD {head}, {head.data.get('ContentLength')} B; GET {whole}, {len(body)} B; PUT {len(_BODY)} B"
    yield line("write-read", shown, ok=body == _BODY and len(sizes) == 1)
    part = ground.ask("get_object", Key=f"{ground.base}read", Range=f"bytes={_FIRST}-{_LAST}")
    body = ground.body(part)
    said = str(part.data.get("ContentRange", ""))
    shown = f"Range {_FIRST}-{_LAST}: {part} {said}, {len(body)} B"
    yield line("range", shown, ok=body == _BODY[_FIRST : _LAST + 1] and said.startswith(f"bytes {_FIRST}-{_LAST}/"))


def listing(ground: Ground) -> Line:
    """Objects and versions, page by page, at once after they were written."""
    for name in _NAMES:
        ground.must_put(f"{ground.base}list/{name}", name.encode())
    expected = [f"{ground.base}list/{name}" for name in sorted(_NAMES, key=str.encode)]
    # two a page, so that what is compared went through the joints between pages
    objects = _keys(ground.pages("list_objects_v2", "list/", size=2), "Contents")
    versions = _keys(ground.pages("list_object_versions", "list/", size=2), "Versions")
    shown = f"{len(expected)} PUT; objects: {_compared(objects, expected)}; versions: {_compared(versions, expected)}"
    return line("listing", shown, ok=objects == versions == expected)


def _keys(pages: list[dict[str, Any]], kind: str) -> list[str]:
    return [entry["Key"] for page in pages for entry in page.get(kind, ())]


def _compared(found: list[str], expected: list[str]) -> str:
    if found == expected:
        return "all, in order"
    return "out of order" if sorted(found) == sorted(expected) else f"{len(found)} found"


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
