"""A trusted list as it reads (ETSI TS 119 612): its services for qualified time stamps, and what became of them.

Read with entities, DTDs and the network off. The list's signature is not looked at.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from archiver.errors import Malformed

NAMESPACE = "http://uri.etsi.org/02231/v2#"
QUALIFIED_TIME_STAMPS = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"

_TSL = {"t": NAMESPACE}


@dataclass(frozen=True, slots=True)
class Service:
    """A service of type TSA/QTST: its certificates (DER), and since when it was granted, or not; oldest first."""

    name: str
    certificates: tuple[bytes, ...] = field(repr=False)
    history: tuple[tuple[datetime, bool], ...]


@dataclass(frozen=True, slots=True)
class TrustedList:
    """`name`: of the scheme's operator, the territory and the number; `until`: NextUpdate, None for a closed list."""

    name: str
    issued: datetime
    until: datetime | None
    services: tuple[Service, ...]


def read_list(octets: bytes, name: str) -> TrustedList:
    """TS 119 612, 5. Raises Malformed naming `name`."""
    root = _parsed(octets, name)
    if root.tag != f"{{{NAMESPACE}}}TrustServiceStatusList":
        raise Malformed(f"{name}: expected TrustServiceStatusList of TS 119 612, found {root.tag}")
    issued = _time(_text(root, "t:SchemeInformation/t:ListIssueDateTime"), f"{name}: ListIssueDateTime")
    until = _text(root, "t:SchemeInformation/t:NextUpdate/t:dateTime")
    services = root.iterfind("t:TrustServiceProviderList/t:TrustServiceProvider/t:TSPServices/t:TSPService", _TSL)
    territory = _text(root, "t:SchemeInformation/t:SchemeTerritory")
    number = _text(root, "t:SchemeInformation/t:TSLSequenceNumber")
    return TrustedList(
        name=f"trusted list {territory or '?'} no. {number or '?'} ({issued.date()})",
        issued=issued,
        until=_time(until, f"{name}: NextUpdate") if until else None,
        services=tuple(found for service in services if (found := _service(service, name))),
    )


def _parsed(octets: bytes, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(octets, parser)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"{name}: no XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed(f"{name}: expected a trusted list, found a DOCTYPE, which none has")
    return root


def _service(service: etree._Element, name: str) -> Service | None:
    """One service with all its past; None if it never was for qualified time stamps, or shows no certificate."""
    now = service.find("t:ServiceInformation", _TSL)
    past = service.findall("t:ServiceHistory/t:ServiceHistoryInstance", _TSL)
    states = [state for state in (now, *past) if state is not None]
    if not any(_text(state, "t:ServiceTypeIdentifier") == QUALIFIED_TIME_STAMPS for state in states):
        return None
    called = _text(states[0], "t:ServiceName/t:Name") or "?"
    history = sorted((_since(state, f"{name}: {called}"), _granted(state)) for state in states)
    shown = (node for state in states for node in state.iterfind(".//t:DigitalId/t:X509Certificate", _TSL))
    certificates = tuple(dict.fromkeys(_certificate(node.text or "", f"{name}: {called}") for node in shown))
    return Service(called, certificates, tuple(history)) if certificates else None


def _granted(state: etree._Element) -> bool:
    kind, status = _text(state, "t:ServiceTypeIdentifier"), _text(state, "t:ServiceStatus")
    return (kind, status) == (QUALIFIED_TIME_STAMPS, GRANTED)


def _since(state: etree._Element, place: str) -> datetime:
    return _time(_text(state, "t:StatusStartingTime"), f"{place}: StatusStartingTime")


def _certificate(text: str, place: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except NotBase64 as error:
        raise Malformed(f"{place}: X509Certificate: expected a certificate in base64: {error}") from error


def _text(node: etree._Element, path: str) -> str:
    return (node.findtext(path, "", _TSL) or "").strip()


def _time(text: str, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{place}: expected a time as 2024-01-01T00:00:00Z, found {text!r}") from error
    if moment.tzinfo is None:
        raise Malformed(f"{place}: expected a time with its zone, found {text!r}")
    return moment.astimezone(UTC)
