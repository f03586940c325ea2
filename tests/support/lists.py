"""Trusted lists (ETSI TS 119 612), small and unsigned: as much of one as tells of time stamping services."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

QTST = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
TSA = "http://uri.etsi.org/TrstSvc/Svctype/TSA"
CA_QC = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"


@dataclass(frozen=True)
class Service:
    """One service: its certificates (DER), and its history from the newest state to the oldest: status, since."""

    certificates: Sequence[bytes]
    history: Sequence[tuple[str, datetime]]
    kind: str = QTST
    name: str = "Servizio di marca temporale"


def trusted_list(
    services: Sequence[Service],
    *,
    issued: datetime,
    until: datetime | None,
    territory: str = "IT",
    number: int = 7,
    doctype: str = "",
) -> bytes:
    """The list as XML; `until` None closes it."""
    due = f"<dateTime>{stamp(until)}</dateTime>" if until else ""
    told = "".join(map(_service, services))
    return f"""<?xml version="1.0" encoding="UTF-8"?>{doctype}
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" TSLTag="http://uri.etsi.org/19612/TSLTag">
 <SchemeInformation>
  <TSLVersionIdentifier>5</TSLVersionIdentifier>
  <TSLSequenceNumber>{number}</TSLSequenceNumber>
  <SchemeTerritory>{territory}</SchemeTerritory>
  <ListIssueDateTime>{stamp(issued)}</ListIssueDateTime>
  <NextUpdate>{due}</NextUpdate>
 </SchemeInformation>
 <TrustServiceProviderList><TrustServiceProvider><TSPServices>{told}</TSPServices></TrustServiceProvider>
 </TrustServiceProviderList>
</TrustServiceStatusList>
""".encode()


def stamp(moment: datetime) -> str:
    """As lists write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _service(service: Service) -> str:
    (now, *past) = service.history
    older = "".join(f"<ServiceHistoryInstance>{_state(service, state, [])}</ServiceHistoryInstance>" for state in past)
    current = _state(service, now, service.certificates)
    return (
        f"<TSPService><ServiceInformation>{current}</ServiceInformation>"
        f"<ServiceHistory>{older}</ServiceHistory></TSPService>"
    )


def _state(service: Service, state: tuple[str, datetime], certificates: Sequence[bytes]) -> str:
    status, since = state
    shown = "".join(
        f"<DigitalId><X509Certificate>{b64encode(octets).decode()}</X509Certificate></DigitalId>"
        for octets in certificates
    )
    return (
        f"<ServiceTypeIdentifier>{service.kind}</ServiceTypeIdentifier>"
        f'<ServiceName><Name xml:lang="it">{service.name}</Name></ServiceName>'
        f"<ServiceDigitalIdentity>{shown}<DigitalId><X509SKI>AAAA</X509SKI></DigitalId></ServiceDigitalIdentity>"
        f"<ServiceStatus>{STATUS}{status}</ServiceStatus>"
        f"<StatusStartingTime>{stamp(since)}</StatusStartingTime>"
    )
