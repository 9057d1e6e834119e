"""The client's own calendar as a chat of a phone: a line per entry, and words for a hand that changes the newest."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from connectors.sandbox.phones import Chat, Message, Phone

_BEIJING = timezone(timedelta(hours=8))
_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")
CALENDAR = "calendar"


def calendar_line(
    phone: Phone, id: str, *, at: str, title: str, begin: datetime, end: datetime, all_day: bool, gone: bool
) -> Message:
    """An entry of the client's own calendar: a line of a chat of that name, which is there from the first entry on."""
    phone.chats.setdefault(CALENDAR, Chat(CALENDAR, "日历"))
    first, last = begin.astimezone(_BEIJING), (end - timedelta(seconds=1) if all_day else end).astimezone(_BEIJING)
    when = f"{first.month}月{first.day}日" if all_day else f"{first.month}月{first.day}日 {first:%H:%M}"
    until = f"{last.month}月{last.day}日" if all_day else f"{last:%H:%M}"
    span = when if when == until else f"{when}-{until}"
    return Message(id, at, "system", mine=True, text=f"{'已删除：' if gone else ''}{span} {title}")


def typed(text: str, begin: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """What a hand writes below the calendar: the new times of the entry, None to delete it.

    Raises ValueError with the words that it may use.
    """
    if text.strip() == "删除":
        return None
    found = _CLOCK.fullmatch(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError("日历里可以写：删除，或者新的时间，例如 15:00（最近的一条）")
    moved = begin.astimezone(_BEIJING).replace(hour=int(found[1]), minute=int(found[2]))
    return moved, moved + min(end - begin, timedelta(hours=8))
