"""Secrets that this process has used are taken out of whatever it says of its troubles.

No message of ours holds one. What servers, drivers and defects say may: this is for them, and the last thing to rely
on. What is found (search, show) is never changed by it.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from urllib.parse import quote

HIDDEN = "***"

SHORTEST = 6
"""Characters; a shorter one is no secret, and would be found everywhere."""

_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")

_used: set[str] = set()


def remember(secret: bytes) -> None:
    """From now on it is taken out, as it is and as it is sent: in an address, or in base64."""
    text = secret.decode("utf-8", "surrogateescape")
    if len(text) >= SHORTEST:
        _used.update((text, quote(text, safe=""), b64encode(secret).decode(), repr(text)[1:-1]))


def redacted(text: str) -> str:
    """The text without any secret that was used, however it is written."""
    if not _used:
        return text
    for secret in sorted(_used, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _BASE64.sub(_without, text)


def _without(found: re.Match[str]) -> str:
    """Base64 of something with a secret in it, such as the user and password of an HTTP request, is hidden."""
    try:
        inside = b64decode(found[0], validate=True).decode("utf-8", "surrogateescape")
    except Error:
        return found[0]
    return HIDDEN if any(secret in inside for secret in _used) else found[0]
