from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from package_samples import (
    GOLDEN,
    TEN_YEARS,
    digests,
    ids,
    instants,
    message,
    parties,
    pindex,
    retentions,
    sha,
    texts,
    volume,
)

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package.agents import Agent, AgentType, Retention
from archiver.package.index import builder, reader, values
from archiver.package.index.values import Index, RelationType

Validate = Callable[[str, bytes], None]
SOURCE = values.Source(sha("old"), f"pindexsource/{sha('old')}/PIndex.xml.p7m", sha("old index"))
CORRECTION = pindex(
    1,
    sources=(SOURCE,),
    groups=(values.FileGroup("t-0", (message(0, previous=values.Previous(sha(0), sha("old"))),)),),
)
CASES = {
    "three messages": pindex(3),
    "without trust material": pindex(1, trust=(), rdvs=(), laws="", stamped=False),
    "kept for ever": pindex(1, volume=volume(1, Retention("registri", 9999, "", ""))),
    "a correction": CORRECTION,
}


@st.composite
def indexes(draw: st.DrawFn) -> Index:
    """Any index: groups of messages with relations among them, RdVs, trust material."""
    names = draw(st.lists(digests, min_size=1, max_size=5, unique=True))
    facts = st.builds(
        values.Message,
        st.from_regex("[a-z][a-z-]{0,39}", fullmatch=True),
        instants,
        st.integers(0, 10**12),
        st.builds(values.Metadata, digests, st.sampled_from(values.MetadataSchema)),
    )
    files = [values.message(names[0], draw(facts))]
    for before, name in pairwise(names):
        relation = values.Relation(draw(st.sampled_from(RelationType)), (values.message_id(before),))
        files.append(values.message(name, draw(facts), relation))
    cut = draw(st.integers(0, len(files)))
    groups = [values.FileGroup(f"t-{at}", tuple(part)) for at, part in enumerate((files[:cut], files[cut:])) if part]
    lowest, highest = min(names), max(names)
    counts = (draw(st.integers(1, 10**9)), len(names), lowest, highest)
    held = values.Volume(
        draw(ids), draw(retentions), draw(st.integers(1, 3000)),
        (values.Segment(draw(digests), *counts),), values.MetadataZip(draw(digests), *counts),
    )  # fmt: skip
    rdvs = draw(
        st.lists(st.builds(values.rdv, digests, digests, sealed=st.booleans()), max_size=2, unique_by=lambda f: f.id)
    )
    trust = draw(st.lists(st.builds(values.trust, digests, st.just("crl")), max_size=2, unique_by=lambda f: f.id))
    return Index(
        draw(st.builds(values.Application, texts, texts, texts)), held, tuple(groups),
        tuple(sorted(rdvs, key=lambda file: file.path)), tuple(sorted(trust, key=lambda file: file.path)),
        draw(parties), draw(instants), draw(st.booleans()), draw(texts),
    )  # fmt: skip


def moreinfo(own: Validate, xml: bytes) -> None:
    for element in etree.fromstring(xml).iter(f"{{{values.MOREINFO_NAMESPACE}}}*"):
        if element.tag.rpartition("}")[2] in {"Volume", "Messaggio"}:
            own("pindex-moreinfo-1.xsd", etree.tostring(element))


@given(indexes())
def test_what_was_written_is_read_back_and_valid(own: Validate, index: Index) -> None:
    xml = builder.build(index)
    assert reader.read(xml) == index
    own("pindex-2.0.xsd", xml)
    moreinfo(own, xml)


@pytest.mark.parametrize("index", CASES.values(), ids=CASES.keys())
def test_an_index_is_valid_against_every_copy_of_the_schema(index: Index, own: Validate, published: Validate) -> None:
    xml = builder.build(index)
    published("sincro-v2/PIndex.parer.xsd", xml)
    published("sincro-v2/PIndex.7zpus.xsd", xml)
    own("pindex-2.0.xsd", xml)
    moreinfo(own, xml)
    assert reader.read(xml) == index


