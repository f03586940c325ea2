"""The flat folder that a court's filing system accepts: which genuine .eml goes into which send, and under what name.

A court takes no ZIP with HTML, scripts and evidence records: it gets the messages as they are and `rapporto.pdf`; the
full exhibit is announced there by its digest. Names are made of a number, what the message is, and when: never of an
address or a subject.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from archiver.access.exhibit.courts import Court
from archiver.errors import Malformed
from archiver.verdict import Finding, finding

REPORT = "rapporto.pdf"

Told = Mapping[str, Any]

_WORDS = {
    "inviato": "inviato",
    "posta-certificata": "ricevuto",
    "accettazione": "accettazione",
    "non-accettazione": "non-accettazione",
    "presa-in-carico": "presa-in-carico",
    "avvenuta-consegna": "consegna",
    "errore-consegna": "mancata-consegna",
    "preavviso-errore-consegna": "mancata-consegna-tempi",
    "rilevazione-virus": "virus",
    "anomalia": "anomalia",
    "rem": "rem",
    "ordinario": "ordinario",
}
_FIRST = ("inviato", "posta-certificata", "accettazione")
_SIGNATURES = frozenset(("p7s", "p7m", "p7c"))


@dataclass(frozen=True, slots=True)
class Filed:
    """One message in a send (from 1): its name there, and where it lies in the exhibit."""

    send: int
    name: str
    path: str
    sha256: str
    kind: str
    size: int

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {"send": self.send, "name": self.name, "sha256": self.sha256, "kind": self.kind, "size": self.size}


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes where; `findings` say what does not fit, what was split, and what the system may refuse."""

    court: Court
    filed: tuple[Filed, ...]
    findings: tuple[Finding, ...]

    @property
    def sends(self) -> int:
        """How many sends it takes: the report is in the first."""
        return max((item.send for item in self.filed), default=1)

    def folder(self, send: int) -> str:
        """The folder of a send inside the deposit: the deposit itself while one is enough (empty)."""
        return f"busta-{send:0{len(str(self.sends))}}" if self.sends > 1 else ""

    def told(self, *, name: str, size: int, sha256: str) -> dict[str, Any]:
        """`told["deposit"]` of the report; `name`, `size` and `sha256` are the full exhibit's."""
        left = [item for item in self.findings if item.code != "DEPOSIT_SPLIT"]
        return {
            "court": self.court.as_json(),
            "sends": self.sends,
            "files": [item.as_json() for item in self.filed],
            "left": [{"it": f"{item.subject}: {item.text('it')}", "en": f"{item.subject}: {item.text('en')}"}
                     for item in left],
            "exhibit": {"name": name, "size": size, "sha256": sha256},
        }  # fmt: skip


def plan(told: Told, court: Court, *, report: int) -> Plan:
    """The deposit of an exhibit (`dossier.json`); `report` is how many bytes rapporto.pdf has, or may have.

    Messages stay in the order of what happened. One that is larger than the system takes is left out, and said. Raises
    Malformed when the report alone is too large.
    """
    if report > court.largest:
        raise Malformed(f"{REPORT}: {report} bytes, and the {court.name} takes {court.largest}: make smaller exhibits")
    messages = _ordered(told)
    findings = [_too_large(item, court) for item in messages if item["size"] > court.largest]
    fitting = [item for item in messages if item["size"] <= court.largest]
    filed = tuple(_packed(fitting, court, report))
    sends = max((item.send for item in filed), default=1)
    if sends > 1:
        findings.append(finding("DEPOSIT_SPLIT", court.id, sends=sends, court=court.name))
    if court.inside:
        by_digest = {item["sha256"]: item for item in messages}
        findings += [found for item in filed for found in _foreign(item.name, by_digest[item.sha256], court)]
    return Plan(court, filed, tuple(findings))


def _ordered(told: Told) -> list[Told]:
    """Each message once: what was sent, its acceptance, then the rest by time."""
    found = {item["sha256"]: item for dossier in told["dossiers"] for item in _sorted(dossier["messages"])}
    return list(found.values())


def _sorted(messages: Sequence[Told]) -> list[Told]:
    def rank(item: Told) -> tuple[int, datetime, str]:
        first = _FIRST.index(item["kind"]) if item["kind"] in _FIRST else len(_FIRST)
        return first, datetime.fromisoformat(item["date"]), item["sha256"]

    return sorted(messages, key=rank)


def _packed(messages: Sequence[Told], court: Court, report: int) -> Iterator[Filed]:
    """In order; a new send begins where the present one is full."""
    send, octets, files = 1, report, 1
    digits = max(2, len(str(len(messages))))
    for number, item in enumerate(messages, 1):
        full = court.places is not None and files >= court.places
        if files and (octets + item["size"] > court.room or full):
            send, octets, files = send + 1, 0, 0
        octets, files = octets + item["size"], files + 1
        name = f"{number:0{digits}}_{_named(item)}.eml"
        yield Filed(send, name, item["path"], item["sha256"], item["kind"], item["size"])


def _named(item: Told) -> str:
    return f"{_WORDS.get(item['kind'], 'messaggio')}_{datetime.fromisoformat(item['date']):%Y%m%d-%H%M}"


def _too_large(item: Told, court: Court) -> Finding:
    return finding(
        "DEPOSIT_TOO_LARGE", item["sha256"], size=item["size"], limit=court.largest, court=court.name, since=court.since
    )


def _foreign(name: str, item: Told, court: Court) -> Iterator[Finding]:
    """Attachments of a message in formats that the system does not list."""
    found = {extension for extension in map(_extension, _attached(item)) if extension is not None}
    foreign = sorted(found - court.formats)
    if foreign:
        formats = ", ".join(f".{extension}" if extension else "-" for extension in foreign)
        yield finding("DEPOSIT_FORMAT", name, formats=formats, court=court.name, source=court.source)


def _attached(item: Told) -> Iterator[str]:
    """Names of the attachments, those of the message inside among them."""
    yield from (one["name"] for one in item["attachments"])
    if item.get("inner"):
        yield from _attached(item["inner"])


def _extension(name: str) -> str | None:
    """What a file is, by the last part of its name, signatures around it looked through; None for a signature alone."""
    suffixes = [suffix.lstrip(".").lower() for suffix in PurePosixPath(name.replace("/", "_")).suffixes]
    kept = [suffix for suffix in suffixes if suffix not in _SIGNATURES]
    if kept:
        return kept[-1]
    return None if suffixes else ""
