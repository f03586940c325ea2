"""Thirty years: authorities end and one is compromised, a signature and a digest fall, and the proof stands.

Two lineages: `prima` over SHA-512, `seconda` over SHA-256 until that ends. A certificate of five years each, so that
renewals come every five years; RSA PKCS#1 v1.5 of the first one ends in 2028; whoever stamps for `prima` in 2038 loses
its key in 2040.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.x509 import ReasonFlags
from support import letters
from support.ages import Clock, authority, day
from support.embedded import Disk, Embedded
from support.quick_tsa import QuickCA, QuickTSA
from support.small import Files as Bent

from archiver.chain import Material
from archiver.evidence.algorithms import CATALOGUE
from archiver.evidence.record import reader
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.renew import Report
from archiver.verdict import Finding, Indication
from archiver.verify import Trust, judge_store

OVERLAY = b"""
source = "la prova, 2026-11-22"
[[algorithm]]
name = "SHA-256"
until = 2035-01-01
"""
FIRST, SECOND = QuickCA("Radice prima"), QuickCA("Radice seconda")
COMPROMISED = day("2040-03-01")


def tsa(ca: QuickCA, year: int, serial: int, kind: str = "p256", digest: str = "sha256") -> QuickTSA:
    start, end = day(f"{year}-01-01"), day(f"{year + 5}-06-30")
    return QuickTSA(f"{ca.name} TSA {year}", start, end, kind, digest, serial, ca)


@dataclass
class House:
    """The archive, and whoever stamps in a year."""

    process: Embedded
    clock: Clock
    reports: dict[int, Report] = field(default_factory=dict)

    def crl(self, at: datetime) -> bytes:
        """The list of the first CA: from 2040 on with its lost key."""
        revoked = {2038: (COMPROMISED, ReasonFlags.key_compromise)} if at >= COMPROMISED else {}
        return FIRST.crl(revoked, at)

    def gather(self, path: tuple[bytes, ...]) -> tuple[Material, tuple[Finding, ...]]:
        lists = (self.crl(self.clock()), SECOND.crl({}, self.clock()))
        return Material(crls=lists), ()

    def stamping(self, year: int) -> None:
        """The authorities of a year: the first one begins with RSA, from 2034 on all sign with SHA-384."""
        digest = "sha384" if year >= 2034 else "sha256"
        first = max(start for start in (2026, 2028, 2033, 2038, 2043, 2048, 2053) if start <= year)
        second = max(start for start in (2025, 2030, 2034, 2039, 2044, 2049, 2054) if start <= year)
        self.process.lines = (
            (authority("prima", tsa(FIRST, first, first, "rsa" if first == 2026 else "p256", digest), self.clock),),
            (authority("seconda", tsa(SECOND, second, second, "p256", digest), self.clock, digest="sha256"),),
        )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, ca: Path) -> House:
    clock = Clock(day("2026-11-22"))
    catalogue = CATALOGUE.stricter(OVERLAY)
    process = Embedded(Disk.made(tmp_path_factory.mktemp("disk") / "d"), ca, Providers(), clock, catalogue=catalogue)
    made = House(process, clock)
    process.gather = made.gather
    made.stamping(2026)
    for number in range(2):
        process.ingest(letters.HandedIn((letters.plain(number),)))
    assert process.seal().volumes == 1
    for year in range(2027, 2057):
        for month in (3, 9):
            clock.now = day(f"{year}-{month:02}-15")
            made.stamping(year)
            made.reports[year * 100 + month] = process.renew(horizon=day("2027-07-10") - day("2027-01-01"))
    return made


def trust(house: House, at: datetime) -> Trust:
    """What an auditor of that day brings: the roots, the catalogue, and the lists of revocations of that day."""
    known = house.process.trust()
    return Trust(known.providers, known.policy.plus(crls=(house.crl(at), SECOND.crl({}, at))))


def test_it_passes_at_the_end_of_every_year(house: House) -> None:
    for year in range(2027, 2057):
        house.clock.now = day(f"{year}-12-31")
        judged = judge_store(house.process.disk.store, trust=trust(house, house.clock()), at=house.clock())
        grave = [(found.code, found.subject, found.text("en")) for found in judged.verdict.findings]
        assert judged.indication is Indication.PASSED, (year, grave)


def test_from_the_compromise_on_the_verdict_says_which_one_fell(house: House) -> None:
    for year, fell in ((2039, set()), (2041, {"EVIDENCE_FELL"}), (2056, {"EVIDENCE_FELL"})):
        house.clock.now = day(f"{year}-12-31")
        judged = judge_store(house.process.disk.store, trust=trust(house, house.clock()), at=house.clock())
        assert {found.code for found in judged.verdict.findings if found.code == "EVIDENCE_FELL"} == fell, year


def test_both_kinds_of_renewal_took_place(house: House) -> None:
    newest: dict[str, str] = {}
    for name in sorted(house.process.disk.objects()):
        parsed = layout.parse(name)
        if parsed and parsed.kind is Kind.VOLUME_RECORD:
            newest[parsed.tsa] = name
    chains = {
        lineage: [len(chain) for chain in reader.read(house.process.disk.store.get(name)).chains]
        for lineage, name in newest.items()
    }
    assert len(chains["prima"]) == 1
    assert chains["prima"][0] >= 3
    assert len(chains["seconda"]) == 2


def test_any_single_object_of_the_history_altered_fails_it(house: House) -> None:
    house.clock.now = day("2056-12-31")
    objects = house.process.disk.objects()
    trusted, survived = trust(house, house.clock()), []
    for number, (name, octets) in enumerate(objects.items()):
        place = len(octets) // 3 + 7 * number
        altered = bytearray(octets)
        altered[place % len(octets)] ^= 1 << place % 8
        judged = judge_store(Bent(objects | {name: bytes(altered)}), trust=trusted, at=house.clock())
        if judged.indication is not Indication.FAILED:
            survived.append((name, place, judged.indication))
    assert len(objects) > 20
    assert not survived
