"""Every metric that this program exports: its name, its labels, what it says. Nobody's name is in any of them.

Names as Prometheus wants them: base units, `_total` for what only grows, times as seconds since 1970.
"""

from typing import NamedTuple


class Family(NamedTuple):
    """One metric; `counter`: it only grows (a catalog that was rebuilt begins anew)."""

    labels: tuple[str, ...]
    help: str
    counter: bool = False


FAMILIES: dict[str, Family] = {
    "build_info": Family(("version",), "The version of the program; always 1."),
    "up": Family((), "Whether the catalog could be asked, for this scrape."),
    "messages": Family(("holder", "mailbox"), "Messages in the archive."),
    "stored_bytes": Family(("holder", "mailbox"), "Bytes of the segments that hold them."),
    "pending_messages": Family(("holder", "mailbox"), "Messages that are in no sealed volume yet."),
    "oldest_pending_timestamp_seconds": Family(
        ("holder", "mailbox"), "When the oldest message came that is in no sealed volume yet."
    ),
    "volumes": Family((), "Sealed volumes."),
    "finding_messages": Family(("code",), "Messages with this finding of intake."),
    "safe_messages": Family((), "Messages that as many stores as configured have given back."),
    "unsafe_messages": Family((), "Messages with fewer copies than configured."),
    "damages": Family(("store", "code"), "Open findings about objects, or about copies."),
    "oldest_unread_timestamp_seconds": Family(("store",), "When the copy was read that was not read for longest."),
    "sweep_promise_seconds": Family((), "Within this time every copy is to be read again."),
    "next_renewal_timestamp_seconds": Family(("tsa",), "When evidence under this authority ends first."),
    "certificate_expiry_timestamp_seconds": Family(
        ("kind", "id"), "When a certificate ends: the signer's, or an authority's by its newest token."
    ),
    "tsa_questions_total": Family(("tsa",), "Questions that the authority was asked.", counter=True),
    "tsa_tokens_total": Family(("tsa",), "Tokens that came of them.", counter=True),
    "tsa_tokens_30d": Family(("tsa",), "Tokens of the last 30 days."),
    "tsa_answer_mean_seconds": Family(("tsa",), "How long an answer took in the last night, attempts included."),
    "tsa_answer_max_seconds": Family(("tsa",), "How long the slowest one took."),
    "tsa_failed_questions": Family(("tsa",), "Questions of the last night that brought no answer."),
    "mailbox_poll_timestamp_seconds": Family(("mailbox",), "When the mailbox was last read to its end."),
    "mailbox_unarchived_messages": Family(("mailbox",), "Messages on the server, at that time, not in the archive."),
    "mailbox_failed": Family(("mailbox",), "Whether the last night could not read it to its end."),
    "mailbox_used_bytes": Family(("mailbox",), "Bytes in the mailbox, as its server says."),
    "mailbox_quota_bytes": Family(("mailbox",), "Bytes that its server allows."),
    "unindexed_messages": Family((), "Messages whose bodies no search has read yet."),
    "alarms": Family(("code", "level"), "What a person should know, as `archiver status --alerts` says it."),
    "night_begin_timestamp_seconds": Family((), "When the last night began."),
    "night_end_timestamp_seconds": Family((), "When the last night ended that came to its end."),
    "night_exit_code": Family((), "What it ended with."),
    "workers": Family((), "Workers of many machines that have given a sign of life in the last minute."),
    "queue_jobs": Family(("queue", "state"), "Jobs of a step that wait (todo) or are being done (doing)."),
    "queue_oldest_timestamp_seconds": Family(("queue",), "When the job was queued that waits for longest."),
    "units_due": Family((), "Units of the night under way on many machines that have not ended; 0 between nights."),
    "step_failed": Family(("step",), "Whether a step of it failed, or some of its units, or it was skipped."),
    "step_duration_seconds": Family(("step",), "How long a step of it took."),
}

PREFIX = "pec_archiver_"
