"""The tree of RFC 6962: the RFC's own words and values, an independent implementation, and everything that is wrong."""

from __future__ import annotations

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.audit import tree
from handlers.audit.tree import Wrong

# The leaves and roots of the certificate-transparency project's tests (RFC 6962's reference).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Grown:
    """A tree with all its nodes, and proofs made of them."""

    def __init__(self, leaves, using=tree.HASHES["sha256"]):
        self.using, self.nodes, self.size, self.roots = using, {}, len(leaves), []
        frontier = tree.Frontier(using=using)
        for data in leaves:
            for level, index, hash in frontier.append(tree.leaf_hash(data, using)):
                self.nodes[level, index] = hash
            self.roots.append(frontier.root())

    def root(self, size=None):
        return self.roots[(self.size if size is None else size) - 1]

    def made(self, path):
        return [tree.folded([self.nodes[one] for one in element], self.using) for element in path]

    def inclusion(self, index, size=None):
        return self.made(tree.inclusion(index, size or self.size))

    def consistency(self, first, second=None):
        return self.made(tree.consistency(first, second or self.size))


def by_definition(leaves):
    """RFC 9162, 2.1.1, word by word."""
    if len(leaves) == 1:
        return tree.leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


def test_the_known_roots():
    grown = Grown([bytes.fromhex(one) for one in INPUTS])
    assert [root.hex() for root in grown.roots] == ROOTS
    assert tree.Frontier().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_example_tree_of_the_rfc():
    """RFC 9162, 2.1.5: seven leaves, its letters for the nodes."""
    grown = Grown([bytes([one]) for one in range(7)])
    a, b, c, d, e, f = (grown.nodes[0, one] for one in range(6))
    j = grown.nodes[0, 6]
    g, h, i = (grown.nodes[1, one] for one in range(3))
    k = grown.nodes[2, 0]
    last = tree.node_hash(i, j)
    assert (tree.node_hash(a, b), tree.node_hash(k, last)) == (g, grown.root())
    assert grown.inclusion(0) == [b, h, last]
    assert grown.inclusion(3) == [c, g, last]
    assert grown.inclusion(4) == [f, j, k]
    assert grown.inclusion(6) == [i, k]
    assert grown.consistency(3) == [c, d, g, last]
    assert grown.consistency(4) == [last]
    assert grown.consistency(6) == [i, j, k]
    assert e != f


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_every_tree_is_as_defined_and_every_proof_holds(leaves, data):
    grown = Grown(leaves)
    assert grown.root() == by_definition(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    tree.check_inclusion(tree.leaf_hash(leaves[index]), index, len(leaves), grown.inclusion(index), grown.root())
    first = data.draw(st.integers(1, len(leaves)))
    tree.check_consistency(first, by_definition(leaves[:first]), len(leaves), grown.root(), grown.consistency(first))


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_an_independent_implementation_agrees(leaves, data):
    """pymerkle's tree has our root; its proofs are our proofs, checked by ours and ours by it."""
    grown, theirs = Grown(leaves), pymerkle.InmemoryTree(algorithm="sha256")
    for one in leaves:
        theirs.append_entry(one)
    assert theirs.get_root() == grown.root()
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = theirs.prove_inclusion(index + 1)
    path = siblings(proof, tree.leaf_hash(leaves[index]))
    assert path == grown.inclusion(index)
    tree.check_inclusion(tree.leaf_hash(leaves[index]), index, len(leaves), path, grown.root())
    pymerkle.verify_inclusion(tree.leaf_hash(leaves[index]), grown.root(), proof)
    first = data.draw(st.integers(1, len(leaves)))
    assert theirs.get_root(first) == grown.root(first)
    pymerkle.verify_consistency(grown.root(first), grown.root(), theirs.prove_consistency(first, len(leaves)))


def siblings(proof, leaf):
    """pymerkle's path has the leaf itself in it."""
    path = list(proof.path)
    path.remove(leaf)
    return path


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=30), st.data())
def test_nothing_else_is_proven(leaves, data):
    """Another leaf, place, size, root, a step more, a step less, a step changed: wrong."""
    leaves = [bytes([number]) + one for number, one in enumerate(leaves)]  # no two alike
    grown, size = Grown(leaves), len(leaves)
    index = data.draw(st.integers(0, size - 1))
    leaf, proof, root = tree.leaf_hash(leaves[index]), grown.inclusion(index), grown.root()
    other = (index + data.draw(st.integers(1, size - 1))) % size
    at = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
    for wrong in (
        (tree.leaf_hash(leaves[other]), index, size, proof, root),
        (leaf, other, size, proof, root),
        (leaf, index, size, proof, bytes(32)),
        (leaf, index, size, [*proof, bytes(32)], root),
        (leaf, index, size, proof[:-1], root),
        (leaf, index, size, changed, root),
        (leaf, size, size, proof, root),
        (leaf, -1, size, proof, root),
    ):
        with pytest.raises(Wrong):
            tree.check_inclusion(*wrong)


@given(st.integers(2, 60), st.data())
def test_no_other_history_is_proven(size, data):
    grown = Grown([bytes([one]) for one in range(size)])
    first = data.draw(st.integers(1, size - 1))
    proof, before, after = grown.consistency(first), grown.root(first), grown.root()
    wrong = [(first, bytes(32), size, after, proof), (first, before, size, bytes(32), proof),
             (first, before, size, after, [*proof, bytes(32)]), (first, before, size, after, proof[:-1]),
             (size + 1, before, size, after, proof), (0, before, size, after, proof), (first, before, first, after, [])]
    wrong += [(first, before, size, after, [*proof[:at], bytes(32), *proof[at + 1 :]]) for at in range(len(proof))]
    for one in wrong:
        with pytest.raises(Wrong):
            tree.check_consistency(*one)


def test_a_leaf_is_no_node():
    """The prefixes keep a forger from passing two hashes off as a record."""
    left, right = tree.leaf_hash(b"a"), tree.leaf_hash(b"b")
    assert tree.leaf_hash(left + right) != tree.node_hash(left, right)


def test_sm3_is_the_hash_of_the_standard():
    """GB/T 32905-2016, appendix A."""
    assert tree.HASHES["sm3"](b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    grown = Grown([bytes([one]) for one in range(9)], tree.HASHES["sm3"])
    leaf = tree.leaf_hash(b"\x04", tree.HASHES["sm3"])
    tree.check_inclusion(leaf, 4, 9, grown.inclusion(4), grown.root(), tree.HASHES["sm3"])
    with pytest.raises(Wrong):
        tree.check_inclusion(leaf, 4, 9, grown.inclusion(4), grown.root())


@pytest.mark.parametrize(("make", "arguments"), [(tree.inclusion, (3, 3)), (tree.inclusion, (-1, 3)),
                                                  (tree.consistency, (0, 3)), (tree.consistency, (4, 3))])  # fmt: skip
def test_a_proof_of_what_is_not_there_is_refused(make, arguments):
    with pytest.raises(ValueError, match="tree"):
        make(*arguments)
