"""Messages of an exhibit that no volume has yet: in a full one their sealed rapporto and its evidence record prove
them. One that nobody sealed proves only that they existed: anybody can write one and have it stamped.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from archiver.digest import Sha256, digests
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.package.exhibit import layout
from archiver.package.exhibit.layout import Kind
from archiver.package.rdv import reader
from archiver.verdict import Finding, Severity, finding, verdict
from archiver.verify.content import Contents
from archiver.verify.files import Files, Listed, Trust
from archiver.verify.partial import Named
from archiver.verify.rapporto import Rapporto, read_rapporto
from archiver.verify.report import Report

_FOLDER = "data/pending/pdv/"


class _Rapporti:
    """The rapporti of an exhibit's pending messages, under the names that they have in a store."""

    def __init__(self, files: Files, holder: str, mailbox: str) -> None:
        self._files, self._prefix = files, f"{holder}/pdv/{mailbox}/"

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return self._files.has(self._path(name))

    def get(self, name: str) -> bytes:
        """The whole file. Raises Absent."""
        return self._files.get(self._path(name))

    def open(self, name: str) -> BinaryIO:
        """The file, seekable. Raises Absent."""
        return self._files.open(self._path(name))

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """All files whose names start with `prefix`, ascending."""
        for item in self._files.list(_FOLDER):
            name = self._prefix + item.name.removeprefix(_FOLDER)
            if name.startswith(prefix):
                yield Named(name, item.size)

    def _path(self, name: str) -> str:
        return _FOLDER + name.removeprefix(self._prefix)


def judge_pending(files: Files, holder: str, *, trust: Trust, at: datetime) -> Report:
    """A doubt for each that nothing proves. Nothing is raised for what the files hold."""
    found: list[Finding] = []
    rapporti = _rapporti(files, holder, trust, at, found)
    contents = Contents(trust.providers, trust.policy.catalogue)
    proven: dict[str, datetime] = {}
    for item in list(files.list("data/pending/messages/")):
        parsed = layout.parse(item.name)
        if parsed is None or parsed.kind is not Kind.PENDING_MESSAGE:
            continue
        raw = files.get(item.name)
        rapporto = rapporti.get(Sha256(parsed.id))
        found.append(_proven(raw, item.name, rapporto))
        since = rapporto.proven_at if rapporto else None
        contents.judge(raw, proof=since or at, subject=item.name)
        if since:
            proven[item.name] = since
    return Report(verdict(found), dict(contents.counts), tuple(contents.findings), proven)


def _rapporti(files: Files, holder: str, trust: Trust, at: datetime, found: list[Finding]) -> dict[Sha256, Rapporto]:
    """The rapporto of each message, where it is here and holds."""
    by_message: dict[Sha256, Rapporto] = {}
    for item in list(files.list(_FOLDER)):
        parsed = layout.parse(item.name)
        if parsed is None or parsed.kind is not Kind.PENDING_RDV:
            continue
        mailbox = _mailbox(files.get(item.name), sealed=parsed.extension != "xml")
        store = _Rapporti(files, holder, mailbox or "x")
        name = f"{holder}/pdv/{mailbox or 'x'}/{item.name.removeprefix(_FOLDER)}"
        rapporto = read_rapporto(store, name, policy=trust.policy, at=at, without=trust.without)
        found += rapporto.findings
        if not any(one.severity in (Severity.ERROR, Severity.DOUBT) for one in rapporto.findings):
            for digest in rapporto.items:
                if parsed.extension != "xml" or digest not in by_message:  # a sealed one is the better proof
                    by_message[digest] = rapporto
    return by_message


def _mailbox(octets: bytes, *, sealed: bool) -> str:
    try:
        return reader.read(open_signed(octets).content or b"" if sealed else octets).mailbox
    except Malformed:
        return ""


def _proven(raw: bytes, path: str, rapporto: Rapporto | None) -> Finding:
    if rapporto is None or rapporto.proven_at is None or rapporto.rdv is None:
        return finding("EXHIBIT_PENDING", path)
    named = digests(raw)
    item = rapporto.items.get(named.sha256)
    if item is None or (item.sha512, item.size) != (named.sha512, named.size):
        expected = item.sha512 if item else "-"
        return finding("RDV_DIFFERS", rapporto.name, member=path, expected=expected, found=named.sha512)
    code = "EXHIBIT_PENDING_PROVEN" if rapporto.name.endswith(".p7m") else "EXHIBIT_PENDING_UNSEALED"
    return finding(code, path, rdv=rapporto.rdv.id, since=f"{rapporto.proven_at:%Y-%m-%d %H:%M}Z")
