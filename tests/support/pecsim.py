"""What the simulator wrote, read by tools that are neither its own nor the archive's, beside the truth about it."""

import email
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

from asn1crypto import cms
from lxml import etree
from simulator.cli import main


@dataclass(frozen=True)
class Mail:
    """One message and what is said to be true of it."""

    raw: bytes
    truth: dict[str, str]

    @cached_property
    def parsed(self) -> Any:
        return email.message_from_bytes(self.raw)

    @cached_property
    def daticert(self) -> Any:
        """The root of the daticert.xml that counts, None when there is none."""
        return etree.fromstring(self.xml) if self.xml else None

    @cached_property
    def xml(self) -> bytes:
        """The daticert.xml that counts, empty when there is none."""
        part = self.top_part("daticert.xml")
        return b"" if part is None else bytes(part.get_payload(decode=True))

    @property
    def by_provider(self) -> bool:
        """Whether a provider signed it."""
        signed = bool(self.parsed.get_content_type() == "multipart/signed")
        return signed and self.truth["kind"] not in ("inviato", "ordinario")

    @property
    def p7s(self) -> bytes:
        return bytes(self.parsed.get_payload(1).get_payload(decode=True))

    @property
    def signed_data(self) -> Any:
        return cms.ContentInfo.load(self.p7s, strict=True)["content"]

    @property
    def signed_octets(self) -> bytes:
        """The first part of the multipart/signed, cut out of the raw octets."""
        boundary = re.search(rb'boundary="([^"]+)"', self.raw)
        assert boundary
        return self.raw.split(b"\r\n--" + boundary[1], 2)[1].removeprefix(b"\r\n")

    @property
    def top_parts(self) -> list[Any]:
        """The parts at the top level of the signed part: the only place that counts."""
        return list(self.parsed.get_payload(0).get_payload()) if self.by_provider else []

    def top_part(self, name: str) -> Any:
        return next((part for part in self.top_parts if part.get_filename() == name), None)

    def stated(self, name: str) -> str:
        """The text of an element of daticert.xml, empty when absent."""
        return str(self.daticert.findtext(f".//{name}") or "")

    @property
    def at(self) -> datetime:
        """The time in daticert.xml."""
        zona = self.daticert.find(".//data").get("zona")
        offset = timedelta(hours=int(zona[:3]), minutes=int(zona[0] + zona[3:]))
        text = f"{self.stated('giorno')} {self.stated('ora')}"
        return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=timezone(offset))


@dataclass(frozen=True)
class Box:
    """A mailbox of .eml and its truth."""

    folder: Path
    mails: list[Mail]
    dossiers: list[dict[str, Any]]

    @cached_property
    def by_digest(self) -> dict[str, Mail]:
        return {mail.truth["sha256"]: mail for mail in self.mails}

    @property
    def certified(self) -> list[Mail]:
        return [mail for mail in self.mails if mail.daticert is not None]

    def of(self, dossier: dict[str, Any], *kinds: str) -> list[Mail]:
        """The messages of a dossier, of these kinds if any are named, in the order of daticert's time; those read."""
        found = [self.by_digest[each] for each in dossier["messages"] if each in self.by_digest]
        chosen = [mail for mail in found if not kinds or mail.truth["kind"] in kinds]
        return sorted(chosen, key=lambda mail: (mail.daticert is not None and mail.at.timestamp(), mail.raw))

    def told(self, variant: str) -> list[dict[str, Any]]:
        """The dossiers of one kind of conversation."""
        return [dossier for dossier in self.dossiers if dossier["variant"] == variant]


def pecsim(out: Path, **options: object) -> dict[str, Any]:
    """Runs the simulator in this process and returns its ground truth; an option that is True is a flag."""
    arguments = {"messages": 200, "size": 300, "format": "eml", "out": out} | options
    words = [word for name, value in arguments.items() for word in (f"--{name}", str(value)) if word != "True"]
    assert main(words) == 0
    truth: dict[str, Any] = json.loads((out / "expected.json").read_text())
    return truth


def box(out: Path, **options: object) -> Box:
    """A mailbox of .eml, written and read."""
    truth = pecsim(out, **options)
    paths = sorted((out / "mailbox").glob("*.eml"))
    mails = [Mail(path.read_bytes(), row) for path, row in zip(paths, truth["messages"], strict=True)]
    return Box(out, mails, truth["dossiers"])


def alone(folder: Path, variant: str) -> tuple[Box, dict[str, Any]]:
    """A mailbox with one conversation of a kind, one recipient, and its dossier."""
    found = box(folder / variant, variants=variant, messages=6)
    return found, found.told(variant)[0]


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def tree(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
