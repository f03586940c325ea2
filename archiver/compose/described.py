"""The archive as its configuration, its catalog and its code describe it: plain data for the manual and the reports.

No secret, no path of a key, no address but those of the holder's own mailboxes stands in it.
"""

import platform
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from archiver import __version__
from archiver.collect.describe import CERTIFICATE, described
from archiver.compose.archive import Archive
from archiver.compose.boxes import SOFTWARE
from archiver.compose.holding import retention_list
from archiver.compose.terms import Terms
from archiver.config import MailboxConfig, Party, StoreConfig, TsaConfig
from archiver.errors import ArchiverError, Malformed
from archiver.evidence.terms import NEVER
from archiver.evidence.timestamp import read_token
from archiver.package.agents import Retention
from archiver.pec.readable.formats import TABLE
from archiver.renew.due import ends
from archiver.submission.rows import SegmentRow

LIBRARIES = ("cryptography", "asn1crypto", "pyhanko", "lxml", "SQLAlchemy", "boto3", "typst", "python-docx")
"""Those whose versions the manual names; all of them are in the bill of materials."""

Told = dict[str, Any]


def archive_told(archive: Archive, at: datetime) -> Told:
    """All of it, as of `at` (aware). What cannot be looked at now (a token, a catalog) is None or empty."""
    config = archive.config
    return {
        "made": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "legal_value": not config.demo,
        "software": f"{SOFTWARE} {__version__}",
        "python": platform.python_version(),
        "libraries": dict(_libraries()),
        "configuration": archive.source,
        "kind": config.kind,
        "manual": config.manual,
        "holders": [{"id": id, **party_told(party)} for id, party in config.holders.items()],
        "producer": party_told(config.producer),
        "responsibles": [
            {**party_told(one.party), "since": one.since.isoformat(), "until": _day(one.until)}
            for one in config.responsibles
        ],
        "service": party_told(config.service) if config.service else None,
        "signer": _signer(archive, at),
        "tsas": [_tsa(tsa, found) for found in [dict(_tokens(archive))] for tsa in config.tsas],
        "stores": [_store(store, primary=number == 0) for number, store in enumerate(config.stores)],
        "copies": config.copies,
        "catalog": config.catalog.partition(":")[0].partition("+")[0],
        "mailboxes": [_mailbox(archive, box) for box in config.mailboxes],
        "retentions": [
            {"name": one.name, "years": one.years, "event": one.event, "basis": one.basis, "fiscal": one.fiscal}
            for one in config.retentions.values()
        ],
        "sweep": {"days": config.sweep.days, "opened_days": config.sweep.opened_days, "repair": config.sweep.repair,
                  "budget": config.sweep.budget},
        "trust": {"fetch": config.trust.fetch, "ocsp": config.trust.ocsp,
                  "lists": len(config.trust.lists) + len(config.trust.list_urls),
                  "stricter": config.trust.algorithms is not None},
        "catalogue": _catalogue(archive),
        "formats": {"source": TABLE.source, "issued": TABLE.issued.isoformat(),
                    "rows": {name: kind.value for name, kind in sorted(TABLE.rows.items())}},
        "sign_rdv": config.sign_rdv,
        "attachments": config.attachments.signatures,
        "users": [{"role": user.role, "mailboxes": list(user.mailboxes)} for user in config.users],
        "reason": config.access.reason,
        "alarms": {"days": config.alarms.days, "fiscal_year_end": "{:02}-{:02}".format(*config.alarms.fiscal_year_end)},
        "warnings": list(config.warnings),
    }  # fmt: skip


def party_told(party: Party) -> Told:
    """A person or a body of the configuration."""
    codes = [code for code in (party.tax_code, party.vat) if code]
    return {"name": party.display, "legal": party.legal, "codes": codes, "document": party.document}


def held_told(archive: Archive, mailboxes: list[MailboxConfig], *, until: datetime | None = None) -> list[Told]:
    """What is held of these mailboxes, by class and year, each with the last day of its term (None: for ever)."""
    names = {box.id: box.name for box in mailboxes}
    return [
        {
            "mailbox": names[row.mailbox],
            "class": row.retention,
            "year": row.year,
            "messages": row.messages,
            "bytes": row.size,
            "volumes": row.volumes,
            "pending": row.pending,
            "basis": row.basis,
            "until": _day(
                _term(archive, row.retention, Retention(row.retention, row.years, row.event, row.basis), row.year)
            ),
        }
        for row in archive.catalog.held(list(names), until=until)
    ]


def last_day(archive: Archive, segment: SegmentRow, terms: Terms) -> str | None:
    """The last day of the term of a segment's messages, as persons made it longer; None: for ever."""
    volume = archive.catalog.volume(segment.volume) if segment.volume else None
    if volume:
        return _day(terms.last_day(volume))
    came_under = Retention(segment.retention, segment.years, segment.event, segment.basis)
    return _day(_term(archive, segment.retention, came_under, segment.year))


