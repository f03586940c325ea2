"""What machines that watch want to know: from the catalog, and from what the last night noted."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography import x509

from archiver import __version__
from archiver.access.text import VERSION
from archiver.adapters.metrics import Figure
from archiver.compose.archive import Archive
from archiver.compose.slots import shared
from archiver.compose.watching import answering
from archiver.errors import ArchiverError, Malformed
from archiver.evidence.timestamp import read_token
from archiver.renew.due import ends

MONTH = timedelta(days=30)
_DAY = 86_400
_SCANNED = 1_000_000
"""Messages that are counted at most, of those that wait for search."""


def measured(archive: Archive, *, at: datetime) -> list[Figure]:
    """All figures; what cannot be told now is left out. Raises Unavailable and ConfigError without a catalog."""
    found = [Figure("build_info", 1, (__version__,)), *_messages(archive)]
    for part in (
        _copies(archive),
        _evidence(archive),
        _signer(archive),
        _asked(archive, at),
        _nights(archive),
        _engine(archive),
    ):
        with suppress(ArchiverError, ValueError):  # a part that fails leaves out the rest of itself
            found.extend(part)
    return found


def _messages(archive: Archive) -> Iterator[Figure]:
    catalog = archive.catalog
    counts = catalog.counts()
    yield Figure("volumes", counts["volumes"])
    for row in catalog.kept_by_mailbox():
        labels = (row.holder, row.mailbox)
        yield Figure("messages", row.messages, labels)
        yield Figure("stored_bytes", row.bytes, labels)
        yield Figure("pending_messages", row.pending, labels)
        if row.since:
            yield Figure("oldest_pending_timestamp_seconds", row.since.timestamp(), labels)
    for code, number in sorted(catalog.findings_by_code().items()):
        yield Figure("finding_messages", number, (code,))
    yield Figure("unindexed_messages", catalog.unread_count(VERSION, most=_SCANNED))
    known = {mailbox.id for mailbox in archive.config.mailboxes}
    for mailbox, when in sorted(counts["polls"].items()):
        if mailbox in known:
            yield Figure("mailbox_poll_timestamp_seconds", when.timestamp(), (mailbox,))
    for mailbox, number in sorted(catalog.unaccounted().items()):
        if mailbox in known:
            yield Figure("mailbox_unarchived_messages", number, (mailbox,))


def _copies(archive: Archive) -> Iterator[Figure]:
    catalog = archive.catalog
    yield Figure("sweep_promise_seconds", archive.config.sweep.days * _DAY)
    damages = Counter((row.store, row.code) for row in catalog.damages() if row.store in archive.stores)
    for (store, code), number in sorted(damages.items()):
        yield Figure("damages", number, (store, code))
    for store in archive.stores:
        if oldest := catalog.unread_since(store):
            yield Figure("oldest_unread_timestamp_seconds", oldest.timestamp(), (store,))
    safe, unsafe = catalog.safety(answering(archive), archive.config.copies)
    yield Figure("safe_messages", safe)
    yield Figure("unsafe_messages", unsafe)


def _evidence(archive: Archive) -> Iterator[Figure]:
    policy = archive.policy
    first: dict[str, datetime] = {}
    expiry: dict[str, datetime] = {}
    for row in archive.catalog.newest_tokens(
        counted=False
    ):  # ascending by time: the last one of an authority is its newest
        until, _ = ends(row, policy.catalogue, policy.material.certificates)
        first[row.tsa] = min(until, first.get(row.tsa, until))
        with suppress(Malformed):
            certificate = read_token(row.token.octets, policy.material.certificates).certificate
            if certificate:
                expiry[row.tsa] = _end(certificate)
    for tsa, until in sorted(first.items()):
        yield Figure("next_renewal_timestamp_seconds", until.timestamp(), (tsa,))
    for tsa, until in sorted(expiry.items()):
        yield Figure("certificate_expiry_timestamp_seconds", until.timestamp(), ("tsa", tsa))


def _signer(archive: Archive) -> Iterator[Figure]:
    signer = archive.config.signer
    if signer.kind == "hand" or (signer.kind == "pkcs11" and signer.certificate is None):
        return  # a token may show its certificate only to who logs in
    yield Figure(
        "certificate_expiry_timestamp_seconds", _end(archive.signer.certificate).timestamp(), ("signer", signer.kind)
    )


def _asked(archive: Archive, at: datetime) -> Iterator[Figure]:
    month = archive.catalog.spent((at - MONTH).date())
    for tsa, (asked, granted) in archive.catalog.spent(date.min).items():
        yield Figure("tsa_questions_total", asked, (tsa,))
        yield Figure("tsa_tokens_total", granted, (tsa,))
        yield Figure("tsa_tokens_30d", month.get(tsa, (0, 0))[1], (tsa,))


def _nights(archive: Archive) -> Iterator[Figure]:
    begun, ended = archive.catalog.nights(1), archive.catalog.nights(1, ended=True)
    if begun:
        yield Figure("night_begin_timestamp_seconds", begun[0].at.timestamp())
    if not ended or ended[0].ended is None or ended[0].code is None:
        return
    yield Figure("night_end_timestamp_seconds", ended[0].ended.timestamp())
    yield Figure("night_exit_code", ended[0].code)
    told = json.loads(ended[0].told)
    for name, step in told["steps"].items():
        yield Figure("step_failed", step["result"] != "done", (name,))
        yield Figure("step_duration_seconds", step["seconds"], (name,))
    levels = Counter((alert["code"], alert["severity"]) for alert in told["alerts"])
    for (code, level), number in sorted(levels.items()):
        yield Figure("alarms", number, (code, level))
    yield from _of_mailboxes(told["steps"].get("ingest", {}).get("mailboxes", {}))
    yield from _of_authorities(told["steps"])


def _engine(archive: Archive) -> Iterator[Figure]:
    """Of many machines; nothing where one does the night, or none has ever worked."""
    if not shared(archive.catalog_url):
        return
    from archiver.adapters.engine import Ledger, Queue  # one machine needs none of it

    with Ledger.opened(archive.catalog_url) as ledger:
        night = ledger.night()
        due = sum(row.ended is None for row in ledger.units(night.id)) if night else 0
    queue = Queue(archive.catalog_url, heartbeat=archive.config.engine.heartbeat)
    yield Figure("workers", queue.workers())
    yield Figure("units_due", due)
    for waiting in queue.waiting():
        yield Figure("queue_jobs", waiting.jobs, (waiting.queue, waiting.state))
        if waiting.state == "todo" and waiting.since:
            yield Figure("queue_oldest_timestamp_seconds", waiting.since.timestamp(), (waiting.queue,))


def _of_mailboxes(boxes: Mapping[str, Mapping[str, Any]]) -> Iterator[Figure]:
    for box in boxes.values():
        yield Figure("mailbox_failed", box["result"] != "done", (box["id"],))
        if "limit" in box:
            yield Figure("mailbox_used_bytes", box["used"], (box["id"],))
            yield Figure("mailbox_quota_bytes", box["limit"], (box["id"],))


def _of_authorities(steps: Mapping[str, Mapping[str, Any]]) -> Iterator[Figure]:
    """The last step that asked tells of all of them."""
    asked = [steps[name]["tsa"] for name in ("seal", "renew", "sweep") if "tsa" in steps.get(name, {})]
    for tsa, waited in sorted(asked[-1].items()) if asked else ():
        yield Figure("tsa_failed_questions", waited["failed"], (tsa,))
        if "mean" in waited:
            yield Figure("tsa_answer_mean_seconds", waited["mean"], (tsa,))
            yield Figure("tsa_answer_max_seconds", waited["max"], (tsa,))


def _end(certificate: bytes) -> datetime:
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc.astimezone(UTC)
