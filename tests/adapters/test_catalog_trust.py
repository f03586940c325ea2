"""What the catalog promises of trust material, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from servers.databases import MIGRATED
from servers.postgres import Postgres

from archiver.adapters.catalog import Catalog
from archiver.digest import Sha256, sha256
from archiver.package import layout
from archiver.submission.rows import FetchedRow, StandingRow, TrustRow

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NIGHT = AT.date()
HOUR = timedelta(hours=1)
URL = "http://ca.example/ca.crl"


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    if request.param == "sqlite":
        opened = Catalog.open(f"sqlite:///{tmp_path}/catalog.db", create=True)
    else:
        server: Postgres = request.getfixturevalue("postgres")
        opened = Catalog.open(server.url(server.fresh(like=MIGRATED)))
    yield opened
    opened.close()


def digest(name: object) -> Sha256:
    return sha256(str(name).encode())


def row(
    name: object, *, holder: str = "studio", kind: str = "crl", at: datetime = AT, since: datetime = AT
) -> TrustRow:
    return TrustRow(holder, digest(name), "crl", kind, str(name), "CN=CA", since, None, at)


def test_an_empty_catalog_knows_no_trust(catalog: Catalog) -> None:
    assert catalog.trust_of("studio") == catalog.uncovered("studio") == catalog.lists_from("studio", "CN=CA") == []
    assert (catalog.trust_with([digest("a")]), catalog.covering("studio")) == ([], frozenset())
    assert (catalog.fetched(URL, NIGHT), catalog.last_fetched(URL)) == (None, None)
    catalog.record_trust([])


def test_what_was_first_seen_stays_so(catalog: Catalog) -> None:
    catalog.record_trust([row("a"), row("a"), row("b", holder="comune")])
    catalog.cover("studio", [digest("a")], "v1", AT + HOUR)
    catalog.record_trust([row("a", at=AT + HOUR, kind="ca"), row("c", at=AT + HOUR)])
    first, second = sorted(catalog.trust_of("studio"), key=lambda found: found.covered, reverse=True)
    assert (first.at, first.kind, first.covered, second.sha256) == (AT + HOUR, "crl", "v1", digest("c"))
    assert [found.holder for found in catalog.trust_with([digest("a"), digest("b")])] == ["comune", "studio"]
    assert layout.trust("comune", digest("b"), "crl") in catalog.promised()


def test_what_covers_something_covers_it_for_good(catalog: Catalog) -> None:
    names = [f"n{number}" for number in range(1200)]
    catalog.record_trust([row(name) for name in names])
    catalog.record_trust([row("n0", holder="comune")])
    catalog.cover("studio", [digest(name) for name in names[:1100]], "b1", AT)
    catalog.cover("studio", [digest(name) for name in names], "b2", AT)
    assert catalog.uncovered("studio") == []
    assert len(catalog.uncovered("comune")) == 1
    assert catalog.covering("studio") == {"b1", "b2"}
    by = [found.covered for found in catalog.trust_of("studio")]
    assert (by.count("b1"), by.count("b2")) == (1100, 100)


def test_of_what_covers_something_since_one_moment_the_lesser_id_counts_in_whichever_order(catalog: Catalog) -> None:
    catalog.record_trust([row("a"), row("b"), row("p", kind="provider")])
    catalog.cover("studio", [digest("a")], "v2", AT)
    catalog.cover("studio", [digest(name) for name in "abp"], "v1", AT)
    catalog.cover("studio", [digest(name) for name in "abp"], "v2", AT)
    assert {found.covered for found in catalog.trust_of("studio")} == {"v1"}


def test_a_volume_that_is_not_closed_yet_gives_way_to_one_before_it(catalog: Catalog) -> None:
    """Of a provider's certificate the row has the first sight, and does not tell since when it is covered."""
    catalog.record_trust([row("p", kind="provider")])
    catalog.cover("studio", [digest("p")], "v2", AT)
    catalog.cover("studio", [digest("p")], "v1", AT)
    assert [found.covered for found in catalog.trust_of("studio")] == ["v2"]
    catalog.cover("studio", [digest("p")], "v1", AT, instead=["v2"])
    catalog.cover("studio", [digest("p")], "v2", AT)
    assert [found.covered for found in catalog.trust_of("studio")] == ["v1"]