def lengthened_told(archive: Archive) -> list[Told]:
    """Closed volumes that are kept beyond their rule, by mailbox, class and year: until when, and how many are held."""
    return [one.as_json() for one in retention_list(archive) if one.held or one.lengthened]


def boxes_of(archive: Archive, holder: str) -> list[MailboxConfig]:
    """The mailboxes of a holder."""
    (only, *_) = archive.config.holders
    return [box for box in archive.config.mailboxes if (box.holder or only) == holder]


def _term(archive: Archive, name: str, came_under: Retention, year: int) -> date | None:
    """The later of the terms under which it came in and that of its class today: rules only lengthen (readings 4)."""
    rule = archive.config.retentions.get(name)
    today = Retention(rule.name, rule.years, rule.event, rule.basis) if rule else came_under
    terms = [one.term(year) for one in (came_under, today)]
    return None if None in terms else max(term for term in terms if term)


def _libraries() -> Iterator[tuple[str, str]]:
    for name in LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _signer(archive: Archive, at: datetime) -> Told:
    signer = archive.config.signer
    told = {"kind": signer.kind, "role": signer.role, "level": signer.level, **party_told(signer.party)}
    return {**told, "certificate": _certificate(archive, at)}


def _certificate(archive: Archive, at: datetime) -> Told | None:
    """What the signing certificate says; None where only who logs in to a token may see it."""
    signer = archive.config.signer
    if signer.kind == "hand" or (signer.kind == "pkcs11" and signer.certificate is None):
        return None
    try:
        octets = archive.signer.certificate
    except ArchiverError:
        return None
    row = described("-", octets, CERTIFICATE, at=at)
    return {"subject": row.name, "issuer": row.issuer, "since": _moment(row.since), "until": _moment(row.until)}


def _tokens(archive: Archive) -> Iterator[tuple[str, Told]]:
    """By lineage, what the newest token says of its authority, and when what stands on it ends."""
    try:
        policy = archive.policy
        newest = archive.catalog.newest_tokens(counted=False)  # by time: the last of a lineage is the newest
    except ArchiverError:
        return
    certificates = policy.material.certificates
    for row in newest:
        until, reason = ends(row, policy.catalogue, certificates)
        try:
            octets = read_token(row.token.octets, certificates).certificate
        except Malformed:
            continue
        said = described("-", octets, CERTIFICATE, at=row.token.at) if octets else None
        yield (
            row.tsa,
            {
                "subject": said.name if said else "",
                "until": _moment(said.until) if said else None,
                "last": _moment(row.token.at),
                "due": _moment(until),
                "reason": reason,
            },
        )


def _tsa(tsa: TsaConfig, tokens: dict[str, Told]) -> Told:
    return {
        "id": tsa.id,
        "kind": tsa.kind,
        "host": urlsplit(tsa.http.url).hostname if tsa.http else None,
        "redundant": tsa.redundant,
        "retired": tsa.retired,
        "cap": tsa.cap,
        "policy": tsa.policy,
        "digest": tsa.digest,
        "succeeds": list(tsa.succeeds),
        "token": tokens.get(tsa.id),
    }


def _store(store: StoreConfig, *, primary: bool) -> Told:
    s3 = store.s3
    return {
        "id": store.id,
        "primary": primary,
        "kind": "s3" if s3 else "filesystem",
        "host": (urlsplit(s3.endpoint).hostname or "Amazon S3") if s3 else None,
        "country": store.country,
        "operator": store.operator,
        "lock": s3.lock if s3 else "none",
        "lock_days": s3.lock_days if s3 else None,
        "sync": store.sync,
    }


def _mailbox(archive: Archive, box: MailboxConfig) -> Told:
    (only, *_) = archive.config.holders
    return {
        "name": box.name,
        "id": box.id,
        "holder": box.holder or only,
        "address": box.address,
        "class": box.retention,
        "close_after": box.close_after,
        "riservato": box.riservato,
        "host": box.imap.host if box.imap else None,
        "folders": list(box.imap.folders) if box.imap else [],
        "purge": bool(box.imap and box.imap.purge),
    }


def _catalogue(archive: Archive) -> Told:
    try:
        catalogue = archive.policy.catalogue
    except ArchiverError as error:
        return {"source": str(error), "rows": []}
    return {
        "source": catalogue.source,
        "rows": [
            {
                "name": name,
                "bits": term.bits,
                "until": None if term.end == NEVER else _moment(term.end),
            }
            for name, terms in sorted(catalogue.terms.items())
            for term in terms
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
