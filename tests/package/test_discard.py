from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_samples import AT, GOLDEN, digests, digests512, ids, instants, sha, sha512, words

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package.discard import builder, reader
from archiver.package.discard.values import (
    Authorization,
    Discard,
    Member,
    MetadataChange,
    MetadataDigests,
    NotRequired,
    SegmentChange,
)

Validate = Callable[[str, bytes], None]
DISCARD = Discard(
    "d-2036",
    "studio",
    AT,
    "termine di conservazione decorso",
    "Responsabile della conservazione",
    Authorization("Soprintendenza archivistica", "123/2036", date(2036, 12, 1)),
    (SegmentChange(sha("A"), sha("A'")), SegmentChange(sha("B"))),
    (MetadataChange(sha("volume"), sha("M"), sha("M'")),),
    (
        Member(sha("X"), sha512("X"), sha("volume"), MetadataDigests(sha("X meta"), sha512("X meta"))),
        Member(sha("Y"), sha512("Y")),
    ),
    (sha("whole volume"),),
)


def by(*keys: str) -> Callable[[object], tuple[str, ...]]:
    return lambda value: tuple(getattr(value, key) or "" for key in keys)


def lists(strategy: st.SearchStrategy[object], *keys: str, least: int = 0) -> st.SearchStrategy[tuple[object, ...]]:
    """Sorted as the builder sorts, each once."""
    unique = st.lists(strategy, min_size=least, max_size=3, unique_by=by(*keys))
    return unique.map(lambda found: tuple(sorted(found, key=by(*keys))))


# no segment is ever a metadata.zip: the first digit keeps them apart
olds = digests.map(lambda digest: Sha256("0" + digest[1:]))
distinct = st.tuples(olds, digests).filter(lambda pair: pair[0] != pair[1])
segments = distinct.map(lambda pair: SegmentChange(*pair)) | st.builds(SegmentChange, olds)
metadata = st.builds(MetadataChange, digests, digests.map(lambda digest: Sha256("f" + digest[1:])))
members = st.builds(
    Member, digests, digests512, st.none() | digests, st.none() | st.builds(MetadataDigests, digests, digests512)
)
discards = st.builds(
    Discard,
    ids,
    ids,
    instants,
    words,
    words,
    st.builds(NotRequired, words) | st.builds(Authorization, words, words, st.dates()),
    lists(segments, "old"),
    st.just(()) | metadata.map(lambda change: (change,)),
    lists(members, "volume", "sha256", least=1),
    st.lists(digests, max_size=2, unique=True).map(lambda found: tuple(sorted(found))),
)


@given(discards)
def test_what_was_written_is_read_back(own: Validate, discard: Discard) -> None:
    xml = builder.build(discard)
    assert reader.read(xml) == discard
    own("discard-1.xsd", xml)


def test_the_order_of_the_effects_does_not_change_the_bytes() -> None:
    turned = replace(DISCARD, segments=DISCARD.segments[::-1], members=DISCARD.members[::-1])
    assert builder.build(turned) == builder.build(DISCARD)


def test_format_1_is_written_and_read_as_it_ever_was() -> None:
    golden = (GOLDEN / "discard-1.xml").read_bytes()
    assert builder.build(DISCARD) == golden
    assert reader.read(golden).replaced == DISCARD.replaced


def test_every_absence_is_explained_in_both_digests_where_it_happened() -> None:
    assert DISCARD.gone_sha256(sha("volume")) == {sha("X"), sha("X meta")}
    assert DISCARD.gone_sha512(sha("volume")) == {sha512("X"), sha512("X meta")}
    assert (DISCARD.gone_sha256(None), DISCARD.gone_sha512(None)) == ({sha("Y")}, {sha512("Y")})
    assert DISCARD.gone_sha256(sha("another volume")) == frozenset()
    assert DISCARD.replaced == {sha("A"): sha("A'"), sha("B"): None, sha("M"): sha("M'")}


change = partial(replace, DISCARD)


@pytest.mark.parametrize(
    "made",
    [
        lambda: change(members=(), volumes=()),
        lambda: change(members=DISCARD.members * 2),
        lambda: change(segments=DISCARD.segments * 2),
        lambda: change(volumes=DISCARD.volumes * 2),
        lambda: change(volumes=("info",)),
        lambda: change(reason=""),
        lambda: change(decided_by=""),
        lambda: change(at=datetime(2036, 1, 1)),
        lambda: change(holder="Studio Rossi"),
        lambda: SegmentChange(sha("A"), sha("A")),
        lambda: Authorization("", "1", date(2036, 1, 1)),
        lambda: NotRequired(""),
    ],
)
def test_a_destruction_without_effect_reason_or_authority_cannot_be_recorded(made: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        made()


GOOD = builder.build(DISCARD).decode()
HOSTILE = {
    "another format": GOOD.replace('formato="1"', 'formato="9"'),
    "a digest cut short": GOOD.replace(f'a="{sha("A" + chr(39))}"', 'a="abc"'),
    "a member twice": GOOD.replace("</Scarto>", GOOD[GOOD.index(" <Membro") :]),
    "no authorisation": GOOD.replace("<Autorizzazione ", "<Altro "),
    "a week for a day": GOOD.replace("2036-12-01", "2036-W49-1"),
    "a name beside the role": GOOD.replace("<Decisione ", '<Decisione nome="Mario" '),
    "a doctype": GOOD.replace("?>", "?><!DOCTYPE Scarto>", 1),
}


@pytest.mark.parametrize("xml", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_not_a_record_of_destruction_is_refused(xml: str) -> None:
    assert xml != GOOD
    with pytest.raises(Malformed, match="discard"):
        reader.read(xml.encode())
