"""Trust batches and acts: a record of every line, noted and kept, whatever happened; and who is asked about beside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import acting, letters
from support.embedded import HOLDER, Disk, Embedded
from support.power import Mains, PowerCut
from support.revoking import LISTS, NOW, Ca, Told

from archiver.adapters.stores.memory import MemoryStore
from archiver.collect import Collector
from archiver.collect.shelf import Shelf
from archiver.digest import sha256
from archiver.errors import ConfigError, Unavailable
from archiver.package import act, layout
from archiver.package.act import ActKind
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.ports import TimeStampingAuthority
from archiver.seal import Authority, Report, asking, seal
from archiver.submission.keeping import kept_until
from archiver.submission.rows import TrustRow
from archiver.submission.subjects import subject_id

CA = Ca("CA delle firme")
SIGNER = CA.give("Firmatario", lists=[LISTS])
ACT = acting.act(holder=HOLDER, at=NOW)
EFFECTS = ("put", "retain", "record_evidence", "record_trust", "cover")
TEN_YEARS = kept_until(None, now=NOW)


class Locking(MemoryStore):
    """Remembers how long it was told to keep what."""

    def __init__(self) -> None:
        super().__init__()
        self.until: dict[str, datetime] = {}
        self.refuses: Kind | None = None

    def retain(self, name: str, *, until: datetime) -> None:
        parsed = layout.parse(name)
        if parsed and parsed.kind is self.refuses:
            raise ConfigError(f"{name}: this store locks nothing")
        assert self.has(name), name
        self.until[name] = until


class Silent:
    """An authority that does not answer."""

    def __init__(self, name: str) -> None:
        self.id = name

    def answer(self, query: bytes) -> bytes:
        raise Unavailable(f"TSA {self.id}: nessuna risposta")


class Counting(Mains):
    """Remembers the moments after which something had changed."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = [0]

    def spend(self, what: str) -> None:
        super().spend(what)
        if what.startswith("after ") and what.rpartition(".")[2] in EFFECTS:
            self.changed.append(self.moment - 1)


Start = Callable[[], Embedded]


@pytest.fixture
def start(tmp_path: Path, ca: Path) -> Start:
    """An archive with one act, and with the certificate of one who signed an attachment."""
    numbers = iter(range(1000))

    def started() -> Embedded:
        disk = Disk.made(tmp_path / f"{next(numbers)}")
        disk.store = Locking()
        disk.store.put(ACT.name, act.build(ACT))
        with disk.catalog() as catalog:
            Shelf(disk.store, catalog).keep_certificates([(SIGNER.der, HOLDER, "signer")], at=NOW)
        return Embedded(disk, ca, Providers(), lambda: NOW)

    return started


def night(
    process: Embedded, *lines: Sequence[str], silent: str = "", says: Mapping[str, bytes] | None = None
) -> Report:
    """The end of a night under these authorities, one of them `silent`; `says`: who is asked about revocations."""
    process.lines = tuple(tuple(_authority(process, name, silent) for name in line) for line in lines)
    with process.disk.catalog() as catalog:
        work = process._sealing(catalog)
        if says is not None:
            collector = Collector(Told(says), work.store, work.catalog, process.clock)
            work = replace(work, collector=collector, attachment_anchors=(CA.der,))
        return seal(work, everything=True)


def _authority(process: Embedded, name: str, silent: str) -> Authority:
    authority = process.authority(name)
    port: TimeStampingAuthority = Silent(name) if name == silent else authority.port
    return replace(authority, port=port)


def noted(process: Embedded) -> dict[str, list[str]]:
    """Which authorities have a record noted, by kind."""
    with process.disk.catalog() as catalog:
        kinds = {Kind.ACT: "act", Kind.BATCH: "batch"}
        found = [parsed for name in process.disk.objects() if (parsed := layout.parse(name)) and parsed.kind in kinds]
        assert len(found) == len({parsed.kind for parsed in found}), "one act, one batch"
        return {kinds[parsed.kind]: catalog.lineages(kinds[parsed.kind], subject_id(parsed)) for parsed in found}


