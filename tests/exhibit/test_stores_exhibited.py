"""Whole volumes of golden stores as exhibits: discards and renewals travel with them, and the judge says the same."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from support.exhibits import codes, found
from support.small import HOLDER, Files

from archiver.access.exhibit import Bag, Selection, collect
from archiver.adapters.exhibits import ZipSink
from archiver.adapters.stores.folder import Folder
from archiver.adapters.stores.memory import MemoryStore
from archiver.chain import Material
from archiver.compose import material
from archiver.evidence.policy import Policy
from archiver.package import layout as archive
from archiver.package.exhibit import layout
from archiver.package.exhibit.layout import Kind
from archiver.pec.providers import Providers
from archiver.verdict import Indication
from archiver.verify import Report, Trust
from archiver.verify.exhibit import judge_data

GOLDEN = Path(__file__).parents[1] / "golden/format-1"
AT = {
    "store": datetime(2026, 3, 1, tzinfo=UTC),
    "discarded": datetime(2026, 3, 1, tzinfo=UTC),
    "renewed": datetime(2040, 6, 1, tzinfo=UTC),
}


def trust() -> Trust:
    certificates, crls = material.folder_material(GOLDEN / "trusted")
    return Trust(Providers(certificates), Policy(Material(certificates, crls=crls)))


def store_of(name: str) -> MemoryStore:
    store, folder = MemoryStore(), Folder(GOLDEN / name)
    for item in folder.list():
        store.put(item.name, folder.get(item.name))
    return store


def exhibited(store: MemoryStore, *, full: bool) -> Files:
    """Every volume that is there, whole."""
    parsed = (archive.parse(item.name) for item in store.list(f"{HOLDER}/volumes/"))
    volumes = {one.id: None for one in parsed if one and one.kind is archive.Kind.INDEX}
    bag = Bag(ZipSink(BytesIO(), "x", at=AT["store"]))
    collect(store, Selection(HOLDER, volumes), bag, full=full)
    return Files((path, bag.files.get(path)) for path in bag.digests)


def judged(files: Files, name: str) -> Report:
    return judge_data(files, holder=HOLDER, trust=trust(), at=AT[name])


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", AT)
def test_every_golden_store_leaves_the_archive_with_its_proofs(name: str, full: bool) -> None:
    files = exhibited(store_of(name), full=full)
    report = judged(files, name)
    assert (report.indication, found(report)) == (Indication.PASSED, set())
    assert all(layout.parse(path) for path in files)


def test_what_was_discarded_is_explained_by_the_record_that_travels_along() -> None:
    files = exhibited(store_of("discarded"), full=False)
    records = [path for path in files if (one := layout.parse(path)) and one.kind is Kind.DISCARD]
    said = {(item.code, item.subject) for item in judged(files, "discarded").verdict.findings}
    gone = {subject for code, subject in said if code == "DISCARDED"}
    assert records
    assert {"messages", "metadata"} == {subject.split("/")[3] for subject in gone}
    without = files.but(dict.fromkeys(records))
    assert "DISCARDED" not in {item.code for item in judged(without, "discarded").verdict.findings}


def test_a_renewal_travels_whole_and_none_of_its_records_can_be_left_out() -> None:
    files = exhibited(store_of("renewed"), full=False)
    records = sorted(path for path in files if (one := layout.parse(path)) and one.kind is Kind.RECORD)
    assert len(records) > 1
    for path in records:
        report = judged(files.but({path: None}), "renewed")
        lineage = path.rpartition("/")[0]
        newest = max(one for one in records if one.startswith(lineage))
        # without its newest record a lineage is as it was before the renewal: too old by now, or nothing at all
        assert report.indication is not Indication.PASSED or (path == newest and len(records) > 2), (
            path,
            codes(report),
        )
