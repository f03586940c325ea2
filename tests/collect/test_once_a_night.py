"""What is asked for once a night is asked for once, whatever the number of certificates, holders, runs, processes."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import pem
from collecting import HOLDER, Archive, codes, need, reasons
from cryptography.hazmat.primitives.serialization import Encoding
from support.revoking import DAY, HOUR, LISTS, NOW, RESPONDER, Ca, Told
from tsa.scripted import Asked, Reply, Scripted

from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.collect import When
from archiver.digest import sha256
from archiver.package import layout

CA = Ca()
MINUTE = timedelta(minutes=1)


def test_a_list_is_asked_for_once_for_all_certificates_and_all_holders(archive: Archive) -> None:
    source = Told({LISTS: CA.crl()})
    leaves = [CA.give(f"Firma {n}", lists=[LISTS]).der for n in range(20)]
    found = archive.collect(source, *(need(leaf, CA.der, holders=(HOLDER, "comune")) for leaf in leaves))
    assert (source.asked, len(found.crls), found.findings) == ([LISTS], 1, ())
    for holder in (HOLDER, "comune"):
        assert archive.kept("crl", holder=holder) == list(found.crls)
        assert len(archive.kept("cer", holder=holder)) == 21


def test_a_later_run_of_the_night_asks_nothing_and_finds_what_is_kept(archive: Archive) -> None:
    said = CA.crl()
    source, leaf = Told({LISTS: said}), CA.give(lists=[LISTS])
    archive.collect(source, need(leaf.der, CA.der))
    archive.now += 8 * HOUR  # eleven in the morning in Rome: the same night still
    found = archive.collect(source, need(CA.give("Altra", lists=[LISTS]).der, CA.der, holders=("comune",)))
    assert (source.asked, found.crls, archive.kept("crl", holder="comune")) == ([LISTS], (said,), [said])


def test_the_next_night_asks_again(archive: Archive) -> None:
    source, leaf = Told({LISTS: CA.crl(until=NOW + 7 * DAY)}), CA.give(lists=[LISTS])
    for _ in range(3):
        archive.collect(source, need(leaf.der, CA.der))
        archive.now += DAY
    assert source.asked == [LISTS] * 3
    assert len(archive.kept("crl")) == 1, "the same list is the same object"


def test_what_is_due_in_the_night_is_asked_again(archive: Archive) -> None:
    source = Told({LISTS: CA.crl(until=NOW + HOUR)})
    leaf = CA.give(lists=[LISTS])
    archive.collect(source, need(leaf.der, CA.der))
    archive.now += HOUR
    archive.collect(source, need(leaf.der, CA.der))
    assert source.asked == [LISTS] * 2


def test_a_question_that_failed_is_asked_again_after_an_hour(archive: Archive) -> None:
    source, leaf = Told({LISTS: "HTTP 503"}), CA.give(lists=[LISTS])
    for minutes in (0, 30, 59):
        archive.now = NOW + minutes * MINUTE
        assert "HTTP 503" in reasons(archive.collect(source, need(leaf.der, CA.der)))[0]
    assert source.asked == [LISTS]
    archive.now = NOW + 60 * MINUTE
    source.says = {LISTS: CA.crl()}
    found = archive.collect(source, need(leaf.der, CA.der))
    assert (source.asked, found.findings, len(found.crls)) == ([LISTS] * 2, (), 1)


def test_a_responder_is_asked_once_for_each_certificate(archive: Archive) -> None:
    held = {name: CA.give(name, serial=n, responders=[RESPONDER]) for n, name in enumerate(("una", "altra"), 10)}
    answers = iter([CA.answer(held["una"]), CA.answer(held["altra"])])
    source = Told({RESPONDER: lambda question: next(answers)})
    needs = [need(one.der, CA.der) for one in held.values()]
    for _ in range(2):
        assert archive.collect(source, *needs).findings == ()
    assert source.asked == [RESPONDER] * 2


@pytest.mark.parametrize(
    ("when", "list_there", "asked"),
    [
        (When.NO_CRL, True, [LISTS]),
        (When.NO_CRL, False, [LISTS, RESPONDER]),
        (When.ALWAYS, True, [LISTS, RESPONDER]),
        (When.NEVER, False, [LISTS]),
    ],
)
def test_when_a_responder_is_asked(archive: Archive, when: When, list_there: bool, asked: list[str]) -> None:
    leaf = CA.give(lists=[LISTS], responders=[RESPONDER])
    source = Told({LISTS: CA.crl() if list_there else "HTTP 404", RESPONDER: CA.answer(leaf)})
    found = archive.collect(source, need(leaf.der, CA.der), when=when)
    assert source.asked == asked
    assert (len(found.crls), len(found.ocsps)) == (int(list_there), int(RESPONDER in asked))


def test_the_second_address_of_a_list_is_asked_when_the_first_has_none(archive: Archive) -> None:
    leaf = CA.give(lists=["ldap://directory.example/cn=ca", "http://down.example/ca.crl", LISTS])
    source = Told({LISTS: CA.crl()})
    found = archive.collect(source, need(leaf.der, CA.der))
    assert (source.asked, found.findings, len(found.crls)) == (["http://down.example/ca.crl", LISTS], (), 1)


def test_every_certificate_below_the_anchor_is_looked_at_and_the_anchor_is_not(archive: Archive) -> None:
    middle, above = Ca("Intermedia"), "http://root.example/ca.crl"
    certificate = middle.certified_by(CA, lists=[above]).public_bytes(Encoding.DER)
    source = Told({above: CA.crl(), LISTS: middle.crl()})
    found = archive.collect(source, need(middle.give(lists=[LISTS]).der, certificate, CA.der))
    assert (source.asked, found.findings, len(found.crls)) == ([LISTS, above], (), 2)
    assert [row.kind for row in archive.catalog.trust_of(HOLDER) if row.extension == "cer"].count("ca") == 2


def test_a_certificate_that_names_nothing_is_a_finding_and_its_anchor_none(archive: Archive) -> None:
    assert codes(archive.collect({}, need(CA.give().der, CA.der))) == ["REVOCATION_NO_SOURCE"]
    assert codes(archive.collect({}, need(CA.der))) == []


def test_nothing_is_asked_where_nothing_may_be_fetched_and_lists_in_files_count(archive: Archive) -> None:
    leaf, said = CA.give(lists=[LISTS]), CA.crl()
    assert "fetch = false" in reasons(archive.collect(None, need(leaf.der, CA.der)))[0]
    found = archive.collect(None, need(CA.give().der, CA.der, crls=(said, Ca("Estranea").crl())))
    assert (found.findings, found.crls, archive.kept("crl")) == ((), (said,), [said])


def test_a_stale_list_in_a_file_is_a_finding(archive: Archive) -> None:
    old = CA.crl(since=NOW - 9 * DAY, until=NOW - DAY)
    found = archive.collect(None, need(CA.give().der, CA.der, crls=(old,)))
    assert "not had from crls: CRL scaduta (stale)" in reasons(found)[0]
    assert archive.kept("crl") == []


def test_a_list_in_armour_is_kept_without_it(archive: Archive) -> None:
    said = CA.crl()
    found = archive.collect({LISTS: pem.armor("X509 CRL", said)}, need(CA.give(lists=[LISTS]).der, CA.der))
    assert (found.findings, found.crls, archive.kept("crl")) == ((), (said,), [said])


def test_what_is_kept_answers_without_a_network(archive: Archive) -> None:
    said, leaf = CA.crl(), CA.give(lists=[LISTS], responders=[RESPONDER])
    answer = CA.answer(leaf)
    archive.collect({LISTS: said, RESPONDER: answer}, need(leaf.der, CA.der), when=When.ALWAYS)
    quiet = archive.collector(None)
    found = quiet.current(HOLDER, leaf.der)
    assert (found.crls, found.ocsps) == ((said,), (answer,))
    assert quiet.current(HOLDER, CA.give("Altra").der).crls == (said,), "its issuer's, though it names no address"
    archive.now += 2 * DAY
    assert (quiet.current(HOLDER, leaf.der).crls, quiet.current(HOLDER, leaf.der).ocsps) == ((said,), ())
    archive.now += 6 * DAY
    assert quiet.current(HOLDER, leaf.der).crls == ()
    assert quiet.current(HOLDER, b"no certificate").crls == ()


def test_what_was_seen_keeps_its_first_day_and_what_covers_it(archive: Archive) -> None:
    leaf = CA.give(lists=[LISTS])
    archive.collect({LISTS: CA.crl()}, need(leaf.der, CA.der))
    archive.catalog.cover(HOLDER, [sha256(leaf.der)], "v1", archive.now)
    archive.now += DAY
    archive.collect({LISTS: CA.crl()}, need(leaf.der, CA.der, kind="signer"))
    (row,) = archive.catalog.trust_with([sha256(leaf.der)])
    assert (row.kind, row.at, row.covered) == ("tsa", NOW, "v1")


@pytest.mark.parametrize("octets", [b"", b"damaged"], ids=["gone", "damaged"])
def test_a_kept_object_that_is_gone_or_damaged_is_fetched_again(archive: Archive, octets: bytes) -> None:
    source, leaf = Told({LISTS: CA.crl()}), CA.give(lists=[LISTS])
    (said,) = archive.collect(source, need(leaf.der, CA.der)).crls
    name = layout.trust(HOLDER, sha256(said), "crl")
    archive.store._objects.pop(name)
    if octets:
        archive.store.put(name, octets)
    found = archive.collect(source, need(leaf.der, CA.der))
    assert (source.asked, found.crls) == ([LISTS] * 2, (said,))


def test_a_damaged_object_gets_no_row(archive: Archive) -> None:
    good, bad = CA.give().der, CA.give().der
    archive.store.put(layout.trust(HOLDER, sha256(good), "cer"), good)
    archive.store.put(layout.trust(HOLDER, sha256(bad), "cer"), good)
    archive.collector(None).heal(HOLDER)
    assert [row.sha256 for row in archive.catalog.trust_of(HOLDER)] == [sha256(good)]


PROCESS = """
import sys
from datetime import datetime
from pathlib import Path
from archiver.adapters.catalog import Catalog
from archiver.adapters.revocation import HttpRevocation
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.collect import Collector, Need
folder, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
leaf, ca = (folder / "leaf.cer").read_bytes(), (folder / "ca.cer").read_bytes()
source = HttpRevocation(allow_private=True)
catalog = Catalog.open(f"sqlite:///{folder}/catalog.db")
print("ready", flush=True)
sys.stdin.readline()
collector = Collector(source, FilesystemStore(folder / "store"), catalog, lambda: now)
for _ in range(5):
    found = collector.collect([Need((leaf, ca), ("studio",), "tsa")])
    assert len(found.crls) == 1 and not found.findings, found
