"""How a catalog is, asked of itself; and all that it promises, in the order of a store's listing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.catalogs import AT, MAILBOX, brought, message, opened, pdv, segment, trust, volume

from archiver.adapters.catalog import Catalog, file, of_damage, password_in
from archiver.adapters.stores.memory import MemoryStore
from archiver.errors import ArchiverError, Unavailable
from archiver.package import layout
from archiver.submission.rows import EvidenceRow

HOLDERS = ("h", "h-a", "h-a-b", "ha", "h0")
"""As they sort, names that begin with them do not: a dash comes before the slash."""


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def test_everything_promised_comes_in_the_order_of_a_listing_whatever_the_holders_are_called(catalog: Catalog) -> None:
    expected, store = set(), MemoryStore()
    for number, holder in enumerate(HOLDERS):
        report = pdv(number + 1, mailbox=f"m{number}", holder=holder)
        parts = [segment(f"{holder}-{part}", report) for part in range(3)]
        catalog.record_pdv(report, parts, [])
        found = trust(f"{holder}", holder=holder)
        catalog.record_trust([found])
        record = f"{holder}/pdv/m{number}/x.tsa.000001.ers"
        catalog.record_evidence([EvidenceRow("pdv", report.id, "tsa", 1, record, AT)])
        expected |= {report.name, record, layout.trust(holder, found.sha256, found.extension)}
        expected |= {layout.segment(holder, part.sha256) for part in parts}
    for name in expected:
        store.put(name, b"x")
    told = list(catalog.promised())
    assert told == sorted(expected, key=str.encode)
    assert told == [item.name for item in store.list("")]


def test_the_same_segment_of_two_mailboxes_is_promised_once(catalog: Catalog) -> None:
    for number, mailbox in enumerate(("legale", "altra")):
        report = pdv(number + 1, mailbox=mailbox)
        catalog.record_pdv(report, [segment("shared", report)], [])
    told = list(catalog.promised())
    assert len(told) == len(set(told)) == 3


def test_a_sound_catalog_says_so_and_how_large_it_is_and_where(catalog: Catalog) -> None:
    assert catalog.unsound() is None
    assert catalog.size() > 50_000
    assert catalog.place().startswith(("sqlite://", "postgresql://"))


def test_a_damaged_file_is_told_from_one_that_others_use(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    Catalog.open(f"sqlite:///{path}", create=True).close()
    octets = bytearray(path.read_bytes())
    for page in range(10, len(octets) // 4096, 2):
        octets[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    path.write_bytes(octets)
    assert _wrong(f"sqlite:///{path}")
    path.write_bytes(b"no database at all, and long enough to be taken for one" * 100)
    with pytest.raises(Unavailable) as none:
        Catalog.open(f"sqlite:///{path}")
    assert of_damage(none.value)
    assert not of_damage(Unavailable("locked"))


def _wrong(url: str) -> str | None:
    """What a catalog finds wrong with itself, or what keeps it from looking."""
    try:
        return Catalog.open(url).unsound()
    except ArchiverError as error:
        return str(error) if of_damage(error) else None


ADDRESSES = {
    "sqlite:////srv/catalog.db": (Path("/srv/catalog.db"), b""),
    "sqlite://": (None, b""),
    "postgresql://u@db/pec": (None, b""),
    "postgresql://u:p%40ss@db/pec": (None, b"p@ss"),
    "postgresql://u@db/pec?sslpassword=geheim": (None, b"geheim"),
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_tells_its_file_and_its_password(url: str) -> None:
    assert (file(url), password_in(url)) == ADDRESSES[url]


def test_counts_that_are_not_those_of_the_rows_are_named_and_made_again(catalog: Catalog) -> None:
    assert catalog.miscounted() == []
    report = pdv(7, mailbox="altra")
    into = segment("s", report, messages=2)
    several = replace(message("uno", report, into), findings=("B", "A", "B"))
    catalog.record_pdv(report, [into], [several, message("due", report, into)])
    for number, mailbox in enumerate(("legale", "altra", "legale")):
        brought(catalog, number + 1, mailbox=mailbox)
    catalog.record_volume(volume(), [], [])
    assert catalog.miscounted() == []
    counts, findings = catalog.counts(), catalog.findings_by_code()
    with catalog._database.writing() as connection:
        connection.exec_driver_sql("UPDATE tally SET size = size + 1 WHERE sort = 'volume'")
        connection.exec_driver_sql("DELETE FROM tally WHERE sort = 'finding' AND name = 'B'")
        connection.exec_driver_sql("INSERT INTO tally VALUES ('legale', 'kind', 'altro', 1, 0), ('x', 'pdv', '', 0, 0)")
    wrong = [("altra", "finding", "B"), ("legale", "kind", "altro"), (MAILBOX, "volume", "")]
    assert catalog.miscounted() == sorted(wrong)
    catalog.recount()
    assert (catalog.miscounted(), catalog.counts(), catalog.findings_by_code()) == ([], counts, findings)
