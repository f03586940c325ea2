"""Messages whose names are hard to tell apart."""

import hashlib
from itertools import count

from archiver.access.show import SHORTEST


def alike() -> tuple[list[bytes], str]:
    """Two letters, and the beginning that their digests share."""
    met: dict[str, bytes] = {}
    for number in count():
        raw = f"From: a@x.example\r\nSubject: {number}\r\nDate: 10 Feb 2026 09:00:00 +0000\r\n\r\nx\r\n".encode()
        name = hashlib.sha256(raw).hexdigest()[:SHORTEST]
        if name in met:
            return [met[name], raw], name
        met[name] = raw
    raise AssertionError
