"""What the catalog promises to a purge, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.catalogs import MAILBOX, brought, digest, message, opened, pdv, segment, volume

from archiver.adapters.catalog import Catalog


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def test_messages_come_with_the_segment_in_which_they_lie_and_its_volume(catalog: Catalog) -> None:
    first, second = brought(catalog, 1), brought(catalog, 2)
    catalog.record_volume(volume(), [first.sha256], [])
    asked = [digest(name) for name in ("message legale-1", "message legale-2", "unknown")]
    assert catalog.places(MAILBOX, asked) == {
        asked[0]: (message("message legale-1", pdv(1), first), replace(first, volume="v1")),
        asked[1]: (message("message legale-2", pdv(2), second), second),
    }


def test_what_another_mailbox_has_is_not_the_mailboxs(catalog: Catalog) -> None:
    """The very same segment in both: one volume holds it for one mailbox, and proves nothing for the other."""
    for mailbox in (MAILBOX, "altra"):
        report = pdv(mailbox=mailbox)
        into = segment("shared", report)
        catalog.record_pdv(report, [into], [message("m", report, into)])
    catalog.record_volume(volume(mailbox="altra"), [digest("shared")], [])
    asked = digest("m")
    found, place = catalog.places(MAILBOX, [asked])[asked]
    assert (found.mailbox, place.mailbox, place.volume) == (MAILBOX, MAILBOX, None)
    assert catalog.places("altra", [asked])[asked][1].volume == "v1"
    assert catalog.places("nessuna", [asked]) == {}


def test_more_messages_can_be_asked_for_than_a_database_takes_at_once(catalog: Catalog) -> None:
    into = brought(catalog)
    mine = digest("message legale-1")
    found = catalog.places(MAILBOX, [mine, *map(digest, range(70_000)), mine])
    assert {name: place.sha256 for name, (_, place) in found.items()} == {mine: into.sha256}
