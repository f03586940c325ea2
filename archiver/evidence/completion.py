"""A token completed: certificates, CRLs and OCSP answers are laid into the bag of its SignedData (RFC 5652, 5.1).

No signature covers the bag: signerInfos and the signed content stay as they are, octet for octet. Done before a renewal
(RFC 6283, 4.2), because afterwards nothing in the token may change.
"""

from collections.abc import Iterable

from archiver.evidence.bag import CERTIFICATES, CONTENT, CRLS, Bag
from archiver.evidence.der import INTEGER, SEQUENCE, SET, Walk, check_der
from archiver.evidence.record.builder import tlv

_ATTRIBUTES_V1, _ATTRIBUTES_V2, _OTHER_CERTIFICATE = 0xA1, 0xA2, 0xA3  # CertificateChoices, RFC 5652, 10.2.2
_OTHER_REVOCATION = 0xA1  # RevocationInfoChoice, RFC 5652, 10.2.1
_OCSP_RESPONSE = bytes.fromhex("06082b06010505071002")  # id-ri-ocsp-response, RFC 5940, 2.1
_DATA = bytes.fromhex("06092a864886f70d010701")


def completed(
    token: bytes, *, certificates: Iterable[bytes] = (), crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()
) -> bytes:
    """The token (DER) with these in its bag too, all DER; `ocsps` are OCSPResponses (RFC 6960, 4.2.1).

    Each stands there once, in the order of DER (X.690, 11.6), in which others write the bag when they encode a token
    again before they hash it; so what an authority left unsorted is sorted. The same once more changes nothing. Raises
    Malformed for a token or an item that is not DER.
    """
    bag = Bag.of(token)
    answers = (tlv(_OTHER_REVOCATION, _OCSP_RESPONSE + _one(octets)) for octets in ocsps)
    proofs = sorted({*bag.certificates, *map(_one, certificates)})
    lists = sorted({*bag.crls, *map(_one, crls), *answers})
    sets = b"".join(tlv(tag, b"".join(items)) for tag, items in ((CERTIFICATES, proofs), (CRLS, lists)) if items)
    version = tlv(INTEGER, bytes((_version(bag, proofs, lists),)))
    return tlv(SEQUENCE, bag.kind + tlv(CONTENT, tlv(SEQUENCE, version + bag.head + sets + bag.tail)))


def _one(octets: bytes) -> bytes:
    """One value, and nothing behind it. Raises Malformed."""
    check_der(octets)
    walk = Walk.over(octets)
    walk.into(SEQUENCE, "validation data")
    walk.finish("validation data")
    return octets


def _version(bag: Bag, certificates: Iterable[bytes], crls: Iterable[bytes]) -> int:
    """CMSVersion (RFC 5652, 5.1)."""
    kinds = {item[0] for item in certificates}
    if _OTHER_CERTIFICATE in kinds or any(item[0] == _OTHER_REVOCATION for item in crls):
        return 5
    if _ATTRIBUTES_V2 in kinds:
        return 4
    walk = Walk.over(bag.head)
    walk.into(SET, "digestAlgorithms")
    content_type = walk.into(SEQUENCE, "encapContentInfo").whole("eContentType")
    return 3 if _ATTRIBUTES_V1 in kinds or content_type != _DATA or 3 in _signer_versions(bag.tail) else 1


def _signer_versions(tail: bytes) -> set[int]:
    signers, versions = Walk.over(tail).into(SET, "signerInfos"), set()
    while not signers.done:
        versions.add(int.from_bytes(signers.into(SEQUENCE, "SignerInfo").content(INTEGER, "version")))
    return versions
