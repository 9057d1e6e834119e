"""Random bytes that are fetched from the system many at a time.

Every call of the system gives the interpreter away to another thread; a tap would make fifty of them for its ids and
salts. For these it is as good as `secrets`; keys and sessions are made by that, as used bytes stay in memory here.
"""

from __future__ import annotations

import io
import os
from typing import Final

_AT_ONCE: Final = 4096

_stock = io.BytesIO()


def token_bytes(length: int) -> bytes:
    """As `secrets.token_bytes`; from any thread, as reading moves on in one step."""
    global _stock
    while len(found := _stock.read(length)) < length:
        _stock = io.BytesIO(os.urandom(max(_AT_ONCE, length)))
    return found


def token_hex(length: int) -> str:
    """As `secrets.token_hex`: two characters a byte."""
    return token_bytes(length).hex()


def _forget() -> None:
    global _stock
    _stock = io.BytesIO()


os.register_at_fork(after_in_child=_forget)  # or parent and child would draw the same
