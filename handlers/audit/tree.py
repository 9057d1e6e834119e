"""The Merkle tree of RFC 6962 (RFC 9162, section 2.1): hashes, inclusion and consistency proofs, and their checking.

Pure. A tree of n leaves is known by its subtrees: `node(level, index)` is the hash over the leaves from
`index << level` up to before `(index + 1) << level`, all of them there. Whoever can give those can give every proof,
and of a tree of n leaves a proof asks for no more than about log2(n) of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives import hashes

Hash = Callable[[bytes], bytes]

LEAF: Final = b"\x00"
NODE: Final = b"\x01"


def _sha256(data: bytes) -> bytes:
    return sha256(data).digest()


def _sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


HASHES: Final[dict[str, Hash]] = {"sha256": _sha256, "sm3": _sm3}
"""By the name that stands beside every value made with it; SM3 is GB/T 32905."""


class Wrong(Exception):
    """A proof that does not prove what it claims; never says why, because whoever made it may be the forger."""


def leaf_hash(leaf: bytes, using: Hash = _sha256) -> bytes:
    return using(LEAF + leaf)


def node_hash(left: bytes, right: bytes, using: Hash = _sha256) -> bytes:
    return using(NODE + left + right)


def complete(size: int) -> list[tuple[int, int]]:
    """The largest whole subtrees of a tree, from the left: (level, index). Their hashes are all that growing needs."""
    found, begin = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append((level, begin >> level))
            begin += 1 << level
    return found


def folded(peaks: Sequence[bytes], using: Hash = _sha256) -> bytes:
    """The root over whole subtrees that stand side by side as in `complete`; the hash of nothing for an empty tree."""
    if not peaks:
        return using(b"")
    root = peaks[-1]
    for left in reversed(peaks[:-1]):
        root = node_hash(left, root, using)
    return root


class Frontier:
    """A tree that only grows, in memory as little as its peaks. `size` leaves are in it."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = (), using: Hash = _sha256) -> None:
        self.size = size
        self._peaks = list(peaks)
        self._hash = using

    def append(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Takes the hash of the next leaf; gives (level, index, hash) of every subtree that it completes, itself first.

        A generator: ask for all of it, or the tree has not grown.
        """
        level, hash, index = 0, leaf, self.size
        yield level, index, hash
        while index & 1:
            level, index = level + 1, index >> 1
            hash = node_hash(self._peaks.pop(), hash, self._hash)
            yield level, index, hash
        self._peaks.append(hash)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """The same for many, for whoever wants only the root."""
        peaks, size, using = self._peaks, self.size, self._hash
        for hash in leaves:
            count = size
            while count & 1:
                hash = using(NODE + peaks.pop() + hash)
                count >>= 1
            peaks.append(hash)
            size += 1
        self.size = size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The hashes of `complete(size)`."""
        return tuple(self._peaks)

    def root(self) -> bytes:
        return folded(self._peaks, self._hash)


def inclusion(index: int, size: int) -> list[list[tuple[int, int]]]:
    """What the proof of a leaf is made of (RFC 9162, 2.1.3.1): each element is the root over these whole subtrees.

    Raises ValueError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[list[tuple[int, int]]] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range(middle, end))
            end = middle
        else:
            path.append(_range(begin, middle))
            begin = middle
    return path[::-1]


def consistency(first: int, second: int) -> list[list[tuple[int, int]]]:
    """What the proof between two sizes is made of (RFC 9162, 2.1.4.1), as `inclusion`. Raises ValueError."""
    if not 0 < first <= second:
        raise ValueError(f"a tree of {second} did not grow out of one of {first}")
    path: list[list[tuple[int, int]]] = []
    begin, end, whole = 0, second, True
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(_range(middle, end))
            end = middle
        else:
            path.append(_range(begin, middle))
            begin, whole = middle, False
    if not whole:
        path.append(_range(begin, end))
    return path[::-1]


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes, using: Hash = _sha256
) -> None:
    """RFC 9162, 2.1.3.2; `leaf` is the leaf's hash. Raises Wrong."""
    if not 0 <= index < size:
        raise Wrong
    number, last, hash = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Wrong
        if number & 1 or number == last:
            hash = node_hash(sibling, hash, using)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            hash = node_hash(hash, sibling, using)
        number, last = number >> 1, last >> 1
    if last or hash != root:
        raise Wrong


def check_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes], using: Hash = _sha256
) -> None:
    """RFC 9162, 2.1.4.2: the smaller tree is the beginning of the larger one. Raises Wrong."""
    if not 0 < first <= second:
        raise Wrong
    if first == second:
        if proof or first_root != second_root:
            raise Wrong
        return
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        raise Wrong
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Wrong
        if number & 1 or number == last:
            before, after = node_hash(sibling, before, using), node_hash(sibling, after, using)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            after = node_hash(after, sibling, using)
        number, last = number >> 1, last >> 1
    if last or before != first_root or after != second_root:
        raise Wrong


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    power: int = 1 << (size - 1).bit_length() - 1
    return power


def _range(begin: int, end: int) -> list[tuple[int, int]]:
    """The whole subtrees over these leaves; `begin` is where a subtree at least as large may stand."""
    return [(level, (begin >> level) + index) for level, index in complete(end - begin)]
