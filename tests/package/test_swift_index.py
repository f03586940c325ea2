"""What reads an index by its text sees what the strict reader sees, or leaves it to that one."""

import pytest
from hypothesis import given, settings
from package_samples import pindex
from test_index import CASES, CORRECTION, indexes

from archiver.errors import Malformed
from archiver.package.index import builder, reader, swift
from archiver.package.index.values import Index

XML = builder.build(pindex(3))
AFTER = b" </sincro:PVolume>\n"
BEGIN = XML.index(b" <sincro:FileGroup>\n")
FIRST = XML[BEGIN : XML.index(b" </sincro:FileGroup>\n") + len(b" </sincro:FileGroup>\n")]


@settings(max_examples=25)
@given(indexes())
def test_any_index_is_taken_whole_and_read_the_same(index: Index) -> None:
    xml = builder.build(index)
    groups, rest = swift.taken(xml)
    assert len(groups) == len(index.groups)
    assert b"<pec:Messaggio" not in rest
    assert builder.build(reader.read(xml)) == xml


@pytest.mark.parametrize("index", CASES.values(), ids=CASES)
def test_each_case_is_read_as_it_was_built(index: Index) -> None:
    assert builder.build(reader.read(builder.build(index))) == builder.build(index)


def test_a_file_with_a_previous_hash_is_left_to_the_strict_reader() -> None:
    xml = builder.build(CORRECTION)
    assert swift.taken(xml) == ((), xml)


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        (AFTER, b"<!--\n" + AFTER + FIRST + b"-->\n" + AFTER),
        (AFTER, b"<?x\n" + AFTER + FIRST + b"?>\n" + AFTER),
        (AFTER, b"<![CDATA[\n" + AFTER + FIRST + b"]]>\n" + AFTER),
        (b' xmlns:pec="urn:pec-archiver:pindex-moreinfo:1"', b' xmlns:pec="urn:other"'),
        (b' sincro:language="it"', b' sincro:language="en"'),
    ],
    ids=["comment", "processing instruction", "CDATA", "another namespace", "another root"],
)
def test_what_may_be_no_element_is_left_to_the_strict_reader(found: bytes, instead: bytes) -> None:
    xml = XML.replace(found, instead, 1)
    assert xml != XML
    assert swift.taken(xml) == ((), xml)


def test_a_group_hidden_in_an_attribute_is_no_group() -> None:
    hidden = XML.replace(b" </sincro:PVolume>\n", b'<x a=" </sincro:PVolume>\n', 1).replace(
        FIRST, FIRST + b'"/> </sincro:PVolume>\n', 1
    )
    with pytest.raises(Malformed, match="well-formed"):
        reader.read(hidden)


@pytest.mark.parametrize(
    "old",
    [b"<sincro:Path>messages/", b'dimensione="', b"urn:pec-archiver:file:metadata:", b"messages:"],
)
def test_a_file_that_contradicts_itself_is_refused_as_ever(old: bytes) -> None:
    place = XML.index(old, BEGIN) + len(old)
    spoiled = XML[:place] + b"0" + XML[place + (0 if old.startswith(b"dim") else 1) :]
    assert spoiled != XML
    with pytest.raises(Malformed):
        reader.read(spoiled)
