"""Reports as documents: one way to write each, names that fit, nothing in them that could not be printed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.package import layout
from archiver.package.report import builder, reader
from archiver.package.report.values import DEEPEST, LARGEST, LONGEST, Report, ReportKind, identifier, told

AT = datetime(2026, 11, 22, 3, 15, tzinfo=UTC)
BEFORE = f"20261121t031500z-sweep-{'a' * 32}"
CONTENT = {"objects": 12, "è": "perché", "deep": True, "none": None, "list": [1, {"a": []}, -3]}
REPORT = Report(ReportKind.SWEEP, "h-1", AT, "pec-archiver 0.1.0", BEFORE, CONTENT)
GOOD = builder.build(REPORT)


def bent(**changes: Any) -> bytes:
    """The report with other fields, written as it should be."""
    fields = json.loads(GOOD) | changes
    known = {name: value for name, value in fields.items() if value is not ...}
    return (json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"a": found}
    return found


def test_a_report_is_read_as_it_was_written() -> None:
    assert reader.read(GOOD) == REPORT
    assert bent() == GOOD
    assert reader.read(bent(content=deep(DEEPEST))).content == deep(DEEPEST)


def test_the_same_report_is_the_same_bytes_whatever_order_it_was_made_in() -> None:
    turned = Report(REPORT.kind, "h-1", AT, REPORT.software, BEFORE, dict(reversed(CONTENT.items())))
    assert builder.build(turned) == GOOD


def test_an_id_says_when_and_of_what_kind_and_begins_the_digest() -> None:
    found = identifier(REPORT.kind, REPORT.at, GOOD)
    assert found == f"20261122t031500z-sweep-{sha256(GOOD)[:32]}"
    assert told(found) == (ReportKind.SWEEP, AT)
    for sealed, extension in ((False, "json"), (True, "json.p7m")):
        name = layout.report("h-1", found, sealed=sealed)
        assert layout.parse(name) == layout.Parsed(layout.Kind.REPORT, "h-1", found, extension=extension)


BAD: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"{",
    "not UTF-8": GOOD.replace("è".encode(), b"\xe8"),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "a list": b"[]\n",
    "no line end": GOOD.rstrip(b"\n"),
    "two line ends": GOOD + b"\n",
    "blanks": GOOD.replace(b":", b": ", 1),
    "keys in another order": b'{"version":1,' + GOOD[1:].replace(b',"version":1', b""),
    "escapes": GOOD.replace("è".encode(), b"\\u00e8", 1),
    "a key twice": b'{"at":"2026-11-22T03:15:00Z",' + GOOD[1:],
    "a key of the content twice": GOOD.replace(b'"deep":true', b'"deep":false,"deep":true'),
    "a key missing": bent(previous=...),
    "a key more": bent(more=""),
    "another version": bent(version=2),
    "a version that is true": bent(version=True),
    "a kind of the future": bent(kind="rebuild"),
    "a time with an offset": bent(at="2026-11-22T04:15:00+01:00"),
    "a holder that is a path": bent(holder="../h-1"),
    "a list for content": bent(content=[]),
    "a text for content": bent(content="a"),
    "a fraction": bent(content={"a": 1.5}),
    "a fraction that is whole": bent(content={"a": 1.0}),
    "a number beyond 64 bits": bent(content={"a": 2**63}),
    "no number": GOOD.replace(b'"objects":12', b'"objects":NaN'),
    "less than nothing": GOOD.replace(b'"objects":12', b'"objects":-0'),
    "digits without end": GOOD.replace(b'"objects":12', b'"objects":' + b"1" * 5000),
    "a line end in a text": bent(content={"a": "b\nc"}),
    "a text turned around": bent(content={"a": "b\u202ec"}),
    "a key turned around": bent(content={"b\u202ec": 1}),
    "half a character": GOOD.replace("perché".encode(), b"\\ud800"),
    "a text without end": bent(content={"a": "b" * (LONGEST + 1)}),
    "one level too many": bent(content=deep(DEEPEST + 1)),
    "levels without end": GOOD.replace(b'"objects":12', b'"objects":' + b"[" * 100_000 + b"]" * 100_000),
    "another kind before it": bent(previous=BEFORE.replace("sweep", "purge")),
    "a later one before it": bent(previous=BEFORE.replace("20261121", "20261123")),
    "one of the same second before it": bent(previous=BEFORE.replace("20261121", "20261122")),
    "a day that is none before it": bent(previous=BEFORE.replace("20261121", "20261131")),
    "a digest cut short before it": bent(previous=BEFORE[:-1]),
    "a number before it": bent(previous=1),
}


@pytest.mark.parametrize("octets", BAD.values(), ids=BAD)
def test_every_other_writing_is_refused(octets: bytes) -> None:
    with pytest.raises(Malformed, match=r"^report: "):
        reader.read(octets)


def test_one_that_is_too_large_is_neither_written_nor_read_and_the_way_out_is_said() -> None:
    many = ["b" * 1000] * (LARGEST // 1000)
    with pytest.raises(ValueError, match="several parts"):
        builder.build(Report(REPORT.kind, "h-1", AT, "x", None, {"many": many}))
    with pytest.raises(Malformed, match="at most"):
        reader.read(b" " * (LARGEST + 1))


WRONG: dict[str, Callable[[], Report]] = {
    "a time without a zone": lambda: Report(ReportKind.SWEEP, "h-1", AT.replace(tzinfo=None), "x", None, {}),
    "a part of a second": lambda: Report(ReportKind.SWEEP, "h-1", AT + timedelta(milliseconds=1), "x", None, {}),
    "a fraction": lambda: Report(ReportKind.SWEEP, "h-1", AT, "x", None, {"a": 0.5}),
    "bytes": lambda: Report(ReportKind.SWEEP, "h-1", AT, "x", None, {"a": b""}),
    "a number for a key": lambda: Report(ReportKind.SWEEP, "h-1", AT, "x", None, {1: "a"}),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("made", WRONG.values(), ids=WRONG)
def test_what_cannot_be_written_in_one_way_only_is_no_report(made: Callable[[], Report]) -> None:
    with pytest.raises(ValueError, match=r"expected"):
        made()


def test_whatever_a_service_said_can_be_made_fit_for_a_report() -> None:
    said = {"a\nb": ["c\x00d", ("\u202e", "x" * 5000), AT + timedelta(milliseconds=5)], "n": 3, "k": ReportKind.PURGE}
    fit = builder.printable(said)
    assert fit["a\\nb"][0] == "c\\x00d"
    assert fit["a\\nb"][1] == ["\\u202e", "x" * (LONGEST - 1) + "…"]
    assert fit["a\\nb"][2] == "2026-11-22T03:15:00Z"
    report = Report(ReportKind.SWEEP, "h-1", AT, "x", None, fit)
    assert reader.read(builder.build(report)) == report
