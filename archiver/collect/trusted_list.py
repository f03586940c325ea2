"""A trusted list (ETSI TS 119 612), as far as one must look into it to keep it: is it one, whose, and until when.

Its signature is not judged here, nor is what it says: that is for whoever asks it about a service.
"""

import tomllib
from datetime import UTC, datetime
from typing import NamedTuple

from lxml import etree

from archiver.errors import Malformed

_PARSER = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}


class Said(NamedTuple):
    """What a list says of itself: its name, the territory, when it was issued and when the next one is due."""

    name: str
    territory: str
    since: datetime | None
    until: datetime | None


def read(octets: bytes) -> Said:
    """What a list in XML says. Raises Malformed for anything else."""
    if b"<!DOCTYPE" in octets:
        raise Malformed("elenco di fiducia con DOCTYPE (a trusted list has none)")
    try:
        root = etree.fromstring(octets, etree.XMLParser(**_PARSER))  # type: ignore[arg-type]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"elenco di fiducia: XML illeggibile (unreadable XML): {error}") from error
    if _local(root) != "TrustServiceStatusList":
        raise Malformed(f"atteso TrustServiceStatusList, trovato {_local(root)[:80]} (not a trusted list)")
    return Said(
        name=_text(root, "SchemeName", "Name"),
        territory=_text(root, "SchemeTerritory"),
        since=_moment(_text(root, "ListIssueDateTime")),
        until=_moment(_text(root, "NextUpdate", "dateTime")),
    )


def check(octets: bytes, extension: str) -> None:
    """Nothing, if it is a list: XML (`xml`), or a table of our own (`toml`). Raises Malformed."""
    if extension == "xml":
        read(octets)
        return
    try:
        tomllib.loads(octets.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"elenco di fiducia: TOML illeggibile (unreadable TOML): {error}") from error


def extension_of(place: str) -> str:
    """`toml` for a place that says so, else `xml`."""
    return "toml" if place.partition("?")[0].lower().endswith(".toml") else "xml"


def _text(root: "etree._Element", *path: str) -> str:
    """The text of the first element so called, one below the other, whatever its namespace."""
    node = root
    for name in path:
        found = next((item for item in node.iter() if _local(item) == name), None)
        if found is None:
            return ""
        node = found
    return (node.text or "").strip()[:500]


def _local(node: "etree._Element") -> str:
    return str(node.tag).rpartition("}")[2]


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
