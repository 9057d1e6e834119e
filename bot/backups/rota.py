"""Which of the daily backups are kept, and which of them is due for a drill; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_NAME: Final = re.compile(r"officebot-(\d{8}-\d{6})\.backup")
_STAMP: Final = "%Y%m%d-%H%M%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How many days, weeks and months reach back; of each the newest backup is kept."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12


def name(at: datetime) -> str:
    """`at` is local time, as administrators read it."""
    return f"officebot-{at.strftime(_STAMP)}.backup"


def moment(file: str) -> datetime | None:
    """The local time in a name that we gave, None for other files: those are never touched."""
    match = _NAME.fullmatch(file)
    try:
        return datetime.strptime(match[1], _STAMP) if match else None  # noqa: DTZ007 - local, to be compared only
    except ValueError:
        return None


def dropped(files: Iterable[str], keeping: Keeping) -> list[str]:
    """Those that go. The newest one always stays."""
    known = sorted(((at, one) for one in files if (at := moment(one)) is not None), reverse=True)
    kept = {known[0][1]} if known else set()
    kept |= _newest(known, keeping.daily, lambda at: at.date())
    kept |= _newest(known, keeping.weekly, lambda at: at.isocalendar()[:2])
    kept |= _newest(known, keeping.monthly, lambda at: (at.year, at.month))
    return [one for _, one in known if one not in kept]


def newest(files: Iterable[str]) -> str | None:
    known = [(at, one) for one in files if (at := moment(one)) is not None]
    return max(known)[1] if known else None


def _newest(
    known: Sequence[tuple[datetime, str]], number: int, part: Callable[[datetime], Hashable]
) -> set[str]:
    """The newest of each of the last `number` parts (days, weeks, months) that have any."""
    found: dict[Hashable, str] = {}
    for at, one in known:
        found.setdefault(part(at), one)
    return set(list(found.values())[:number])
