"""Folder names of mailboxes: the modified UTF-7 of RFC 3501, 5.1.3."""

import re
from base64 import b64decode, b64encode
from binascii import Error

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_OTHER = re.compile(r"&|[^\x20-\x7e]+")


def decoded(name: str) -> str:
    """The folder name that `name` stands for; `name` itself when it is no modified UTF-7 (some servers write UTF-8)."""
    try:
        return _SHIFTED.sub(_unshifted, name)
    except (Error, UnicodeDecodeError):
        return name


def encoded(name: str) -> str:
    """`name` in modified UTF-7: printable ASCII as it is but `&`, all else shifted."""
    return _OTHER.sub(_shift, name)


def _shift(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    return "&" + b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"


def _unshifted(match: re.Match[str]) -> str:
    shifted = match[1].replace(",", "/")
    if not shifted:
        return "&"
    return b64decode(shifted + "=" * (-len(shifted) % 4), validate=True).decode("utf-16-be")
