"""Whether a record continues an older one: nothing that was there is gone or changed (RFC 4998, 5.2).

Only the newest token of the older record may have grown since, and only in the bag that its signature does not cover
(RFC 6283, 4.2): it was completed before it was renewed.
"""

from collections.abc import Iterator

from archiver.errors import Malformed
from archiver.evidence.bag import Bag
from archiver.evidence.record.form import VERSION, form_faults
from archiver.evidence.record.reader import read
from archiver.evidence.record.values import ArchiveTimeStamp, Record
from archiver.verdict import Finding, finding


def continues(older: bytes, newer: bytes, subject: str) -> Finding | None:
    """None when `newer` holds all of `older`, else the first difference; `subject` is the newer record's name."""
    try:
        reason = next(_differences(read(older), read(newer)), None)
    except Malformed as error:
        reason = str(error)
    return None if reason is None else finding("EVIDENCE_NOT_CONTINUED", subject, reason=reason)


def _differences(older: Record, newer: Record) -> Iterator[str]:
    if not newer.announced.startswith(older.announced):
        yield f"digestAlgorithms: expected {older.announced.hex()} first, found {newer.announced.hex()}"
    if older.infos != newer.infos:
        yield "cryptoInfos and encryptionInfo: expected them unchanged"
    last = len(older.chains)
    for number, chain in enumerate(older.chains, 1):
        grown = newer.chains[number - 1] if number <= len(newer.chains) else ()
        if len(grown) < len(chain) or (number < last and len(grown) > len(chain)):
            yield f"chain {number}: expected {len(chain)} ArchiveTimeStamps, found {len(grown)}"
            return
        for place, (before, after) in enumerate(zip(chain, grown, strict=False), 1):
            newest = (number, place) == (last, len(chain))
            reason = _other(before, after) if newest else None
            if before.octets != after.octets and (not newest or reason):
                yield f"ArchiveTimeStamp {number}.{place}: {reason or 'expected it unchanged'}"


def _other(before: ArchiveTimeStamp, after: ArchiveTimeStamp) -> str | None:
    """What is different in the newest ArchiveTimeStamp besides certificates, CRLs and OCSP answers that came."""
    if before.octets == after.octets:
        return None
    if before.head != after.head:
        return "expected digestAlgorithm, attributes and reducedHashtree unchanged"
    was, now = Bag.of(before.token), Bag.of(after.token)
    if (was.kind, was.head, was.tail) != (now.kind, now.head, now.tail):
        return "expected contentType, digestAlgorithms, encapContentInfo and signerInfos of its token unchanged"
    gone = {*was.certificates, *was.crls} - {*now.certificates, *now.crls}
    if gone:
        return f"expected all certificates and lists of its token, found {len(gone)} gone"
    if now.version != was.version and any(fault.field == VERSION for fault in form_faults(after.token)):
        return f"version of its token's SignedData: expected that of RFC 5652, 5.1, found {now.version}"
    return None
