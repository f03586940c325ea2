"""What the catalog promises to a renewal, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from servers.databases import MIGRATED
from servers.postgres import Postgres

from archiver.adapters.catalog import Catalog
from archiver.digest import Sha256, Sha512, sha256, sha512
from archiver.submission.rows import EvidenceRow, PdvRow, RereadRow, TokenRow, VolumeRow

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    if request.param == "sqlite":
        opened = Catalog.open(f"sqlite:///{tmp_path}/catalog.db", create=True)
    else:
        server: Postgres = request.getfixturevalue("postgres")
        opened = Catalog.open(server.url(server.fresh(like=MIGRATED)))
    yield opened
    opened.close()


def token(name: str, days: int = 0) -> TokenRow:
    octets = name.encode()
    return TokenRow(sha256(octets), octets, AT + timedelta(days=days))


def record(
    id: str,
    number: int,
    stamped: TokenRow | None,
    *,
    tsa: str = "prima",
    subject: str = "volume",
    algorithm: str = "sha512",
) -> EvidenceRow:
    name = f"h/{subject}/{id}/{tsa}/{number:06}.ers"
    return EvidenceRow(subject, id, tsa, number, name, AT, algorithm, stamped.sha256 if stamped else "")


def volume(catalog: Catalog, id: str, size: int) -> None:
    catalog.record_volume(VolumeRow(id, Sha256("x"), "h", "m", "c", 2026, 1, size, AT), [], [])


def test_what_stands_on_a_token_is_counted_with_its_bytes_by_lineage(catalog: Catalog) -> None:
    night, other = token("night"), token("other", 1)
    for id, size in (("v1", 7), ("v2", 5)):
        volume(catalog, id, size)
    rows = [
        record("v1", 1, night),
        record("v2", 1, night),
        record("v1", 1, other, tsa="seconda"),
        record("p1", 1, night, subject="pdv"),
    ]
    catalog.record_evidence(rows, [night, other])
    found = [(row.tsa, row.algorithm, row.records, row.bytes, row.token) for row in catalog.newest_tokens()]
    assert found == [("prima", "sha512", 3, 12, night), ("seconda", "sha512", 1, 7, other)]
    bare = catalog.newest_tokens(counted=False)
    assert [(row.records, row.bytes) for row in bare] == [(0, 0), (0, 0)]
    assert [catalog.counted(row) for row in bare] == catalog.newest_tokens()


def test_a_token_that_several_lineages_share_stands_for_each(catalog: Catalog) -> None:
    night = token("night")
    lines = [("prima", "sha256"), ("prima", "sha512"), ("seconda", "sha512"), ("terza", "sha512")]
    catalog.record_evidence(
        [record(f"v{n}", 1, night, tsa=tsa, algorithm=algorithm) for n, (tsa, algorithm) in enumerate(lines)], [night]
    )
    assert [(row.tsa, row.algorithm, row.records) for row in catalog.newest_tokens()] == [(*line, 1) for line in lines]


def test_a_renewed_record_stands_on_its_new_token_alone(catalog: Catalog) -> None:
    old, new = token("old"), token("new", 9)
    catalog.record_evidence([record("v1", 1, old), record("v2", 1, old)], [old])
    catalog.record_evidence([record("v1", 2, new, algorithm="sha3_512")], [new])
    assert [(row.token, row.algorithm, row.records) for row in catalog.newest_tokens()] == [
        (old, "sha512", 1),
        (new, "sha3_512", 1),
    ]
    first, second = catalog.newest_tokens()
    assert [row.subject_id for row in catalog.records_on(first)] == ["v2"]
    assert [row.number for row in catalog.records_on(second)] == [2]


def test_the_records_on_a_token_come_page_by_page_each_once(catalog: Catalog) -> None:
    night = token("night")
    rows = [record(f"v{n}", 1, night, subject=subject) for n in range(5) for subject in ("volume", "act")]
    catalog.record_evidence(rows, [night])
    (newest,) = catalog.newest_tokens()
    seen: list[tuple[str, str]] = []
    after = ("", "")
    while page := catalog.records_on(newest, after=after, limit=3):
        seen += [(row.subject, row.subject_id) for row in page]
        after = seen[-1]
    assert seen == sorted({(row.subject, row.subject_id) for row in rows})


def test_a_rapporto_in_a_volume_is_left_to_the_volume(catalog: Catalog) -> None:
    night = token("night")
    for number in (1, 2):
        row = PdvRow(
            f"p{number}", "h", "m", number, AT, sha256(b"x"), Sha512(sha512(b"x")), 1, f"h/pdv/m/p{number}.xml", ""
        )
        catalog.record_pdv(row, [], [])
    catalog.record_volume(VolumeRow("v1", Sha256("x"), "h", "m", "c", 2026, 1, 3, AT), [], ["p1"])
    catalog.record_evidence([record(f"p{n}", 1, night, subject="pdv") for n in (1, 2)], [night])
    (newest,) = catalog.newest_tokens()
    assert newest.records == 1
    assert [row.subject_id for row in catalog.records_on(newest)] == ["p2"]


def test_records_of_an_older_catalog_are_read_once(catalog: Catalog) -> None:
    catalog.record_evidence([record("v1", 1, None), record("v2", 1, None)])
    assert catalog.newest_tokens() == []
    night = token("night")
    one, two = catalog.evidence_to_read()
    catalog.note_read([(record("v1", 1, None, algorithm="sha256"), night)])
    assert (one.subject_id, catalog.evidence_to_read()) == ("v1", [two])
    assert catalog.evidence_to_read(after=("volume", "v2", "prima", 1)) == []
    assert [(row.token, row.algorithm, row.records) for row in catalog.newest_tokens()] == [(night, "sha256", 1)]


def test_the_lineages_of_a_thing_are_its_authorities(catalog: Catalog) -> None:
    night = token("night")
    rows = [
        record("v1", 1, night),
        record("v1", 2, night),
        record("v1", 1, night, tsa="seconda"),
        record("v2", 1, night, tsa="terza"),
    ]
    catalog.record_evidence(rows, [night])
    assert catalog.lineages("volume", "v1") == ["prima", "seconda"]


def test_what_was_read_is_kept_until_every_lineage_has_it(catalog: Catalog) -> None:
    night, new = token("night"), token("new")
    catalog.record_evidence([record("v1", 1, night), record("v1", 1, night, tsa="seconda")], [night])
    row = RereadRow("volume", "v1", "sha512,sha3_512", b"\0digests", AT)
    catalog.note_reread(RereadRow("volume", "v1", "sha512", b"older", AT))
    catalog.note_reread(row)
    assert catalog.reread("volume", "v1") == row
    assert catalog.reread("volume", "v2") is None
    catalog.record_evidence([record("v1", 2, new, algorithm="sha3_512")], [new])
    assert catalog.forget_reread(AT) == 0
    catalog.record_evidence([record("v1", 2, new, tsa="seconda", algorithm="sha3_512")], [new])
    assert catalog.forget_reread(AT) == 1
    assert catalog.reread("volume", "v1") is None


def test_what_was_read_too_long_ago_is_forgotten(catalog: Catalog) -> None:
    catalog.record_evidence([record("v1", 1, token("night"))], [token("night")])
    catalog.note_reread(RereadRow("volume", "v1", "sha512,sha3_512", b"digests", AT))
    assert catalog.forget_reread(AT + timedelta(seconds=1)) == 1