def test_lists_of_an_issuer_come_newest_first(catalog: Catalog) -> None:
    catalog.record_trust([row("old", since=AT - HOUR), row("new", since=AT), row("cer", kind="ca")])
    assert [found.name for found in catalog.lists_from("studio", "CN=CA")] == ["new", "old"]
    assert [found.name for found in catalog.trust_of("studio", kind="ca")] == ["cer"]


def test_objects_are_found_by_their_digests_of_one_holder_or_of_all(catalog: Catalog) -> None:
    catalog.record_trust([row("x"), row("x", holder="altro"), row("y")])
    asked = [digest("x"), digest("z")]
    assert [found.holder for found in catalog.trust_with(asked)] == ["altro", "studio"]
    assert [found.holder for found in catalog.trust_with(asked, holder="studio")] == ["studio"]


def asked(at: datetime = AT, *, reason: str = "", sha: str = "", source: str = URL, night: str = "") -> FetchedRow:
    return FetchedRow(source, night or at.date().isoformat(), at, reason, sha, "crl" if sha else "")


def test_a_failure_never_hides_an_answer_and_an_answer_takes_the_place_of_a_failure(catalog: Catalog) -> None:
    catalog.record_fetched(asked(reason="HTTP 503"))
    assert catalog.last_fetched(URL) is None
    catalog.record_fetched(asked(AT + HOUR, reason="HTTP 500"))
    assert catalog.fetched(URL, NIGHT) == asked(AT + HOUR, reason="HTTP 500")
    catalog.record_fetched(asked(AT + 2 * HOUR, sha=digest("a")), [row("a")])
    catalog.record_fetched(asked(AT + 3 * HOUR, reason="HTTP 503"))
    assert catalog.fetched(URL, NIGHT) == catalog.last_fetched(URL) == asked(AT + 2 * HOUR, sha=digest("a"))
    catalog.record_fetched(asked(AT + 4 * HOUR, sha=digest("b")), [row("b")])
    assert catalog.fetched(URL, NIGHT) == asked(AT + 4 * HOUR, sha=digest("b"))
    assert len(catalog.trust_of("studio")) == 2


def test_the_last_answer_is_that_of_the_last_night_that_had_one(catalog: Catalog) -> None:
    for day, sha in enumerate(("a", "b", "")):
        at = AT + timedelta(days=day)
        catalog.record_fetched(asked(at, sha=digest(sha) if sha else "", reason="" if sha else "down"))
    found = catalog.last_fetched(URL)
    assert found is not None
    assert found.sha256 == digest("b")
    assert catalog.last_fetched("http://other.example/") is None


def test_an_address_as_long_as_a_certificate_likes_is_a_key(catalog: Catalog) -> None:
    long = URL + "?" + "a\0b" * 3000
    catalog.record_fetched(asked(source=long, sha=digest("a")))
    catalog.record_fetched(asked(source=long + "x", reason="down"))
    found = catalog.fetched(long, NIGHT)
    assert found is not None
    assert found.sha256 == digest("a")


def test_several_at_once_record_the_same(catalog: Catalog) -> None:
    def record(number: int) -> None:
        catalog.record_fetched(asked(sha=digest("a")), [row("a"), row(f"own {number}")])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record, range(12)))
    assert len(catalog.trust_of("studio")) == 13


def test_the_newest_word_of_a_person_on_a_certificate_holds(catalog: Catalog) -> None:
    first = StandingRow(digest("one"), "revoked", AT, "acts/1.json")
    later = StandingRow(digest("one"), "confirmed", AT + HOUR, "acts/2.json")
    catalog.stand([later])
    catalog.stand([first, StandingRow(digest("two"), "revoked", AT, "acts/3.json")])
    assert {key: row.state for key, row in catalog.standings().items()} == {
        digest("one"): "confirmed",
        digest("two"): "revoked",
    }