def test_the_order_of_rapporti_trust_and_relations_does_not_change_the_bytes() -> None:
    index = pindex(3)
    assert builder.build(replace(index, rdvs=index.rdvs[::-1], trust=index.trust[::-1])) == builder.build(index)
    one = values.Relation(RelationType.RISPOSTA_A, (values.message_id(sha(1)), values.message_id(sha(2))))
    two = values.Relation(RelationType.BUSTA_DI, (values.message_id(sha(1)),))
    turned = values.Relation(RelationType.RISPOSTA_A, one.targets[::-1])
    first, *rest = index.messages
    forwards, backwards = (
        replace(index, groups=(values.FileGroup("t", (replace(first, relations=relations), *rest)),))
        for relations in ((one, two), (two, turned))
    )
    assert builder.build(forwards) == builder.build(backwards)


def test_format_1_is_written_and_read_as_it_ever_was() -> None:
    golden = (GOLDEN / "pindex-1.xml").read_bytes()
    assert builder.build(pindex(3)) == golden
    assert reader.read(golden) == pindex(3)


def test_the_term_is_the_last_day_of_the_last_year() -> None:
    assert b'termine="2036-12-31"' in builder.build(pindex(1))
    assert b"termine=" not in builder.build(CASES["kept for ever"])


def test_a_reader_finds_every_file_and_its_metadata() -> None:
    index = reader.read(builder.build(pindex(2)))
    assert index.volume.id == sha("segment")
    first, second, *_ = index.files
    assert (first.path, first.metadata_path) == (f"messages/{sha(0)}.eml", f"metadata/{sha(0)}.xml")
    assert second.relations[0].targets == (first.id,)
    assert [file.path.split("/")[0] for file in index.files] == ["messages"] * 2 + ["pdv"] * 2 + ["trust"] * 3


FILES = tuple(pindex(3).messages)
ELSEWHERE = values.Relation(RelationType.AVVISO_DI, (values.message_id(sha("elsewhere")),))
SELF = values.Relation(RelationType.AVVISO_DI, (values.message_id(sha(0)),))


def groups(*files: values.File, name: str = "t") -> tuple[values.FileGroup, ...]:
    return (values.FileGroup(name, files),)