def uncovered(process: Embedded) -> list[TrustRow]:
    with process.disk.catalog() as catalog:
        return catalog.uncovered(HOLDER)


def kept(process: Embedded) -> set[str]:
    """The objects that are kept for ever."""
    assert isinstance(process.disk.store, Locking)
    return {name for name, until in process.disk.store.until.items() if until == TEN_YEARS}


def test_an_act_and_a_batch_get_a_record_of_every_line_and_are_kept_with_it(start: Start) -> None:
    process = start()
    report = night(process, ["prima"], ["seconda"])
    assert (report.others, report.tokens, report.failures) == (4, 2, [])
    assert noted(process) == {"act": ["prima", "seconda"], "batch": ["prima", "seconda"]}
    assert uncovered(process) == []
    assert kept(process) == process.disk.objects().keys()
    again = night(process, ["prima"], ["seconda"])
    assert (again.others, again.tokens) == (0, 0)


def test_any_power_cut_leaves_them_to_the_next_night_until_all_is_noted_and_kept(start: Start) -> None:
    whole = start()
    whole.mains = mains = Counting()
    night(whole, ["prima"], ["seconda"])
    assert len(mains.changed) > 12
    for cut in mains.changed:
        process = start()
        process.mains = Mains(cut)
        with pytest.raises(PowerCut):
            night(process, ["prima"], ["seconda"])
        process.mains = None
        night(process, ["prima"], ["seconda"])
        assert noted(process) == {"act": ["prima", "seconda"], "batch": ["prima", "seconda"]}, cut
        assert uncovered(process) == [], cut
        assert kept(process) == process.disk.objects().keys(), cut
        again = night(process, ["prima"], ["seconda"])
        assert (again.others, again.tokens) == (0, 0), cut


@pytest.mark.parametrize("silent", ["prima", "seconda"])
def test_a_line_that_was_silent_for_a_night_is_caught_up(start: Start, silent: str) -> None:
    process = start()
    (other,) = {"prima", "seconda"} - {silent}
    with pytest.raises(Unavailable, match=silent):
        night(process, ["prima"], ["seconda"], silent=silent)
    assert noted(process) == {"act": [other], "batch": [other]}
    assert uncovered(process) != [], "a batch that one line lacks is not done"
    report = night(process, ["prima"], ["seconda"])
    assert (report.others, report.tokens) == (2, 1)
    assert noted(process) == {"act": ["prima", "seconda"], "batch": ["prima", "seconda"]}
    assert uncovered(process) == []


LATER: dict[str, tuple[list[list[str]], int]] = {
    "the same": ([["prima"]], 0),
    "another in its place": ([["seconda"]], 0),
    "one before it": ([["seconda", "prima"]], 0),
    "one more": ([["prima"], ["seconda"]], 1),
    "two others": ([["seconda"], ["terza"]], 2),
}


@pytest.mark.parametrize("lines", LATER)
def test_acts_of_the_past_are_stamped_again_only_for_a_line_more(start: Start, lines: str) -> None:
    process = start()
    night(process, ["prima"])
    today, more = LATER[lines]
    assert night(process, *today).others == more


def test_what_the_store_cannot_keep_is_said_and_comes_back(start: Start) -> None:
    process = start()
    store = process.disk.store
    assert isinstance(store, Locking)
    store.refuses = Kind.ACT_RECORD
    report = night(process, ["prima"])
    assert ["this store locks nothing" in item.text("en") for item in report.failures] == [True]
    assert noted(process) == {"act": [], "batch": ["prima"]}
    store.refuses = None
    assert night(process, ["prima"]).others == 1
    assert noted(process)["act"] == ["prima"]


def test_who_signed_an_attachment_is_asked_about_and_the_answer_is_covered_in_the_same_night(start: Start) -> None:
    process = start()
    said = CA.crl()
    report = night(process, ["prima"], says={LISTS: said})
    assert report.warnings == []
    assert layout.trust(HOLDER, sha256(said), "crl") in process.disk.objects()
    assert uncovered(process) == []


