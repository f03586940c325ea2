"""Reports are filed: signed and stamped, each after the one before it, and whatever fails but the store, filed."""

import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.archives import set_lines
from support.filing import codes, file, id_of, opened, told
from support.small import EVENING, HOLDER, Files
from support.tools import tool

from archiver.adapters.stores.memory import MemoryStore
from archiver.compose.reporting import filed
from archiver.digest import sha256
from archiver.errors import Busy, ConfigError
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.package.report.values import LARGEST, ReportKind
from archiver.ports import Signer, Stamp
from archiver.submission.keeping import kept_until
from archiver.submission.reports import newest

MINUTE = timedelta(minutes=1)


def files(folder: Path) -> Files:
    return Files.of(folder / "store")


def reports(folder: Path) -> list[str]:
    return files(folder).kind(Kind.REPORT)


def test_a_report_lies_signed_and_stamped_in_the_store_under_its_digest(folder: Path) -> None:
    done = file(folder, content={"objects": 3, "repaired": ["a\nb"]})
    assert done.warnings == ()
    assert reports(folder) == [done.name]
    octets = files(folder)[done.name]
    signed = open_signed(octets)
    assert len(signed.tokens) == 1
    assert id_of(done.name) == f"20260220t200000z-sweep-{sha256(signed.content or b'')[:32]}"
    found = told(files(folder), done.name)
    assert (found.kind, found.holder, found.at, found.previous) == (ReportKind.SWEEP, HOLDER, EVENING, None)
    assert found.content == {"objects": 3, "repaired": ["a\\nb"]}


def test_openssl_says_who_signed_a_report_and_finds_its_text(folder: Path, tmp_path: Path) -> None:
    done = file(folder)
    command = [tool("openssl"), "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any"]
    files_ = ["-CAfile", folder / "ca" / "ca.pem", "-in", folder / "store" / done.name, "-out", tmp_path / "out.json"]
    when = ["-attime", str(int(EVENING.timestamp()))]
    found = subprocess.run([*command, *files_, *when], check=True, capture_output=True, text=True)
    assert "Verification successful" in found.stderr
    assert sha256((tmp_path / "out.json").read_bytes()).startswith(id_of(done.name)[-32:])


def test_each_report_names_the_one_before_it_of_its_kind_and_none_is_dated_before_it(folder: Path) -> None:
    made = [
        file(folder, "sweep").name,
        file(folder, "sweep").name,  # the same second
        file(folder, "purge").name,
        file(folder, "sweep", at=EVENING - 900 * MINUTE).name,  # a clock that was put back
        file(folder, "sweep", at=EVENING + MINUTE).name,
    ]
    found = [told(files(folder), name) for name in made]
    first, second, _, third, _ = map(id_of, made)
    assert [item.previous for item in found] == [None, first, None, second, third]
    after = [0, 1, 0, 2, 60]
    assert [item.at for item in found] == [EVENING + timedelta(seconds=seconds) for seconds in after]


def test_what_lies_before_need_not_be_readable_to_be_followed(folder: Path) -> None:
    first = file(folder)
    (folder / "store" / first.name).chmod(0o644)
    (folder / "store" / first.name).write_bytes(b"rotten")
    second = file(folder, at=EVENING + MINUTE)
    assert told(files(folder), second.name).previous == id_of(first.name)


