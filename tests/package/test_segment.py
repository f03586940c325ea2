import hashlib
import io
import struct
import tempfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_samples import GOLDEN

from archiver import digest
from archiver.errors import Malformed
from archiver.package.segment import reader, writer

contents = st.lists(st.binary(max_size=60), min_size=1, max_size=6, unique=True)


def named(contents: list[bytes]) -> list[tuple[str, bytes]]:
    return [(f"messages/{hashlib.sha256(data).hexdigest()}.eml", data) for data in contents]


def written(contents: list[bytes]) -> bytes:
    sink = io.BytesIO()
    writer.write(named(contents), sink)
    return sink.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    members = reader.members(io.BytesIO(data), prefix="messages/", suffix=".eml")
    return {member.name: member.read() for member in members}


def by_zipfile(contents: list[bytes], **changes: object) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", allowZip64=False) as file:
        for name, data in sorted(named(contents)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            for key, value in changes.items():
                setattr(info, key, value)
            file.writestr(info, data)
    return sink.getvalue()


@given(contents)
def test_a_segment_is_byte_for_byte_what_the_standard_library_would_write(contents: list[bytes]) -> None:
    assert written(contents) == by_zipfile(contents)


@given(contents)
def test_the_order_of_arrival_does_not_change_the_bytes(contents: list[bytes]) -> None:
    assert written(contents) == written(contents[::-1])


@given(contents)
def test_what_was_written_is_read_back_with_the_same_offsets(contents: list[bytes]) -> None:
    sink = io.BytesIO()
    result = writer.write(named(contents), sink)
    assert read(sink.getvalue()) == dict(named(contents))
    assert (result.sha256, result.size) == (digest.sha256(sink.getvalue()), len(sink.getvalue()))
    for entry in result.entries:
        found = sink.getvalue()[entry.offset : entry.offset + entry.length]
        assert entry.name == f"messages/{hashlib.sha256(found).hexdigest()}.eml"


@given(contents, st.data())
def test_no_single_flipped_bit_goes_unseen(contents: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(written(contents))
    place = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[place // 8] ^= 1 << place % 8
    with pytest.raises(Malformed):
        read(bytes(whole))


@given(contents, st.data())
def test_a_segment_cut_short_is_refused(contents: list[bytes], data: st.DataObject) -> None:
    whole = written(contents)
    with pytest.raises(Malformed):
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_a_segment_is_written_and_read_as_it_ever_was() -> None:
    golden = (GOLDEN / "segment.zip").read_bytes()
    assert golden == GOOD
    assert read(golden) == dict(named([A, B]))


def shifted(data: bytes, by: bytes) -> bytes:
    """`by` before the first entry, all offsets corrected: a perfectly good ZIP."""
    source, sink = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO(by)
    sink.seek(len(by))
    with zipfile.ZipFile(sink, "a") as file:
        for info in source.infolist():
            file.writestr(info, source.read(info))
    return sink.getvalue()


def with_gap(data: bytes, gap: bytes) -> bytes:
    """`gap` between the last entry and the directory, its offset corrected: a perfectly good ZIP."""
    start = int.from_bytes(data[-6:-2], "little")
    return data[:start] + gap + data[start:-6] + (start + len(gap)).to_bytes(4, "little") + data[-2:]


A, B = b"first", b"second"
GOOD = written([A, B])
FIRST, SECOND = sorted(name for name, _ in named([A, B]))
HOSTILE = {
    "compressed": by_zipfile([A * 50], compress_type=zipfile.ZIP_DEFLATED),
    "dated": by_zipfile([A], date_time=(2026, 1, 1, 0, 0, 0)),
    "executable": by_zipfile([A], external_attr=0o100755 << 16),
    "commented entry": by_zipfile([A], comment=b"x"),
    "extra field": by_zipfile([A], extra=struct.pack("<2H1s", 0x4242, 1, b"x")),
    "garbage before": b"garbage" + GOOD,
    "garbage before, offsets corrected": shifted(GOOD, b"garbage"),
    "garbage before the directory": with_gap(GOOD, b"garbage"),
    "garbage after": GOOD + b"garbage",
    "another archive after": GOOD + written([b"third"]),
    "an entry twice": GOOD.replace(SECOND.encode(), FIRST.encode()),
    "entries out of order": GOOD.replace(FIRST.encode(), b"#")
    .replace(SECOND.encode(), FIRST.encode())
    .replace(b"#", SECOND.encode()),
    "another name": GOOD.replace(b"messages/", b"massages/"),
    "encrypted": GOOD.replace(b"\x14\x00\x00\x00\x00\x00\x00\x00\x21", b"\x14\x00\x01\x00\x00\x00\x00\x00\x21"),
    "no entry": b"PK\5\6" + bytes(18),
    "empty": b"",
    "no archive": b"From: a@example.it\r\n" * 20,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_not_a_segment_is_refused(data: bytes) -> None:
    assert data != GOOD
    with pytest.raises(Malformed):
        read(data)


def test_a_hidden_name_in_an_entrys_own_header_is_seen() -> None:
    hidden = GOOD.replace(FIRST.encode(), FIRST.replace("messages/", "messaged/").encode(), 1)
    with pytest.raises(Malformed, match=FIRST):
        read(hidden)


@pytest.mark.parametrize(
    "entries", [[], named([A, A]), [("messages/è.eml", A)]], ids=["nothing", "a name twice", "a name beyond ASCII"]
)
def test_what_is_no_segment_is_never_begun(entries: list[tuple[str, bytes]]) -> None:
    sink = io.BytesIO()
    with pytest.raises(ValueError):
        writer.write(entries, sink)
    assert sink.getvalue() == b""


def test_more_than_a_plain_zip_can_count_is_refused() -> None:
    entries = [(f"messages/{number:064x}.eml", b"") for number in range(65_535)]
    with pytest.raises(ValueError, match="65535"):
        writer.write(entries, io.BytesIO())


def test_four_gibibytes_are_refused_before_anything_is_written() -> None:
    sink, mebibyte = io.BytesIO(), bytes(1 << 20)
    entries = [(f"messages/{number:064x}.eml", mebibyte) for number in range(4096)]
    with pytest.raises(ValueError, match="4294967295"):
        writer.write(entries, sink)
    assert sink.getvalue() == b""


def test_a_giant_message_is_written_without_a_second_copy() -> None:
    import tracemalloc

    giant = memoryview(bytes(30 << 20))
    with tempfile.TemporaryFile() as sink:
        tracemalloc.start()
        writer.write([(f"messages/{'0' * 64}.eml", giant)], sink)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 1 << 20
