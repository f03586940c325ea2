import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from package_samples import TEN_YEARS

from archiver.package import markup, rules
from archiver.package.agents import Retention


def test_the_judges_readers_load_no_builder() -> None:
    program = """
import sys
import archiver.package.discard.reader, archiver.package.index.reader, archiver.package.metadata.reader
import archiver.package.rdv.reader, archiver.package.segment.reader
print([name for name in sys.modules if name.endswith((".builder", ".writer", ".markup"))])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_builders_load_no_reader() -> None:
    program = """
import sys
import archiver.package.discard.builder, archiver.package.index.builder, archiver.package.metadata.builder
import archiver.package.rdv.builder, archiver.package.segment.writer
print([name for name in sys.modules if name.endswith(".reader") or name == "archiver.package.document"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_time_is_written_in_utc_and_whole_seconds() -> None:
    rome = timezone(timedelta(hours=1))
    assert markup.instant(datetime(2026, 11, 3, 0, 15, 7, 999_999, rome)) == "2026-11-02T23:15:07Z"
    assert markup.instant(datetime(5, 1, 1, tzinfo=UTC)) == "0005-01-01T00:00:00Z"


def test_a_time_that_utc_cannot_hold_is_refused_like_any_other() -> None:
    with pytest.raises(ValueError, match="0001-01-01"):
        rules.moment(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))))


@pytest.mark.parametrize("text", ["", "-1", "+1", "01", "1.0", " 1", "١", "9" * 19])
def test_a_number_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError):
        rules.number(text)


@pytest.mark.parametrize(
    "text", ["", "/a", "a//b", "a/", "..", "a/../b", "./a", "a\\b", "a%2Fb", "a b", "è", "C:/a", "a\n"]
)
def test_a_path_is_relative_and_plain(text: str) -> None:
    with pytest.raises(ValueError):
        rules.path(text)


@pytest.mark.parametrize(
    ("retention", "term"),
    [(TEN_YEARS, "2036-12-31"), (Retention("x", 9999, "", ""), "None"), (Retention("x", 8000, "", ""), "None")],
    ids=["ten years", "for ever", "beyond the calendar"],
)
def test_a_term_ends_with_its_year(retention: Retention, term: str) -> None:
    assert str(retention.term(2026)) == term


def test_nothing_that_xml_forbids_or_normalises_gets_through_unescaped() -> None:
    xml = markup.Markup()
    xml.leaf("a", "<&>\r\n\t\0\x85\ud800\ufffe", {"b": '"\n\t'})
    assert xml.bytes().splitlines()[1] == (
        '<a b="&quot;&#10;&#9;">&lt;&amp;&gt;&#13;&#10;&#9;\ufffd\ufffd\ufffd\ufffd</a>'.encode()
    )
