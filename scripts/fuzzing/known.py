"""What targets and seeds have in common: an authority and its papers; keys are new in each process."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from support.quick_tsa import DAY, QuickCA, QuickTSA

START = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Known:
    """DER. The TSA's certificate is the last one; the token stamps the SHA-512 of nothing."""

    anchors: tuple[bytes, ...]
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    token: bytes


def known() -> Known:
    """The papers of `tsa`."""
    one = tsa()
    crl = one.ca.crl({77: (START, None)}, AT)
    return Known((one.ca.der,), (one.der,), (crl,), one.stamp("sha512", hashlib.sha512(b"").digest(), AT - DAY))


def tsa(kind: str = "p256") -> QuickTSA:
    """One that is valid for years around AT."""
    return QuickTSA(f"TSA {kind}", START - DAY, START + 3000 * DAY, kind, ca=QuickCA())