def test_two_that_file_at_once_stand_in_one_chain(folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [done.name for done in pool.map(lambda number: file(folder, content={"n": number}), range(8))]
    before = [told(files(folder), name).previous for name in made]
    assert sorted(reports(folder)) == sorted(made)
    assert len(set(before)) == len(made)
    assert set(before) == {None, *sorted(map(id_of, made))[:-1]}


def test_a_report_waits_while_another_is_filed_but_not_for_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.compose.reporting.PATIENCE", 0.1)
    with (
        opened(folder).catalog.exclusive(f"report-sweep-{HOLDER}", busy="-"),
        pytest.raises(Busy, match="files a report of sweep"),
    ):
        file(folder)
    assert reports(folder) == []


def test_by_hand_nobody_signs_and_it_is_filed_all_the_same(folder: Path) -> None:
    set_lines(folder / "archiver.toml", "signer", {"kind": '"hand"', "anchors": '["ca/ca.pem"]'})
    done = file(folder)
    assert (codes(done), done.name.endswith(".json")) == (["REPORT_BY_HAND"], True)
    assert reports(folder) == [done.name]
    assert told(files(folder), done.name).content == {"objects": 1}


BROKEN = {
    "the key is gone": lambda ca: (ca / "seal.key").unlink(),
    "the key is another's": lambda ca: (ca / "seal.key").write_bytes((ca / "ca.key").read_bytes()),
    "no file of the authority is there": lambda ca: ca.rename(ca.parent / "elsewhere"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_signer_that_fails_costs_the_signature_and_not_the_report(folder: Path, broken: str) -> None:
    BROKEN[broken](folder / "ca")
    done = file(folder)
    assert (codes(done), done.name.endswith(".json")) == (["REPORT_UNSIGNED"], True)
    assert told(files(folder), done.name).content == {"objects": 1}


def test_a_certificate_that_has_ended_signs_nothing(folder: Path) -> None:
    done = file(folder, at=EVENING + timedelta(days=40 * 365))
    assert codes(done) == ["REPORT_UNSIGNED"]
    assert reports(folder) == [done.name]


def test_without_a_time_stamp_it_is_signed_all_the_same(folder: Path) -> None:
    set_lines(folder / "archiver.toml", "tsa", {"tokens_per_night": "2"})  # one of the two is kept for the evidence
    assert codes(file(folder)) == []
    done = file(folder)
    assert codes(done) == ["REPORT_UNSTAMPED"]
    signed = open_signed(files(folder)[done.name])
    assert (len(signed.tokens), signed.content is not None) == (0, True)


def test_what_is_too_large_for_one_report_is_refused_before_anything_is_paid_for(folder: Path) -> None:
    with pytest.raises(ValueError, match="several parts"):
        file(folder, content={"many": ["x" * 1000] * (LARGEST // 1000)})
    assert reports(folder) == []
    assert opened(folder).catalog.spent(EVENING.date()) == {}


def test_the_newest_that_can_be_read_is_found(folder: Path) -> None:
    store = opened(folder).store
    assert newest(store, HOLDER, ReportKind.SWEEP) is None
    first, _, third = (file(folder, content={"n": number}, at=EVENING + number * MINUTE).name for number in (1, 2, 3))
    file(folder, "purge", {"n": 4}, at=EVENING + 4 * MINUTE)
    assert told_newest(folder) == {"n": 3}
    (folder / "store" / third).chmod(0o644)
    for other in (b"rotten", files(folder)[first]):
        (folder / "store" / third).write_bytes(other)
        assert told_newest(folder) == {"n": 2}


def told_newest(folder: Path) -> Mapping[str, object]:
    found = newest(opened(folder).store, HOLDER, ReportKind.SWEEP)
    assert found is not None
    return found.content


class Lying:
    """A signer whose signatures are good, and are not over what it was given."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.certificate, self.chain = signer.certificate, signer.chain

    def ready(self) -> None:
        self._signer.ready()

    def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
        return self._signer.sign(data + b" ", at=at, stamp=stamp)


def test_a_signature_over_something_else_is_not_taken_for_the_reports(folder: Path) -> None:
    archive = opened(folder)
    vars(archive)["signer"] = Lying(archive.signer)
    done = filed(archive, kind="sweep", holder=HOLDER, content={"n": 1}, clock=lambda: EVENING)
    assert (codes(done), done.name.endswith(".json")) == (["REPORT_UNSIGNED"], True)
    assert told(files(folder), done.name).content == {"n": 1}


class Locking(MemoryStore):
    """Remembers how long it was told to keep what, or refuses to."""

    def __init__(self, *, refuses: bool = False) -> None:
        super().__init__()
        self.until: dict[str, datetime] = {}
        self.refuses = refuses

    def retain(self, name: str, *, until: datetime) -> None:
        if self.refuses:
            raise ConfigError(f"{name}: this store locks nothing")
        self.until[name] = until


def test_a_report_is_locked_for_ever_at_once_and_one_that_cannot_be_is_filed_all_the_same(folder: Path) -> None:
    for refuses in (False, True):
        archive = opened(folder)
        store = vars(archive)["store"] = Locking(refuses=refuses)
        done = filed(archive, kind="purge", holder=HOLDER, content={"n": 1}, clock=lambda: EVENING)
        assert store.until == ({} if refuses else {done.name: kept_until(None, now=EVENING)})
        assert codes(done) == (["REPORT_NOT_LOCKED"] if refuses else [])
        assert store.has(done.name)


STRANGERS = [
    f"20261399t990000z-sweep-{'a' * 32}",  # no such day
    f"20991231t235959z-census-{'a' * 32}",  # no such kind
    f"99991231t235959z-sweep-{'a' * 32}",  # nothing could come after it
]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_in_the_folder_of_reports_is_nobodys_predecessor(folder: Path, stranger: str) -> None:
    opened(folder).store.put(layout.report(HOLDER, stranger), b"{}")
    done = file(folder)
    assert told(files(folder), done.name).previous is None
