"""Identifiers that begin with the second in which they were made.

What is made together then lies together in every index that is ordered by it: with millions of old rows a tap writes a
few pages that are at hand, and not one cold page a row.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32, small: no letters that look like digits; in the order of the characters' codes."""
_TIME: Final = 7
"""Places of the second since 1970: enough for a thousand years."""


def new(now: datetime, *, chance: int) -> str:
    """Seven characters of the second, then `chance` random ones of five bits each."""
    second = int(now.timestamp())
    at = [ALPHABET[second >> 5 * place & 31] for place in reversed(range(_TIME))]
    return "".join([*at, *(secrets.choice(ALPHABET) for _ in range(chance))])
