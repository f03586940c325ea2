"""Every check since the day of receipt is told: intake, seal, evidence, renewals, sweeps with what they found."""

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.archives import demo, folder_of, letter
from support.commands import archiver, done
from support.exhibits import Shelf, digests_in, exhibited, found, judged, unzipped
from support.small import HOLDER, Files

from archiver.access.exhibit.sweeps import SHOWN, sweeps
from archiver.adapters.stores.memory import MemoryStore
from archiver.package import layout as archive
from archiver.package.exhibit import layout
from archiver.package.exhibit.layout import Kind
from archiver.package.report.builder import build
from archiver.package.report.values import Report, ReportKind, identifier
from archiver.verdict import Indication

FIRST = datetime(2026, 3, 1, 3, tzinfo=UTC)
SEGMENT = archive.segment(HOLDER, "ab" * 32)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def old(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The same archive some years later: swept, and renewed under another digest."""
    folder = tmp_path_factory.mktemp("old") / "archive"
    shutil.copytree(shelf.config.parent, folder)
    config = folder / "archiver.toml"
    done("sweep", "--all", config=config)
    done("renew", "--hash", "sha3-512", config=config)
    return Shelf(config, shelf.sent, shelf.received, shelf.pending, shelf.dossiers)


@pytest.fixture(scope="module")
def aged(old: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return unzipped(exhibited(old, tmp_path_factory.mktemp("aged") / "x.zip", old.sent))


def test_renewals_and_sweeps_are_told_with_their_algorithms_and_copies(aged: Files) -> None:
    told = json.loads(aged["data/dossier.json"])
    by_kind: dict[str, list[dict[str, str]]] = {}
    for item in told["checks"]:
        by_kind.setdefault(item["kind"], []).append(item)
    (renewal,) = by_kind["renewal"]
    assert "000002.ers" in renewal["it"]
    assert "sha3-512" in renewal["it"]
    # what the catalog knows of the reading may bear the second before the report's own: two items, in either order
    assert any("copie primary" in item["it"] for item in by_kind["sweep"])
    assert [item["at"] for item in told["checks"]] == sorted(item["at"] for item in told["checks"])
    assert [record["number"] for record in told["volumes"][0]["records"]] == [1, 2]
    assert "archive-renewal" in {event["kind"] for event in told["dossiers"][0]["timeline"]}


def test_a_renewed_exhibit_passes_and_needs_both_its_records(aged: Files) -> None:
    at = datetime.now(UTC) + timedelta(minutes=1)
    assert judged(aged, at=at).indication is Indication.PASSED
    first = next(path for path in aged if path.endswith("000001.ers"))
    assert judged(aged.but({first: None}), at=at).indication is Indication.FAILED


def test_the_newest_list_of_each_authority_travels_along(aged: Files) -> None:
    lists = [path for path in aged if (one := layout.parse(path)) and one.kind is Kind.TRUST]
    assert any(path.endswith(".crl") for path in lists)


def test_a_message_in_no_volume_has_its_time_from_a_bare_rapporto_and_nothing_more(old: Shelf, tmp_path: Path) -> None:
    # sealed since: the rapporto has evidence; the message waits for its volume to become due
    done("seal", config=old.config)
    exhibit = tmp_path / "p.zip"
    assert archiver("evidence", old.pending, "-o", exhibit, "--full", config=old.config).code == 1
    files = unzipped(exhibit)
    report = judged(files, at=datetime.now(UTC) + timedelta(minutes=1))
    assert found(report) == {("EXHIBIT_PENDING_UNSEALED", f"data/pending/messages/{old.pending}.eml")}
    assert report.indication is Indication.INDETERMINATE
    rapporto = next(path for path in files if path.startswith("data/pending/pdv/") and path.endswith(".xml"))
    record = next(path for path in files if path.startswith("data/pending/pdv/") and path.endswith(".ers"))
    for path in (rapporto, record):
        for change in (files.but({path: None}), files.but({path: files[path][:-9] + b"x" + files[path][-8:]})):
            assert judged(change, at=datetime.now(UTC)).indication is Indication.FAILED
    message = f"data/pending/messages/{old.pending}.eml"
    assert files[message] == letter("in ritardo")


def test_a_message_in_no_volume_is_proven_by_its_sealed_rapporto(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    text = config.read_text(encoding="utf-8")
    config.write_text(f"{text}\n[rdv]\nsign = true\n", encoding="utf-8")
    done("ingest", "--from", folder_of(tmp_path / "mail", letter("da provare")), config=config)
    done("seal", config=config)
    (digest,) = digests_in(config)
    path = tmp_path / "p.zip"
    done("evidence", digest, "-o", path, "--full", config=config)
    files = unzipped(path)
    judgement = judged(files, at=datetime.now(UTC) + timedelta(minutes=1))
    said = {item.code for item in judgement.verdict.findings}
    assert (judgement.indication, "EXHIBIT_PENDING_PROVEN" in said) == (Indication.PASSED, True)


def report(store: MemoryStore, number: int, previous: str | None, content: Mapping[str, Any]) -> str:
    made = Report(ReportKind.SWEEP, HOLDER, FIRST + timedelta(days=number), "prova 1", previous, content)
    octets = build(made)
    found = identifier(made.kind, made.at, octets)
    store.put(archive.report(HOLDER, found), octets)
    return found


def swept(damaged: Mapping[int, Mapping[str, Any]], nights: int) -> list[dict[str, str]]:
    store, previous = MemoryStore(), None
    for number in range(nights):
        content = {"listed": 9, "read": {"objects": 4}, "stores": ["primary"], **damaged.get(number, {})}
        previous = report(store, number, previous, content)
    return sorted(sweeps(store, HOLDER, {SEGMENT}, since=""), key=lambda item: item["at"])


def test_years_of_clean_sweeps_are_one_sentence_and_the_newest_are_told_one_by_one() -> None:
    told = swept({}, SHOWN + 30)
    assert len(told) == SHOWN + 1
    assert told[0]["it"].startswith("30 controlli periodici delle copie, dal 2026-03-01T03:00:00Z")
    assert {item["outcome"] for item in told} == {"PASSED"}


def test_damage_and_repair_of_these_objects_are_told_and_those_of_others_are_not() -> None:
    mine, other = {"name": SEGMENT}, {"name": SEGMENT.replace("ab", "cd")}
    repair = {"store": "primary", "code": "SWEEP_CORRUPT", "from": "replica"}
    told = swept({3: {"open": [mine, other]}, 4: {"open": [other], "repairs": [{**mine, **repair}, other]}}, 6)
    assert [(item["kind"], item["outcome"]) for item in told] == [
        *[("sweep", "PASSED")] * 3,
        ("sweep", "FAILED"),
        ("repair", "PASSED"),
        *[("sweep", "PASSED")] * 2,
    ]
    assert told[3]["it"].startswith("Controllo periodico delle copie primary: 9 oggetti elencati, 4 riletti")
    assert "1 danni aperti" in told[3]["it"]
    assert "da replica" in told[4]["it"]


def test_a_sweep_that_could_not_finish_is_indeterminate() -> None:
    (told,) = swept({0: {"failures": ["replica: non risponde"]}}, 1)
    assert told["outcome"] == "INDETERMINATE"
    assert "incompleto" in told["it"]


def test_sweeps_before_the_intake_are_not_told() -> None:
    store = MemoryStore()
    report(store, 0, None, {"listed": 1})
    assert list(sweeps(store, HOLDER, {SEGMENT}, since="2026-03-02T00:00:00Z")) == []


def test_what_no_provider_signs_is_neither_passed_nor_in_doubt(aged: Files) -> None:
    told = json.loads(aged["data/dossier.json"])
    intake = [item for item in told["checks"] if item["kind"] == "intake"]
    own = [item for item in intake if "(inviato)" in item["it"]]
    assert own
    assert {item["outcome"] for item in own} == {"UNSIGNED"}
    assert all(item["it"].endswith("copia del mittente: nessun gestore la firma.") for item in own)
    assert "UNSIGNED" not in {item["outcome"] for item in intake if item not in own}
    assert "nulla da giudicare (UNSIGNED)" in aged["index.html"].decode()
