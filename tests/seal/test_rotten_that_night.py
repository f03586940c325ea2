"""What is rotten in the store on the night when it would be sealed or covered waits, loudly, until it is repaired."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support import acting, letters
from support.damage import flipped
from support.embedded import HOLDER, TSA, Disk, Embedded
from support.power import Mains, PowerCut
from support.revoking import LISTS, NOW, Ca

from archiver.collect.shelf import Shelf
from archiver.digest import sha256
from archiver.errors import Unavailable
from archiver.evidence.cms import open_signed
from archiver.package import act, layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.seal import Authority, Report, seal
from archiver.verdict import Indication

CA = Ca("CA delle firme")
SIGNER = CA.give("Firmatario", lists=[LISTS])
ACT = acting.act(holder=HOLDER, at=NOW)


class Sealed(Mains):
    """The power fails as soon as an index is in the store."""

    def __init__(self, disk: Disk) -> None:
        super().__init__()
        self.disk = disk

    def spend(self, what: str) -> None:
        super().spend(what)
        if what == "after MemoryStore.put" and of_kind(self.disk, Kind.INDEX):
            raise PowerCut(what)


class Silent:
    """An authority that does not answer."""

    id = TSA

    def answer(self, query: bytes) -> bytes:
        raise Unavailable("TSA local: nessuna risposta")


def of_kind(disk: Disk, kind: Kind) -> list[str]:
    return [name for name in disk.objects() if (parsed := layout.parse(name)) and parsed.kind is kind]


def put(process: Embedded, name: str, octets: bytes) -> None:
    """These bytes are in its place, however that came about."""
    process.disk.store._objects[name] = octets


def rapporti(process: Embedded) -> Report:
    """The end of a night on which nothing is sealed."""
    with process.disk.catalog() as catalog:
        return seal(process._sealing(catalog), volumes=False)


# --- volumes


@pytest.fixture
def fresh(tmp_path: Path, ca: Path) -> Embedded:
    """A message that came in, whose rapporto has evidence of its own."""
    process = Embedded(Disk.made(tmp_path / "disk"), ca, Providers())
    process.ingest(letters.HandedIn((letters.plain(1),)))
    assert rapporti(process).rapporti == 1
    return process


@pytest.fixture
def begun(fresh: Embedded) -> Embedded:
    """Its volume is sealed, and the power failed before the evidence."""
    fresh.mains = Sealed(fresh.disk)
    with pytest.raises(PowerCut):
        fresh.seal()
    fresh.mains = None
    assert of_kind(fresh.disk, Kind.INDEX)
    return fresh


def first(octets: bytes) -> int:
    return 0


def middle(octets: bytes) -> int:
    return len(octets) // 2


def last(octets: bytes) -> int:
    return len(octets) - 1


def listed_name(octets: bytes) -> int:
    """In the name of a member, in the directory at the end of a ZIP: another one, of the right form."""
    place = octets.rindex(b"messages/") + len("messages/")
    while flipped(octets, place)[place : place + 1] not in b"0123456789abcdef":
        place += 1
    return place


def in_signature(octets: bytes) -> int:
    """In the value of the seal's signature."""
    return octets.index(open_signed(octets).signature) + 20


def in_certificate(octets: bytes) -> int:
    """In the serial number of the signer's certificate."""
    certificate = open_signed(octets).certificate
    assert certificate is not None
    return octets.index(certificate) + 20


def called(item: object) -> str:
    """The name of a case."""
    return getattr(item, "__name__", str(item))


Place = Callable[[bytes], int]
WAITING: list[tuple[Kind, Place]] = [
    *((kind, place) for kind in (Kind.RDV, Kind.RDV_RECORD, Kind.SEGMENT) for place in (first, middle, last)),
    (Kind.SEGMENT, listed_name),
]
BEGUN: list[tuple[Kind, Place]] = [
    *((kind, middle) for kind in (Kind.RDV, Kind.RDV_RECORD, Kind.SEGMENT, Kind.METADATA, Kind.TRUST)),
    *((Kind.METADATA, place) for place in (first, last)),
    *((Kind.INDEX, place) for place in (first, middle, in_signature, in_certificate)),
]


def keeps_it_open_until_repair(process: Embedded, kind: Kind, place: Place) -> None:
    name = of_kind(process.disk, kind)[0]
    good = process.disk.store.get(name)
    put(process, name, flipped(good, place(good)))
    report = process.seal()
    assert (report.volumes, len(report.failures) > 0) == (0, True)
    if kind is not Kind.SEGMENT:  # of which the messages count, and they are whole
        assert of_kind(process.disk, Kind.VOLUME_RECORD) == [], "evidence over it would be against what is repaired"
    with process.disk.catalog() as catalog:
        assert len(catalog.pending()) == 1
    put(process, name, good)
    report = process.seal()
    assert (report.volumes, report.failures) == (1, [])
    judged = process.verify()
    assert judged.indication is Indication.PASSED, judged.verdict.findings


