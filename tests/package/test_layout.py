import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_samples import digests, ids, sha

from archiver.digest import Sha256
from archiver.package import layout
from archiver.package.layout import Kind, Parsed

numbers = st.integers(1, 999_999)
extensions = st.from_regex("[a-z0-9]{1,8}", fullmatch=True)


@given(ids, ids, ids, digests, numbers, extensions, st.booleans())
def test_parse_is_the_inverse_of_every_name(
    holder: str, mailbox: str, tsa: str, digest: Sha256, number: int, extension: str, sealed: bool
) -> None:
    xml = "xml.p7m" if sealed else "xml"
    cases = [
        (layout.segment(holder, digest), Parsed(Kind.SEGMENT, holder, digest)),
        (layout.rdv(holder, mailbox, digest, sealed=sealed), Parsed(Kind.RDV, holder, digest, mailbox, extension=xml)),
        (
            layout.rdv_record(holder, mailbox, digest, tsa=tsa, number=number),
            Parsed(Kind.RDV_RECORD, holder, digest, mailbox, tsa, number),
        ),
        (layout.trust(holder, digest, extension), Parsed(Kind.TRUST, holder, digest, extension=extension)),
        (layout.batch(holder, digest), Parsed(Kind.BATCH, holder, digest)),
        (
            layout.batch_record(holder, digest, tsa=tsa, number=number),
            Parsed(Kind.BATCH_RECORD, holder, digest, tsa=tsa, number=number),
        ),
        (layout.act(holder, f"20261122t071500z-{mailbox}"), Parsed(Kind.ACT, holder, f"20261122t071500z-{mailbox}")),
        (
            layout.act_record(holder, f"20261122t071500z-{mailbox}", tsa=tsa, number=number),
            Parsed(Kind.ACT_RECORD, holder, f"20261122t071500z-{mailbox}", tsa=tsa, number=number),
        ),
        (layout.index(holder, digest), Parsed(Kind.INDEX, holder, digest)),
        (layout.metadata(holder, digest), Parsed(Kind.METADATA, holder, digest)),
        (
            layout.volume_record(holder, digest, tsa=tsa, number=number),
            Parsed(Kind.VOLUME_RECORD, holder, digest, tsa=tsa, number=number),
        ),
        (layout.discard(holder, mailbox, sealed=sealed), Parsed(Kind.DISCARD, holder, mailbox, extension=xml)),
        (
            layout.discard_record(holder, mailbox, tsa=tsa, number=number),
            Parsed(Kind.DISCARD_RECORD, holder, mailbox, tsa=tsa, number=number),
        ),
    ]
    for name, parsed in cases:
        assert layout.parse(name) == parsed


def test_the_names_are_those_of_the_manual() -> None:
    a = sha("a")
    assert layout.segment("studio", a) == f"studio/segments/{a[:2]}/{a}.zip"
    assert layout.rdv("studio", "info", a) == f"studio/pdv/info/{a}.xml"
    assert layout.rdv_record("studio", "info", a, tsa="aruba", number=1) == f"studio/pdv/info/{a}.aruba.000001.ers"
    assert layout.trust("studio", a, "cer") == f"studio/trust/{a}.cer"
    assert layout.batch("studio", a) == f"studio/trust/batches/{a}.txt"
    assert layout.batch_record("studio", a, tsa="tsa", number=1) == f"studio/trust/batches/{a}.tsa.000001.ers"
    assert layout.index("studio", a) == f"studio/volumes/{a}/PIndex.xml.p7m"
    assert layout.metadata("studio", a) == f"studio/volumes/{a}/metadata.zip"
    assert layout.volume_record("studio", a, tsa="aruba", number=2) == f"studio/volumes/{a}/evidence/aruba/000002.ers"
    assert layout.discard("studio", "d-1", sealed=True) == "studio/discards/d-1/discard.xml.p7m"
    assert layout.discard_record("studio", "d-1", tsa="at", number=1) == "studio/discards/d-1/discard.at.000001.ers"


A = "a" * 64


@pytest.mark.parametrize(
    "name",
    [
        "",
        f"studio/segments/bb/{A}.zip",
        f"studio/segments/aa/{A}.zip\n",
        f"Studio/segments/aa/{A}.zip",
        f"studio/segments/aa/{A.upper()}.zip",
        f"studio/volumes/{A}/evidence/aruba/000000.ers",
        f"studio/volumes/{A}/../{A}/metadata.zip",
        f"studio/pdv/info@pec.it/{A}.xml",
        f"studio/trust/batches/{A}.xml",
        f"studio/trust/batches/{A}.aruba.000000.ers",
        "studio/acts/x.json",
    ],
)
def test_a_name_that_none_of_us_gave_says_nothing(name: str) -> None:
    assert layout.parse(name) is None


@pytest.mark.parametrize("holder", ["", "-a", "Studio", "info@pec.it", "a/b", "..", "a" * 41, "è", "a\n"])
def test_no_personal_or_unsafe_id_enters_a_name(holder: str) -> None:
    with pytest.raises(ValueError):
        layout.segment(holder, Sha256(A))


@pytest.mark.parametrize("number", [0, -1, 1_000_000])
def test_a_record_is_counted_from_one_to_six_digits(number: int) -> None:
    with pytest.raises(ValueError):
        layout.evidence_path("aruba", number)


def test_the_id_of_a_pdv_is_the_digest_of_a_documented_text() -> None:
    text = f"pec-archiver pdv 1\nstudio\ninfo\n{A}\n7:41"
    assert layout.pdv_id("studio", "info", A, "7:41") == hashlib.sha256(text.encode()).hexdigest()
    first = hashlib.sha256(b"pec-archiver pdv 1\nstudio\ninfo\n\n").hexdigest()
    assert layout.pdv_id("studio", "info", None, "") == first
