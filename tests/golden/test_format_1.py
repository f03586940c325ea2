"""Archives of format 1, as they were once written: every later version must read them, and say the same of them."""

import hashlib
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.commands import archiver
from support.small import EMPTY, HOLDER, ORDINARY, Files, said

from archiver.adapters.stores.folder import Folder
from archiver.chain import Material
from archiver.compose import material
from archiver.evidence.policy import Policy
from archiver.digest import sha256
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.verdict import Indication
from archiver.verify import Trust, judge_store, judge_volume

GOLDEN = Path(__file__).parent / "format-1"
STORES = ("store", "discarded", "renewed")
AFTER_THE_RENEWAL = datetime(2040, 6, 1, tzinfo=UTC)
AT = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AFTER_THE_SEAL = datetime(2035, 6, 1, tzinfo=UTC)


def test_not_one_byte_of_them_was_edited() -> None:
    found = {
        path.relative_to(GOLDEN).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in GOLDEN.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    listed = dict(reversed(line.split("  ")) for line in (GOLDEN / "SHA256SUMS").read_text().splitlines())
    assert found == listed
    assert sum(path.stat().st_size for path in GOLDEN.rglob("*") if path.is_file()) < 400_000


def test_every_kind_of_object_that_format_1_writes_is_among_them() -> None:
    kinds = {parsed.kind for path in STORES for name in files(path) if (parsed := layout.parse(name))}
    assert kinds == set(Kind) - {Kind.DISCARD_RECORD, Kind.TAKEOVER, Kind.TAKEOVER_RECORD}
    extensions = {Path(name).suffix for name in files("store")}
    assert extensions == {".zip", ".xml", ".p7m", ".ers", ".cer", ".crl"}


def test_the_store_is_passed() -> None:
    report = judge_store(Folder(GOLDEN / "store"), trust=trust(), at=AT)
    assert report.indication is Indication.PASSED
    assert {code for code, _ in said(report)} == {"RDV_NOT_COVERED"}  # the third poll came after the sealing
    assert report.content == {"PASSED": 1, "INDETERMINATE": 2, "UNSIGNED": 4}


def test_its_volumes_outlive_the_certificate_of_their_seal() -> None:
    store = files("store")
    for name in store.kind(Kind.INDEX):
        report = judge_volume(store, HOLDER, name.split("/")[2], trust=trust(), at=LONG_AFTER_THE_SEAL)
        assert (report.indication, said(report)) == (Indication.PASSED, set())


def test_the_discards_are_explained_by_their_records() -> None:
    report = judge_store(Folder(GOLDEN / "discarded"), trust=trust(), at=AT)
    assert report.indication is Indication.PASSED
    assert Counter(code for code, _ in said(report)) == {
        "RDV_NOT_COVERED": 1,
        "SEAL_WITHOUT_TIMESTAMP": 1,
        "DISCARD_UNSEALED": 1,
        "DISCARDED": 5,  # a volume, its two segments, a message and its metadata
        "GROUP_PARTIAL": 1,
    }
    assert report.content == {"UNSIGNED": 2}


def test_the_renewed_store_is_passed_when_every_certificate_of_its_first_year_has_ended() -> None:
    report = judge_store(Folder(GOLDEN / "renewed"), trust=trust(), at=AFTER_THE_RENEWAL)
    assert report.indication is Indication.PASSED, report.verdict.findings
    codes = Counter(code for code, _ in said(report))
    assert {"DISCARDED": 2, "GROUP_PARTIAL": 1}.items() <= codes.items()
    assert (
        judge_store(Folder(GOLDEN / "store"), trust=trust(), at=AFTER_THE_RENEWAL).indication is not Indication.PASSED
    )


@pytest.mark.parametrize("raw", [ORDINARY, EMPTY])
def test_one_message_is_proven_by_its_volume(raw: bytes, tmp_path: Path) -> None:
    store = files("store")
    (volume,) = [
        name.split("/")[2] for name in store.kind(Kind.METADATA) if sha256(EMPTY).encode("ascii") in store[name]
    ]
    (tmp_path / "message.eml").write_bytes(raw)
    given = ("--volume", GOLDEN / "store" / HOLDER / "volumes" / volume, "--trust", GOLDEN / "trusted")
    found = archiver("verify", tmp_path / "message.eml", *given, "--at", AT.isoformat(), "--json")
    assert (found.code, [item["code"] for item in found.json["findings"]]) == (0, ["GROUP_PARTIAL"])


def test_a_byte_less_and_they_fail() -> None:
    store = files("store")
    for kind in (Kind.SEGMENT, Kind.INDEX, Kind.VOLUME_RECORD):
        name = store.kind(kind)[0]
        bent = store.but({name: store[name][:-1]})
        assert judge_store(bent, trust=trust(), at=AT).indication is Indication.FAILED


def test_the_script_that_made_them_refuses_to_make_them_again() -> None:
    found = subprocess.run(
        [sys.executable, Path(__file__).parent / "make.py"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (2, "")
    assert "never overwritten" in found.stderr


def files(which: str) -> Files:
    """One of the stores."""
    return Files.of(GOLDEN / which)


def trust() -> Trust:
    """The certificates beside them."""
    anchors, _ = material.folder_material(GOLDEN / "trusted")
    return Trust(Providers(anchors), Policy(Material(anchors)))