catalog.close()
"""


def test_two_processes_at_once_ask_at_most_once_each_and_nothing_breaks(tmp_path: Path, empty_catalog: Path) -> None:
    said = CA.crl()

    def slowly(asked: Asked) -> Reply:
        return Reply(body=[said[:40], said[40:]], pause=0.2)

    with Scripted(slowly) as server:
        url = server.url.replace("/tsa", "/ca.crl")
        (tmp_path / "leaf.cer").write_bytes(CA.give(lists=[url]).der)
        (tmp_path / "ca.cer").write_bytes(CA.der)
        (tmp_path / "catalog.db").write_bytes(empty_catalog.read_bytes())
        FilesystemStore.create(tmp_path / "store")
        command = [sys.executable, "-c", PROCESS, str(tmp_path), NOW.isoformat()]
        both = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        for child in both:
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
        for child in both:
            assert child.stdin
            child.stdin.write("\n")
            child.stdin.flush()
        for child in both:
            _, errors = child.communicate(timeout=60)
            assert child.returncode == 0, errors
        assert 1 <= len(server.asked) <= 2
    catalog = Catalog.open(f"sqlite:///{tmp_path}/catalog.db")
    assert [row.kind for row in catalog.trust_of("studio") if row.extension == "crl"] == ["crl"]
    catalog.close()
