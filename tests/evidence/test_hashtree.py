"""archiver.evidence.hashtree: every leaf leads to the root, nothing else does."""

from hashlib import new, sha512

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


ALGORITHMS = ["sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_tree_and_group_are_hashed_with_the_algorithm_that_was_named(algorithm):
    one, two, three = sorted(new(algorithm, text).digest() for text in (b"uno", b"due", b"tre"))
    pair = new(algorithm, one + two).digest()
    assert group_hash([two, one], algorithm) == pair
    assert Tree.build([two, one, three], algorithm).root == new(algorithm, min(pair, three) + max(pair, three)).digest()


@pytest.mark.parametrize("make", [Tree.build, group_hash])
def test_nothing_new_is_built_with_an_algorithm_that_is_not_for_it(make):
    with pytest.raises(ValueError, match=r"expected one of .*sha3_512, found sha1"):
        make([b"\x01" * 20, b"\x02" * 20], "sha1")


@pytest.mark.parametrize("make", [Tree.build, group_hash])
def test_nothing_has_no_root(make):
    with pytest.raises(ValueError, match="at least one"):
        make([])
