"""Reports in the night's evidence: leaves that wait for company while a stamp of their own proves them, and last."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from support import letters
from support.ages import Clock, authority, day
from support.embedded import HOLDER, Disk, Embedded
from support.power import Mains, PowerCut
from support.quick_tsa import QuickTSA

from archiver.adapters.stores.memory import MemoryStore
from archiver.errors import Unavailable
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.package.report.builder import build
from archiver.package.report.values import Report, ReportKind, identifier
from archiver.pec.providers import Providers
from archiver.seal import Report as Sealed
from archiver.seal.reports import COMPANY
from archiver.seal.sign import stamper
from archiver.submission.keeping import kept_until
from archiver.submission.reports import last
from archiver.verdict import Indication
from archiver.verify import judge_store

NOW = day("2026-11-22")


class Locking(MemoryStore):
    """Remembers how long it was told to keep what."""

    def __init__(self) -> None:
        super().__init__()
        self.until: dict[str, datetime] = {}

    def retain(self, name: str, *, until: datetime) -> None:
        assert self.has(name), name
        self.until[name] = until

    def swap(self, name: str, octets: bytes) -> bytes:
        """Other bytes under a name, as rot or a repair puts them; those that were there."""
        before, self._objects[name] = self._objects[name], octets
        return before


Start = Callable[[], Embedded]


@pytest.fixture
def start(tmp_path: Path, ca: Path) -> Start:
    """An empty archive in memory, whose clock a test turns."""
    numbers = iter(range(1000))

    def started() -> Embedded:
        disk = Disk.made(tmp_path / f"{next(numbers)}")
        disk.store = Locking()
        made = Embedded(disk, ca, Providers(), Clock(NOW))
        made.lines = ((made.authority("prima"),),)
        return made

    return started


def file(process: Embedded, how: str = "stamped", kind: ReportKind = ReportKind.SWEEP) -> str:
    """One report more, at the process's time: `plain`, `signed`, or `stamped` too; its name."""
    store, at = process.disk.store, process.clock()
    report = Report(kind, HOLDER, at, "x", last(store, HOLDER, kind), {"objects": 1})
    octets = build(report)
    with process.disk.catalog() as catalog:
        work = process._sealing(catalog)
        assert work.seals.signer is not None
        stamp = stamper(work, Sealed()) if how == "stamped" else None
        kept = octets if how == "plain" else work.seals.signer.sign(octets, at=at, stamp=stamp)
    name = layout.report(HOLDER, identifier(kind, at, octets), sealed=how != "plain")
    store.put(name, kept)
    return name


def turn(process: Embedded, to: datetime) -> None:
    process.clock.now = to  # type: ignore[attr-defined]


def records(process: Embedded) -> list[str]:
    found = (layout.parse(name) for name in process.disk.objects())
    return [
        name for name, one in zip(process.disk.objects(), found, strict=True) if one and one.kind is Kind.REPORT_RECORD
    ]


def noted(process: Embedded) -> dict[str, list[str]]:
    """Which authorities' records are noted, by report."""
    with process.disk.catalog() as catalog:
        return catalog.lineages_of_all("report")


WAITS = {"stamped": True, "signed": False, "plain": False}


@pytest.mark.parametrize("how", WAITS)
def test_only_a_report_that_its_own_stamp_proves_waits_for_company(start: Start, how: str) -> None:
    process = start()
    file(process, how)
    turn(process, NOW + timedelta(hours=1))
    done = process.seal()
    assert (done.others, done.tokens) == ((0, 0) if WAITS[how] else (1, 1))
    assert process.verify().indication is Indication.PASSED


