"""What a file is, told by its name and its first lines: a message, an mbox, something refused, or no mail at all."""

import re
from enum import Enum, auto
from pathlib import Path

from archiver.adapters.sources.mbox import is_separator

HEAD = 8192


class Kind(Enum):
    """`LIKE_MAIL` begins as a message does but is not called so; `OTHER` is plainly not mail."""

    MESSAGE = auto()
    MBOX = auto()
    REFUSED = auto()
    LIKE_MAIL = auto()
    OTHER = auto()


_OUTLOOK = (
    "formato di Outlook: i byte del messaggio sono ricostruiti e la firma del gestore è persa; scaricare il .eml dalla"
    " webmail della PEC (rebuilt bytes, signature lost: take the .eml from the webmail)"
)
_PACKED = "archivio compresso: estrarre i messaggi e ripetere (a packed archive: extract it first)"
_APPLE = "formato di Apple Mail: salvare il messaggio come .eml (Apple Mail's own form: save it as .eml)"

_REFUSED = {
    **dict.fromkeys((".msg", ".pst", ".ost", ".dbx"), _OUTLOOK),
    **dict.fromkeys((".zip", ".7z", ".rar", ".tar", ".gz", ".tgz"), _PACKED),
    ".emlx": _APPLE,
}
_UNRECOGNISED = (
    "non riconosciuto: rinominare in .eml se è un messaggio (not recognised: rename to .eml if it is a message)"
)

_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_OF_MAIL = re.compile(
    rb"^(received|return-path|delivered-to|message-id|mime-version|content-type|from|to|date|subject"
    rb"|x-ricevuta|x-trasporto|x-riferimento-message-id)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


def kind(path: Path, *, message: bool = False) -> Kind:
    """What the file at `path` is; with `message`, its place says so already.

    Raises OSError when the first lines are needed and cannot be read.
    """
    suffix = path.suffix.lower()
    if path.exists() and not path.is_file():
        return Kind.OTHER
    if message:
        return Kind.MESSAGE
    if suffix in _REFUSED:
        return Kind.REFUSED
    if suffix in (".eml", ".mbox"):
        return Kind.MESSAGE if suffix == ".eml" else Kind.MBOX
    with path.open("rb") as file:
        head = file.read(HEAD)
    first, _, rest = head.partition(b"\n")
    if is_separator(first, rest):
        return Kind.MBOX
    return Kind.LIKE_MAIL if _like_mail(head) else Kind.OTHER


def reason(path: Path) -> str:
    """Why the file at `path` is not taken."""
    return _REFUSED.get(path.suffix.lower(), _UNRECOGNISED)


def _like_mail(head: bytes) -> bool:
    header = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    return bool(_FIELD.match(header)) and len({name.lower() for name in _OF_MAIL.findall(header)}) >= 2
