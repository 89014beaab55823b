"""The tree against RFC 6962: published roots, and every proof of small trees against the definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.audit import tree
from tests.unit.audit.log_kit import steady

# The leaves and roots that RFC 6962 implementations share (certificate-transparency's reference tree).
LEAVES = [
    bytes.fromhex(h)
    for h in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [tree.leaf_hash(bytes([n])) for n in range(66)]


def definition(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it is written there."""
    if not hashes:
        return tree.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return tree.node_hash(definition(hashes[:split]), definition(hashes[split:]))


def node(level: int, index: int) -> bytes:
    return definition(HASHES[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_published_roots(size):
    edge = tree.Edge().extend(tree.leaf_hashes(LEAVES[:size]))
    assert edge.root().hex() == ROOTS[size]


def test_published_inclusion_and_consistency():
    hashes = tree.leaf_hashes(LEAVES)

    def of(level, index):
        return definition(hashes[index << level : (index + 1) << level])

    assert [h.hex() for h in tree.inclusion_proof(5, 8, of)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [h.hex() for h in tree.consistency_proof(6, 8, of)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_proof_of_small_trees():
    for size in range(1, len(HASHES)):
        root = definition(HASHES[:size])
        for index in range(size):
            proof = tree.inclusion_proof(index, size, node)
            tree.check_inclusion(HASHES[index], index, size, proof, root)
        for old in range(size + 1):
            proof = tree.consistency_proof(old, size, node)
            tree.check_consistency(old, size, proof, definition(HASHES[:old]), root)


@steady
@given(st.data(), st.integers(2, 65))
def test_a_changed_inclusion_proof_is_refused(data, size):
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index, size, node)
    root = definition(HASHES[:size])
    wrong = data.draw(st.integers(0, size + 1).filter(lambda n: n != index))
    place = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytes([proof[place][0] ^ 1]) + proof[place][1:]
    for leaf, at, path in (
        (HASHES[index], wrong, proof),
        (HASHES[size], index, proof),
        (HASHES[index], index, proof[:-1]),
        (HASHES[index], index, [*proof, root]),
        (HASHES[index], index, [*proof[:place], flipped, *proof[place + 1 :]]),
        (HASHES[index], index, [*proof[:-1], b"short"]),
    ):
        with pytest.raises(tree.ProofError):
            tree.check_inclusion(leaf, at, size, path, root)


@steady
@given(st.data(), st.integers(2, 65))
def test_a_changed_consistency_proof_is_refused(data, size):
    old = data.draw(st.integers(1, size - 1))
    proof = tree.consistency_proof(old, size, node)
    first, second = definition(HASHES[:old]), definition(HASHES[:size])
    for path, roots in (
        (proof[:-1], (first, second)),
        ([*proof, second], (first, second)),
        (proof, (second, second)),
        (proof, (first, first)),
    ):
        with pytest.raises(tree.ProofError):
            tree.check_consistency(old, size, path, *roots)


@steady
@given(st.lists(st.integers(0, 40), max_size=8))
def test_growth_in_any_steps_gives_the_same_tree_and_the_tiles_rows(steps):
    edge, count = tree.Edge(), 0
    collected: dict[int, list[bytes]] = {}
    for step in steps:
        rows: dict[int, list[bytes]] = {}
        edge = edge.extend([tree.leaf_hash(b"%d" % n) for n in range(count, count + step)], rows)
        for level, row in rows.items():
            collected.setdefault(level, []).extend(row)
        count += step
    hashes = [tree.leaf_hash(b"%d" % n) for n in range(count)]
    assert edge.size == count
    assert edge.root() == definition(hashes)
    assert tree.Edge.from_bytes(count, edge.to_bytes()) == edge
    assert collected.get(0, []) == hashes
    assert collected.get(8, []) == [definition(hashes[:256])] * (count // 256)


def test_an_edge_of_another_size_is_refused():
    with pytest.raises(ValueError, match="3 has 2 hashes"):
        tree.Edge.from_bytes(3, bytes(32))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_for_what_is_not_there(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion_proof(index, size, node)
    with pytest.raises(tree.ProofError, match="no leaf"):
        tree.check_inclusion(HASHES[0], index, size, [], HASHES[0])


@pytest.mark.parametrize(
    ("old", "new", "proof", "roots"),
    [
        (3, 2, [], (0, 0)),
        (0, 4, [bytes(32)], (0, 1)),
        (4, 4, [], (0, 1)),
        (0, 4, [], (1, 1)),
        (4, 8, [], (0, 1)),
        (3, 8, [], (0, 1)),
    ],
)
def test_degenerate_consistency_is_refused(old, new, proof, roots):
    known = [tree.EMPTY_ROOT, HASHES[1]]
    with pytest.raises(tree.ProofError):
        tree.check_consistency(old, new, proof, *(known[r] for r in roots))
    if old > new:
        with pytest.raises(ValueError, match="cannot grow"):
            tree.consistency_proof(old, new, node)
