import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_samples import (
    GOLDEN,
    TEN_YEARS,
    accepted,
    agents,
    digests,
    digests512,
    ids,
    instants,
    rapporto,
    retentions,
    sha,
    sha512,
    texts,
    words,
)

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package.rdv import builder, reader
from archiver.package.rdv.values import Esito, Item, Previous, Provenienza, Rdv, Remark, Segment, Signature, System

Validate = Callable[[str, bytes], None]
values = st.lists(st.tuples(texts, texts), max_size=2).map(tuple)
facts = {
    "size": st.integers(0, 10**12),
    "kind": st.just("") | words,
    "date": st.none() | instants,
    "origin": texts,
    "folder": st.just("") | words,
    "received": st.none() | instants,
    "format": texts,
    "virus": texts,
    "signature": st.none() | st.builds(Signature, texts, texts, texts, texts),
    "remarks": st.lists(st.builds(Remark, words, values), max_size=2).map(tuple),
}
acquired = {"sha256": digests, "sha512": digests512}


@st.composite
def rapporti(draw: st.DrawFn) -> Rdv:
    """Any rapporto: segments with their accepted objects, mixed with others."""
    items: list[Item] = []
    segments = []
    for name in draw(st.lists(digests, max_size=2, unique=True)):
        objects = st.builds(Item, st.just(Esito.ACCETTATO), segment=st.just(name), **acquired, **facts)
        held = draw(st.lists(objects, min_size=1, max_size=3, unique_by=lambda item: item.sha256))
        held = [item for item in held if item.sha256 not in {other.sha256 for other in items}]
        if held:
            first, *_, last = sorted(str(item.sha256) for item in held) * 2
            size = draw(st.integers(1, 10**9))
            retention = draw(retentions)
            segments.append(
                Segment(name, size, len(held), Sha256(first), Sha256(last), retention, draw(st.integers(0, 3000)))
            )
            items += held
    others = st.builds(Item, st.just(Esito.DUPLICATO), segment=st.none() | digests, **acquired, **facts) | st.builds(
        Item, st.just(Esito.NON_ACQUISITO), **facts
    )
    items = draw(st.permutations(items + draw(st.lists(others, max_size=2))))
    return Rdv(
        draw(digests),
        draw(st.none() | st.builds(Previous, digests, digests)),
        draw(instants),
        draw(st.builds(System, texts, texts, texts)),
        draw(ids),
        draw(agents),
        draw(agents),
        draw(ids),
        draw(texts),
        draw(st.sampled_from(Provenienza)),
        draw(st.lists(texts, max_size=2).map(tuple)),
        draw(texts),
        draw(texts),
        tuple(segments),
        tuple(items),
    )


@given(rapporti())
def test_what_was_written_is_read_back(own: Validate, rdv: Rdv) -> None:
    xml = builder.build(rdv)
    assert reader.read(xml) == rdv
    assert builder.build(rdv) == xml
    own("rdv-1.xsd", xml)


def test_the_digest_of_the_pdv_is_that_of_the_list_that_sha256sum_prints() -> None:
    listed = "".join(f"{sha(number)}  messages/{sha(number)}.eml\n" for number in range(3))
    longer = "".join(f"{sha512(number)}  messages/{sha(number)}.eml\n" for number in range(3))
    xml = builder.build(rapporto(3))
    expected = f'<ImprontaPdV sha256="{hashlib.sha256(listed.encode()).hexdigest()}"'
    assert f'{expected} sha512="{hashlib.sha512(longer.encode()).hexdigest()}"/>' in xml.decode()


def test_format_1_is_written_and_read_as_it_ever_was() -> None:
    golden = (GOLDEN / "rdv-1.xml").read_bytes()
    assert builder.build(rapporto(3)) == golden
    assert reader.read(golden) == rapporto(3)


@pytest.mark.parametrize(
    "change",
    [
        {"segments": ()},
        {"items": ()},
        {"items": rapporto(2).items},
        {"items": (*rapporto(3).items, accepted(1, sha("segment")))},
        {"items": (*rapporto(3).items, accepted(7, sha("another segment")))},
        {"segments": rapporto(3).segments * 2},
        {"mailbox": "info@pec.example.it"},
        {"at": datetime(2026, 1, 1)},
    ],
    ids=[
        "no segment",
        "no object",
        "one missing",
        "one twice",
        "unknown segment",
        "segment twice",
        "address",
        "no zone",
    ],
)
def test_a_rapporto_that_contradicts_itself_cannot_be_made(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        rapporto(3, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"sha512": None},
        {"sha256": None},
        {"outcome": Esito.NON_ACQUISITO},
        {"segment": None},
        {"size": -1},
        {"sha256": "A" * 64},
    ],
    ids=str,
)
def test_an_object_that_contradicts_itself_cannot_be_made(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(accepted(1, sha("segment")), **change)  # type: ignore[arg-type]


def test_an_earlier_mistake_of_order_is_no_segment() -> None:
    with pytest.raises(ValueError, match="after last"):
        Segment(sha("s"), 1, 1, Sha256("f" * 64), Sha256("0" * 64), TEN_YEARS, 2026)


GOOD = builder.build(rapporto(3)).decode()
HOSTILE = {
    "another message in its place": GOOD.replace(f'sha512="{sha512(1)}"', f'sha512="{sha512(9)}"'),
    "another format": GOOD.replace('formato="1"', 'formato="2"'),
    "an object less": GOOD.replace('esito="accettato"', 'esito="duplicato"', 1),
    "an unknown outcome": GOOD.replace('esito="duplicato"', 'esito="perso"'),
    "local time": GOOD.replace("T20:00:00Z</Istante>", "T20:00:00+01:00</Istante>"),
    "no zone": GOOD.replace("T20:00:00Z</Istante>", "T20:00:00</Istante>"),
    "upper-case digest": GOOD.replace(sha("segment"), sha("segment").upper()),
    "a signed number": GOOD.replace('dimensione="20000"', 'dimensione="+20000"'),
    "an unknown attribute": GOOD.replace("<Provenienza ", '<Provenienza x="1" '),
    "an unknown element": GOOD.replace("<Sistema>", "<Altro/><Sistema>"),
    "one element too many": GOOD.replace("</Sistema>", "<Altro/></Sistema>"),
    "text between": GOOD.replace("</Sistema>", "x</Sistema>"),
    "another namespace": GOOD.replace("urn:pec-archiver:rdv:1", "urn:pec-archiver:rdv:2"),
    "no relevant document": GOOD.replace("<DocumentoRilevante>Nomina 12/2026</DocumentoRilevante>", ""),
    "an external entity": GOOD.replace("?>", '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1),
    "a billion laughs": GOOD.replace(
        "?>", '?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>', 1
    ).replace("INBOX", "&c;"),
    "an undeclared entity": GOOD.replace("INBOX", "&e;"),
    "UTF-16": GOOD.replace("UTF-8", "UTF-16"),
    "cut": GOOD[:-5],
}


@pytest.mark.parametrize("xml", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_not_a_rapporto_is_refused(xml: str) -> None:
    assert xml != GOOD
    with pytest.raises(Malformed, match="rapporto"):
        reader.read(xml.encode("utf-16" if "UTF-16" in xml else "utf-8"))


def test_comments_and_instructions_are_no_content() -> None:
    assert reader.read(GOOD.replace("<Sistema>", "<!-- x --><?y z?><Sistema>").encode()) == rapporto(3)