STRANGERS = {
    "of a CA that nobody configured": Ca("CA di nessuno"),
    "of one that takes the name of one that is": Ca(CA.name),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_signer_whom_no_anchor_stands_behind_sends_us_nowhere(start: Start, stranger: str) -> None:
    process = start()
    own = STRANGERS[stranger].give("Verdi", lists=["http://elsewhere.example/x"])
    with process.disk.catalog() as catalog:
        Shelf(process.disk.store, catalog).keep_certificates([(own.der, HOLDER, "signer")], at=NOW)
    report = night(process, ["prima"], says={LISTS: CA.crl()})
    assert report.warnings == [], "an address that was asked would have been refused"


def test_a_list_that_is_not_had_is_a_warning_and_the_night_goes_on(start: Start) -> None:
    report = night(start(), ["prima"], says={})
    assert [item.code for item in report.warnings] == ["REVOCATION_NOT_FETCHED"]
    assert report.others == 2


def test_more_signers_than_one_run_asks_about_are_counted(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SIGNERS", 2)
    process = start()
    more = [(CA.give(f"Firmatario {n}").der, HOLDER, "signer") for n in range(4)]
    with process.disk.catalog() as catalog:
        Shelf(process.disk.store, catalog).keep_certificates(more, at=NOW)
    report = night(process, ["prima"], says={LISTS: CA.crl()})
    (found,) = (item for item in report.warnings if item.code == "SIGNERS_NOT_ASKED")
    assert dict(found.values) == {"more": "3", "limit": "2"}


def test_the_authority_that_stamped_a_volume_is_kept_with_its_list_and_covered_the_night_after(start: Start) -> None:
    process = start()
    night(process, ["prima"], says={LISTS: CA.crl()})
    assert stamped(process) == [], "no volume, no question"
    process.clock = lambda: NOW + timedelta(minutes=1)
    process.ingest(letters.HandedIn((letters.plain(1),)))
    assert night(process, ["prima"], says={LISTS: CA.crl()}).volumes == 1
    (row,) = stamped(process)
    assert row.covered == ""
    assert night(process, ["prima"], says={LISTS: CA.crl()}).tokens == 0, "trust material alone is worth no token"
    process.ingest(letters.HandedIn((letters.plain(2),)))
    night(process, ["prima"], says={LISTS: CA.crl()})
    assert stamped(process)[0].covered != ""


def stamped(process: Embedded) -> list[TrustRow]:
    with process.disk.catalog() as catalog:
        return catalog.trust_of(HOLDER, kind="tsa")


def test_one_act_is_covered_and_all_before_it_are_kept_for_ever(start: Start) -> None:
    process = start()
    acts = [ACT]
    for _ in range(3):
        acts.append(acting.act(ActKind.SHOW, after=acts[-1], holder=HOLDER, at=NOW))
    acting.stored(acts[1:], process.disk.store)
    assert night(process, ["prima"]).failures == []
    records = [name for name in process.disk.objects() if "/acts/" in name and name.endswith(".ers")]
    assert [name.rpartition("/")[2].partition(".")[0] for name in records] == [acts[-1].id]
    assert {act.name for act in acts} <= kept(process)
    more = acting.act(ActKind.SHOW, after=acts[-1], holder=HOLDER, at=NOW)
    acting.stored([more], process.disk.store)
    assert night(process, ["prima"]).failures == []
    assert more.name in kept(process)


def test_records_that_a_catalog_put_back_does_not_know_are_noted_again(start: Start) -> None:
    process = start()
    catalog = process.disk.path.read_bytes()
    night(process, ["prima"])
    acting.stored([acting.act(ActKind.SHOW, after=ACT, holder=HOLDER, at=NOW)], process.disk.store)
    process.disk.path.write_bytes(catalog)
    night(process, ["prima"])
    with process.disk.catalog() as opened:
        assert len(opened.lineages_of_all("act")) == 2, "what is not noted is never renewed"
