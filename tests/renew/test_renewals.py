"""Evidence grows before it ends: by a timestamp, by a tree, on every line, and never by anything that is not sound."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509 import ReasonFlags
from support import letters
from support.ages import Clock, authority, day
from support.embedded import Disk, Embedded
from support.quick_tsa import QuickCA, QuickTSA

from archiver.chain import Material
from archiver.errors import ConfigError, Unavailable
from archiver.evidence.record import reader
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.verdict import Indication, finding


def tsa(name: str, start: str, end: str, **more: object) -> QuickTSA:
    return QuickTSA(name, day(start), day(end), **more)  # type: ignore[arg-type]


@pytest.fixture
def process(tmp_path: Path, ca: Path) -> Embedded:
    clock = Clock(day("2026-11-22"))
    made = Embedded(Disk.made(tmp_path / "disk"), ca, Providers(), clock)
    made.lines = ((authority("prima", tsa("A", "2026-01-01", "2031-01-01"), clock),),)
    return made


def volumes(process: Embedded, how_many: int) -> None:
    for number in range(how_many):
        process.ingest(letters.HandedIn((letters.plain(number),)))
        process.seal()


def records(process: Embedded, kind: Kind = Kind.VOLUME_RECORD) -> list[str]:
    found = (layout.parse(name) for name in process.disk.objects())
    return [name for name, item in zip(process.disk.objects(), found, strict=True) if item and item.kind is kind]


def turn(process: Embedded, to: str) -> None:
    process.clock.now = day(to)  # type: ignore[attr-defined]


def test_nothing_is_due_long_before_the_end(process: Embedded) -> None:
    volumes(process, 1)
    turn(process, "2030-09-01")
    report = process.renew()
    assert (report.due, report.renewed, report.tokens) == (0, 0, 0)


def test_all_that_is_due_shares_one_token_and_lives_on(process: Embedded) -> None:
    volumes(process, 3)
    turn(process, "2030-10-15")
    process.lines = ((authority("prima", tsa("B", "2030-01-01", "2036-01-01"), process.clock),),)
    report = process.renew()
    assert (report.due, report.renewed, report.tokens, report.failures) == (3, 3, 1, [])
    assert {layout.parse(name).number for name in records(process)} == {1, 2}  # type: ignore[union-attr]
    assert process.renew().due == 0
    for at in ("2031-06-01", "2035-12-31"):
        turn(process, at)
        judged = process.verify()
        assert judged.indication is Indication.PASSED, judged.verdict.findings


def test_without_the_renewal_the_same_archive_is_in_doubt(process: Embedded) -> None:
    volumes(process, 1)
    turn(process, "2031-06-01")
    assert process.verify().indication is Indication.INDETERMINATE
    process.lines = ((authority("prima", tsa("B", "2030-01-01", "2036-01-01"), process.clock),),)
    report = process.renew()
    assert (report.renewed, len(report.failures)) == (0, 1)


def test_a_new_tree_over_every_file(process: Embedded) -> None:
    volumes(process, 2)
    turn(process, "2028-01-01")
    report = process.renew(target="sha3_512")
    assert (report.due, report.renewed, report.tokens, report.failures) == (2, 2, 1, [])
    assert report.bytes > 0
    newest = [name for name in records(process) if name.endswith("000002.ers")]
    assert all(len(reader.read(process.disk.store.get(name)).chains) == 2 for name in newest)
    judged = process.verify()
    assert judged.indication is Indication.PASSED, judged.verdict.findings
    assert process.renew(target="sha3_512").due == 0


def two_lines(process: Embedded, name: str, start: str, end: str) -> None:
    """Two redundant authorities of one generation."""
    process.lines = tuple(
        (authority(lineage, tsa(f"{lineage} {name}", start, end), process.clock),)  # type: ignore[arg-type]
        for lineage in ("prima", "seconda")
    )


def one_line(process: Embedded, name: str, start: str, end: str, **more: object) -> None:
    process.lines = ((authority("prima", tsa(name, start, end, **more), process.clock),),)  # type: ignore[arg-type]


def taken_away(process: Embedded, name: str) -> bytes:
    return process.disk.store._objects.pop(name)  # type: ignore[no-any-return]


class Running(Clock):
    """A clock that goes on by some minutes whenever it is looked at."""

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=4)
        return self.now


class Silent:
    """An authority that does not answer."""

    id = "prima"

    def answer(self, query: bytes) -> bytes:
        raise Unavailable("TSA prima: nessuna risposta")


@pytest.mark.parametrize("target", ["", "sha3_512"])
def test_a_run_may_take_hours(process: Embedded, target: str) -> None:
    volumes(process, 2)
    process.clock = Running(day("2030-10-15"))
    one_line(process, "B", "2030-01-01", "2036-01-01")
    report = process.renew(target=target)
    assert (report.renewed, report.tokens, report.failures) == (2, 1, [])


def test_what_is_altered_or_gone_is_a_failure_whatever_else_holds(process: Embedded) -> None:
    two_lines(process, "A", "2026-01-01", "2031-01-01")
    volumes(process, 2)
    gone = sorted(name for name in records(process) if "seconda" in name)[0]
    taken_away(process, gone)
    turn(process, "2030-10-15")
    two_lines(process, "B", "2030-01-01", "2036-01-01")
    report = process.renew()
    assert (report.renewed, [failure.subject for failure in report.failures], report.fallen) == (3, [gone], [])


def test_a_lineage_that_fell_is_no_failure_while_the_other_holds(process: Embedded) -> None:
    two_lines(process, "A", "2026-01-01", "2031-01-01")
    volumes(process, 1)
    turn(process, "2030-10-15")
    two_lines(process, "B", "2030-01-01", "2036-01-01")
    _, second = process.lines or ()
    one_line(process, "prima C", "2030-01-01", "2030-12-01")
    process.lines = (*(process.lines or ()), second)
    report = process.renew()
    assert (report.renewed, report.failures, len(report.fallen)) == (1, [], 1)


def test_a_token_that_would_gain_nothing_is_not_asked_for_again_and_again(process: Embedded) -> None:
    volumes(process, 1)
    turn(process, "2030-10-15")
    process.ingest(letters.HandedIn((letters.plain(9),)))
    process.seal()  # under the same certificate: the line's last token tells
    report = process.renew()
    assert (report.tokens, report.renewed, len(report.failures)) == (0, 0, report.due)
    assert "another authority is needed" in report.failures[0].text("en")


def test_a_weaker_tree_is_refused(process: Embedded) -> None:
    volumes(process, 1)
    with pytest.raises(ConfigError, match="weaker"):
        process.renew(target="sha256")


def test_what_was_read_long_ago_is_read_again(process: Embedded) -> None:
    volumes(process, 1)
    (line,) = process.lines or ()
    process.lines = ((replace(line[0], port=Silent()),),)
    with pytest.raises(Unavailable):
        process.renew(target="sha3_512")
    assert len(process.disk.rows()["reread"]) == 1
    process.lines = (line,)
    for name in records(process, Kind.SEGMENT):
        taken_away(process, name)
    turn(process, "2027-11-22")
    report = process.renew(target="sha3_512")
    assert (report.renewed, len(report.failures)) == (0, 1)
    assert process.disk.rows()["reread"] == []


def test_one_record_that_somebody_put_there_stops_no_other(process: Embedded) -> None:
    volumes(process, 3)
    first = sorted(records(process))[0]
    process.disk.store.put(first.replace("000001", "000002"), b"rubbish")
    turn(process, "2030-10-15")
    one_line(process, "B", "2030-01-01", "2036-01-01")
    report = process.renew()
    assert (report.renewed, len(report.failures)) == (2, 1)


def test_an_authority_revoked_without_harm_is_due_at_once(process: Embedded) -> None:
    volumes(process, 1)
    turn(process, "2028-01-01")
    revoked = QuickCA().crl({2: (day("2027-06-01"), ReasonFlags.superseded)}, day("2028-01-01"))
    process.gather = lambda path: (Material(crls=(revoked,)), ())
    one_line(process, "B", "2027-06-01", "2036-01-01", serial=3)
    report = process.renew()
    assert ([item.reason for item in report.plan], report.renewed) == (["revoked"], 1)
    assert process.renew().due == 0


def test_an_authority_that_lost_its_key_is_never_vouched_for(process: Embedded) -> None:
    volumes(process, 1)
    turn(process, "2030-10-15")
    lost = QuickCA().crl({2: (day("2029-06-01"), ReasonFlags.key_compromise)}, day("2030-10-01"))
    process.gather = lambda path: (Material(crls=(lost,)), ())
    one_line(process, "B", "2027-06-01", "2036-01-01", serial=3)
    report = process.renew()
    assert (report.tokens, report.renewed, len(report.failures)) == (0, 0, 1)
    assert "keyCompromise" in report.failures[0].text("en")


def test_a_token_is_not_frozen_while_its_revocation_may_still_be_learnt(process: Embedded) -> None:
    volumes(process, 1)
    silence = finding("REVOCATION_NOT_FETCHED", "A", name="A", url="http://ca.example/crl", reason="down")
    process.gather = lambda path: (Material(), (silence,))
    one_line(process, "B", "2030-01-01", "2036-01-01")
    turn(process, "2030-10-15")
    assert (process.renew().tokens, process.renew().renewed) == (0, 0)
    turn(process, "2030-12-25")
    assert process.renew().renewed == 1


def test_records_of_an_older_catalog_are_said_each_time_and_renewed_when_they_come_back(process: Embedded) -> None:
    volumes(process, 2)
    with process.disk.catalog() as catalog, catalog._database.writing() as connection:
        connection.exec_driver_sql("UPDATE evidence SET token = ''")
    name = sorted(records(process))[0]
    octets = taken_away(process, name)
    turn(process, "2030-10-15")
    one_line(process, "B", "2030-01-01", "2036-01-01")
    report = process.renew()
    assert (report.renewed, [failure.subject for failure in report.failures]) == (1, [name])
    process.disk.store.put(name, octets)
    assert process.renew().renewed == 1


def test_a_successor_is_asked_whatever_the_one_before_it_gave_yesterday(process: Embedded) -> None:
    turn(process, "2030-10-14")
    volumes(process, 1)
    turn(process, "2030-10-15")
    successor = authority("nuova", tsa("B", "2030-01-01", "2036-01-01"), process.clock, succeeds=("prima",))  # type: ignore[arg-type]
    process.lines = ((successor,),)
    report = process.renew()
    assert (report.renewed, report.tokens, report.failures, report.warnings) == (report.due, 1, [], [])
    assert report.due > 0
