"""The register as PREMIS 3: one event an act, one agent a login. https://www.loc.gov/standards/premis/v3/"""

from collections.abc import Iterable
from typing import IO

from lxml import etree

from archiver.package.act import Act

NAMESPACE = "http://www.loc.gov/premis/v3"
_TYPES = {"search": "search", "show": "access", "evidence": "dissemination", "export": "dissemination"}


def write(acts: Iterable[Act], out: IO[bytes]) -> int:
    """Writes all of them as a document; how many."""
    count, agents = 0, dict[str, str]()
    with etree.xmlfile(out, encoding="UTF-8") as file:
        file.write_declaration()
        with file.element(_tag("premis"), {"version": "3.0"}, nsmap={None: NAMESPACE}):
            for act in acts:
                file.write(_event(act))
                agents.setdefault(act.who, act.role)
                count += 1
            for who, role in sorted(agents.items()):
                file.write(_agent(who, role))
    return count


def _event(act: Act) -> "etree._Element":
    event = etree.Element(_tag("event"))
    _identified(event, "event", act.id)
    _leaf(event, "eventType", _TYPES.get(act.kind, act.kind.value))
    _leaf(event, "eventDateTime", f"{act.at:%Y-%m-%dT%H:%M:%SZ}")
    if act.reason:
        _leaf(_leaf(event, "eventDetailInformation"), "eventDetail", act.reason)
    agent = _leaf(event, "linkingAgentIdentifier")
    _leaf(agent, "linkingAgentIdentifierType", "login")
    _leaf(agent, "linkingAgentIdentifierValue", act.who)
    _leaf(agent, "linkingAgentRole", act.role)
    for digest in act.about:
        named = _leaf(event, "linkingObjectIdentifier")
        _leaf(named, "linkingObjectIdentifierType", "SHA-256")
        _leaf(named, "linkingObjectIdentifierValue", digest)
    return event


def _agent(who: str, role: str) -> "etree._Element":
    agent = etree.Element(_tag("agent"))
    _identified(agent, "agent", who)
    _leaf(agent, "agentName", who)
    _leaf(agent, "agentType", "person")
    _leaf(agent, "agentNote", role)
    return agent


def _identified(element: "etree._Element", what: str, value: str) -> None:
    identifier = _leaf(element, f"{what}Identifier")
    _leaf(identifier, f"{what}IdentifierType", "login" if what == "agent" else "pec-archiver act")
    _leaf(identifier, f"{what}IdentifierValue", value)


def _leaf(parent: "etree._Element", name: str, text: str | None = None) -> "etree._Element":
    child = etree.SubElement(parent, _tag(name))
    child.text = text
    return child


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
