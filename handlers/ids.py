"""Identifiers that begin with the second in which they were made.

What is made together then lies together in every index that is ordered by it: with millions of old rows a tap writes a
few pages that are at hand, and not one cold page a row.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from functools import lru_cache
from typing import Final

from handlers.chance import token_bytes

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32, small: no letters that look like digits; in the order of the characters' codes."""
_LETTERS: Final = (ALPHABET * 8).encode()  # a letter for each byte, all equally often
_TIME: Final = 7
"""Places of the second since 1970: enough for a thousand years."""
_count = itertools.count()


def new(now: datetime, *, chance: int) -> str:
    """Seven characters of the second, then `chance` random ones of five bits each."""
    return _at(int(now.timestamp())) + token_bytes(chance).translate(_LETTERS).decode()


def in_order(now: datetime, *, chance: int) -> str:
    """As `new`, with three characters between them by which those of one second lie as they were made.

    In a busy second a thousand are made: what is made together lies on one page all the same. The count is the
    process's own and begins again after 32,768; it orders, and chance alone tells one from another.
    """
    count = next(_count)
    order = ALPHABET[count >> 10 & 31] + ALPHABET[count >> 5 & 31] + ALPHABET[count & 31]
    return _at(int(now.timestamp())) + order + token_bytes(chance).translate(_LETTERS).decode()


@lru_cache(maxsize=4)
def _at(second: int) -> str:
    return "".join(ALPHABET[second >> 5 * place & 31] for place in reversed(range(_TIME)))