def test_what_waits_is_covered_with_whatever_comes_and_at_last_alone(start: Start) -> None:
    process = start()
    file(process)
    turn(process, NOW + COMPANY - timedelta(seconds=1))
    assert process.seal().tokens == 0
    file(process)
    turn(process, NOW + COMPANY)
    done = process.seal()
    assert (done.others, done.tokens) == (2, 1)
    assert len(noted(process)) == 2
    file(process)
    process.ingest(letters.HandedIn((letters.plain(1),)))
    turn(process, NOW + COMPANY + timedelta(hours=1))
    done = process.seal()
    assert (done.others, done.rapporti, done.failures) == (1, 1, [])
    again = process.seal()
    assert (again.others, again.tokens) == (0, 0)
    assert process.verify().indication is Indication.PASSED


def test_each_report_has_a_record_of_its_own_from_every_line_and_is_kept_with_it_for_ever(start: Start) -> None:
    process = start()
    process.lines = ((process.authority("prima"),), (process.authority("seconda"),))
    made = [file(process, "plain"), file(process, "plain", ReportKind.PURGE)]
    done = process.seal()
    assert (done.others, done.tokens) == (4, 2)
    assert list(noted(process).values()) == [["prima", "seconda"]] * 2
    assert len(records(process)) == 4
    store = process.disk.store
    assert isinstance(store, Locking)
    assert {name for name, until in store.until.items() if until == kept_until(None, now=NOW)} == {
        *made,
        *records(process),
    }


class Unreadable(Locking):
    """On a disk that cannot read one object."""

    bad = ""

    def get(self, name: str) -> bytes:
        if name == self.bad:
            raise Unavailable(f"{name}: Input/output error")
        return super().get(name)


def test_a_report_that_cannot_be_read_is_a_failure_and_all_else_is_sealed(start: Start) -> None:
    process = start()
    store = process.disk.store = Unreadable()
    bad, good = file(process, "plain"), file(process, "plain", ReportKind.PURGE)
    store.bad = bad
    process.ingest(letters.HandedIn((letters.plain(1),)))
    done = process.seal()
    assert [failure.subject for failure in done.failures] == [bad]
    assert (done.volumes, done.rapporti, done.others, done.tokens) == (1, 1, 1, 2)
    assert list(noted(process)) == [good.rpartition("/")[2].partition(".")[0]]
    store.bad = ""
    done = process.seal()
    assert (done.failures, done.others) == ([], 1)
    assert process.verify().indication is Indication.PASSED


EFFECTS = ("put", "retain", "record_evidence")


