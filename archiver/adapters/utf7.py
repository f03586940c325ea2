"""Folder names of mailboxes: the modified UTF-7 of RFC 3501, 5.1.3."""

import re
from base64 import b64decode
from binascii import Error

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def decoded(name: str) -> str:
    """The folder name that `name` stands for; `name` itself when it is no modified UTF-7 (some servers write UTF-8)."""
    try:
        return _SHIFTED.sub(_unshifted, name)
    except (Error, UnicodeDecodeError):
        return name


def _unshifted(match: re.Match[str]) -> str:
    shifted = match[1].replace(",", "/")
    if not shifted:
        return "&"
    return b64decode(shifted + "=" * (-len(shifted) % 4), validate=True).decode("utf-16-be")