@pytest.mark.parametrize(("kind", "place"), WAITING, ids=called)
def test_what_a_volume_would_hold_keeps_it_open(fresh: Embedded, kind: Kind, place: Place) -> None:
    keeps_it_open_until_repair(fresh, kind, place)


@pytest.mark.parametrize(("kind", "place"), BEGUN, ids=called)
def test_what_a_sealed_volume_holds_keeps_it_open(begun: Embedded, kind: Kind, place: Place) -> None:
    keeps_it_open_until_repair(begun, kind, place)


def test_every_certificate_and_list_of_a_sealed_volume_is_looked_at(begun: Embedded) -> None:
    names = of_kind(begun.disk, Kind.TRUST)
    assert len(names) == 3
    for name in names:
        good = begun.disk.store.get(name)
        put(begun, name, flipped(good, 40))
        assert any(name in failure.text("en") for failure in begun.seal().failures)
        put(begun, name, good)
    assert begun.seal().volumes == 1


def index(process: Embedded) -> Index:
    (name,) = of_kind(process.disk, Kind.INDEX)
    return index_reader.read(open_signed(process.disk.store.get(name)).content or b"")


def test_an_index_lists_a_rapportos_record_as_it_was_put_never_as_it_rotted(fresh: Embedded) -> None:
    (name,) = of_kind(fresh.disk, Kind.RDV_RECORD)
    good = fresh.disk.store.get(name)
    for place in range(0, len(good), 60):
        put(fresh, name, flipped(good, place))
        assert any(name in failure.text("en") for failure in fresh.seal().failures), place
        assert of_kind(fresh.disk, Kind.INDEX) == [], place
    put(fresh, name, good)
    fresh.seal()
    assert [file.sha256 for file in index(fresh).records] == [sha256(good)]


def test_a_record_of_an_authority_that_nobody_believes_any_more_is_listed_all_the_same(
    fresh: Embedded, other_ca: Path
) -> None:
    (name,) = of_kind(fresh.disk, Kind.RDV_RECORD)
    fresh.lines = ((fresh.authority("seconda", other_ca),),)
    assert fresh.seal().volumes == 1
    assert sha256(fresh.disk.store.get(name)) in [file.sha256 for file in index(fresh).records]


# --- trust batches and acts


@pytest.fixture
def process(tmp_path: Path, ca: Path) -> Embedded:
    """One act, the certificate of one who signed an attachment, and a message: its rapporto waits for evidence."""
    process = Embedded(Disk.made(tmp_path / "disk"), ca, Providers(), lambda: NOW)
    process.ingest(letters.HandedIn((letters.plain(1),)))
    process.disk.store.put(ACT.name, act.build(ACT))
    with process.disk.catalog() as catalog:
        Shelf(process.disk.store, catalog).keep_certificates([(SIGNER.der, HOLDER, "signer")], at=NOW)
    return process


def silent_night(process: Embedded) -> None:
    """A night without a token: what it began is left to the next."""
    honest = process.authority(TSA)
    process.lines = ((Authority(Silent(), honest.trusted),),)
    with pytest.raises(Unavailable):
        rapporti(process)
    process.lines = None


def records(process: Embedded) -> dict[str, int]:
    kinds = Kind.ACT_RECORD, Kind.BATCH_RECORD, Kind.RDV_RECORD
    return {str(kind): len(of_kind(process.disk, kind)) for kind in kinds}


WHOLE = {"act-record": 1, "batch-record": 1, "rdv-record": 1}


@pytest.mark.parametrize(
    ("kind", "waits"),
    [(Kind.ACT, "act-record"), (Kind.TRUST, "batch-record"), (Kind.BATCH, "batch-record")],
    ids=called,
)
@pytest.mark.parametrize("place", [first, middle, last])
def test_what_is_rotten_gets_no_evidence_and_the_rest_does(
    process: Embedded, kind: Kind, waits: str, place: Place
) -> None:
    silent_night(process)
    (name,) = of_kind(process.disk, kind)
    good = process.disk.store.get(name)
    put(process, name, flipped(good, place(good)))
    report = rapporti(process)
    assert [name in failure.text("en") for failure in report.failures] == [True]
    assert records(process) == WHOLE | {waits: 0}
    put(process, name, good)
    # a batch waits for company
    process.ingest(letters.HandedIn((letters.plain(2),)))
    report = rapporti(process)
    assert (report.others, report.failures) == (1, [])
    assert records(process) == WHOLE | {"rdv-record": 2}
    with process.disk.catalog() as catalog:
        assert catalog.uncovered(HOLDER) == []