@pytest.mark.parametrize(
    "made",
    [
        lambda: pindex(3, groups=groups(*FILES[:2])),
        lambda: pindex(3, groups=groups(*FILES[:2], FILES[0])),
        lambda: pindex(1, groups=groups(message(0, ELSEWHERE))),
        lambda: pindex(1, groups=groups(message(0, SELF))),
        lambda: pindex(1, groups=groups(message(0), name="pdv")),
        lambda: pindex(1, groups=groups(message(0), name="info@pec.it")),
        lambda: pindex(1, groups=groups(message(0, previous=values.Previous(sha(0), sha("old"))))),
        lambda: pindex(1, at=datetime(2026, 1, 1)),
        lambda: pindex(1, rdvs=(values.trust(sha(1), "cer"),)),
        lambda: pindex(1, trust=(values.trust(sha(1), "cer"), values.trust(sha(1), "cer"))),
        lambda: values.File("messages/x.eml", sha(1), "eml", "message/rfc822"),
        lambda: values.Volume("info", TEN_YEARS, 2026, (), volume(1).metadata),
        lambda: Agent(AgentType.LEGAL_PERSON, (), (), "Studio"),
        lambda: Agent(AgentType.LEGAL_PERSON, ("x",), ("01234567890",), "Studio"),
        lambda: Agent(AgentType.NATURAL_PERSON, ("x",), (), "Studio"),
        lambda: Retention("x", 10_000, "", ""),
        lambda: Retention("x", 0, "", ""),
    ],
)
def test_an_index_that_contradicts_itself_cannot_be_made(made: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        made()


GOOD = builder.build(pindex(2)).decode()
PATH = f"<sincro:Path>messages/{sha(1)}.eml</sincro:Path>"
HASH = f">{sha(1)}</sincro:Hash>"
TIME = "2026-11-21T20:00:00Z</sincro:TimeInfo>"


def turned(old: str, new: str, count: int = -1) -> str:
    return GOOD.replace(old, new, count)


def doctype(entities: str, used: str) -> str:
    return GOOD.replace("?>", f"?><!DOCTYPE x [{entities}]>", 1).replace("Nomina", used)


HOSTILE = {
    "a hash in base64": turned(HASH, ">1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU=</sincro:Hash>"),
    "a hash in upper case": turned(HASH, HASH.replace(sha(1), sha(1).upper())),
    "a hash of another function": turned("SHA-256", "SHA-512"),
    "another hash": turned(HASH, f">{sha(7)}</sincro:Hash>"),
    "a path twice": turned(sha(1), sha(0)),
    "an id twice": turned(f"file:messages:{sha(1)}</sincro:ID>", f"file:messages:{sha(0)}</sincro:ID>"),
    "a path upwards": turned(PATH, "<sincro:Path>../etc/passwd</sincro:Path>"),
    "a path upwards in the middle": turned(PATH, f"<sincro:Path>messages/../messages/{sha(1)}.eml</sincro:Path>"),
    "an absolute path": turned(PATH, f"<sincro:Path>/messages/{sha(1)}.eml</sincro:Path>"),
    "a path of Windows": turned(PATH, f"<sincro:Path>messages\\{sha(1)}.eml</sincro:Path>"),
    "an escaped path": turned(PATH, f"<sincro:Path>messages%2F{sha(1)}.eml</sincro:Path>"),
    "a URL": turned(PATH, f"<sincro:Path>file://{sha(1)}.eml</sincro:Path>"),
    "metadata elsewhere": turned(f"metadata/{sha(1)}.xml", f"metadata/{sha(0)}.xml"),
    "no relevant document": turned("<sincro:RelevantDocument>Nomina 12/2026</sincro:RelevantDocument>", ""),
    "an empty relevant document": turned(">Nomina 12/2026<", "><"),
    "a relation to nothing": turned(f"file:messages:{sha(0)}</sincro:Value>", f"file:messages:{sha(9)}</sincro:Value>"),
    "an unknown relation": turned("ricevuta-di", "parente-di"),
    "time without zone": turned(TIME, TIME.replace("Z<", "<")),
    "local time": turned(TIME, TIME.replace("Z<", "+01:00<")),
    "another format": turned('formato="1"', 'formato="2"'),
    "another version of the norm": turned('sincroVersion="2.0"', 'sincroVersion="3.0"'),
    "another volume": turned(f"urn:pec-archiver:volume:{sha('segment')}", f"urn:pec-archiver:volume:{sha('x')}"),
    "another index's id": turned(f"pindex:{sha('segment')}:1", f"pindex:{sha('segment')}:2"),
    "a term that does not follow": turned("2036-12-31", "2030-12-31"),
    "an unprefixed attribute": turned("sincro:encoding=", "encoding=", 1),
    "a signature inside": turned("</sincro:PIndex>", "<x/></sincro:PIndex>"),
    "two embedded elements": turned("</sincro:EmbeddedMetadata>", "<x/></sincro:EmbeddedMetadata>", 1),
    "a message without metadata": GOOD[: GOOD.index("   <sincro:MoreInfo")] + GOOD[GOOD.index("  </sincro:File>") :],
    "an external entity": doctype('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;"),
    "a billion laughs": doctype('<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY e "&b;&b;&b;">', "&e;"),
}


@pytest.mark.parametrize("xml", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_not_an_index_of_ours_is_refused(xml: str) -> None:
    assert xml != GOOD
    with pytest.raises(Malformed, match="PIndex"):
        reader.read(xml.encode())


@pytest.mark.parametrize("what", ["@", "Message-ID", "Subject", "INBOX"])
def test_an_index_says_nothing_about_people_beyond_the_parties(what: str) -> None:
    assert what not in GOOD


def test_the_digest_in_a_path_is_that_of_the_file() -> None:
    with pytest.raises(ValueError):
        values.File(f"messages/{sha(1)}.eml", Sha256(sha(2)), "eml", "message/rfc822", FILES[0].message)
