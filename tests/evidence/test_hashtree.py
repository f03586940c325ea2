"""archiver.evidence.hashtree: every leaf leads to the root, nothing else does."""

from hashlib import sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.evidence.hashtree import Tree, group_hash

DIGESTS = st.lists(st.binary(min_size=64, max_size=64), min_size=1, max_size=40)


def climb(leaf: bytes, path: tuple[tuple[bytes, ...], ...]) -> bytes:
    for siblings in path:
        leaf = sha512(b"".join(sorted((leaf, *siblings)))).digest()
    return leaf


@given(DIGESTS)
def test_each_leafs_path_leads_to_the_root(leaves):
    tree = Tree.build(leaves)
    assert all(climb(leaf, tree.path(place)) == tree.root for place, leaf in enumerate(leaves))


@given(DIGESTS, st.data())
def test_a_foreign_digest_leads_elsewhere(leaves, data):
    tree, place = Tree.build(leaves), data.draw(st.integers(0, len(leaves) - 1))
    foreign = data.draw(st.binary(min_size=64, max_size=64).filter(lambda digest: digest not in leaves))
    assert climb(foreign, tree.path(place)) != tree.root


@given(DIGESTS, st.randoms())
def test_the_order_of_a_groups_members_does_not_matter_but_each_member_does(members, chance):
    shuffled = chance.sample(members, len(members))
    assert group_hash(shuffled) == group_hash(members)
    assert group_hash([*members, members[0]]) != group_hash(members), "duplicates are kept"


def test_a_group_of_one_is_not_hashed_again():
    assert group_hash([b"\x01" * 64]) == b"\x01" * 64


@pytest.mark.parametrize("make", [Tree.build, group_hash])
def test_nothing_has_no_root(make):
    with pytest.raises(ValueError, match="at least one"):
        make([])
