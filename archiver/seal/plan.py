"""Which volumes close: whole segments of one mailbox, class and calendar year, cut by count, by size or by age."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from archiver.digest import Sha256
from archiver.submission.rows import SegmentRow

MAX_MESSAGES = 5_000
MAX_BYTES = 1 << 30
ROME = ZoneInfo("Europe/Rome")

Cut = tuple[SegmentRow, ...]


def cuts(
    pending: Iterable[SegmentRow],
    *,
    begun: Callable[[SegmentRow], frozenset[Sha256] | None],
    due: Callable[[SegmentRow], bool],
    awaited: Callable[[SegmentRow], bool] = lambda row: False,
) -> Iterator[Cut]:
    """The volumes to close, each as its segments, the first of which names it.

    `pending` comes ordered by mailbox, class and year, then by arrival. `begun` tells which messages an earlier run,
    cut short, had already put into the volume that a segment names (None: no such run): their segments are taken as
    they stand, however much mail came since. A volume that is not full closes when its first segment is `due`; none
    closes as long as something is `awaited` for one of its segments.
    """
    for _, group in groupby(pending, key=lambda row: (row.mailbox, row.retention, row.year)):
        rows = tuple(group)
        while rows:
            members = begun(rows[0])
            if members is not None:
                cut = tuple(row for row in rows if row.first in members)
            else:
                cut = rows[: _fitting(rows)]
                full = len(cut) < len(rows) or _full(cut)
                if not (full or due(cut[0])) or any(map(awaited, cut)):
                    break
            yield cut
            taken = {row.sha256 for row in cut}
            rows = tuple(row for row in rows if row.sha256 not in taken)


def aged(first: datetime, rule: str, at: datetime) -> bool:
    """Whether `rule` (`Nd` days, `NM` calendar months) has run out since `first`; days are those of Europe/Rome."""
    start, today = first.astimezone(ROME).date(), at.astimezone(ROME).date()
    count = int(rule[:-1])
    if rule.endswith("d"):
        return (today - start).days >= count
    return (today.year * 12 + today.month) - (start.year * 12 + start.month) >= count


def _fitting(rows: Sequence[SegmentRow]) -> int:
    messages = size = 0
    for position, row in enumerate(rows):
        messages, size = messages + row.messages, size + row.size
        if position and (messages > MAX_MESSAGES or size > MAX_BYTES):
            return position
    return len(rows)


def _full(rows: Sequence[SegmentRow]) -> bool:
    return sum(row.messages for row in rows) >= MAX_MESSAGES or sum(row.size for row in rows) >= MAX_BYTES
