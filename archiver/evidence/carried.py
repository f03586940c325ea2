"""What a SignedData carries beside its signature: certificates and what tells of their revocation, all of it DER.

RFC 5652, 5.1 and 10.2; RFC 5940 (OCSP responses among the lists); EN 319 122-1, A.1 (the unsigned attributes).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from asn1crypto import cms, core, ocsp, parser, x509

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""Whatever asn1crypto raises in bad octets."""

OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"  # id-ri-ocsp-response, RFC 5940, 2
CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"  # EN 319 122-1, A.1.1.2
REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"  # EN 319 122-1, A.1.2.2


@dataclass(frozen=True, slots=True)
class Carried:
    """What was found; what cannot be read is as good as absent."""

    certificates: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    ocsps: tuple[bytes, ...] = field(repr=False)


def carried(data: cms.SignedData, signer: cms.SignerInfo) -> Carried:
    """In the bag, among the lists, and in the signer's unsigned attributes, each once; octets as they came."""
    bag = [item.chosen.dump() for item in data["certificates"] if item.name == "certificate"]
    lists = [item.chosen for item in data["crls"]]
    crls = [item.dump() for item in lists if not isinstance(item, cms.OtherRevocationInfoFormat)]
    others = [item for item in lists if isinstance(item, cms.OtherRevocationInfoFormat)]
    ocsps = [item["other_rev_info"].dump() for item in others if item["other_rev_info_format"].dotted == OCSP_RESPONSE]
    for kind, value in _unsigned(signer):
        if kind == CERTIFICATE_VALUES:
            bag += _inside(value)
        elif kind == REVOCATION_VALUES:
            crls += _part(value, 0)
            ocsps += map(_response, _part(value, 1))
    return Carried(_once(filter(_reads, bag)), _once(crls), _once(ocsps))


def elements(octets: bytes) -> list[bytes]:
    """The values inside a constructed one, octets as they are. Raises ValueError."""
    left, found = parser.parse(octets, strict=True)[4], []
    while left:
        length = parser.peek(left)
        found.append(left[:length])
        left = left[length:]
    return found


def _unsigned(signer: cms.SignerInfo) -> Iterator[tuple[str, bytes]]:
    """Type and values (a SET OF) of each unsigned attribute; asn1crypto is not asked to understand them."""
    attributes = signer["unsigned_attrs"]
    for attribute in attributes if isinstance(attributes, core.SetOf) else ():
        for value in _inside(attribute["values"].dump()):
            yield attribute["type"].dotted, value


def _inside(octets: bytes) -> list[bytes]:
    """`elements`, none of a value that cannot be read: what no one signed breaks no signature."""
    try:
        return elements(octets)
    except UNREADABLE:
        return []


def _part(values: bytes, number: int) -> list[bytes]:
    """The elements under the tag `number` of RevocationValues: 0 CertificateLists, 1 BasicOCSPResponses."""
    tagged = [part for part in _inside(values) if part[0] == 0xA0 + number]
    return [value for part in tagged for inner in _inside(part) for value in _inside(inner)]


def _response(basic: bytes) -> bytes:
    """An OCSPResponse around a BasicOCSPResponse, which stays as it is (RFC 6960, 4.2.1)."""
    told = {"response_type": "basic_ocsp_response", "response": core.ParsableOctetString(basic)}
    return bytes(ocsp.OCSPResponse({"response_status": "successful", "response_bytes": told}).dump())


def _reads(certificate: bytes) -> bool:
    """Whether all of it can be read; asn1crypto is lazy, and one that cannot is as good as none."""
    try:
        return x509.Certificate.load(certificate, strict=True).native is not None
    except UNREADABLE:
        return False


def _once(items: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(items))