class Counting(Mains):
    """Remembers the moments after which something had changed."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = [0]

    def spend(self, what: str) -> None:
        super().spend(what)
        if what.startswith("after ") and what.rpartition(".")[2] in EFFECTS:
            self.changed.append(self.moment - 1)


def test_any_power_cut_leaves_reports_to_the_next_night(start: Start) -> None:
    whole = start()
    file(whole, "plain")
    whole.mains = mains = Counting()
    whole.seal()
    assert len(mains.changed) == 5, "its record, two locks, the note"
    for cut in mains.changed:
        process = start()
        file(process, "plain")
        process.mains = Mains(cut)
        with pytest.raises(PowerCut):
            process.seal()
        process.mains = None
        done = process.seal()
        assert done.failures == [], cut
        assert list(noted(process).values()) == [["prima"]], cut
        assert process.seal().tokens == 0, cut
        assert process.verify().indication is Indication.PASSED, cut


def of_the_text(octets: bytes) -> int:
    return octets.index(b'"objects":1') + 10


def of_the_signature(octets: bytes) -> int:
    return octets.index(open_signed(octets).signature) + 40


def of_the_stamp(octets: bytes) -> int:
    return len(octets) - 1


@pytest.mark.parametrize(
    ("how", "place"),
    [("plain", of_the_text), ("signed", of_the_text), ("signed", of_the_signature), ("stamped", of_the_stamp)],
)
def test_evidence_is_never_made_over_rot_so_that_a_repair_still_helps(
    start: Start, how: str, place: Callable[[bytes], int]
) -> None:
    process = start()
    name = file(process, how)
    turn(process, NOW + COMPANY)
    store = process.disk.store
    assert isinstance(store, Locking)
    octets = store.get(name)
    at = place(octets)
    good = store.swap(name, octets[:at] + bytes((octets[at] ^ 1,)) + octets[at + 1 :])
    done = process.seal()
    assert [failure.subject for failure in done.failures] == [name]
    assert (records(process), done.tokens) == ([], 0)
    assert process.verify().indication is Indication.FAILED
    store.swap(name, good)
    done = process.seal()
    assert (done.failures, done.others) == ([], 1)
    assert process.verify().indication is Indication.PASSED


def test_a_report_beside_its_own_sealed_form_does_not_stop_the_night(start: Start) -> None:
    process = start()
    name = file(process, "signed")
    process.disk.store.put(name.removesuffix(".p7m"), b"{}\n")
    done = process.seal()
    assert (done.failures, done.others) == ([], 1)
    found = {item.code for item in process.verify().verdict.findings}
    assert "REPORT_TWICE" in found


def tsa(process: Embedded, name: str, start: str, end: str) -> None:
    process.lines = ((authority("prima", QuickTSA(name, day(start), day(end)), process.clock),),)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["", "sha3_512"])
def test_reports_live_on_by_renewals_as_everything_does(start: Start, target: str) -> None:
    process = start()
    tsa(process, "A", "2026-01-01", "2031-01-01")
    for how in ("stamped", "plain"):
        file(process, how)
        turn(process, process.clock() + timedelta(hours=1))
    process.ingest(letters.HandedIn((letters.plain(1),)))
    process.seal()
    before = process.verify()
    turn(process, day("2030-10-15"))
    tsa(process, "B", "2030-01-01", "2036-01-01")
    done = process.renew(target=target)
    assert (done.due, done.renewed, done.tokens, done.failures) == (3, 3, 1, [])
    assert sorted(layout.parse(name).number for name in records(process)) == [1, 1, 2, 2]  # type: ignore[union-attr]
    turn(process, day("2033-06-01"))
    after = process.verify()
    assert (before.indication, after.indication) == (Indication.PASSED, Indication.PASSED), after.verdict.findings


def revoked(ca: Path, at: datetime) -> bytes:
    """A list of the house on which its seal stands: its key was stolen at `at`."""
    own, seal = (x509.load_pem_x509_certificate((ca / f"{name}.pem").read_bytes()) for name in ("ca", "seal"))
    key = load_pem_private_key((ca / "ca.key").read_bytes(), None)
    entry = x509.RevokedCertificateBuilder(seal.serial_number, at)
    entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
    made = x509.CertificateRevocationListBuilder(
        own.subject, at, at + timedelta(days=3650), revoked_certificates=[entry.build()]
    )
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]


@pytest.mark.parametrize("covered", [True, False])
def test_a_signed_report_outlives_its_certificate_and_its_key_by_its_evidence(
    start: Start, ca: Path, covered: bool
) -> None:
    process = start()
    tsa(process, "A", "2026-01-01", "2031-01-01")
    file(process, "signed")
    if covered:
        process.seal()
    expected = Indication.PASSED if covered else Indication.INDETERMINATE
    turn(process, day("2030-06-01"))  # the house's seal lasts until 2028
    assert process.verify().indication is expected
    trust = process.trust()
    stolen = replace(trust, policy=trust.policy.plus(crls=[revoked(ca, NOW + timedelta(days=1))]))
    judged = judge_store(process.disk.store, trust=stolen, at=day("2027-01-01"))
    assert (judged.indication is Indication.PASSED) is covered


def test_an_altered_report_is_not_made_young_again(start: Start) -> None:
    process = start()
    tsa(process, "A", "2026-01-01", "2031-01-01")
    name = file(process, "plain")
    process.seal()
    store = process.disk.store
    assert isinstance(store, Locking)
    store.swap(name, store.get(name).replace(b'"objects":1', b'"objects":2'))
    turn(process, day("2028-01-01"))
    done = process.renew(target="sha3_512")
    assert (done.renewed, len(done.failures)) == (0, 1)
