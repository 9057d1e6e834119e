"""Signed heads of the tree: what is given out, so that nobody can rewrite what came before without being found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.audit import notes, sealing
from handlers.audit.notes import Checkpoint, Signer, Unsigned
from handlers.transaction import Row, Transaction, from_ms, to_ms

_TORN: Final = b""
_NEVER: Final = from_ms(0)


class Broken(Exception):
    """The tables do not give the head that was signed last: `size` is that head's. Nothing new may be signed."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the head of {size} leaves cannot be computed again")
        self.size = size


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`note` is the whole signed note, `signer` the key's number in hex."""

    size: int
    root: bytes
    at: datetime
    signer: str
    note: str

    @property
    def whole(self) -> bool:
        """Whether its row says what its note says: somebody may have written into either."""
        return self.root != _TORN


async def sign(tx: Transaction, signer: Signer, *, now: datetime, second: bool = False) -> Head:
    """The head of what is sealed now, kept; the last one once more where it says the same. Raises Broken.

    What cannot be shown to have grown out of the last head is never signed. `second`: with the root of the other tree.
    """
    size, before = await sealing.size(tx), await last(tx)
    if before is not None:
        await _grown_out_of(tx, before, size)
        if before.size == size and before.signer == signer.verifier.id.hex():
            return before
    root = (await sealing.frontier(tx, sealing.MAIN, size)).root()
    sm3 = await _second(tx) if second else None
    now = now if before is None else max(now, before.at)  # like a fact's: if the clock went back, the last one's
    point = Checkpoint(origin=signer.name, size=size, root=root, at=from_ms(to_ms(now)), sm3=sm3)
    head = Head(size=size, root=root, at=now, signer=signer.verifier.id.hex(), note=signer.sign(point.text))
    await tx.execute(
        "INSERT INTO seal_head (size, at_ms, signer, note) VALUES (?, ?, ?, ?)",
        size, to_ms(now), head.signer, head.note,
    )  # fmt: skip
    tx.journal_end = None  # no fact is earlier than a head that it is not in
    return head


async def last(tx: Transaction) -> Head | None:
    row = await tx.first("SELECT * FROM seal_head ORDER BY id DESC LIMIT 1")
    return None if row is None else _head(row)


async def every(tx: Transaction) -> Sequence[Head]:
    """All that were signed, the first first, torn ones too."""
    return [_head(row) for row in await tx.fetch("SELECT * FROM seal_head ORDER BY id")]


async def _grown_out_of(tx: Transaction, before: Head, size: int) -> None:
    try:
        root = (await sealing.frontier(tx, sealing.MAIN, before.size)).root()
    except LookupError:
        raise Broken(before.size) from None
    if before.size > size or root != before.root:
        raise Broken(before.size)


async def _second(tx: Transaction) -> tuple[int, bytes]:
    size = await sealing.grown(tx, sealing.SECOND)
    return size, (await sealing.frontier(tx, sealing.SECOND, size)).root()


def _head(row: Row) -> Head:
    try:
        point = notes.checkpoint(row["note"].rpartition("\n\n")[0] + "\n")
        at, same = from_ms(row["at_ms"]), point.size == row["size"]
    except (Unsigned, OverflowError):
        return Head(size=row["size"], root=_TORN, at=_NEVER, signer=row["signer"], note=row["note"])
    root = point.root if same and point.at == at else _TORN
    return Head(size=row["size"], root=root, at=at, signer=row["signer"], note=row["note"])
