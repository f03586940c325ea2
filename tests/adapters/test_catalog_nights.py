"""What nights note and watchers ask, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.catalogs import opened

from archiver.adapters.catalog import Catalog, Kept
from archiver.digest import sha256, sha512
from archiver.night import NightRow
from archiver.submission.rows import AttemptRow, MessageRow, PdvRow, ReckoningRow, SegmentRow

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def brought(number: int, *findings: tuple[str, ...]) -> tuple[PdvRow, SegmentRow, list[MessageRow]]:
    octets = b"%d" % number
    one, other = sha256(octets), sha512(octets)
    at = AT + timedelta(days=number)
    pdv = PdvRow(f"p{number}", "h", "m-1", number, at, one, other, 9, f"h/pdv/{number}.xml", "")
    segment = SegmentRow(one, "h", "m-1", pdv.id, "c", 10, "", "", 2026, len(findings), 100, one, one, at)
    messages = [
        MessageRow(
            sha256=sha256(octets + b"%d" % place), mailbox="m-1", sha512=other, size=7, holder="h", pdv=pdv.id,
            segment=one, offset=0, kind="ordinario", date=at, offset_minutes=0, received=at, subject="", sender="",
            recipients=(), message_id="", reference="", identificativo="", msgid="", content="", daticert="",
            has_original=False, findings=found,
        )
        for place, found in enumerate(findings)
    ]  # fmt: skip
    return pdv, segment, messages


def test_a_night_begins_and_ends_and_the_last_word_holds(catalog: Catalog) -> None:
    first, second = NightRow("a", AT, "h", 1), NightRow("b", AT + timedelta(days=1), "h", 2)
    catalog.begin_night(first)
    catalog.begin_night(second)
    ended = NightRow("a", AT, "h", 1, AT + timedelta(minutes=3), 3, '{"failed": ["città"]}')
    catalog.end_night(NightRow("a", AT, "h", 1, AT, 0, "{}"))
    catalog.end_night(ended)
    assert catalog.nights() == [second, ended]
    assert catalog.nights(1, ended=True) == [ended]


def test_what_mailboxes_have_and_what_is_wrong_with_it(catalog: Catalog) -> None:
    for pdv, segment, messages in (brought(1, (), ("A", "B"), ("A", "A")), brought(2, ("A",))):
        catalog.record_pdv(pdv, [segment], messages)
    assert catalog.kept_by_mailbox() == [Kept("m-1", "h", 4, 200, 4, AT + timedelta(days=1))]
    assert catalog.findings_by_code() == {"A": 3, "B": 1}


def test_what_servers_had_at_their_last_reckoning_counts(catalog: Catalog) -> None:
    for day, missing in ((0, 5), (1, 2)):
        at = AT + timedelta(days=day)
        rows = [
            ReckoningRow("m-1", folder, 7, at, 9, 8, 1, 8, 3, failing, missing)
            for folder, failing in (("INBOX", 1), ("Sent", 0))
        ]
        catalog.note_poll(AttemptRow("m-1", at, True, ("INBOX",), ()), rows)
    assert catalog.unaccounted() == {"m-1": 5}


def test_an_empty_catalog_has_nothing_to_tell(catalog: Catalog) -> None:
    assert (catalog.nights(), catalog.kept_by_mailbox(), catalog.unaccounted()) == ([], [], {})
    assert catalog.findings_by_code() == {}
