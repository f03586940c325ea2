"""Until when an algorithm may be trusted: a dated table.

Source: ETSI TS 119 312 V1.5.1 (catalogue of 2024-10-13) for what lives, the DSS crypto suite for what died before it.
EdDSA is not in that catalogue; it stands here without an end, as SOG-IS has it.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from archiver.verdict import Finding, finding

SOURCE = "ETSI TS 119 312 V1.5.1 (2024-10-13)"


class _Term(NamedTuple):
    """The last day, UTC, for keys of at least `bits`; None: no end is announced. Digests have no key: 0 bits."""

    bits: int
    last: str | None


# the largest key first: the first row that a key reaches is its own
_TERMS: dict[str, tuple[_Term, ...]] = {
    "md5": (_Term(0, "2004-08-01"),),
    "sha1": (_Term(0, "2012-08-01"),),
    "sha224": (_Term(0, "2028-12-31"),),
    "sha256": (_Term(0, None),),
    "sha384": (_Term(0, None),),
    "sha512": (_Term(0, None),),
    "sha3_256": (_Term(0, None),),
    "sha3_384": (_Term(0, None),),
    "sha3_512": (_Term(0, None),),
    "rsassa_pkcs1v15": (_Term(1900, "2028-12-31"), _Term(1024, "2019-10-01")),
    "rsassa_pss": (_Term(3000, None), _Term(1900, "2028-12-31"), _Term(1024, "2019-10-01")),
    "dsa": (_Term(3000, None), _Term(1900, "2028-12-31")),
    "ecdsa": (_Term(256, None), _Term(224, "2021-10-01")),
    "ed25519": (_Term(0, None),),
    "ed448": (_Term(0, None),),
}
_NEVER = datetime.max.replace(tzinfo=UTC)


def usable_until(name: str, key_bits: int = 0) -> datetime | None:
    """The moment from which algorithm `name` with such a key is spent; datetime.max: no end announced; None: unknown.

    Names are asn1crypto's: `sha512`, `rsassa_pkcs1v15`, `rsassa_pss`, `ecdsa`, ...
    """
    term = next((row for row in _TERMS.get(name, ()) if key_bits >= row.bits), None)
    if term is None:
        return None
    return _NEVER if term.last is None else datetime.fromisoformat(term.last).replace(tzinfo=UTC) + timedelta(days=1)


def usable(name: str, key_bits: int, at: datetime, *, subject: str = "") -> Finding | None:
    """None if algorithm `name` could be trusted at `at`, else the doubt (EN 319 102-1, 5.2.8)."""
    end = usable_until(name, key_bits)
    if end is None:
        return finding("ALGORITHM_UNKNOWN", subject, name=name, bits=key_bits, source=SOURCE)
    if at >= end:
        last = (end - timedelta(days=1)).date()
        return finding("ALGORITHM_SPENT", subject, name=name, bits=key_bits, end=last, at=at, source=SOURCE)
    return None
