"""Facts of some kinds, without an index of what stands on every page of the journal anyway.

Each kind that a tap writes would be one more place of the index that the commit changes. So the index leaves `DAILY`
out: these are found by walking along the numbers, all others by the index, which a database takes where a statement
has its condition, spelled as in the migration.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

DAILY: Final = ("approval.step_decided", "calendar.entry_kept", "leave.moved")
_RARE: Final = f"kind NOT IN ({', '.join(repr(kind) for kind in DAILY)})"


def indexed(kinds: Collection[str]) -> bool:
    """Whether the index leads to all of these."""
    return not set(kinds) & set(DAILY)


def among(kinds: Collection[str]) -> str:
    """A condition of SQL with a `?` for each of the kinds."""
    condition = f"kind IN ({', '.join('?' * len(kinds))})"
    return f"{condition} AND {_RARE}" if indexed(kinds) else condition
